"""How well legs' lines carried speech, as the page and the table ask for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.queries.part import Part, lines_of
from acd.store.tables import LegQualityRow

LONGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class LegQuality:
    """As in `tables.LegQualityRow`."""

    call: str
    offer: str
    side: str
    party: str
    agent: str
    measured_at: datetime
    seconds: float
    codec: str
    packets: int
    lost: int
    loss_percent: float
    jitter_ms: float
    sent: int
    sent_lost: int | None
    sent_loss_percent: float | None
    sent_jitter_ms: float | None
    round_trip_ms: float | None
    mos: float
    sent_mos: float | None
    one_way: bool
    unheard_s: float
    problems: list[str]


_COLUMNS = [getattr(LegQualityRow, each) for each in LegQuality.__dataclass_fields__]


async def of_call(connection: AsyncConnection, call: str) -> list[LegQuality]:
    """The call's, in the order in which they were measured, the caller's side first."""
    query = select(*_COLUMNS).where(LegQualityRow.call == call)
    query = query.order_by(LegQualityRow.offer, LegQualityRow.side.desc())
    return [LegQuality(*row) for row in await connection.execute(query)]


async def of_offer(connection: AsyncConnection, offer: str) -> list[LegQuality]:
    """Both sides of one leg, the caller's first."""
    query = select(*_COLUMNS).where(LegQualityRow.offer == offer).order_by(LegQualityRow.side.desc())
    return [LegQuality(*row) for row in await connection.execute(query)]


async def find(
    connection: AsyncConnection,
    bounds: tuple[datetime, datetime] | None,
    party: str,
    problem: str,
    bad: bool,
    limit: int,
    offset: int,
    part: Part | None = None,
) -> list[LegQuality]:
    """The latest first; `problem`: only those with this one; `bad`: only those with any; `part`: only legs of this part."""
    query: Select[Any] = select(*_COLUMNS)
    if bounds:
        query = query.where(LegQualityRow.measured_at >= bounds[0], LegQualityRow.measured_at < bounds[1])
    if part is not None:
        query = query.where(lines_of(part))
    if party:
        query = query.where(LegQualityRow.party == party)
    if problem:
        query = query.where(LegQualityRow.problems.contains([problem]))
    if bad:
        query = query.where(LegQualityRow.problems != [])
    query = query.order_by(
        LegQualityRow.measured_at.desc(), LegQualityRow.call, LegQualityRow.offer, LegQualityRow.side
    )
    rows = await connection.execute(query.limit(max(1, min(limit, LONGEST_PAGE))).offset(offset))
    return [LegQuality(*row) for row in rows]
