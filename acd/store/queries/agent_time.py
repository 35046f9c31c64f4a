"""Where an agent's day went: stretches that tile it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.tables import AgentTimeRow


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of an agent's time in one state."""

    agent: str
    from_at: datetime
    to_at: datetime | None
    """None: it lasts still."""
    state: str
    reason: str


async def of_day(connection: AsyncConnection, begin: datetime, end: datetime, agent: str) -> list[Stretch]:
    """The stretches of this agent on this day, in order."""
    query = (
        select(
            AgentTimeRow.agent,
            func.greatest(AgentTimeRow.from_at, begin),
            # LEAST passes over NULL, so a stretch that lasts is cut only when the day is over.
            func.least(AgentTimeRow.to_at, end) if end <= datetime.now(end.tzinfo) else AgentTimeRow.to_at,
            AgentTimeRow.state,
            AgentTimeRow.reason,
        )
        .where(AgentTimeRow.from_at < end, or_(AgentTimeRow.to_at.is_(None), AgentTimeRow.to_at > begin))
        .order_by(AgentTimeRow.agent, AgentTimeRow.from_at)
    )
    if agent:
        query = query.where(AgentTimeRow.agent == agent)
    return [Stretch(*row) for row in await connection.execute(query)]
