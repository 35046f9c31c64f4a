"""What falls is started again; what the supervisor leaves behind is nothing."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from acd.processes import leader_lease
from acd.processes import supervisor as supervisors
from acd.processes.leader_lease import Leader, began_at, standbys
from acd.processes.supervisor import Child, NotReplaced, Supervisor
from tests.processes.test_leader_lease import PROGRAM
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal,time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)",
]


def child(folder: Path, name: str, argv: list[str], **more: float) -> Child:
    for part in ("log", "run"):
        (folder / part).mkdir(exist_ok=True)
    return Child(name, argv, folder / "log" / f"{name}.log", env={"PATH": os.environ["PATH"]}, **more)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    return began_at(pid) != 0


async def test_a_child_that_is_killed_is_started_again_and_its_neighbour_is_left_alone(tmp_path: Path):
    first, second = child(tmp_path, "first", SLEEPER), child(tmp_path, "second", SLEEPER)
    supervisor = Supervisor([first, second])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: second.process)
    assert first.process and second.process
    pid, neighbour = first.process.pid, second.process.pid
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: first.starts == 2)
    assert first.process.pid != pid
    assert second.process.pid == neighbour
    assert first.pid_file.read_text() == str(first.process.pid)
    supervisor.stop()
    await running
    assert not alive(first.process.pid)
    assert not alive(neighbour)
    assert not first.pid_file.exists()


async def test_a_child_that_ignores_the_wish_to_stop_is_killed(tmp_path: Path):
    stubborn = child(tmp_path, "stubborn", STUBBORN, stop_within_s=0.2)
    supervisor = Supervisor([stubborn])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: stubborn.log_file.exists() and stubborn.log_file.read_text())
    supervisor.stop()
    await running
    assert stubborn.process
    assert stubborn.process.returncode == -signal.SIGKILL


async def test_one_is_replaced_by_another_once_that_is_ready(tmp_path: Path):
    part = child(tmp_path, "part", SLEEPER)
    supervisor = Supervisor([part])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: part.process)
    old = part.process
    assert old
    ready = False
    newcomer = replace(part, process=None)
    replacing = asyncio.create_task(supervisor.replace(part, newcomer, lambda: ready))
    await eventually(lambda: newcomer.process)
    assert alive(old.pid)
    ready = True
    await replacing
    assert part.process is newcomer.process
    assert not alive(old.pid)
    assert newcomer.process
    # From now on the new one is kept up.
    newcomer.process.kill()
    await eventually(lambda: part.process is not newcomer.process)
    supervisor.stop()
    await running
    assert part.process
    assert not alive(part.process.pid)


async def test_one_that_does_not_come_up_replaces_nobody(tmp_path: Path):
    part = child(tmp_path, "part", SLEEPER)
    supervisor = Supervisor([part])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: part.process)
    broken = replace(part, argv=[sys.executable, "-c", "raise SystemExit(3)"], process=None)
    with pytest.raises(NotReplaced, match="the old one goes on"):
        await supervisor.replace(part, broken, lambda: False)
    slow = replace(part, process=None)
    with pytest.raises(NotReplaced):
        await supervisor.replace(part, slow, lambda: False, within_s=0.1)
    assert slow.process
    assert slow.process.returncode is not None
    assert part.process
    assert part.process.returncode is None
    assert part.pid_file.read_text() == str(part.process.pid)
    supervisor.stop()
    await running


async def test_who_leaves_in_his_own_time_is_gone_with_the_house(tmp_path: Path):
    part = child(tmp_path, "part", STUBBORN, stop_within_s=0.2)
    supervisor = Supervisor([part])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: part.log_file.exists() and part.log_file.read_text())
    old = part.process
    assert old
    await supervisor.replace(part, replace(part, process=None), lambda: True, linger_s=600)
    assert old.returncode is None
    supervisor.stop()
    await running
    assert not alive(old.pid)
    assert part.process
    assert not alive(part.process.pid)


@pytest.fixture
async def led(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Child]:
    """A daemon that beats, under a supervisor who loses patience after a moment."""
    monkeypatch.setattr(supervisors, "BEAT_S", 0.05)
    monkeypatch.setattr(supervisors, "SUSPECT_S", 0.2)
    monkeypatch.setattr(leader_lease, "FROZEN_S", 600.0)
    part = child(tmp_path, "daemon", [sys.executable, "-c", PROGRAM, str(tmp_path), "1"])
    part.beats, part.env = True, dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    supervisor = Supervisor([part])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: leads(part))
    yield part
    supervisor.stop()
    await running


def leads(part: Child) -> bool:
    leader = Leader.of(part.run)
    return leader is not None and leader.serving and part.process is not None and leader.pid == part.process.pid


async def test_one_that_fell_is_followed_by_whom_its_keeper_starts_however_long_he_pauses(led: Child):
    led.back_off_s = (2.0,)
    os.kill(led.process.pid if led.process else 0, signal.SIGKILL)
    old = Leader.of(led.run)
    await eventually(lambda: Leader.of(led.run) != old)
    await eventually(lambda: Leader.of(led.run) and Leader.of(led.run).serving)  # type: ignore[union-attr]
    assert leads(led)
    assert led.starts == 2
    assert not standbys(led.run)


async def test_a_spare_that_comes_to_lead_before_its_time_is_kept_and_nobody_beside_it(led: Child):
    """It ends the frozen one itself here, and the keeper starts another: that one is too many."""
    frozen = led.process.pid if led.process else 0
    os.kill(frozen, signal.SIGSTOP)
    await eventually(lambda: not alive(frozen))
    await eventually(lambda: leads(led) and not standbys(led.run))
    spare = led.process
    await asyncio.sleep(0.5)
    assert led.process is spare
    assert leads(led)
    assert not standbys(led.run)
    assert spare is not None and spare.returncode is None


async def test_nothing_is_left_when_the_supervisor_itself_is_killed(tmp_path: Path):
    program = textwrap.dedent(f"""
        import asyncio, sys
        from pathlib import Path
        sys.path.insert(0, {str(ROOT)!r})
        from tests.processes.test_supervisor import SLEEPER, child
        from acd.processes.supervisor import Supervisor
        asyncio.run(Supervisor([child(Path({str(tmp_path)!r}), "sleeper", SLEEPER)]).run())
    """)
    above = subprocess.Popen([sys.executable, "-c", program])
    pid_file = tmp_path / "run" / "sleeper.pid"
    await eventually(lambda: pid_file.exists() and pid_file.read_text())
    pid = int(pid_file.read_text())
    assert alive(pid)
    above.kill()
    above.wait()
    await eventually(lambda: not alive(pid))
