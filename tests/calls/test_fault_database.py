"""PostgreSQL is not there at the start, is away under calls, and is killed in the middle of a write: no call waits on it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Caller, Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.full_system import FullSystem
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.support.waiting import eventually

AWAY_S = 15.0
"""A full minute shows nothing more, and may be set here."""


async def test_not_there_at_the_start_away_under_calls_and_killed(tmp_path: Path):
    system = FullSystem(tmp_path, brisk=True)
    system.database_at_start = False
    async with system:
        # Not there at the start: the house serves, and says what it lacks.
        assert (await system.ask("GET", "/health"))["status"] == "degraded"
        await system.staffed(("1001", "1002"), Phone(ring_s=0.2, talk_s=(2.5, 4.0)))
        day = Caller("95001", "[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S)
        await system.caller(day, 3, 1.0, [[f"1390000000{number}"] for number in range(3)])
        await system.log.row(Kind.ENDED, count=3)
        await asyncio.to_thread(system.database.start)
        at = datetime.now(UTC)
        system.database_at_start = True
        await system.caught_up()
        assert len(await system.store.calls()) == 3
        report_figures(
            "PostgreSQL not there at the start", 1, system.log.lost(), (datetime.now(UTC) - at).total_seconds()
        )

        # Stopped under calls: offers go on, the log spools, and it catches up.
        await system.caller(day, 12, 0.8, [[f"139000001{number:02d}"] for number in range(12)])
        await system.log.row(Kind.CONNECTED, count=4)
        await asyncio.to_thread(system.database.stop)
        at = datetime.now(UTC)

        async def told() -> bool:
            checks = await system.checks()
            return not checks["store"] and not checks["shipper"]

        await eventually(told, "the health's saying so")
        await eventually(lambda: (datetime.now(UTC) - at).total_seconds() > AWAY_S)
        offers = [moment for moment, row in system.log.rows() if row.kind is Kind.OFFERED and moment > at]
        assert len(offers) > 3
        assert (await system.state())["pbx"]
        await asyncio.to_thread(system.database.start)
        at = datetime.now(UTC)
        await system.well("store", "shipper")
        await system.caught_up()
        caught_up_s = (datetime.now(UTC) - at).total_seconds()
        report_figures(f"PostgreSQL stopped for {AWAY_S:.0f} s under calls", 1, system.log.lost(), caught_up_s)

        # Killed in the middle of writes, and at once there again.
        await system.log.row(Kind.ENDED, count=8)
        # Others dial meanwhile: on a busy machine the twelve are over before the third kill, and nothing would be written.
        await system.caller(day, 12, 0.8, [[f"139000002{number:02d}"] for number in range(12)])
        back: list[float] = []
        for _ in range(3):
            await system.log.next_row()
            await asyncio.to_thread(system.database.kill)
            await asyncio.to_thread(system.database.start)
            at = datetime.now(UTC)
            await system.well("store", "shipper")
            back.append((datetime.now(UTC) - at).total_seconds())
        await system.log.row(Kind.ENDED, count=27)
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        await system.caught_up()
        assert len(await system.store.calls()) == 27
        assert await system.store.dead_letters() == 0
        report_figures("PostgreSQL killed in the middle of a write", 3, system.log.lost(), max(back))
