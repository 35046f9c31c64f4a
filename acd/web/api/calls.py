"""Calls, today's and earlier: the list, and one call with its log in words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from acd.engine.commands import Ending, Kind
from acd.identifiers import CALL_ID, optional
from acd.store.errors import DatabaseAway
from acd.web.access.auth import DOOR
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import e164_of, shown_caller, shown_detail
from acd.web.server.context import WebContext
from acd.web.server.days import today
from acd.web.server.problems import Problem, StoreAway
from acd.web.server.routes import BOTH, Asked, Route, Strict
from acd.words import masked, problem, sentence

PAGE = 500
"""Rows at most in one answer."""
Words = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]


class CallQuery(Strict):
    """Which calls: filters, and where the page begins."""

    day: date | None = None
    """On the hotline's clock; today when left out, every day with `search`."""
    search: Words = ""
    """The caller's whole number in any writing or its last four digits, the call's id, an agent, or the number that was dialled. For
    QA also any part of the caller's number: to others numbers are masked, and a search for parts would tell them one digit after
    the other."""
    queue: Words = ""
    ending: Ending | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE)] = 100
    before: Annotated[str, Field(max_length=40, pattern=optional(CALL_ID))] = ""
    """The last call of the former page."""


class _FromStore(ApiModel):
    model_config = ConfigDict(from_attributes=True)


class Call(_FromStore):
    """One call. Times are UTC, durations in seconds."""

    call: str
    caller: str
    """As people here write it; masked in lists, in full on one call for QA. "unknown": nobody in particular; "withheld": the
    caller does not want it to be shown."""
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
    """The queue that was asked for; `queue` is the one that the call stood in last."""
    priority: int
    median_s: float | None
    """The median wait in seconds that was expected when the caller asked for an agent; null: none was asked for, or none expected."""
    p90_s: float | None
    returned_s: float | None
    """The caller took back the place that was given up so many seconds before."""
    kept_for: str
    kept_why: str
    policy: list[dict[str, Any]]
    """Rows of the queue's policy that were applied: row, do, why, at."""
    called_back: bool
    callback_state: str
    """accepted, calling, answered, failed, given up; empty: no callback was taken."""
    callback_attempts: int
    sent_to: str
    number: str = ""
    """The caller's number as E.164, where `caller` is in full."""
    written: str = ""
    """The same as the carrier sent it, where that differs."""


class Line(ApiModel):
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
    """One ring attempt at one agent. Times are UTC, durations in seconds."""

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
    """The recording of one agent's part of the call; lengths in seconds."""

    offer: str
    agent: str
    state: str
    seconds: float | None
    talk_s: float | None
    sha256: str
    reason: str
    silent: str


class LegQuality(_FromStore):
    """How well one leg's line carried speech: that between Asterisk and the caller, or the agent. Measured from RTP and RTCP."""

    offer: str
    """Empty: a caller who talked with no agent."""
    side: str
    """caller, agent: whose line it is."""
    party: str
    """trunk NAME, agent 1001, other"""
    agent: str
    measured_at: datetime
    seconds: float
    codec: str
    packets: int
    """Received from the party."""
    lost: int
    loss_percent: float
    jitter_ms: float
    sent: int
    sent_lost: int | None
    """As the party reports it; null, here and in what follows it with `sent_`: it sent no report."""
    sent_loss_percent: float | None
    sent_jitter_ms: float | None
    round_trip_ms: float | None
    mos: float
    """Estimated (ITU-T G.107), 1 to 4.5, of what came from the party."""
    sent_mos: float | None
    one_way: bool
    """Nothing was heard from the party."""
    unheard_s: float
    problems: list[str]
    """one-way, loss, sent-loss, jitter, sent-jitter, delay, mos, sent-mos; empty: a good line."""
    zh: str = ""
    """The problems in words."""
    en: str = ""


class Calls(ApiModel):
    """One page of calls."""

    day: date | None
    calls: list[Call]
    before: str | None
    """For the next page; null: this was the last."""


class OneCall(ApiModel):
    """A call with its log, ring attempts, recordings and the quality of its lines."""

    call: Call
    timeline: list[Line]
    offers: list[Offer]
    recordings: list[CallRecording]
    lines: list[LegQuality]


