"""Forgets a caller by the number: what the tables hold of one person goes, what the figures need stays without the person.

Calls, offers and times stay, with the caller "unknown". Notes, promises, names and matters go from the call log and the cards, and so does
every writing of the number. Calls in progress, calls that are held and calls with a recording that is
held are left as they are, and counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind
from acd.store.analysis_tables import AnalysisRow
from acd.store.customer_tables import CustomerNumberRow
from acd.store.promise_tables import PromiseRow
from acd.store.retention_tables import CallRetentionRow
from acd.store.review_tables import ReviewAppealRow, ReviewRow
from acd.store.tables import CallRow, CardRow, DeadLetterRow, LogRow, RecordingRow, TransferRow

AT_ONCE = 50
"""Calls of one transaction."""
GONE = "unknown"
"""In the place of a number: nobody in particular."""
WITHIN_TEXT = 7
"""Shorter numbers are looked for as a whole value alone: within other text they may be part of an id."""
_WRITTEN_BY_PEOPLE = ("text", "note", "name", "matter", "value", "due_at")


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored of a number."""

    calls: tuple[str, ...] = ()
    """Those that are erased, the oldest first."""
    recordings: tuple[str, ...] = ()
    """Of them, offers that have sound."""
    cards: int = 0
    in_progress: int = 0
    """Calls that go on: they are left."""
    on_hold: int = 0
    """Calls that are held, or have a recording that is: they are left."""
    customers: tuple[str, ...] = ()
    """Ids of customers' records that have this number: they stay, and are erased by themselves."""
    set_aside: int = 0
    """Rows that could not be put into the tables and hold the number."""


async def stored_of(connection: AsyncConnection, writings: Sequence[str]) -> Held:
    """What is stored of the caller with this number, in these writings."""
    rows = (
        await connection.execute(
            select(CallRow.call, CallRow.ended_at)
            .where(CallRow.caller.in_(writings) | CallRow.written.in_(writings))
            .order_by(CallRow.arrived_at)
        )
    ).all()
    calls = [row.call for row in rows if row.ended_at is not None]
    held = set(
        await connection.scalars(
            select(RecordingRow.call)
            .where(RecordingRow.call.in_(calls), RecordingRow.held_at.is_not(None))
            .union(
                select(CallRetentionRow.call).where(
                    CallRetentionRow.call.in_(calls), CallRetentionRow.held_at.is_not(None)
                )
            )
        )
    )
    erased = [call for call in calls if call not in held]
    sound = await connection.scalars(
        select(RecordingRow.offer).where(RecordingRow.call.in_(erased), RecordingRow.path != "")
    )
    cards = select(func.count()).select_from(CardRow).where(CardRow.call.in_(erased))
    set_aside = 0
    for writing in writings:
        found = select(func.count()).select_from(DeadLetterRow)
        set_aside = max(
            set_aside,
            await connection.scalar(found.where(DeadLetterRow.body.contains(writing, autoescape=True))) or 0,
        )
    return Held(
        tuple(erased),
        tuple(sound),
        await connection.scalar(cards) or 0,
        len(rows) - len(calls),
        len(held),
        tuple(
            await connection.scalars(select(CustomerNumberRow.customer).where(CustomerNumberRow.number.in_(writings)))
        ),
        set_aside,
    )


async def erase(
    connection: AsyncConnection, calls: Sequence[str], writings: Sequence[str], at: datetime, *, others: bool = True
) -> None:
    """Takes the person out of these calls, whose recordings are deleted already. `others`: and out of what else names the number: promises that
    are over, news of a fault that was told."""
    key = (LogRow.spool, LogRow.line, LogRow.idx)
    await connection.execute(delete(LogRow).where(LogRow.call.in_(calls), LogRow.kind == Kind.CUSTOMER))
    wanted = LogRow.call.in_(calls)
    promised = PromiseRow.promise.in_(calls) | PromiseRow.of_call.in_(calls)
    if others:
        wanted |= (LogRow.kind == Kind.STORY_CALL) & LogRow.detail["number"].astext.in_(writings)
        promised |= PromiseRow.number.in_(writings) & PromiseRow.ended_at.is_not(None)
    rows = await connection.execute(select(*key, LogRow.kind, LogRow.detail).where(wanted))
    for spool, line, idx, kind, detail in rows.all():
        cleared = without_person(kind, detail, writings)
        if cleared != detail:
            await connection.execute(
                update(LogRow)
                .where(LogRow.spool == spool, LogRow.line == line, LogRow.idx == idx)
                .values(detail=cleared)
            )
    await connection.execute(update(PromiseRow).where(promised).values(number=GONE, customer="", note=""))
    await connection.execute(update(TransferRow).where(TransferRow.call.in_(calls)).values(note=""))
    await connection.execute(delete(CardRow).where(CardRow.call.in_(calls)))
    # A grader's and an agent's words may name the caller; the scores stay.
    await connection.execute(update(ReviewRow).where(ReviewRow.call.in_(calls)).values(comment="", comments=[]))
    graded = select(ReviewRow.offer).where(ReviewRow.call.in_(calls))
    await connection.execute(update(ReviewAppealRow).where(ReviewAppealRow.offer.in_(graded)).values(reason=""))
    # How high and how loud a person speaks is theirs, too.
    await connection.execute(update(AnalysisRow).where(AnalysisRow.call.in_(calls)).values(facts=None))
    await connection.execute(
        update(CallRow)
        .where(CallRow.call.in_(calls))
        .values(
            caller=GONE,
            written="",
            withheld=False,
            customer="",
            customer_name="",
            customer_class="",
            erased_at=at,
        )
    )


def without_person(kind: str, detail: Mapping[str, Any], writings: Sequence[str]) -> dict[str, Any]:
    """A row's detail without the number, and without what people wrote where the row is a writing on the card or a transfer."""
    if kind == Kind.LOOKED_UP:
        detail = {**detail, "answer": {}}
    by_people = _WRITTEN_BY_PEOPLE if kind in (Kind.CARD, Kind.TRANSFER, Kind.PROMISE) else ()
    return {
        name: "" if name in by_people and isinstance(value, str) else _cleared(value, writings)
        for name, value in detail.items()
    }


def _cleared(value: Any, writings: Sequence[str]) -> Any:
    if isinstance(value, str):
        if value in writings:
            return GONE
        for writing in sorted(writings, key=len, reverse=True):
            if len(writing) >= WITHIN_TEXT:
                value = value.replace(writing, GONE)
        return value
    if isinstance(value, Mapping):
        return {name: _cleared(each, writings) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleared(each, writings) for each in value]
    return value
