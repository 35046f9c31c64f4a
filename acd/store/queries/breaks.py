"""The breaks of a day, by agent, from the rows of the call log."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Float, Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind
from acd.store.tables import LogRow


@dataclass(frozen=True, slots=True)
class DayOfBreaks:
    """One agent's. Durations in seconds."""

    agent: str
    breaks: int
    break_s: float
    overdue: int
    over_s: float
    without_leave: int
    asked: int
    declined: int
    waited_s: float
    long_work: int


async def of_day(connection: AsyncConnection, begin: datetime, end: datetime) -> list[DayOfBreaks]:
    """Of every agent who had rows of breaks between these instants, by extension."""
    state = LogRow.detail["state"].astext

    def times(wanted: str):  # type: ignore[no-untyped-def]
        return cast(func.count().filter(state == wanted), Integer)

    def total(wanted: str, name: str):  # type: ignore[no-untyped-def]
        seconds = cast(LogRow.detail[name].astext, Float)
        return func.coalesce(func.sum(seconds).filter(state == wanted), 0.0)

    unasked = func.count().filter(state == "began", LogRow.detail["leave"].astext == "false")
    query = (
        select(
            LogRow.agent,
            times("began"),
            total("ended", "lasted_s"),
            times("overdue"),
            total("ended", "over_s"),
            cast(unasked, Integer),
            times("asked"),
            times("declined"),
            total("granted", "waited_s"),
            times("due"),
        )
        .where(LogRow.at >= begin, LogRow.at < end, LogRow.kind == Kind.BREAK)
        .group_by(LogRow.agent)
        .order_by(LogRow.agent)
    )
    return [DayOfBreaks(*row) for row in await connection.execute(query)]
