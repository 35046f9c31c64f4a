"""Transfers as they were made: of one call, and counted by queue and reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
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


_TRANSFER = [getattr(TransferRow, each) for each in Transfer.__dataclass_fields__]


async def of_call(connection: AsyncConnection, call: str) -> list[Transfer]:
    """The transfers of this call in order."""
    query = select(*_TRANSFER).where(TransferRow.call == call).order_by(TransferRow.number)
    return [Transfer(*row) for row in await connection.execute(query)]
