"""Promised callbacks: listed, made, moved and ended by people and programs."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from acd.calls_out import canonical_of
from acd.config.brands import brand_of_queue
from acd.engine.promises.events import CallbackPromised, EndedAs, PromiseEnded, PromiseMoved
from acd.engine.promises.promise import Promise
from acd.identifiers import CALL_ID, optional
from acd.store.errors import DatabaseAway
from acd.web.access.auth import DOOR
from acd.web.access.call_access import is_agent
from acd.web.api.callbacks.told import (
    CallbacksTold,
    CallbackTold,
    CallbackWithStory,
    sees,
    step_told,
    told_open,
    told_over,
)
from acd.web.server.lookups import QueueName, Words, queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

IN_PATH = f"/api/callbacks/{{callback:{CALL_ID}}}"
OWNER = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
"""An extension, or the name of an account."""
Owner = Annotated[str, Field(max_length=64, pattern=optional(OWNER))]
Note = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]
LONGEST = timedelta(days=90)
_STATUS = {"unknown-promise": 404, "being-called": 409, "too-many": 409}


class CallbackFilter(Strict):
    """Which callbacks."""

    state: Literal["open", "due", "late", "over", "all"] = "open"
    """open: all that are not over; due: whose time has come; late; over: of the latest days."""
    mine: bool = False
    """Whose owner is the one who asks."""
    queue: Annotated[str, Field(max_length=31)] = ""
    owner: Owner = ""
    days: Annotated[int, Field(ge=1, le=90)] = 7
    """So many days back, of those that are over."""


class NewCallback(Strict):
    """Whom to call back, and until when."""

    number: Annotated[str, Field(max_length=40)]
    """In any writing; with a country code where it is not the hotline's own."""
    queue: QueueName
    begins: datetime | None = None
    """Not before then; left out: as soon as the customer may be called. With a time zone."""
    until: datetime | None = None
    """Left out: as [callbacks] promises. With a time zone."""
    how: Literal["call", "list"] = "call"
    language: Literal["", "zh", "en"] = ""
    owner: Owner = ""
    brand: Annotated[str, Field(max_length=64)] = ""
    """Left out: the queue's."""
    customer: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    area: Words = ""
    """The customer's, where the hotline's records do not have it: it decides when they may be called."""
    call: Annotated[str, Field(max_length=40, pattern=optional(CALL_ID))] = ""
    """The call in which it was promised."""
    note: Note = ""


class MovedTo(Strict):
    """What is changed; what is left out stays. A new beginning alone takes the end along."""

    begins: datetime | None = None
    until: datetime | None = None
    queue: QueueName | None = None
    owner: Owner | None = None
    note: Note = ""


class WhyEnded(Strict):
    """A word about it."""

    note: Note = ""


async def callbacks(asked: Asked) -> CallbacksTold:
    """Promised callbacks, the most urgent first; those that are over the latest first. An agent sees the own ones."""
    query: CallbackFilter = asked.query
    found: list[CallbackTold] = []
    complete = True
    if query.state != "over":
        known = sorted((one for one in asked.context.promises() if sees(asked, one)), key=lambda one: one.until)
        told = [told_open(asked, one) for one in known]
        found += [
            one for one in told if query.state in ("open", "all") or one.state == query.state or _past(query, one)
        ]
    if query.state in ("over", "all"):
        now = asked.context.now()
        try:
            over = await asked.context.store.promises_over(now - timedelta(days=query.days), now + timedelta(minutes=1))
        except DatabaseAway:
            over, complete = [], False
        found += [told_over(asked, one) for one in over if sees(asked, one)]
    owner = asked.who.name if query.mine else query.owner
    found = [
        one for one in found if (not query.queue or one.queue == query.queue) and (not owner or one.owner == owner)
    ]
    return CallbacksTold(callbacks=found, complete=complete)


def _past(query: CallbackFilter, one: CallbackTold) -> bool:
    return query.state == "due" and one.state == "late"


async def callback(asked: Asked) -> CallbackWithStory:
    """One promised callback with its tries and changes."""
    name = asked.word("callback")
    known = next((one for one in asked.context.promises() if one.promise == name), None)
    try:
        stored, steps = await asked.context.store.promise(name)
    except DatabaseAway:
        if known is None:
            raise
        stored, steps = None, ()
    one = known or stored
    if one is None or not sees(asked, one):
        raise _unknown(name)
    told = told_open(asked, one) if isinstance(one, Promise) else told_over(asked, one)
    return CallbackWithStory(**told.model_dump(), steps=[step_told(asked, each) for each in steps])


