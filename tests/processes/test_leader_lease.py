"""Who leads a state folder: real processes, real locks, and one of them frozen."""

import asyncio
import itertools
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from acd.processes import leader_lease
from acd.processes.leader import Leader, began_at, own_space, standbys
from acd.processes.leader_lease import BeatWatch, Lease
from acd.setup.installation import Installation
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, sys
from pathlib import Path
from acd.processes import leader_lease
from acd.setup.installation import Installation
leader_lease.BEAT_S, leader_lease.FROZEN_S = 0.05, 0.5

async def main():
    mine = leader_lease.Lease(Installation.at(Path(sys.argv[1])))
    journal = await mine.taken()
    mine.serving(int(sys.argv[2]), None)
    await mine.beats()

asyncio.run(main())
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setattr(leader_lease, "BEAT_S", 0.05)
    monkeypatch.setattr(leader_lease, "FROZEN_S", 0.5)
    return Installation.at(tmp_path / "state")


class Daemons:
    def __init__(self, house: Installation) -> None:
        self._house = house
        self.all: list[asyncio.subprocess.Process] = []

    async def another(self) -> int:
        argv = (sys.executable, "-c", PROGRAM, str(self._house.state), str(len(self.all) + 1))
        self.all.append(await asyncio.create_subprocess_exec(*argv))
        return self.all[-1].pid


@pytest.fixture
async def daemons(house: Installation) -> AsyncIterator[Daemons]:
    made = Daemons(house)
    yield made
    for process in made.all:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def leads(house: Installation) -> int:
    found = Leader.of(house.run)
    return found.pid if found and found.lives else 0


async def test_the_second_stands_by_and_follows_the_first_who_is_killed(house: Installation, daemons: Daemons):
    first = await daemons.another()
    await eventually(lambda: leads(house) == first)
    second, third = await daemons.another(), await daemons.another()
    await eventually(lambda: set(standbys(house.run)) == {second, third})
    assert leads(house) == first
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: leads(house) in (second, third))
    await eventually(lambda: len(standbys(house.run)) == 1)
    assert standbys(house.run) == [({second, third} - {leads(house)}).pop()]


async def test_a_frozen_leader_is_ended_and_his_follower_knows_why(house: Installation, daemons: Daemons):
    first = await daemons.another()
    await eventually(lambda: leads(house) == first and leader_lease.read_beat(house.run) > 2)
    mine = Lease(house)
    taking = asyncio.create_task(mine.taken())
    await eventually(lambda: standbys(house.run) == [os.getpid()])
    os.kill(first, signal.SIGSTOP)
    journal = await asyncio.wait_for(taking, 60)
    assert await daemons.all[0].wait() == -signal.SIGKILL
    assert f"process {first} gave no sign of life" in mine.trouble
    assert leads(house) == os.getpid()
    assert standbys(house.run) == []
    mine.hand_over(1.0)
    journal.close()
    again = Lease(house)
    (await again.taken()).close()
    assert again.trouble == ""  # said once


async def test_a_leader_who_beats_is_left_alone_and_a_pid_given_to_another_too(house: Installation, daemons: Daemons):
    first = await daemons.another()
    await eventually(lambda: leader_lease.read_beat(house.run) > 2)
    watch = BeatWatch(house.run)
    for _ in range(30):
        assert watch.frozen() is None
        await asyncio.sleep(leader_lease.BEAT_S)
    stranger = Leader(first, began_at(first) - 1, own_space())
    assert not stranger.lives
    assert not stranger.kill()
    elsewhere = Leader(first, began_at(first), own_space() + 1)  # the same numbers in another container
    assert elsewhere.lives
    assert not elsewhere.kill()
    assert daemons.all[0].returncode is None


async def test_who_gets_no_cpu_is_not_frozen(house: Installation, daemons: Daemons, monkeypatch: pytest.MonkeyPatch):
    first = await daemons.another()
    await eventually(lambda: leads(house) == first and leader_lease.read_beat(house.run) > 2)
    os.kill(first, signal.SIGSTOP)
    starved_s = itertools.count(0, 10.0)
    monkeypatch.setattr(leader_lease, "starved", lambda pid: next(starved_s))
    watch = BeatWatch(house.run)
    for _ in range(30):
        assert watch.frozen() is None
        await asyncio.sleep(leader_lease.BEAT_S)
    monkeypatch.setattr(leader_lease, "starved", lambda pid: 1e6)
    await eventually(watch.frozen)
    assert watch.leader == watch.frozen()


async def test_a_process_that_must_share_the_cpu_says_so():
    # Both on one CPU: each waits for about half of the time.
    cpu = {min(os.sched_getaffinity(0))}
    busy = [await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass") for _ in range(2)]
    try:
        for process in busy:
            os.sched_setaffinity(process.pid, cpu)
        before = leader_lease.starved(busy[0].pid)
        await eventually(lambda: leader_lease.starved(busy[0].pid) > before + 0.2)
        os.kill(busy[0].pid, signal.SIGSTOP)
        await asyncio.sleep(0.1)
        stopped = leader_lease.starved(busy[0].pid)
        await asyncio.sleep(0.5)
        assert leader_lease.starved(busy[0].pid) == pytest.approx(stopped, abs=0.01)
    finally:
        for process in busy:
            process.kill()
            await process.wait()


async def test_a_follower_knows_since_when_nobody_decided(house: Installation):
    first = Lease(house)
    journal = await first.taken()
    second = Lease(house)
    taking = asyncio.create_task(second.taken())
    await eventually(lambda: standbys(house.run))
    decided_until = time.monotonic()
    first.hand_over(decided_until)
    journal.close()
    (await taking).close()
    assert second.pause_from == pytest.approx(decided_until)
    third = Lease(house)
    (await third.taken()).close()
    assert third.pause_from is None


def test_what_one_that_stood_by_and_was_killed_left_behind_is_cleared_away(house: Installation):
    (house.run / "standby.999999").touch()
    assert standbys(house.run) == []
    assert not list(house.run.glob("standby.*"))
