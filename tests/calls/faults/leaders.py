"""Several daemons of one house (rows A6-A8): one leads; what befalls the leader is made good by who stands by."""

import asyncio
import random
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from acd.engine.commands import Kind
from acd.processes.leader_lease import Leader, began_at, standbys
from acd.processes.upgrade import UpgradeSocket
from acd.sipp.actors import Phone
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.faults.house import FaultHouse
from tests.pbx.house import eventually


async def a6(house: FaultHouse, tries: int, seed: int) -> list[Figures]:
    """The leader is frozen for good with a second daemon beside it: ended, followed, and nothing of it ever done late."""
    figures = Figures("A6", "daemon frozen (SIGSTOP), another stands by", tries, until="the next leader in step")
    took: list[float] = []
    async with house.fault():
        await house.staffed(house.agents[:2], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        for number in range(1, tries + 1):
            async with house.another_daemon():
                found = _founds(house)
                process = house.parts["daemon"].process
                assert process is not None
                starts = house.parts["daemon"].starts
                async with house.frozen("daemon") as frozen:
                    await house.crowd(2)
                    moment, _ = await house.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", found + 1)
                    took.append((moment - frozen.at).total_seconds())
                assert began_at(process.pid) == 0, "the frozen one may wake up and act"
                await house.row(Kind.ENDED, count=2 * number)
                await house.daemon_started_again(starts)
            await eventually(house.leader, "a leader after the other was sent away")
            await house.serving()
        assert house.alarms().count("daemon frozen") == tries
        house.none_offered_twice()
        all_answered(house)
    figures.calls, figures.lost, figures.recovered_s = house.verdict.calls, house.verdict.lost, took
    figures.note = "ended before anybody takes over: nothing of it is done late"
    return [figures]


async def a7(house: FaultHouse, tries: int, seed: int) -> list[Figures]:
    """Three daemons of one house: one leads, and when it is killed another does at once. `tries`: kills."""
    chance = random.Random(seed)
    figures = Figures("A7", "three daemons, the leader killed", tries, seed=seed, until="another in step")
    took: list[float] = []
    seen: set[int] = set()
    async with house.fault():
        async with AsyncExitStack() as others:
            await house.staffed(house.agents[:3], Phone(ring_s=0.3, talk_s=(1.7, 2.5)))
            calls = 3 * tries + 3
            await house.crowd(calls, rate=1.0)
            for _ in range(tries):
                for _ in range(2 - len(standbys(house.installation.run))):
                    await others.enter_async_context(house.another_daemon())
                await eventually(house.leader, "a leader")
                looking = asyncio.create_task(_note(house, seen))
                await asyncio.sleep(chance.uniform(0.5, 1.5))
                looking.cancel()
                assert len(seen) == 1, f"seed {seed}: {seen} led"
                seen.clear()
                found = _founds(house)
                leader = Leader.of(house.installation.run)
                assert leader is not None
                at = datetime.now(UTC)
                leader.kill()
                moment, _ = await house.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", found + 1)
                took.append((moment - at).total_seconds())
            await house.row(Kind.ENDED, count=calls)
            house.none_offered_twice()
            all_answered(house, seed)
        await eventually(house.leader, "a leader after the others were sent away")
        await house.serving()
    figures.calls, figures.lost, figures.recovered_s = house.verdict.calls, house.verdict.lost, took
    figures.note = "one leader at every look, five looks a second"
    return [figures]


async def a8(house: FaultHouse, tries: int, seed: int) -> list[Figures]:
    """`sanxiang drain` under load: how long nobody decides."""
    figures = Figures("A8", "upgrade under load (`sanxiang drain`)", tries, until="the next decision")
    async with house.fault(), UpgradeSocket(house.supervisor, house.installation):
        await house.staffed(house.agents[:3], Phone(ring_s=0.4, talk_s=(1.7, 3.0)))
        calls = 4 * tries + 3
        await house.crowd(calls, rate=1.0)
        await house.row(Kind.CONNECTED)
        pauses = []
        for _ in range(tries):
            status, _, complaints = await house.sanxiang("drain")
            assert status == 0, complaints
            leader = Leader.of(house.installation.run)
            assert leader is not None and leader.pause_s is not None
            pauses.append(leader.pause_s)
        await house.row(Kind.ENDED, count=calls)
        house.none_offered_twice()
        all_answered(house)
    figures.calls, figures.lost, figures.recovered_s = house.verdict.calls, house.verdict.lost, pauses
    return [figures]


def _founds(house: FaultHouse) -> int:
    return len([row for row in house.of(Kind.PBX) if row.detail["state"] == "found"])


async def _note(house: FaultHouse, seen: set[int]) -> None:
    while True:
        if leader := house.leader():
            seen.add(leader)
        await asyncio.sleep(0.2)
