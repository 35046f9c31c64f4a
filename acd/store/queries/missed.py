"""Callers who gave up while they waited, and whom nobody has talked with or called back since."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from acd.engine.commands import Ending, Kind
from acd.store.promise_tables import PromiseRow
from acd.store.queries.part import Part, calls_of
from acd.store.tables import CallRow, LogRow

MOST = 1000


@dataclass(frozen=True, slots=True)
class MissedCall:
    """One call that was given up."""

    call: str
    caller: str
    """The canonical number."""
    queue: str
    brand: str
    language: str
    customer: str
    customer_name: str
    asked_at: datetime | None
    ended_at: datetime
    wait_s: float | None


async def missed_calls(
    connection: AsyncConnection, begin: datetime, end: datetime, part: Part | None
) -> list[MissedCall]:
    """The calls between these instants, the latest first, at most MOST. Callers without a number are left out: nobody can call them."""
    later = aliased(CallRow)
    talked_later = select(later.call).where(
        later.caller == CallRow.caller, later.arrived_at >= CallRow.arrived_at, later.answered_at.is_not(None)
    )
    settled = select(LogRow.call).where(LogRow.call == CallRow.call, LogRow.kind == Kind.MISSED_CALLER)
    promised = select(PromiseRow.promise).where(
        or_(PromiseRow.of_call == CallRow.call, PromiseRow.number == CallRow.caller),
        PromiseRow.made_at >= CallRow.arrived_at,
    )
    names = MissedCall.__dataclass_fields__
    query = (
        select(*(getattr(CallRow, name) for name in names))
        .where(
            CallRow.ended_at >= begin,
            CallRow.ended_at < end,
            CallRow.ending.in_((Ending.ABANDONED_QUEUE, Ending.ABANDONED_RINGING)),
            CallRow.caller.not_in(("unknown", "")),
            ~CallRow.withheld,
            CallRow.erased_at.is_(None),
            ~talked_later.exists(),
            ~settled.exists(),
            ~promised.exists(),
        )
        .order_by(CallRow.ended_at.desc())
        .limit(MOST)
    )
    if part is not None:
        query = query.where(calls_of(part))
    return [MissedCall(*row) for row in await connection.execute(query)]
