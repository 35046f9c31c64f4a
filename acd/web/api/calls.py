"""Calls, today's and earlier: the list, and one call with its whole story in words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from acd.engine.commands import Ending, Kind
from acd.identifiers import CALL_ID, optional
from acd.store.errors import DatabaseAway
from acd.web.server.context import House
from acd.web.server.days import today
from acd.web.server.problems import Problem, StoreAway
from acd.web.server.routes import BOTH, Asked, Route, Strict
from acd.words import masked, sentence

PAGE = 500
"""Rows at most in one answer."""
Words = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]


class CallQuery(Strict):
    day: date | None = None
    """On the hotline's clock; today when left out, every day with `search`."""
    search: Words = ""
    """Part of the caller's number or of the call's id, or an agent."""
    queue: Words = ""
    ending: Ending | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE)] = 100
    before: Annotated[str, Field(max_length=40, pattern=optional(CALL_ID))] = ""
    """The last call of the former page."""


class _FromStore(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Call(_FromStore):
    call: str
    caller: str
    """Masked in lists; in full on one call for QA."""
    dialled: str
    language: str
    menu_path: str
    queue: str
    arrived_at: datetime
    asked_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    agent: str
    offers: int
    wait_s: float | None
    talk_s: float | None
    ending: str | None
    within_target: bool | None
    short: bool | None
    asked_queue: str
    """The queue that he asked for; `queue` is the one that the call stood in last."""
    priority: int
    median_s: float | None
    """What he was to expect when he asked; null: he asked for nobody, or nothing was said."""
    p90_s: float | None
    returned_s: float | None
    """He took the place again that he had given up so many seconds before."""
    kept_for: str
    kept_why: str
    policy: list[dict[str, Any]]
    """Rows of the queue's policy that were applied: row, do, why, at."""
    called_back: bool
    callback_state: str
    """accepted, calling, answered, failed, given up; empty: he took no callback."""
    callback_attempts: int
    sent_to: str


class Line(BaseModel):
    """One row of the call's log."""

    at: datetime
    kind: str
    agent: str
    offer: str
    queue: str
    detail: dict[str, Any]
    zh: str
    en: str


class Offer(_FromStore):
    offer: str
    call: str
    agent: str
    queue: str
    number: int
    offered_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    cause: int | None
    ring_s: float | None
    rings: int | None
    wait_s: float | None
    talk_s: float | None
    ended_by: str | None
    explanation: dict[str, Any]


class CallRecording(_FromStore):
    offer: str
    agent: str
    state: str
    seconds: float | None
    talk_s: float | None
    sha256: str
    reason: str
    silent: str


class Calls(BaseModel):
    day: date | None
    calls: list[Call]
    before: str | None
    """For the next page; null: this was the last."""


class OneCall(BaseModel):
    call: Call
    timeline: list[Line]
    offers: list[Offer]
    recordings: list[CallRecording]


@asynccontextmanager
async def from_store(house: House) -> AsyncIterator[None]:
    """What the store can't read becomes a plain 503; so does every failure before its tables are made."""
    try:
        yield
    except DatabaseAway:
        raise StoreAway from None
    except Problem:
        raise
    except Exception:
        if house.shipper.healthy:
            raise
        raise StoreAway from None


async def calls(asked: Asked) -> Calls:
    query: CallQuery = asked.query
    day = query.day or (None if query.search else today(asked.house))
    async with from_store(asked.house):
        rows = await asked.house.store.calls(
            day=day,
            search=query.search,
            queue=query.queue,
            ending=query.ending or "",
            limit=query.limit,
            before=query.before or None,
        )
    found = [masked_call(Call.model_validate(row)) for row in rows]
    return Calls(day=day, calls=found, before=found[-1].call if len(found) == query.limit else None)


async def call(asked: Asked) -> OneCall:
    """The call, its log in words, its offers and recordings."""
    store, id_ = asked.house.store, asked.word("call")
    async with from_store(asked.house):
        row = await store.call(id_)
        if row is None:
            raise Problem(
                404, "unknown-call", "There is no such call. A live one may take a second to be written down."
            )
        log, offers = await store.timeline(id_), await store.offers(id_)
        recordings = await store.recordings(call=id_)
    in_full = "qa" in asked.who.roles
    found = Call.model_validate(row)
    return OneCall(
        call=found if in_full else masked_call(found),
        timeline=[line(asked.house, row, in_full=in_full) for row in log],
        offers=[Offer.model_validate(offer) for offer in offers],
        recordings=[CallRecording.model_validate(recording) for recording in recordings],
    )


def line(house: House, row: Any, *, in_full: bool) -> Line:
    """One log row with its sentence in both languages, the queue by its label."""
    detail = dict(row.detail)
    kind = Kind(row.kind)
    queue = house.config.queues.get(row.queue)
    names = {"zh": queue.label.zh, "en": queue.label.en} if queue else {"zh": row.queue, "en": row.queue}
    words = {word: sentence(kind, row.agent, name, detail, word) for word, name in names.items()}
    for number in ("caller", "number"):
        if isinstance(detail.get(number), str) and not in_full:
            detail[number] = masked(detail[number])
    return Line(at=row.at, kind=kind, agent=row.agent, offer=row.offer, queue=row.queue, detail=detail, **words)


def masked_call(call: Call) -> Call:
    return call.model_copy(update={"caller": masked(call.caller)})


ROUTES = [
    Route(
        "GET",
        "/api/calls",
        calls,
        BOTH,
        "Calls, newest first",
        answer=Calls,
        query=CallQuery,
        refusals={503: "store-away"},
    ),
    Route(
        "GET",
        f"/api/calls/{{call:{CALL_ID}}}",
        call,
        BOTH,
        "One call: its timeline in words, its offers and recordings",
        answer=OneCall,
        refusals={404: "unknown-call", 503: "store-away"},
    ),
]
