"""Talks that can be graded by people. All on the caller's connection."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.tables import RecordingRow


@dataclass(frozen=True, slots=True)
class RecordedTalk:
    """One agent's talk with one caller, of which a recording was filed."""

    offer: str
    """Its id, and its recording's."""
    call: str
    agent: str
    queue: str
    at: datetime
    """When the call was offered to the agent: by it the talk belongs to its week and shift."""


async def recorded_talks(connection: AsyncConnection, since: datetime, until: datetime) -> list[RecordedTalk]:
    """Talks that were offered in this span and have been filed with sound, by their ids; those whose sound was deleted since, too, so that
    a week stays the same."""
    query = (
        select(*(getattr(RecordingRow, name) for name in ("offer", "call", "agent", "queue", "offered_at")))
        .where(
            RecordingRow.kind == "talk",
            RecordingRow.sha256 != "",
            RecordingRow.offered_at >= since,
            RecordingRow.offered_at < until,
        )
        .order_by(RecordingRow.offer)
    )
    return [RecordedTalk(*row) for row in await connection.execute(query)]
