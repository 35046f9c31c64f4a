"""What falls is started again; what the supervisor leaves behind is nothing."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from acd.processes import leader_lease
from acd.processes import supervisor as supervisors
from acd.processes.child import Child
from acd.processes.leader import Leader, began_at, standbys
from acd.processes.leader_lease import read_beat
from acd.processes.supervisor import END_REQUEST, KeeperEnded, NotReplaced, Supervisor
from acd.processes.up import _run
from acd.processes.upgrade import Programs
from acd.setup.users import ProcessUser
from tests.processes.test_leader_lease import PROGRAM
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

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


Mend = Callable[[], object]


def void(value: object) -> None:
    """For a lambda that gives nothing back."""


def log_can_t_be_opened(part: Child, monkeypatch: pytest.MonkeyPatch) -> Mend:
    """For good: a folder has taken the log's name."""
    part.log_file.unlink()
    part.log_file.mkdir()
    return lambda: None


def no_space_for_the_log(part: Child, monkeypatch: pytest.MonkeyPatch) -> Mend:
    part.log_file.unlink()
    real = os.open

    def full(path: Any, *args: Any, **more: Any) -> int:
        if path == part.log_file:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, *args, **more)

    monkeypatch.setattr(os, "open", full)
    return lambda: None


def no_space_for_the_pid_file(part: Child, monkeypatch: pytest.MonkeyPatch) -> Mend:
    """The kernel itself says ENOSPC, after the fork."""
    part.pid_file.unlink()
    part.pid_file.symlink_to("/dev/full")
    return lambda: None


def pid_file_s_folder_gone(part: Child, monkeypatch: pytest.MonkeyPatch) -> Mend:
    moved = part.run.rename(part.run.with_name("elsewhere"))
    return lambda: moved.rename(part.run)


def no_process_to_be_had(part: Child, monkeypatch: pytest.MonkeyPatch) -> Mend:
    """fork says EAGAIN, twice."""
    real, left = asyncio.create_subprocess_exec, [1, 2]

    async def short(*args: Any, **more: Any) -> Any:
        if left:
            left.pop()
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return await real(*args, **more)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", short)
    return lambda: None


def program_not_there(part: Child, monkeypatch: pytest.MonkeyPatch) -> Mend:
    """As while somebody installs another version."""
    program = Path(part.argv[0])
    moved = program.rename(program.with_name("moved"))
    return lambda: moved.rename(program)


def fault_of_ours_before_the_start(part: Child, monkeypatch: pytest.MonkeyPatch) -> Mend:
    needed: dict[str, str] = {}
    part.before_start = lambda: void(needed["not there"])
    return lambda: needed.update({"not there": "now it is"})


CAUSES = [
    (log_can_t_be_opened, 0),
    (no_space_for_the_log, 0),
    (no_space_for_the_pid_file, 0),
    (pid_file_s_folder_gone, 0),
    (no_process_to_be_had, 2),
    (program_not_there, 1),
    (fault_of_ours_before_the_start, 1),
]


@pytest.mark.parametrize(("cause", "failed_at_least"), CAUSES, ids=lambda each: getattr(each, "__name__", ""))
async def test_a_start_that_goes_wrong_ends_the_keeping_of_nobody(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cause: Callable[[Child, pytest.MonkeyPatch], Mend],
    failed_at_least: int,
):
    program = tmp_path / "program"
    program.symlink_to(sys.executable)
    part = child(tmp_path, "part", [str(program), *SLEEPER[1:]])
    part.back_off_s = (0.01, 0.05)
    supervisor = Supervisor([part])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: part.starts == 1 and part.pid_file.exists())
    assert part.process
    first = part.process
    mend = cause(part, monkeypatch)
    with structlog.testing.capture_logs() as lines:
        first.kill()
        await eventually(lambda: part.starts == 2 or part.failed_starts >= max(1, failed_at_least))
        mend()
        await eventually(lambda: part.starts == 2 and part.process is not first and part.runs)
        await eventually(
            lambda: part.pid_file.is_file() and part.pid_file.read_text() == str(part.process and part.process.pid)
        )
    assert part.failed_starts >= failed_at_least
    assert len([line for line in lines if line["log_level"] == "error"]) >= 2, "it ended, and what went wrong"
    # The one that was started under such conditions is kept like any other.
    second = part.process
    second.kill()
    await eventually(lambda: part.starts == 3 and part.process is not second and part.runs)
    supervisor.stop()
    await running
    assert not alive(part.process.pid)