@asynccontextmanager
async def from_store(context: WebContext) -> AsyncIterator[None]:
    """What the store can't read becomes a plain 503; so does every failure before its tables are made."""
    try:
        yield
    except DatabaseAway:
        raise StoreAway from None
    except Problem:
        raise
    except Exception:
        if context.shipper.healthy:
            raise
        raise StoreAway from None


async def calls(asked: Asked) -> Calls:
    """One page of calls, the newest first. Callers' numbers are masked."""
    query: CallQuery = asked.query
    day = query.day or (None if query.search else today(asked.context))
    in_full = "qa" in asked.who.roles
    numbering = asked.context.config.numbering
    known = numbering.number(query.search)
    if (known or query.search.isdigit()) and not in_full:
        looked_for = masked(numbering.shown(known) if known else query.search)
        await asked.request.app[DOOR].audit.note(asked.who.name, "searched by number", search=looked_for)
    async with from_store(asked.context):
        rows = await asked.context.store.calls(
            day=day,
            search=query.search,
            part_of_number=in_full,
            queue=query.queue,
            ending=query.ending or "",
            limit=query.limit,
            before=query.before or None,
            numbering=numbering,
        )
    found = [shown_call(asked.context, row, in_full=False) for row in rows]
    return Calls(day=day, calls=found, before=found[-1].call if len(found) == query.limit else None)


async def call(asked: Asked) -> OneCall:
    """The call, its log in words, its offers and recordings, and how well its lines carried speech."""
    store, id_ = asked.context.store, asked.word("call")
    async with from_store(asked.context):
        row = await store.call(id_)
        if row is None:
            raise Problem(
                404, "unknown-call", "There is no such call. A live one may take a second to be written down."
            )
        log, offers = await store.timeline(id_), await store.offers(id_)
        recordings = await store.recordings(call=id_)
        lines = await store.leg_quality(call=id_)
    in_full = "qa" in asked.who.roles
    return OneCall(
        call=shown_call(asked.context, row, in_full=in_full),
        timeline=[line(asked.context, row, in_full=in_full) for row in log],
        offers=[Offer.model_validate(offer) for offer in offers],
        recordings=[CallRecording.model_validate(recording) for recording in recordings],
        lines=[leg_quality(row) for row in lines],
    )


def leg_quality(row: Any) -> LegQuality:
    """One leg's line, its problems in words."""
    found = LegQuality.model_validate(row)
    detail = found.model_dump()
    words = {word: "; ".join(problem(each, detail, word) for each in found.problems) for word in ("zh", "en")}
    return found.model_copy(update=words)


def line(context: WebContext, row: Any, *, in_full: bool) -> Line:
    """One log row with its sentence in both languages, the queue by its label."""
    detail = shown_detail(context.config.numbering, row.detail, in_full=in_full)
    kind = Kind(row.kind)
    queue = context.config.queues.get(row.queue)
    names = {"zh": queue.label.zh, "en": queue.label.en} if queue else {"zh": row.queue, "en": row.queue}
    words = {word: sentence(kind, row.agent, name, detail, word) for word, name in names.items()}
    return Line(at=row.at, kind=kind, agent=row.agent, offer=row.offer, queue=row.queue, detail=detail, **words)


def shown_call(context: WebContext, row: Any, *, in_full: bool) -> Call:
    """The call, a row of the store's, with its caller's number as people see it."""
    call = Call.model_validate(row)
    said = {"caller": shown_caller(context.config, call.caller, withheld=row.withheld, in_full=in_full)}
    told = in_full and not row.withheld
    said["number"] = e164_of(context.config, call.caller, withheld=row.withheld) if told else ""
    said["written"] = call.written if told else ""
    return call.model_copy(update=said)


ROUTES = [
    Route(
        "GET",
        "/api/calls",
        calls,
        BOTH,
        "Calls, newest first",
        answer=Calls,
        query=CallQuery,
        refusals={503: "store-away, or audit-away for a search by number"},
    ),
    Route(
        "GET",
        f"/api/calls/{{call:{CALL_ID}}}",
        call,
        BOTH,
        "One call: its timeline in words, its offers, recordings and lines",
        answer=OneCall,
        refusals={404: "unknown-call", 503: "store-away"},
    ),
]
