"""One call, today's or an earlier one, with its log in words. Lists of calls: call_lists.py."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from acd.engine.commands import Kind
from acd.identifiers import CALL_ID
from acd.store.errors import DatabaseAway
from acd.store.queries.calls import Call as StoredCall
from acd.store.queries.calls import Happening
from acd.web.access.auth import DOOR
from acd.web.access.call_access import live_row, sees_live_call
from acd.web.access.number_access import NumbersQuery, numbers_in_full
from acd.web.api.call_words import told, with_waits
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import e164_of, shown_caller, shown_detail
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem, StoreAway
from acd.web.server.routes import Asked, Route
from acd.words import masked, problem
from acd.words.recording_reasons import in_chinese

WRITTEN_WITHIN_S = 10.0
"""So long does who erases wait for the rows of calls that have just ended: they are written within a second unless PostgreSQL is busy."""
PAGE = 500
"""Rows at most in one answer."""
_OF_OTHERS = ("passed_over", "runners_up")
Words = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _FromStore(ApiModel):
    model_config = ConfigDict(from_attributes=True)


class Call(_FromStore):
    """One call. Times are UTC, durations in seconds."""

    call: str
    caller: str
    """As people here write it; masked in lists; in full on one call for who may see it, people when they ask for it. "unknown": nobody in particular; "withheld": the
    caller does not want it to be shown."""
    dialled: str
    brand: str = ""
    """Of the dialled number, as it was then; empty: no brand's."""
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
    """Until the first agent answered, or the caller left; null while nobody has answered."""
    talk_s: float | None
    """With agents, together; null while the call goes on."""
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
    transferred_to: list[str] = []
    """In lists: the targets of completed transfers in order, as "agent 1002", "queue billing", "skill refund" or "number 138****1111"."""
    number: str = ""
    """The caller's number as E.164, where `caller` is in full."""
    written: str = ""
    """The same as the carrier sent it, where that differs."""
    customer: str = ""
    """Id of the customer whose number it was; empty: nobody's."""
    customer_name: str = ""
    """As the record had it then."""
    customer_class: str = ""


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
    kind: str = "talk"
    """talk, message, consult or word."""
    first: str = ""
    """Of a consult: the first agent; `agent` is the receiver."""
    agent: str
    state: str
    seconds: float | None
    talk_s: float | None
    sha256: str
    reason: str
    reason_zh: str = ""
    """The same in Chinese."""
    silent: str

    @model_validator(mode="after")
    def _in_chinese(self) -> Self:
        self.reason_zh = in_chinese(self.reason)
        return self


class LegQuality(_FromStore):
    """How well one leg's line carried speech: that between Asterisk and the caller, or the agent. Measured from RTP and RTCP."""

    offer: str
    """Empty: a caller who talked with no agent."""
    side: Literal["caller", "agent"]
    """Whose line it is."""
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


async def all_written(asked: Asked) -> None:
    """Waits until PostgreSQL has every row that is on disk at this moment: what follows would miss those of a call that has just ended.
    Rows that are written meanwhile are not waited for, since a busy hotline writes some at every moment.

    Raises Problem (503) when they are not there within `WRITTEN_WITHIN_S`.
    """
    if not await asked.context.shipper.catch_up(WRITTEN_WITHIN_S):
        detail = "Rows of calls are still being written. Try again in a moment."
        raise Problem(503, "not-written-yet", detail, headers={"Retry-After": "2"})


def searched_number(context: WebContext, typed: str) -> str:
    """What somebody looked for, as the audit log may hold it: masked."""
    numbering = context.config.numbering
    known = numbering.number(typed)
    return masked(numbering.shown(known) if known else typed)


async def call(asked: Asked) -> OneCall:
    """The call, its log in words, its offers and recordings, and how well its lines carried speech."""
    store, id_ = asked.context.store, asked.word("call")
    async with from_store(asked.context):
        row = await opened_call(asked, id_)
        log, offers = await store.timeline(id_), await store.offers(id_)
        recordings = await store.recordings(call=id_, part=asked.scope.part)
        lines = await store.leg_quality(call=id_)
    in_full = await numbers_in_full(asked, id_)
    lines_told = [line(asked.context, row, in_full=in_full) for row in with_waits(log)]
    tried = [Offer.model_validate(offer) for offer in offers]
    if not asked.scope.whole:
        lines_told = [one.model_copy(update={"detail": without_others(one.detail)}) for one in lines_told]
        tried = [one.model_copy(update={"explanation": without_others(one.explanation)}) for one in tried]
    return OneCall(
        call=shown_call(asked.context, row, in_full=in_full),
        timeline=lines_told,
        offers=tried,
        recordings=[CallRecording.model_validate(recording) for recording in recordings],
        lines=[leg_quality(row) for row in lines if not row.agent or asked.scope.has_leg_of(row.agent)],
    )