async def test_after_a_start_that_failed_the_longest_pause_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    part = child(tmp_path, "part", SLEEPER)
    part.back_off_s = (0.0, 600.0)
    supervisor = Supervisor([part])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: part.starts == 1)
    part.before_start = lambda: void(dict[str, str]()["not there"])
    assert part.process
    part.process.kill()
    await eventually(lambda: part.failed_starts == 1)
    await asyncio.sleep(0.3)
    assert part.failed_starts == 1
    supervisor.stop()
    await running


async def test_a_keeper_that_ends_ends_the_supervisor_and_all_that_it_keeps(tmp_path: Path):
    """So that systemd starts all of it again, rather than to look on at one that keeps nobody."""
    first, second = child(tmp_path, "first", SLEEPER), child(tmp_path, "second", SLEEPER)
    supervisor = Supervisor([first, second])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: second.starts == 1)
    first.back_off_s = ()  # a fault in the keeper itself: there is no pause to choose
    assert first.process
    assert second.process
    first.process.kill()
    async with asyncio.timeout(20):
        with pytest.raises(KeeperEnded, match=r'"keep first".*IndexError') as ended:
            await running
    assert isinstance(ended.value.__cause__, IndexError)
    assert not alive(second.process.pid)
    assert not second.pid_file.exists()


async def test_a_keeper_that_somebody_cancels_ends_the_supervisor_too(tmp_path: Path):
    part = child(tmp_path, "part", SLEEPER)
    supervisor = Supervisor([part])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: part.starts == 1)
    [keeper] = [task for task in asyncio.all_tasks() if task.get_name() == "keep part"]
    keeper.cancel()
    async with asyncio.timeout(20):
        with pytest.raises(KeeperEnded, match="cancelled"):
            await running
    assert part.process
    assert not alive(part.process.pid)


async def test_of_two_whose_end_goes_wrong_the_other_is_stopped_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first, second = child(tmp_path, "first", SLEEPER), child(tmp_path, "second", SLEEPER)
    supervisor = Supervisor([first, second])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: second.starts == 1)
    assert first.process
    assert second.process
    second.pid_file.unlink()
    second.pid_file.mkdir()  # stopped first, and its pid file can't be removed
    supervisor.stop()
    async with asyncio.timeout(20):
        await running
    assert not alive(first.process.pid)
    assert not alive(second.process.pid)


async def test_up_ends_with_an_exit_code_when_a_keeper_has_ended(tmp_path: Path):
    """As `up` runs it: what systemd sees is a unit that failed."""
    program = textwrap.dedent(f"""
        import asyncio, os, sys
        from pathlib import Path
        sys.path.insert(0, {str(ROOT)!r})
        from tests.processes.test_supervisor import SLEEPER, child
        from acd.processes.supervisor import Supervisor
        from acd.processes.up import _run

        async def main():
            part = child(Path({str(tmp_path)!r}), "sleeper", SLEEPER)
            supervisor = Supervisor([part])
            running = asyncio.create_task(_run(supervisor, None))
            while not part.starts:
                await asyncio.sleep(0.01)
            part.back_off_s = ()
            part.process.kill()
            await running

        asyncio.run(main())
    """)
    ended = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], timeout=30, capture_output=True)
    assert ended.returncode == 1
    assert b"KeeperEnded" in ended.stderr