async def promise(asked: Asked) -> CallbackTold:
    """Promises a callback. A number that has an open one keeps that one: it is what is answered."""
    new: NewCallback = asked.body
    context, config = asked.context, asked.context.config
    number = canonical_of(config.calls_out_rules(), new.number)
    if not number:
        raise Problem(400, "no-number", f"{new.number!r} is no telephone number. Write its digits.", field="number")
    queue_row(asked, new.queue, status=400)
    for name in ("begins", "until"):
        _check_time(asked, getattr(new, name), name)
    brand = new.brand or brand_of_queue(config.brands, new.queue)
    if not brand and asked.scope.brands is not None and len(asked.scope.brands) == 1:
        brand = asked.scope.brands[0]
    if not asked.scope.has_brand(brand) or (brand and brand not in config.brands):
        raise Problem(400, "unknown-brand", f"There is no brand {brand or '(none)'} for you. Name one.", field="brand")
    agent = is_agent(asked.who)
    dialled = next(iter(config.brands[brand].numbers if brand else config.numbers), "")
    event = CallbackPromised(
        f"p{int(context.now().timestamp())}-{secrets.randbelow(9000) + 1000}-{secrets.randbelow(9000) + 1000}",
        number,
        new.queue,
        asked.who.name,
        source="agent" if asked.who.session is not None else "api",
        how=new.how,
        begins=new.begins,
        until=new.until,
        language=new.language,
        owner=new.owner or (asked.who.name if agent else ""),
        customer=new.customer,
        area=new.area,
        brand=brand,
        dialled=dialled,
        note=new.note,
        of_call=new.call,
    )
    refused = context.refusal(event)
    if refused is not None:
        status = _STATUS.get(refused.code, 400)
        field = {"unknown-queue": "queue", "past": "until", "too-many": None}.get(refused.code, "number")
        raise Problem(status, refused.code, refused.sentence, field=field)
    await asked.request.app[DOOR].audit.note(
        asked.who.name, "CallbackPromised", callback=event.promise, queue=new.queue
    )
    before = context.promise_of(number)
    context.tell(event)
    if before is not None and sees(asked, before):
        return told_open(asked, before)
    if before is not None:
        raise Problem(409, "callback-open", "This number is to be called back already.", field="number")
    known = await _settled(asked, event.promise)
    return told_open(asked, known)


async def _settled(asked: Asked, name: str) -> Promise:
    """The promise that was just told to the engine."""
    from asyncio import sleep

    for _ in range(100):
        for one in asked.context.promises():
            if one.promise == name:
                return one
        await sleep(0.02)
    raise Problem(503, "not-written-yet", "The callback is not noted yet. Look at the list in a moment.")


async def move(asked: Asked) -> CallbackTold:
    """Gives a promised callback another time, queue or owner. Its call leaves the line until the new time."""
    one, new = _mine(asked), asked.body
    if new.queue is not None:
        queue_row(asked, new.queue, status=400)
    for name in ("begins", "until"):
        _check_time(asked, getattr(new, name), name)
    event = PromiseMoved(one.promise, asked.who.name, new.begins, new.until, new.queue, new.owner, new.note)
    return await _change(asked, event, one)


async def cancel(asked: Asked) -> CallbackTold:
    """Ends a promised callback that the customer does not want any more."""
    return await _end(asked, "cancelled")


async def done(asked: Asked) -> CallbackTold:
    """Says that the customer was called by a person."""
    return await _end(asked, "done")


async def _end(asked: Asked, ended_as: EndedAs) -> CallbackTold:
    one, why = _mine(asked), asked.body
    return await _change(asked, PromiseEnded(one.promise, asked.who.name, ended_as, why.note), one)


async def _change(asked: Asked, event: PromiseMoved | PromiseEnded, one: Promise) -> CallbackTold:
    refused = asked.context.refusal(event)
    if refused is not None:
        field = {"unknown-queue": "queue", "past": "until"}.get(refused.code)
        raise Problem(_STATUS.get(refused.code, 400), refused.code, refused.sentence, field=field)
    await asked.request.app[DOOR].audit.note(asked.who.name, type(event).__name__, callback=one.promise)
    asked.context.tell(event)
    return told_open(asked, one)


def _mine(asked: Asked) -> Promise:
    """The open promise in the path. Raises Problem (404), for one of another part as for one that there is not."""
    name = asked.word("callback")
    for one in asked.context.promises():
        if one.promise == name and sees(asked, one):
            return one
    raise _unknown(name)


def _unknown(name: str) -> Problem:
    return Problem(
        404, "unknown-promise", f"There is no open callback {name}. `sanxiang callback list` shows those there are."
    )


def _check_time(asked: Asked, at: datetime | None, field: str) -> None:
    if at is None:
        return
    if at.tzinfo is None:
        raise Problem(
            400, "no-zone", f"{field}: write the time with its zone, as 2026-11-29T12:00:00+08:00.", field=field
        )
    now = asked.context.now()
    if not now - timedelta(days=1) < at < now + LONGEST:
        raise Problem(400, "past", f"{field}: {at.isoformat()} is past, or more than 90 days ahead.", field=field)


_REFUSALS = {404: "unknown-promise", 409: "being-called"}
ROUTES = [
    Route("GET", "/api/callbacks", callbacks, "cards-write", "Promised callbacks", CallbacksTold, CallbackFilter),
    Route(
        "POST",
        "/api/callbacks",
        promise,
        "cards-write",
        "Promise a callback",
        CallbackTold,
        body=NewCallback,
        refusals={409: "too-many, callback-open", 503: "not-written-yet"},
    ),
    Route(
        "GET",
        IN_PATH,
        callback,
        "cards-write",
        "One promised callback with its story",
        CallbackWithStory,
        refusals={404: "unknown-promise", 503: "store-away"},
    ),
    Route(
        "POST",
        f"{IN_PATH}/move",
        move,
        "cards-write",
        "Another time, queue or owner for a promised callback",
        CallbackTold,
        body=MovedTo,
        refusals=_REFUSALS,
    ),
    Route(
        "POST",
        f"{IN_PATH}/cancel",
        cancel,
        "cards-write",
        "End a promised callback that is not wanted any more",
        CallbackTold,
        body=WhyEnded,
        refusals=_REFUSALS,
    ),
    Route(
        "POST",
        f"{IN_PATH}/done",
        done,
        "cards-write",
        "Say that a promised callback was made by a person",
        CallbackTold,
        body=WhyEnded,
        refusals=_REFUSALS,
    ),
]
