"""Recordings as QA looks for them. The files themselves are the affair of the `recordings` package."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from acd.engine.commands import Span
from acd.store.queries.caller_search import by_caller
from acd.store.queries.part import Part, recordings_of
from acd.store.retention_tables import CallRetentionRow
from acd.store.tables import CallRow, LegQualityRow, OfferRow, RecordingRow
from acd.telephone_numbers import Numbering

LONGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for; empty means all. Rows of offers that nobody answered are never among them."""

    day: date | None = None
    since: datetime | None = None
    until: datetime | None = None
    agent: str = ""
    queue: str = ""
    brand: str = ""
    """Of the call."""
    caller: str = ""
    """The number or part of it, in any writing."""
    call: str = ""
    text: str = ""
    """Part of the call's id, of the offer's, or of the reason why a recording is not complete."""
    state: str = ""
    """"complete", "incomplete" or "expected"."""
    kind: str = ""
    """"talk", "message", "word" or "consult"."""
    silent: bool = False
    """Only those with a silent side."""
    bad_line: bool = False
    """Only those of a talk in which the line of caller or agent was bad."""
    shortest_s: float | None = None
    longest_s: float | None = None
    limit: int = 100
    before: str = ""
    """The offer that ended the former page."""
    numbering: Numbering = field(default_factory=Numbering)
    """How `caller` is read."""
    part_of_number: bool = True
    """`caller` finds parts of a number too; else the whole number or its last four digits."""
    part: Part | None = None
    """Only those of this part."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One leg: whose talk it was, and the manifest's verdict on its file."""

    offer: str
    call: str
    agent: str
    queue: str
    offered_at: datetime
    state: str
    path: str
    seconds: float | None
    talk_s: float | None
    talk_ended_at: datetime | None
    sha256: str
    reason: str
    silent: str
    filed_at: datetime | None
    kind: str
    """talk; message: what a caller left on voicemail; consult: first agent and receiver, `agent` being the latter."""
    caller: str
    connected_at: datetime | None
    recorded_s: float | None = None
    """How long the file should be, where that is not the talk's length."""
    first: str = ""
    """Of a consult: the first agent."""
    spans: list[Span] = field(default_factory=list)
    """Where in the file caller and agent were not alone with each other."""
    deleted_at: datetime | None = None
    """When the sound was deleted; then there is no path."""
    deleted_by: str = ""
    deleted_why: str = ""
    held_at: datetime | None = None
    """Since when it is held: nothing deletes it."""
    held_by: str = ""
    held_why: str = ""
    held_call: bool = False
    """The whole call is held, and not this recording alone."""
    withheld: bool = False
    """The caller does not want the number to be shown."""
    brand: str = ""
    """Of the call."""
    caller_mos: float | None = None
    """Estimated, of what came from the caller in this talk; None: not measured, as of messages and consults."""
    caller_problems: list[str] | None = None
    """What was wrong with the caller's line: codes of acd/engine/line_verdict.py; empty: a good line; None: not measured."""
    agent_mos: float | None = None
    agent_problems: list[str] | None = None


DECLINED = "declined"
"""The state of a talk whose caller did not want to be recorded: a row without sound."""
_CALLERS, _AGENTS = aliased(LegQualityRow), aliased(LegQualityRow)
"""The two lines of the recorded talk."""


def _query() -> Select[Any]:
    fields = [each for each in Recording.__dataclass_fields__ if hasattr(RecordingRow, each)]
    own = [getattr(RecordingRow, each) for each in fields if not each.startswith("held_")]
    held = [_held(name) for name in ("at", "by", "why")]
    lines = [
        column
        for side, row in (("caller", _CALLERS), ("agent", _AGENTS))
        for column in (row.mos.label(f"{side}_mos"), row.problems.label(f"{side}_problems"))
    ]
    return (
        select(
            *own,
            *held,
            CallRetentionRow.held_at.is_not(None).label("held_call"),
            CallRow.caller,
            CallRow.withheld,
            CallRow.brand,
            OfferRow.connected_at,
            *lines,
        )
        .outerjoin(CallRow, CallRow.call == RecordingRow.call)
        .outerjoin(CallRetentionRow, CallRetentionRow.call == RecordingRow.call)
        .outerjoin(OfferRow, OfferRow.offer == RecordingRow.offer)
        .outerjoin(_CALLERS, and_(*_line_of(_CALLERS, "caller")))
        .outerjoin(_AGENTS, and_(*_line_of(_AGENTS, "agent")))
    )