@pytest.mark.parametrize("stopped", [True, False])
async def test_what_runs_beside_may_fail_when_the_hotline_is_stopped_and_only_then(tmp_path: Path, stopped: bool):
    """A demo that is ended while it asks the daemon something: the daemon goes first, and the question fails."""
    part = child(tmp_path, "part", SLEEPER)
    supervisor = Supervisor([part])

    async def asks_the_daemon() -> None:
        await eventually(lambda: part.starts == 1)
        if stopped:
            supervisor.stop()
        raise ConnectionError("the daemon has ended")

    async with asyncio.timeout(20):
        if stopped:
            await _run(supervisor, asks_the_daemon)
        else:
            with pytest.raises(ConnectionError, match="the daemon has ended"):
                await _run(supervisor, asks_the_daemon)
    assert part.process
    assert not alive(part.process.pid)


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
    await eventually(lambda: leads(part) and read_beat(part.run))  # one that never beat is given a minute
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
    await eventually(lambda: led.process and led.process.pid != frozen and leads(led) and not standbys(led.run))
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


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start processes of other users")
OTHER = ProcessUser(61002, 61012, (61013,), 0o007)


@needs_root
async def test_a_child_of_another_user_has_its_ids_its_umask_and_no_capability(tmp_path: Path):
    program = ["/bin/sh", "-c", "grep -E '^(Uid|Gid|Groups|CapEff|CapAmb|Umask):' /proc/self/status; exec sleep 600"]
    other, own = child(tmp_path, "asterisk", program), child(tmp_path, "stories", SLEEPER)
    other.user = OTHER
    # As it stands: a log would mask so many digits.
    other.sink = lambda file: os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    supervisor = Supervisor([other, own])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: "Groups" in other.log_file.read_text() if other.log_file.exists() else False)
    said = dict(line.split(":\t", 1) for line in other.log_file.read_text().splitlines())
    assert said["Uid"].split() == ["61002"] * 4
    assert said["Gid"].split() == ["61012"] * 4
    assert said["Groups"].split() == ["61013"]
    assert (said["CapEff"], said["Umask"]) == ("0" * 16, "0007")
    assert int(said["CapAmb"], 16) == 0
    pid = other.process.pid if other.process else 0
    supervisor.stop()
    await running
    assert not alive(pid)


@needs_root
async def test_an_asterisk_of_another_user_is_ended_at_the_daemons_request_and_no_other_process(tmp_path: Path):
    asterisk, stories = child(tmp_path, "asterisk", SLEEPER), child(tmp_path, "stories", SLEEPER)
    asterisk.argv = ["/bin/sleep", "600"]
    asterisk.user = OTHER
    supervisor = Supervisor([asterisk, stories])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: stories.process)
    assert asterisk.process and stories.process
    request = tmp_path / "run" / END_REQUEST
    request.parent.mkdir(parents=True)
    for wrong in (str(stories.process.pid), str(os.getpid()), "0", "-1", "everybody", ""):
        request.write_text(wrong)
        await eventually(lambda: not request.exists(), "the request to be read")
    assert (asterisk.starts, stories.starts) == (1, 1)
    request.write_text(str(asterisk.process.pid))
    await eventually(lambda: asterisk.starts == 2, "another Asterisk")
    assert stories.starts == 1
    supervisor.stop()
    await running


async def test_a_drained_process_runs_the_new_checkout_wherever_the_supervisor_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("old", "new"):
        (tmp_path / name / "which").mkdir(parents=True)
        (tmp_path / name / "which" / "__main__.py").write_text(f"print('{name}')\n")
    monkeypatch.chdir(tmp_path / "old")  # as who types ./sanxiang up
    part = child(tmp_path, "part", [sys.executable, "-m", "which"])
    part.env["PYTHONPATH"] = str(tmp_path / "old")
    newcomer = Programs(sys.executable, str(tmp_path / "new")).newcomer(part)
    await newcomer.start()
    assert newcomer.process
    await newcomer.process.wait()
    assert newcomer.log_file.read_text() == "new\n"