async def seen_in_store(asked: Asked, call: str) -> StoredCall | None:
    """The call's row, where there is one and the scope has it; a live one as it stands now."""
    row = await asked.context.store.call(call)
    if row is None or asked.scope.whole or sees_live_call(asked, call):
        return row
    if asked.scope.teams is None:
        return row if asked.scope.has_brand(row.brand) else None
    served = [offer.agent for offer in await asked.context.store.offers(call) if offer.connected_at is not None]
    return row if asked.scope.sees_past_call(served, row.queue, row.brand) else None


def unknown_call(call: str) -> Problem:
    """The 404 for a call that there is not, or that is not seen."""
    return Problem(404, "unknown-call", f"There is no call {call}. `sanxiang call list` shows the calls.")


async def seen_call(asked: Asked, call: str) -> StoredCall:
    """As `seen_in_store`. Raises Problem (404) where there is none."""
    row = await seen_in_store(asked, call)
    if row is None:
        raise unknown_call(call)
    return row


async def is_over(asked: Asked, call: str) -> bool:
    """Whether the log knows it; no while the database is away."""
    try:
        async with from_store(asked.context):
            return await seen_in_store(asked, call) is not None
    except StoreAway:
        return False


async def not_in_progress(asked: Asked, call: str) -> Problem:
    """The 404 for a call that is acted on while it is over, or that there is not, or that is not seen."""
    if await is_over(asked, call):
        return Problem(404, "unknown-call", f"Call {call} is over. `sanxiang call show {call}` tells its story.")
    return unknown_call(call)


async def live_call(asked: Asked) -> Mapping[str, Any]:
    """The snapshot's row of the call in the path. Raises Problem: 404 when it is not the agent's own, none of the supervisor's teams, or over."""
    row = live_row(asked)
    if row is None:
        raise await not_in_progress(asked, asked.word("call"))
    return row


async def opened_call(asked: Asked, call: str) -> StoredCall:
    """As `seen_call`, with a line in the audit log. Raises Problem: 404; 503 when the line can't be written."""
    row = await seen_call(asked, call)
    await asked.request.app[DOOR].readings.note(asked.who.name, "opened a call", call, call=call)
    return row


def without_others(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What the log says of a choice, without the agents who were not chosen: they may be other teams'."""
    return {name: value for name, value in detail.items() if name not in _OF_OTHERS}


def leg_quality(row: Any) -> LegQuality:
    """One leg's line, its problems in words."""
    found = LegQuality.model_validate(row)
    detail = found.model_dump()
    words = {word: "; ".join(problem(each, detail, word) for each in found.problems) for word in ("zh", "en")}
    return found.model_copy(update=words)


def line(context: WebContext, row: Happening, *, in_full: bool) -> Line:
    """One log row with its sentence in both languages, people and queues by their names."""
    detail = shown_detail(context.config.numbering, row.detail, in_full=in_full)
    words = {
        word: told(context.config, replace(row, detail=detail | {"in_full": in_full}), word) for word in ("zh", "en")
    }
    return Line(
        at=row.at, kind=Kind(row.kind), agent=row.agent, offer=row.offer, queue=row.queue, detail=detail, **words
    )


def shown_call(context: WebContext, row: Any, *, in_full: bool) -> Call:
    """The call, a row of the store's, with its caller's number as people see it."""
    call = Call.model_validate(row)
    if call.wait_s is None and call.ended_at is None and call.asked_at and call.answered_at:
        # The row's own figure is written when the call ends.
        call = call.model_copy(update={"wait_s": (call.answered_at - call.asked_at).total_seconds()})
    said = {"caller": shown_caller(context.config, call.caller, withheld=row.withheld, in_full=in_full)}
    told = in_full and not row.withheld
    said["number"] = e164_of(context.config, call.caller, withheld=row.withheld) if told else ""
    said["written"] = call.written if told else ""
    return call.model_copy(update=said)


ROUTES = [
    Route(
        "GET",
        f"/api/calls/{{call:{CALL_ID}}}",
        call,
        "calls-see",
        "One call: its timeline in words, its offers, recordings and lines",
        answer=OneCall,
        query=NumbersQuery,
        refusals={404: "unknown-call", 503: "store-away"},
    ),
]
