"""Calls as people look for them: by day, words, agent, transfer, reason, disposition, promise, finding and length."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.analysis_tables import FindingRow
from acd.store.queries import word_search
from acd.store.queries.caller_search import by_caller
from acd.store.queries.calls import CALL_COLUMNS, LONGEST_PAGE, Call
from acd.store.queries.part import Part, calls_of, recordings_of
from acd.store.tables import CallRow, CardRow, OfferRow, RecordingRow, TransferRow
from acd.telephone_numbers import Numbering

ANY_FINDING = "any"


@dataclass(frozen=True, slots=True)
class CallFilters:
    """What to look for; empty means all."""

    day: date | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Arrived before it."""
    search: str = ""
    """A caller's number or part of it in any writing, a whole call id, agent, dialled number or customer's id; and `words`."""
    words: bool = False
    """`search` is also looked for in names of customers, matters, notes, promises and dispositions."""
    agents_named: Collection[str] = ()
    """Agents whom `search` means."""
    reasons_named: Collection[str] = ()
    """Reasons of transfers that `search` means."""
    dispositions_named: Collection[str] = ()
    """Codes of dispositions that `search` means."""
    agent: str = ""
    """Who talked with the caller at any time."""
    queue: str = ""
    """In which the call stood last."""
    brand: str = ""
    ending: str = ""
    transferred: bool = False
    """Only calls with a completed transfer."""
    reason: str = ""
    """Of a transfer."""
    disposition: str = ""
    """The code that an agent gave the call."""
    promise: bool = False
    """Only calls on whose card something is promised."""
    finding: str = ""
    """Only calls in a talk of which this was found (acd.config.analysis.FindingKind); "any": in which anything was."""
    heard: Part | None = None
    """Of whose talks findings are looked for; None: of all."""
    shortest_s: float | None = None
    """Of the whole talk with agents, in seconds."""
    longest_s: float | None = None
    limit: int = 100
    before: str | None = None
    """The call that ended the former page."""
    numbering: Numbering = field(default_factory=Numbering)
    """How numbers in `search` are read."""
    part_of_number: bool = True
    """`search` also finds any part of a caller's number, else the whole number and its last four digits."""
    part: Part | None = None
    """Only calls of this part."""


async def find(
    connection: AsyncConnection, wanted: CallFilters, bounds: tuple[datetime, datetime] | None
) -> list[Call]:
    """The calls that match, the newest first; at most `limit`."""
    query: Select[Any] = select(*CALL_COLUMNS).order_by(CallRow.arrived_at.desc(), CallRow.call.desc())
    if bounds:
        query = query.where(CallRow.arrived_at >= bounds[0], CallRow.arrived_at < bounds[1])
    typed = wanted.search
    by_index = wanted.words and word_search.by_index(typed)
    few = by_index and not _means_more(wanted) and await word_search.few_have(connection, typed)
    for condition in _conditions(wanted, few=few, many=by_index and not few):
        query = query.where(condition)
    rows = await connection.execute(query.limit(max(1, min(wanted.limit, LONGEST_PAGE))))
    return [Call(*row) for row in rows]


def _means_more(wanted: CallFilters) -> bool:
    """`search` is also a word for agents, reasons or dispositions, which many calls have."""
    return bool(wanted.agents_named or wanted.reasons_named or wanted.dispositions_named)


def _conditions(wanted: CallFilters, *, few: bool, many: bool) -> list[ColumnElement[bool]]:
    """`few`: the words are looked for in their index; `many`: the newest calls are read one by one."""
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(CallRow.arrived_at >= wanted.since)
    if wanted.until:
        found.append(CallRow.arrived_at < wanted.until)
    if wanted.search:
        found.append(word_search.calls_with(wanted.search) if few else or_(*_ways(wanted, many)))
    if wanted.part is not None:
        found.append(calls_of(wanted.part))
    if wanted.agent:
        found.append(_talked_with([wanted.agent]))
    for name in ("queue", "brand", "ending"):
        if getattr(wanted, name):
            found.append(getattr(CallRow, name) == getattr(wanted, name))
    transfers: list[ColumnElement[bool]] = [TransferRow.completed_at.is_not(None)] if wanted.transferred else []
    transfers += [TransferRow.reason == wanted.reason] if wanted.reason else []
    if transfers:
        found.append(exists().where(TransferRow.call == CallRow.call, *transfers))
    if wanted.disposition:
        found.append(_entry({"what": "disposition", "code": wanted.disposition}))
    if wanted.promise:
        found.append(_entry({"what": "promise"}))
    if wanted.finding:
        found.append(_found_in_a_talk(wanted.finding, wanted.heard))
    talked = func.coalesce(CallRow.talk_s, 0)
    if wanted.shortest_s is not None:
        found.append(talked >= wanted.shortest_s)
    if wanted.longest_s is not None:
        found.append(talked <= wanted.longest_s)
    if wanted.before:
        page_end = select(CallRow.arrived_at).where(CallRow.call == wanted.before)
        if wanted.part is not None:  # or it would tell that another team's call exists, and when it came
            page_end = page_end.where(calls_of(wanted.part))
        mark = page_end.scalar_subquery()
        found.append(or_(CallRow.arrived_at < mark, and_(CallRow.arrived_at == mark, CallRow.call < wanted.before)))
    return found


def _ways(wanted: CallFilters, many: bool) -> list[ColumnElement[bool]]:
    """Each way in which a call may be what `search` means."""
    typed = wanted.search
    ways = [
        by_caller(typed, wanted.numbering, parts=wanted.part_of_number),
        CallRow.call == typed,
        CallRow.dialled == typed,
        CallRow.customer == typed,
        _talked_with([typed, *wanted.agents_named]),
    ]
    if wanted.words:
        ways += [
            CallRow.customer_name.icontains(typed, autoescape=True),
            word_search.card_holds(typed, one_by_one=many),
        ]
        ways.append(
            exists().where(TransferRow.call == CallRow.call, TransferRow.note.icontains(typed, autoescape=True))
        )
    if wanted.reasons_named:
        ways.append(exists().where(TransferRow.call == CallRow.call, TransferRow.reason.in_(wanted.reasons_named)))
    ways += [_entry({"what": "disposition", "code": code}) for code in wanted.dispositions_named]
    return ways


def _talked_with(agents: Collection[str]) -> ColumnElement[bool]:
    return exists().where(OfferRow.call == CallRow.call, OfferRow.agent.in_(agents), OfferRow.connected_at.is_not(None))


def _found_in_a_talk(kind: str, heard: Part | None) -> ColumnElement[bool]:
    """A common kind is looked for call by call, the newest first; a rare one by the index of findings by kind."""
    query = (
        select(FindingRow.number)
        .join(RecordingRow, RecordingRow.offer == FindingRow.offer)
        .where(RecordingRow.call == CallRow.call)
    )
    if kind != ANY_FINDING:
        # Written out: with a parameter PostgreSQL keeps one plan for all kinds, and reads every call of the days for a rare one.
        query = query.where(FindingRow.kind == bindparam("kind_of_finding", kind, Text, literal_execute=True))
    if heard is not None:
        query = query.where(recordings_of(heard))
    return query.exists()


def _entry(like: dict[str, str]) -> ColumnElement[bool]:
    """The call's card has such an entry."""
    return exists().where(CardRow.call == CallRow.call, CardRow.body["entries"].contains([like]))
