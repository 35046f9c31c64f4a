"""Transfers as they were made: of one call, and counted by queue and reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.tables import TransferRow


@dataclass(frozen=True, slots=True)
class Transfer:
    """As in `tables.TransferRow`."""

    call: str
    number: int
    asked_at: datetime
    first: str
    queue: str
    kind: str
    to: str
    receiver: str
    reason: str
    note: str
    warm: bool
    how: str
    by: str
    amount: float
    state: str
    why: str
    returned_to: str
    consult_at: datetime | None
    completed_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Count:
    """How often callers of a queue were handed over for this reason, by when it was asked."""

    queue: str
    reason: str
    asked: int
    warm: int
    completed: int
    came_back: int
    """Failed, declined or taken back: the caller came back to the first agent, or to the queue."""


_TRANSFER = [getattr(TransferRow, each) for each in Transfer.__dataclass_fields__]

# Refused ones were none: nobody was asked to take over.
_COUNTS = text(
    """
    SELECT queue, reason, count(*) AS asked, count(*) FILTER (WHERE warm) AS warm,
           count(*) FILTER (WHERE state = 'completed') AS completed,
           count(*) FILTER (WHERE state IN ('failed', 'declined', 'taken back')) AS came_back
    FROM transfers WHERE asked_at >= :since AND asked_at < :until AND state <> 'refused'
    GROUP BY queue, reason ORDER BY queue, asked DESC, reason
    """
)


async def of_call(connection: AsyncConnection, call: str) -> list[Transfer]:
    """The transfers of this call in order."""
    query = select(*_TRANSFER).where(TransferRow.call == call).order_by(TransferRow.number)
    return [Transfer(*row) for row in await connection.execute(query)]


async def counts(connection: AsyncConnection, since: datetime, until: datetime) -> list[Count]:
    return [Count(*row) for row in await connection.execute(_COUNTS, {"since": since, "until": until})]