def _held(what: str) -> ColumnElement[Any]:
    """Of the call's hold where the whole call is held, else of the recording's own."""
    whole, own = getattr(CallRetentionRow, f"held_{what}"), getattr(RecordingRow, f"held_{what}")
    found: ColumnElement[Any] = case((CallRetentionRow.held_at.is_not(None), whole), else_=own)
    return found.label(f"held_{what}")


def _line_of(row: type[LegQualityRow], side: str) -> list[ColumnElement[bool]]:
    """By the table's whole key: one row at most."""
    return [row.call == RecordingRow.call, row.offer == RecordingRow.offer, row.side == side]


async def find(
    connection: AsyncConnection, wanted: Filters, bounds: tuple[datetime, datetime] | None
) -> list[Recording]:
    """The recordings that match, the newest first; at most `limit`."""
    query = _query().where(or_(RecordingRow.state != "none", RecordingRow.reason == DECLINED))
    if bounds:
        query = query.where(RecordingRow.offered_at >= bounds[0], RecordingRow.offered_at < bounds[1])
    if wanted.since:
        query = query.where(RecordingRow.offered_at >= wanted.since)
    if wanted.until:
        query = query.where(RecordingRow.offered_at < wanted.until)
    if wanted.state == DECLINED:
        wanted = replace(wanted, state="none")
    for name in ("agent", "queue", "call", "state", "kind"):
        if getattr(wanted, name):
            query = query.where(getattr(RecordingRow, name) == getattr(wanted, name))
    if wanted.brand:
        query = query.where(CallRow.brand == wanted.brand)
    if wanted.caller:
        query = query.where(by_caller(wanted.caller, wanted.numbering, parts=wanted.part_of_number))
    if wanted.text:
        holds = [column.contains(wanted.text, autoescape=True) for column in (RecordingRow.offer, RecordingRow.reason)]
        query = query.where(or_(*holds))  # An offer's id begins with its call's.
    if wanted.part is not None:
        query = query.where(recordings_of(wanted.part))
    if wanted.silent:
        query = query.where(RecordingRow.silent != "")
    if wanted.bad_line:
        query = query.where(or_(*(row.problems != [] for row in (_CALLERS, _AGENTS))))
    if wanted.shortest_s is not None:
        query = query.where(RecordingRow.seconds >= wanted.shortest_s)
    if wanted.longest_s is not None:
        query = query.where(RecordingRow.seconds <= wanted.longest_s)
    if wanted.before:
        page_end = select(RecordingRow.offered_at).where(RecordingRow.offer == wanted.before)
        if wanted.part is not None:  # or it would tell that another team's recording exists
            page_end = page_end.where(recordings_of(wanted.part))
        mark = page_end.scalar_subquery()
        query = query.where(
            or_(
                RecordingRow.offered_at < mark,
                and_(RecordingRow.offered_at == mark, RecordingRow.offer < wanted.before),
            )
        )
    query = query.order_by(RecordingRow.offered_at.desc(), RecordingRow.offer.desc())
    rows = await connection.execute(query.limit(max(1, min(wanted.limit, LONGEST_PAGE))))
    return [_as_recording(row) for row in rows]


async def one(connection: AsyncConnection, offer: str) -> Recording | None:
    """The recording of this offer, or None."""
    row = (await connection.execute(_query().where(RecordingRow.offer == offer))).first()
    return _as_recording(row) if row else None


async def of_chain(connection: AsyncConnection, offers: Sequence[str], folder: str = "") -> list[Recording]:
    """The recordings of these offers, and those whose file lies in this day's folder (2026/11/22); for the chain."""
    wanted: ColumnElement[bool] = RecordingRow.offer.in_([*offers])
    if folder:
        wanted = or_(wanted, RecordingRow.path.startswith(f"{folder}/", autoescape=True))
    return [_as_recording(row) for row in await connection.execute(_query().where(wanted))]


def _as_recording(row: Any) -> Recording:
    named = row._asdict()
    return Recording(
        **(
            named
            | {
                "caller": named["caller"] or "unknown",
                "withheld": bool(named["withheld"]),
                "brand": named["brand"] or "",
                "state": DECLINED if (named["state"], named["reason"]) == ("none", DECLINED) else named["state"],
            }
        )
    )
