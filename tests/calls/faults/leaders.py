"""Several daemons of one house (rows A6-A8): one leads; what befalls the leader is made good by who stands by."""

import asyncio
import random
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from acd.engine.commands import Kind
from acd.processes.leader import Leader, began_at, standbys
from acd.processes.upgrade import UpgradeSocket
from acd.sipp.actors import Phone
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.support.waiting import eventually


async def a6(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The leader is frozen for good with a second daemon beside it: ended, followed, and nothing of it ever done late."""
    figures = Figures("A6", "daemon frozen (SIGSTOP), another stands by", tries, until="the next leader in step")
    took: list[float] = []
    async with system.trials.fault():
        await system.staffed(system.agents[:2], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        for number in range(1, tries + 1):
            async with system.leaders.another_daemon():
                found = _founds(system)
                process = system.parts["daemon"].process
                assert process is not None
                starts = system.parts["daemon"].starts
                async with system.faults.frozen("daemon") as frozen:
                    await system.trials.crowd(2)
                    moment, _ = await system.log.timed_row(
                        Kind.PBX, lambda row: row.detail["state"] == "found", found + 1
                    )
                    took.append((moment - frozen.at).total_seconds())
                assert began_at(process.pid) == 0, "the frozen one may wake up and act"
                await system.log.row(Kind.ENDED, count=2 * number)
                await system.faults.started_again("daemon", starts)
            await eventually(system.leaders.leader, "a leader after the other was sent away")
            await system.serving()
        assert system.log.alarms().count("daemon frozen") == tries
        system.log.none_offered_twice()
        all_answered(system)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, took
    figures.note = "ended before anybody takes over: nothing of it is done late"
    return [figures]


async def a7(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Three daemons of one house: one leads, and when it is killed another does at once. `tries`: kills."""
    chance = random.Random(seed)
    figures = Figures("A7", "three daemons, the leader killed", tries, seed=seed, until="another in step")
    took: list[float] = []
    seen: set[int] = set()
    async with system.trials.fault():
        async with AsyncExitStack() as others:
            await system.staffed(system.agents[:3], Phone(ring_s=0.3, talk_s=(1.7, 2.5)))
            calls = 3 * tries + 3
            await system.trials.crowd(calls, rate=1.0)
            for _ in range(tries):
                for _ in range(2 - len(standbys(system.installation.run))):
                    await others.enter_async_context(system.leaders.another_daemon())
                await eventually(system.leaders.leader, "a leader")
                looking = asyncio.create_task(_note(system, seen))
                await asyncio.sleep(chance.uniform(0.5, 1.5))
                looking.cancel()
                assert len(seen) == 1, f"seed {seed}: {seen} led"
                seen.clear()
                found = _founds(system)
                leader = Leader.of(system.installation.run)
                assert leader is not None
                at = datetime.now(UTC)
                leader.kill()
                moment, _ = await system.log.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", found + 1)
                took.append((moment - at).total_seconds())
            await system.log.row(Kind.ENDED, count=calls)
            system.log.none_offered_twice()
            all_answered(system, seed)
        await eventually(system.leaders.leader, "a leader after the others were sent away")
        await system.serving()
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, took
    figures.note = "one leader at every look, five looks a second"
    return [figures]


async def a8(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """`sanxiang drain` under load: how long nobody decides."""
    figures = Figures("A8", "upgrade under load (`sanxiang drain`)", tries, until="the next decision")
    async with system.trials.fault(), UpgradeSocket(system.supervisor, system.installation):
        await system.staffed(system.agents[:3], Phone(ring_s=0.4, talk_s=(1.7, 3.0)))
        calls = 4 * tries + 3
        await system.trials.crowd(calls, rate=1.0)
        await system.log.row(Kind.CONNECTED)
        pauses = []
        for _ in range(tries):
            status, _, complaints = await system.sanxiang("drain")
            assert status == 0, complaints
            leader = Leader.of(system.installation.run)
            assert leader is not None and leader.pause_s is not None
            pauses.append(leader.pause_s)
        await system.log.row(Kind.ENDED, count=calls)
        system.log.none_offered_twice()
        all_answered(system)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, pauses
    return [figures]


def _founds(system: FaultTableSystem) -> int:
    return len([row for row in system.log.of(Kind.PBX) if row.detail["state"] == "found"])


async def _note(system: FaultTableSystem, seen: set[int]) -> None:
    while True:
        if leader := system.leaders.leader():
            seen.add(leader)
        await asyncio.sleep(0.2)
