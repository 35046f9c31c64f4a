"""PostgreSQL is not there at the start, is away under calls, and is killed in the middle of a write: no call waits on it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Caller, Phone
from tests.calls.support.faults import TroubledHouse, figures
from tests.calls.support.full_system import BRISK_KEY_AFTER_S
from tests.support.waiting import eventually

AWAY_S = 15.0
"""A full minute shows nothing more, and may be set here."""


async def test_not_there_at_the_start_away_under_calls_and_killed(tmp_path: Path):
    house = TroubledHouse(tmp_path, brisk=True)
    house.database_at_start = False
    async with house:
        # Not there at the start: the house serves, and says what it lacks.
        assert (await house.ask("GET", "/health"))["status"] == "degraded"
        await house.staffed(("1001", "1002"), Phone(ring_s=0.2, talk_s=(2.5, 4.0)))
        day = Caller("95001", "[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S)
        await house.caller(day, 3, 1.0, [[f"1390000000{number}"] for number in range(3)])
        await house.row(Kind.ENDED, count=3)
        await asyncio.to_thread(house.database.start)
        at = datetime.now(UTC)
        house.database_at_start = True
        await house.caught_up()
        assert len(await house.store.calls()) == 3
        figures("PostgreSQL not there at the start", 1, house.lost(), (datetime.now(UTC) - at).total_seconds())

        # Stopped under calls: offers go on, the log spools, and it catches up.
        await house.caller(day, 12, 0.8, [[f"139000001{number:02d}"] for number in range(12)])
        await house.row(Kind.CONNECTED, count=4)
        await asyncio.to_thread(house.database.stop)
        at = datetime.now(UTC)

        async def told() -> bool:
            checks = await house.checks()
            return not checks["store"] and not checks["shipper"]

        await eventually(told, "the health's saying so")
        await eventually(lambda: (datetime.now(UTC) - at).total_seconds() > AWAY_S)
        offers = [moment for moment, row in house.log() if row.kind is Kind.OFFERED and moment > at]
        assert len(offers) > 3
        assert (await house.state())["pbx"]
        await asyncio.to_thread(house.database.start)
        at = datetime.now(UTC)
        await house.well("store", "shipper")
        await house.caught_up()
        caught_up_s = (datetime.now(UTC) - at).total_seconds()
        figures(f"PostgreSQL stopped for {AWAY_S:.0f} s under calls", 1, house.lost(), caught_up_s)

        # Killed in the middle of writes, and at once there again.
        await house.row(Kind.ENDED, count=8)
        back: list[float] = []
        for _ in range(3):
            await house.next_row()
            await asyncio.to_thread(house.database.kill)
            await asyncio.to_thread(house.database.start)
            at = datetime.now(UTC)
            await house.well("store", "shipper")
            back.append((datetime.now(UTC) - at).total_seconds())
        await house.row(Kind.ENDED, count=15)
        assert set(house.endings().values()) == {Ending.ANSWERED}
        await house.caught_up()
        assert len(await house.store.calls()) == 15
        assert await house.store.dead_letters() == 0
        figures("PostgreSQL killed in the middle of a write", 3, house.lost(), max(back))
