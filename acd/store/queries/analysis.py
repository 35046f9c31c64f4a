"""The automatic checks in the tables: which talks are due, what the log tells of one, what was found. All on the caller's connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind
from acd.store.analysis_tables import AnalysisRow, FindingRow
from acd.store.queries.part import Part, recordings_of
from acd.store.tables import CallRow, LogRow, OfferRow, RecordingRow, TransferRow

_LOCK = 0x53414E51
"""Of the one process that analyses; by PostgreSQL's advisory locks."""
LOST_CALL_AFTER = timedelta(days=1)
"""A call without an end is analysed all the same after so long: its last rows were lost."""
_PRUNED_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """As in `analysis_tables.FindingRow`."""

    kind: str
    side: str
    from_s: float | None
    to_s: float | None
    value: float | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class StoredAnalysis:
    """One talk, analysed or not yet."""

    offer: str
    call: str
    agent: str
    queue: str
    state: str
    """due: not yet; before: filed before there were such checks; begun, done, no-sound, failed as in `analysis_tables.AnalysisRow`."""
    why: str
    analysed_at: datetime | None
    share: float | None
    findings: tuple[StoredFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What the tables tell of a talk beside its sound."""

    ended_by: str
    """caller, agent, transfer, …"""
    menu_path: str
    """Empty: the call did not pass the menu."""
    transfers: tuple[datetime, ...]
    """When the agent has asked for a transfer without a reason."""
    notes: tuple[datetime, ...]
    """When the agent wrote a note or the matter on the card."""
    disposed: bool
    """The agent has chosen a disposition."""


async def only_one(connection: AsyncConnection) -> bool:
    """Whether nobody else analyses; holds until this transaction is over."""
    return bool(await connection.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))))


async def due(connection: AsyncConnection, now: datetime, settled: timedelta, limit: int) -> list[str]:
    """Offers whose talk is to be analysed, the longest filed first. `settled`: so long the call is over, as notes follow it."""
    before = now - settled
    query = (
        select(RecordingRow.offer)
        .outerjoin(CallRow, CallRow.call == RecordingRow.call)
        .where(
            text("recordings.analysis = '' AND recordings.kind = 'talk' AND recordings.path <> ''"),
            RecordingRow.filed_at < before,
            or_(CallRow.ended_at < before, RecordingRow.filed_at < now - LOST_CALL_AFTER),
        )
        .order_by(RecordingRow.filed_at)
        .limit(limit)
    )
    return list(await connection.scalars(query))


async def begin(connection: AsyncConnection, offer: str, call: str) -> int:
    """Says that the talk is being analysed; how often that was said so far. To be committed before the work."""
    row = insert(AnalysisRow).values(offer=offer, call=call, state="begun", tries=1)
    again = row.on_conflict_do_update(
        index_elements=["offer"], set_={"state": "begun", "tries": AnalysisRow.tries + 1}
    ).returning(AnalysisRow.tries)
    return int(await connection.scalar(again) or 1)


async def told(connection: AsyncConnection, offer: str, call: str, agent: str) -> Told:
    """What the log tells of the talk."""
    row = (
        await connection.execute(
            select(OfferRow.ended_by, OfferRow.connected_at, OfferRow.talk_ended_at).where(OfferRow.offer == offer)
        )
    ).first()
    path = await connection.scalar(select(CallRow.menu_path).where(CallRow.call == call))
    # Erased or lost rows are no reason for a finding: a path that nobody knows counts as one.
    begin_at, end_at = (row.connected_at, row.talk_ended_at) if row else (None, None)
    transfers = select(TransferRow.asked_at).where(
        TransferRow.call == call, TransferRow.first == agent, TransferRow.reason == "", TransferRow.state != "refused"
    )
    if begin_at is not None:
        transfers = transfers.where(TransferRow.asked_at >= begin_at)
    if end_at is not None:
        transfers = transfers.where(TransferRow.asked_at <= end_at + timedelta(seconds=1))
    what = LogRow.detail["what"].astext
    written = select(LogRow.at, what.label("what")).where(
        LogRow.call == call,
        LogRow.kind == Kind.CARD,
        or_(LogRow.agent == agent, LogRow.detail["by"].astext == agent),
        what.in_(("note", "matter", "disposition")),
    )
    if begin_at is not None:
        written = written.where(LogRow.at >= begin_at)
    rows = (await connection.execute(written.order_by(LogRow.at))).all()
    return Told(
        ended_by=(row.ended_by or "") if row else "",
        menu_path="?" if path is None else path,
        transfers=tuple(await connection.scalars(transfers.order_by(TransferRow.asked_at))),
        notes=tuple(each.at for each in rows if each.what != "disposition"),
        disposed=any(each.what == "disposition" for each in rows),
    )


async def save(
    connection: AsyncConnection,
    offer: str,
    state: str,
    why: str,
    at: datetime,
    share: float | None,
    facts: dict[str, Any] | None,
    findings: Sequence[StoredFinding],
) -> None:
    """What came of the talk, in the place of what came of it before."""
    await connection.execute(
        update(AnalysisRow)
        .where(AnalysisRow.offer == offer)
        .values(state=state, why=why, analysed_at=at, share=share, facts=facts)
    )
    await connection.execute(delete(FindingRow).where(FindingRow.offer == offer))
    for number, one in enumerate(findings, 1):
        named = {name: getattr(one, name) for name in StoredFinding.__dataclass_fields__}
        await connection.execute(insert(FindingRow).values(offer=offer, number=number, **named))
    await connection.execute(update(RecordingRow).where(RecordingRow.offer == offer).values(analysis="done"))


async def prune_facts(connection: AsyncConnection, before: datetime) -> int:
    """Takes the facts of talks away that were analysed before then; how many, some thousands at most. Findings stay."""
    old = select(AnalysisRow.offer).where(AnalysisRow.facts.is_not(None), AnalysisRow.analysed_at < before)
    pruned = await connection.execute(
        update(AnalysisRow).where(AnalysisRow.offer.in_(old.limit(_PRUNED_AT_ONCE))).values(facts=None)
    )
    return pruned.rowcount


async def of_call(connection: AsyncConnection, call: str, part: Part | None = None) -> list[StoredAnalysis]:
    """The call's talks in order, each with its findings; those that are not analysed yet, too. `part`: only talks of this part."""
    query = (
        select(
            RecordingRow.offer,
            RecordingRow.call,
            RecordingRow.agent,
            RecordingRow.queue,
            RecordingRow.analysis,
            AnalysisRow.state,
            AnalysisRow.why,
            AnalysisRow.analysed_at,
            AnalysisRow.share,
        )
        .outerjoin(AnalysisRow, AnalysisRow.offer == RecordingRow.offer)
        .where(RecordingRow.call == call, RecordingRow.kind == "talk", RecordingRow.filed_at.is_not(None))
        .order_by(RecordingRow.offered_at, RecordingRow.offer)
    )
    if part is not None:
        query = query.where(recordings_of(part))
    rows = (await connection.execute(query)).all()
    found: dict[str, list[StoredFinding]] = {row.offer: [] for row in rows}
    columns = [getattr(FindingRow, name) for name in StoredFinding.__dataclass_fields__]
    asked = select(FindingRow.offer, *columns).where(FindingRow.offer.in_(found))
    for offer, *rest in await connection.execute(asked.order_by(FindingRow.offer, FindingRow.number)):
        found[offer].append(StoredFinding(*rest))
    return [
        StoredAnalysis(
            row.offer,
            row.call,
            row.agent,
            row.queue,
            row.state or ("before" if row.analysis == "before" else "due"),
            row.why or "",
            row.analysed_at,
            row.share,
            tuple(found[row.offer]),
        )
        for row in rows
    ]


async def with_facts(
    connection: AsyncConnection, since: datetime, after: str, limit: int
) -> list[tuple[str, str, dict[str, Any]]]:
    """(offer, call, facts) of talks that were analysed since then, by the offers' ids, after this one."""
    query = (
        select(AnalysisRow.offer, AnalysisRow.call, AnalysisRow.facts)
        .where(AnalysisRow.analysed_at >= since, AnalysisRow.facts.is_not(None), AnalysisRow.offer > after)
        .order_by(AnalysisRow.offer)
        .limit(limit)
    )
    return [(offer, call, facts) for offer, call, facts in await connection.execute(query)]
