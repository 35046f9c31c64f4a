"""Callers of today who gave up and have not been called back: one click promises them a callback, or says that it is dealt with."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from acd.engine.supervision.events import MissedCallerSettled
from acd.identifiers import CALL_ID
from acd.store.queries.missed import MissedCall
from acd.web.access.auth import DOOR
from acd.web.api.callbacks.callbacks import NewCallback, Note, Owner, promise
from acd.web.api.callbacks.told import CallbackTold
from acd.web.api.calls import from_store
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import shown_caller
from acd.web.server.days import today
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class MissedCaller(ApiModel):
    """A caller who gave up; of several calls the latest."""

    call: str
    caller: str
    """Masked."""
    customer_name: str
    queue: str
    brand: str
    language: str
    ended_at: datetime
    wait_s: float | None
    times: int
    """How many calls the caller gave up today."""


class MissedCallers(ApiModel):
    """The latest first."""

    callers: list[MissedCaller]


class WhoCalls(Strict):
    """Whose matter the callback is."""

    owner: Owner = ""
    """An agent's extension; empty: the queue's."""
    how: Annotated[str, Field(pattern="^(call|list)$")] = "call"
    """call: the hotline dials when an agent is free; list: a person calls."""
    note: Note = ""


class WhyDealtWith(Strict):
    """A word about it."""

    note: Note = ""


class Settled(ApiModel):
    """The call that is dealt with."""

    call: str


async def missed(asked: Asked) -> MissedCallers:
    """Callers of today who gave up, have not been served since, and are promised no callback."""
    rows: dict[str, MissedCaller] = {}
    for one in await _missed_calls(asked):
        if (known := rows.get(one.caller)) is not None:
            known.times += 1
            continue
        shown = shown_caller(asked.context.config, one.caller)
        rows[one.caller] = MissedCaller(
            call=one.call,
            caller=shown,
            customer_name=one.customer_name,
            queue=one.queue,
            brand=one.brand,
            language=one.language,
            ended_at=one.ended_at,
            wait_s=one.wait_s,
            times=1,
        )
    return MissedCallers(callers=list(rows.values()))


async def call_back(asked: Asked) -> CallbackTold:
    """Promises the caller of this call a callback, as soon as they may be called; they leave the list of missed callers."""
    wanted: WhoCalls = asked.body
    one = await _missed_call(asked)
    new = NewCallback.model_validate(
        {
            "number": one.caller,
            "queue": one.queue,
            "how": wanted.how,
            "language": one.language if one.language in ("zh", "en") else "",
            "owner": wanted.owner,
            "brand": one.brand,
            "customer": one.customer,
            "call": one.call,
            "note": wanted.note,
        }
    )
    told = await promise(replace(asked, body=new))
    event = MissedCallerSettled(one.call, asked.who.name, "called back", wanted.note, told.callback)
    await asked.request.app[ENGINE_GATEWAY].tell(event)
    return told


async def dealt_with(asked: Asked) -> Settled:
    """Says that nothing is to be done for this caller any more."""
    one = await _missed_call(asked)
    await asked.request.app[DOOR].audit.note(asked.who.name, "MissedCallerSettled", call=one.call, note=asked.body.note)
    event = MissedCallerSettled(one.call, asked.who.name, "dealt with", asked.body.note)
    await asked.request.app[ENGINE_GATEWAY].tell(event)
    return Settled(call=one.call)


async def _missed_calls(asked: Asked) -> list[MissedCall]:
    context = asked.context
    async with from_store(context):
        found = await context.store.missed_calls(today(context), asked.scope.part)
    promised = {one.number for one in context.promises()}  # PostgreSQL hears of the latest a moment later
    return [one for one in found if one.caller not in promised]


async def _missed_call(asked: Asked) -> MissedCall:
    """The call in the path. Raises Problem (404): it is not on the list, or another has been quicker."""
    name = asked.word("call")
    for one in await _missed_calls(asked):
        if one.call == name:
            return one
    raise Problem(
        404, "not-missed", "This caller is on the list no more: somebody has dealt with it, or they were served."
    )


_PATH = f"/api/missed-callers/{{call:{CALL_ID}}}"
ROUTES = [
    Route(
        "GET",
        "/api/missed-callers",
        missed,
        "calls-act",
        "Callers of today who gave up and have not been called back",
        MissedCallers,
        refusals={503: "store-away"},
    ),
    Route(
        "POST",
        f"{_PATH}/call-back",
        call_back,
        "calls-act",
        "Promise a missed caller a callback",
        CallbackTold,
        body=WhoCalls,
        refusals={404: "not-missed", 409: "too-many, callback-open", 503: "store-away, not-written-yet"},
    ),
    Route(
        "POST",
        f"{_PATH}/dealt-with",
        dealt_with,
        "calls-act",
        "Say that a missed caller is dealt with",
        Settled,
        body=WhyDealtWith,
        refusals={404: "not-missed", 503: "store-away, not-handled"},
    ),
]
