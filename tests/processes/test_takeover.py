"""A supervisor is killed: what it kept goes on, and the next one takes it over, or a person ends it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from acd.errors import SanxiangError
from acd.processes import parts, takeover
from acd.processes.child import UNKNOWN_STATUS, Child, TakenOver
from acd.processes.log_keeper import LogKeeper
from acd.processes.log_pipes import PIPES
from acd.processes.notify import keep_telling
from acd.processes.supervisor import KeeperEnded, Supervisor
from acd.processes.takeover import CantTakeOver, LeftOver, plan_of, taken_over
from acd.processes.up import main_file_of, run_up
from acd.setup.installation import Installation
from tests.processes.test_supervisor import ROOT, alive, void
from tests.support.waiting import eventually, eventually_blocking

pytestmark = pytest.mark.slow

SLEEPS = (
    "import signal, time\nsignal.signal(signal.SIGUSR1, lambda *_: exit())\nprint('here', flush=True)\ntime.sleep(600)"
)
TALKS = "import sys\nsys.path.insert(0, {root!r})\nimport logging, time\nfrom acd.processes import logs\nlogs.set_up()\nfor n in range(4000): logging.info('%04d ' + 'x' * 900, n)\nopen({done!r} + sys.argv[1], 'w').close()\ntime.sleep(0.5)\nlogging.info('last')\ntime.sleep(600)"


def children(installation: Installation, program: str = SLEEPS) -> list[Child]:
    """With command lines like those of `up`, and a program that sleeps in each."""
    words = {
        "asterisk": ["-C", str(main_file_of(installation)), "-f"],
        "stories": ["ivr.server", str(installation.run / "stories.json")],
        "daemon": ["acd.daemon", str(installation.state)],
    }
    env = {"PATH": os.environ["PATH"]}
    made = []
    for name, line in words.items():
        part = Child(name, [sys.executable, "-c", program, *line], installation.log / f"{name}.log", env, outlives=True)
        part.beats = name == "daemon"
        made.append(part)
    return made


def supervisor_of(installation: Installation, program: str = SLEEPS) -> subprocess.Popen[bytes]:
    """A supervisor as a process of its own, as `up` is."""
    text = textwrap.dedent(f"""
        import asyncio, sys
        from pathlib import Path
        sys.path.insert(0, {str(ROOT)!r})
        from acd.processes.log_files import Bounds
        from acd.processes.up import claimed, supervise
        from acd.setup.installation import Installation
        from tests.processes.test_takeover import children
        installation = Installation.at(Path({str(installation.state)!r}))
        with claimed(installation):
            asyncio.run(supervise(installation, Bounds(), children(installation, {program!r})))
    """)
    return subprocess.Popen([sys.executable, "-c", text])


def killed_supervisor_of(installation: Installation, program: str = SLEEPS) -> dict[str, int]:
    """Its processes, by part, which go on."""
    above = supervisor_of(installation, program)
    logs = [installation.log / f"{child.name}.log" for child in children(installation)]
    eventually_blocking(
        lambda: all(log.exists() and log.read_text() for log in logs), "three processes that have begun"
    )
    above.kill()
    above.wait()
    return {part: pids[0] for part, pids in parts.running(installation).items()}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation.at(tmp_path / "state")
    yield made
    for part, pids in parts.running(made).items():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            print("left over:", part)


@pytest.fixture
async def next_one(installation: Installation) -> AsyncIterator[tuple[Supervisor, dict[str, int]]]:
    """A supervisor that has taken over what a killed one left, and who those were."""
    before = await asyncio.to_thread(killed_supervisor_of, installation)
    kept = children(installation)
    taken_over(LeftOver.of(installation), kept)
    supervisor = Supervisor(kept)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: len(supervisor._keepers) == 3, "three keepers")
    yield supervisor, before
    supervisor.stop()
    await running


async def test_the_next_supervisor_takes_over_the_same_processes_and_keeps_them_up(
    next_one: tuple[Supervisor, dict[str, int]], installation: Installation
):
    supervisor, before = next_one
    assert all(alive(pid) for pid in before.values())
    assert {child.name: child.process and child.process.pid for child in supervisor.children} == before
    assert [child.starts for child in supervisor.children] == [0, 0, 0], "nothing was started a second time"
    stories = supervisor.children[1]
    os.kill(before["stories"], signal.SIGKILL)
    await eventually(lambda: stories.starts == 1 and stories.runs, "another story server")
    assert stories.process and stories.process.pid != before["stories"]
    assert stories.pid_file.read_text() == str(stories.process.pid)
    assert alive(before["asterisk"]) and alive(before["daemon"])
    supervisor.stop()
    await eventually(lambda: not any(parts.running(installation).values()), "the end of all")
    assert not list((installation.run / PIPES).iterdir()), "a pipe goes with its process"


async def test_what_is_missing_is_started_and_a_start_that_fails_ends_nothing(installation: Installation):
    before = await asyncio.to_thread(killed_supervisor_of, installation)
    os.kill(before["daemon"], signal.SIGKILL)
    await eventually(lambda: not alive(before["daemon"]))
    kept = children(installation)
    needed: dict[str, str] = {}
    kept[2].before_start = lambda: void(needed["not there"])
    kept[2].back_off_s = (0.05,)
    taken_over(LeftOver.of(installation), kept)
    supervisor = Supervisor(kept)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: kept[2].failed_starts >= 2, "starts that fail")
    assert alive(before["asterisk"]) and alive(before["stories"])
    needed["not there"] = "now it is"
    await eventually(lambda: kept[2].starts == 1, "a daemon")
    supervisor.stop()
    await running


async def test_a_keeper_that_ends_ends_the_supervisor_and_no_process_that_may_outlive_it(installation: Installation):
    kept = children(installation)
    supervisor = Supervisor(kept)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: len(supervisor._keepers) == 3, "three keepers")
    before = {child.name: child.process.pid for child in kept if child.process}
    kept[1].back_off_s = ()  # a fault in the keeper itself: there is no pause to choose
    os.kill(before["stories"], signal.SIGKILL)
    with pytest.raises(KeeperEnded):
        await running
    assert alive(before["asterisk"]) and alive(before["daemon"])
    assert kept[0].pid_file.exists(), "it can be found"


async def test_a_log_that_nobody_reads_holds_up_nobody_and_goes_on_with_the_next_supervisor(
    installation: Installation, tmp_path: Path
):
    """4 MB into a pipe of 1 MB: what fits is there afterwards, and how much was lost is said."""
    done = tmp_path / "done"
    go = tmp_path / "go"
    waits = f"import os, time\nprint('begun', flush=True)\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
    program = waits + TALKS.format(root=str(ROOT), done=str(done))
    before = await asyncio.to_thread(killed_supervisor_of, installation, program)
    go.touch()
    # The keeper begins when the daemon has nothing more to say but the last line: what it lost is lost in one place.
    await eventually(Path(f"{done}acd.daemon").exists, "the end of the daemon's talk")
    log = installation.log / "daemon.log"
    keeper = LogKeeper()
    keeper.found(installation.run / PIPES, installation.log)
    await eventually(lambda: '"event": "last"' in log.read_text(), "the last line")
    keeper.close(0.1)
    lines = [json.loads(line)["event"] for line in log.read_text().splitlines() if line.startswith("{")]
    numbers = [int(event[:4]) for event in lines if event[:4].isdigit() and "lost" not in event]
    [lost] = [int(event.split()[0]) for event in lines if "lines of this log were lost" in event]
    assert numbers == list(range(len(numbers))), "the oldest lines are whole, and in order"
    assert len(numbers) + lost == 4000
    assert alive(before["daemon"])


def test_of_other_processes_none_is_taken_for_one_of_this_hotline(installation: Installation, tmp_path: Path):
    """Another hotline's; Asterisk's own command line; a process that Asterisk has forked."""
    other = Installation.at(tmp_path / "state-2")
    lines = [child.argv for child in children(other)]
    lines.append([sys.executable, "-c", SLEEPS, "-C", str(main_file_of(installation)), "-rx", "core show channels"])
    begun = [subprocess.Popen(line, start_new_session=True, stdout=subprocess.PIPE) for line in lines]
    forked = subprocess.Popen(children(installation)[0].argv, stdout=subprocess.PIPE)  # in this test's own session
    try:
        for process in (*begun, forked):
            assert process.stdout and process.stdout.readline()
        assert not LeftOver.of(installation)
        assert [len(pids) for pids in parts.running(other).values()] == [1, 1, 1]
    finally:
        for process in (*begun, forked):
            process.kill()
            process.communicate()


def test_of_two_story_servers_one_leaves_and_of_two_daemons_one_ends(installation: Installation):
    """As after a supervisor that was killed in the middle of a `drain`."""
    lines = [child.argv for child in children(installation)]
    begun = [
        subprocess.Popen(line, start_new_session=True, stdout=subprocess.PIPE)
        for line in (lines[0], lines[1], lines[1], lines[2], lines[2])
    ]
    for process in begun:
        assert process.stdout and process.stdout.readline()
    (installation.run / "stories.pid").write_text(str(begun[2].pid))
    kept = children(installation)
    left = LeftOver.of(installation)
    assert left.stories == (begun[2].pid, begun[1].pid), "the one of the pid file is kept"
    taken_over(left, kept)
    assert begun[1].wait(10) == 0, "told to leave"
    assert begun[2].poll() is None
    ended = next(process for process in begun[3:] if process.pid != kept[2].process.pid)  # type: ignore[union-attr]
    assert ended.wait(10) == -signal.SIGTERM
    LeftOver.of(installation).end()
    for process in begun:
        process.communicate()


def test_what_is_left_is_ended_at_a_persons_request_also_what_does_not_want_to(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(takeover, "WITHIN_S", 0.2)
    stubborn = SLEEPS.replace(
        "time.sleep(600)", "signal.signal(15, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(600)"
    )
    before = killed_supervisor_of(installation, stubborn)
    eventually_blocking(
        lambda: "deaf" in (installation.log / "asterisk.log").read_text(), "a process that hears nothing"
    )
    assert len(before) == 3
    LeftOver.of(installation).end()
    assert not LeftOver.of(installation)


def test_a_plan_that_can_not_be_read_is_told_and_nothing_is_ended(installation: Installation):
    with pytest.raises(CantTakeOver, match=r"Asterisk \(process 77\).*prepared\.json.*calls go on.*sanxiang down"):
        plan_of(installation, 77)


def test_processes_that_others_keep_are_not_taken_over(installation: Installation, tmp_path: Path):
    """Units of the operator's own, say: no supervisor of ours was killed here."""
    process = subprocess.Popen(children(installation)[0].argv, start_new_session=True, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline()
    with pytest.raises(SanxiangError, match=r"none\.toml"):
        run_up(tmp_path / "none.toml", installation)
    assert process.poll() is None
    process.kill()
    process.communicate()


async def test_the_end_of_one_that_was_taken_over_is_seen_by_all_who_wait():
    process = subprocess.Popen(["sleep", "600"])
    taken = TakenOver(process.pid)
    waits = [asyncio.create_task(taken.wait()) for _ in range(3)]
    await asyncio.sleep(0.01)
    waits[0].cancel()
    runs = taken.returncode
    process.kill()
    assert await asyncio.gather(*waits[1:]) == [UNKNOWN_STATUS] * 2
    assert (runs, taken.returncode) == (None, UNKNOWN_STATUS)
    process.wait()
    taken.send_signal(signal.SIGTERM)  # to one that has ended: nothing happens
    with pytest.raises(ProcessLookupError):
        TakenOver(process.pid)


async def test_what_costs_no_call_is_what_the_kernel_ends_first_when_memory_is_short(installation: Installation):
    stories = children(installation)[1]
    stories.oom_score = 300
    with capture_logs():
        await stories.start()
    assert stories.process
    own = int(Path("/proc/self/oom_score_adj").read_text())
    score = Path(f"/proc/{stories.process.pid}/oom_score_adj")
    assert int(score.read_text()) == min(own + 300, 1000)
    await stories.stop()


async def test_systemd_is_told_when_all_has_started_and_then_that_the_loop_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    started = False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        telling = asyncio.create_task(keep_telling(lambda: started, 0.01))
        await asyncio.sleep(0.1)
        systemd.setblocking(False)
        with pytest.raises(BlockingIOError):
            systemd.recv(100)
        systemd.settimeout(10)
        started = True
        said = [await asyncio.to_thread(systemd.recv, 100) for _ in range(3)]
        assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        telling.cancel()
        (tmp_path / "notify").unlink()  # nobody listens any more: nothing is raised
        with pytest.raises(asyncio.CancelledError):
            await telling
