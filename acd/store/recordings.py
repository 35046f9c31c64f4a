"""Recordings as QA looks for them. The files themselves are the affair of the `recordings` package."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Span
from acd.store.caller_search import by_caller
from acd.store.tables import CallRow, OfferRow, RecordingRow
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
    caller: str = ""
    """The number or part of it, in any writing."""
    call: str = ""
    text: str = ""
    """Part of the call's id, of the offer's, or of the reason why a recording is not complete."""
    state: str = ""
    """"complete", "incomplete" or "expected"."""
    kind: str = ""
    """"talk", "message" or "consult"."""
    silent: bool = False
    """Only those with a silent side."""
    shortest_s: float | None = None
    longest_s: float | None = None
    limit: int = 100
    before: str = ""
    """The offer that ended the former page."""
    numbering: Numbering = field(default_factory=Numbering)
    """How `caller` is read."""


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
    withheld: bool = False
    """The caller does not want the number to be shown."""


def _query() -> Select[Any]:
    own = [getattr(RecordingRow, each) for each in Recording.__dataclass_fields__ if hasattr(RecordingRow, each)]
    return (
        select(*own, CallRow.caller, CallRow.withheld, OfferRow.connected_at)
        .outerjoin(CallRow, CallRow.call == RecordingRow.call)
        .outerjoin(OfferRow, OfferRow.offer == RecordingRow.offer)
    )


async def find(
    connection: AsyncConnection, wanted: Filters, bounds: tuple[datetime, datetime] | None
) -> list[Recording]:
    """The recordings that match, the newest first; at most `limit`."""
    query = _query().where(RecordingRow.state != "none")
    if bounds:
        query = query.where(RecordingRow.offered_at >= bounds[0], RecordingRow.offered_at < bounds[1])
    if wanted.since:
        query = query.where(RecordingRow.offered_at >= wanted.since)
    if wanted.until:
        query = query.where(RecordingRow.offered_at < wanted.until)
    for name in ("agent", "queue", "call", "state", "kind"):
        if getattr(wanted, name):
            query = query.where(getattr(RecordingRow, name) == getattr(wanted, name))
    if wanted.caller:
        query = query.where(by_caller(wanted.caller, wanted.numbering))
    if wanted.text:
        holds = [column.contains(wanted.text, autoescape=True) for column in (RecordingRow.offer, RecordingRow.reason)]
        query = query.where(or_(*holds))  # An offer's id begins with its call's.
    if wanted.silent:
        query = query.where(RecordingRow.silent != "")
    if wanted.shortest_s is not None:
        query = query.where(RecordingRow.seconds >= wanted.shortest_s)
    if wanted.longest_s is not None:
        query = query.where(RecordingRow.seconds <= wanted.longest_s)
    if wanted.before:
        mark = select(RecordingRow.offered_at).where(RecordingRow.offer == wanted.before).scalar_subquery()
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


def _as_recording(row: Any) -> Recording:
    named = row._asdict()
    return Recording(**(named | {"caller": named["caller"] or "unknown", "withheld": bool(named["withheld"])}))
