"""A daemon that runs for years: the days ahead are told the engine again when they are other than it was told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from acd import config as configuration
from acd.config import Config
from acd.daemon.new_day import NewDay

ZONE = ZoneInfo("Asia/Shanghai")
CONFIG: dict[str, Any] = {
    "hotline": {"hours": ["mon-fri 08:00-20:00"]},
    "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
}


class House:
    """A clock that the test moves, and what the engine was told."""

    def __init__(self, **more: Any) -> None:
        self.config: Config = configuration.check({**CONFIG, **more})
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)
        self.told = 0
        self.days = NewDay(lambda: self.config, lambda: self.now, lambda: ZONE, self.tell)

    def tell(self) -> None:
        self.told += 1

    async def passes(self, days: int) -> int:
        """How often the engine was told within so many days."""
        before = self.told
        for _ in range(days):
            self.now += timedelta(days=1)
            await self.days.look()
            await self.days.look()
        return self.told - before


async def test_a_holiday_that_comes_within_reach_is_told_without_a_reload():
    house = House(holidays={"days": {"2027-06-01": "closed"}})
    await house.days.look()
    # 400 days from the day before on: it is reached on the 28th of April, and left behind a year later.
    assert await house.passes(56) == 0
    assert await house.passes(3) == 1
    assert await house.passes(300) == 0
    assert house.told == 1


async def test_a_configuration_that_came_into_force_was_told_then():
    house = House(holidays={"days": {"2027-06-01": "closed"}})
    await house.days.look()
    await house.passes(56)
    house.config = configuration.check({**CONFIG, "holidays": {"days": {"2027-06-01": "closed"}}})
    assert await house.passes(3) <= 1
    house.config = configuration.check(CONFIG)
    assert await house.passes(400) == 0, "a hotline without days of its own has nothing to be told"
