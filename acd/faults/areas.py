"""The areas that customers' records have."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.customer_tables import CustomerRow

MOST = 5000


async def known_areas(connection: AsyncConnection) -> list[str]:
    """Sorted, each once. DatabaseAway."""
    wanted = select(CustomerRow.area).where(CustomerRow.area != "").distinct().order_by(CustomerRow.area).limit(MOST)
    return [str(area) for (area,) in await connection.execute(wanted)]
