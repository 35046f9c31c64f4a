"""The supervisor is killed under a talk and a caller who waits: both go on, and the next one takes over what runs."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.processes import parts
from acd.sipp.actors import Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]


async def begun(*words: str) -> asyncio.subprocess.Process:
    """A program of ours in a session of its own, as a terminal or systemd starts it."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words), cwd=ROOT, start_new_session=True,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def killed(supervisor: asyncio.subprocess.Process) -> None:
    supervisor.kill()
    await supervisor.wait()


async def test_killed_under_a_talk_and_a_waiting_caller_and_started_again(tmp_path: Path):
    system = FullSystem(tmp_path, brisk=True)
    system.at_start.append(lambda made: [])  # prepared, and started by a supervisor that can be killed
    system.leftovers_matter = False  # the system ends within the test
    state = str(system.installation.state)
    async with system:
        supervisor = await begun("tests.calls.support.supervisor", state)
        try:
            await system.serving()
            await system.staffed("1001", Phone(ring_s=0.2))
            await system.asks("1", "13800000001")
            talk = await system.log.row(Kind.CONNECTED)
            await system.asks("1", "13800000002")
            waits = (await system.log.row(Kind.QUEUED, count=2)).call
            await system.stages("talking", "waiting")
            before = parts.running(system.installation)
            assert [len(pids) for pids in before.values()] == [1, 1, 1]
            os.kill(supervisor.pid, signal.SIGHUP)  # its terminal is closed: nothing ends

            await killed(supervisor)
            config = str(system.config_file)
            status, said, _ = await system.sanxiang("doctor", "--json", "--config", config)
            first = next(row for row in json.loads(said) if not row["ok"])
            assert (status, first["what"]) == (1, "supervisor"), said
            assert f"process {supervisor.pid} was killed; calls go on" in first["found"]
            assert first["remedy"].startswith("./sanxiang up ")
            status, said, _ = await system.sanxiang("status")
            assert status == 3 and f"supervisor DOWN   process {supervisor.pid} has ended: calls go on" in said, said
            _, _, complaint = await system.sanxiang("drain")
            assert "`./sanxiang up` first takes over what runs" in complaint
            assert parts.running(system.installation) == before
            await system.stages("talking", "waiting")

            up_at = datetime.now(UTC)
            supervisor = await begun("acd.cli", "up", "--config", config, "--state", state)
            await eventually(lambda: parts.supervisor(system.installation) == supervisor.pid, "the next supervisor")
            assert supervisor.stdout
            line = (await supervisor.stdout.readline()).decode()
            assert f"Taken over: asterisk (process {before['asterisk'][0]})" in line, line
            await system.serving()
            back_s = (datetime.now(UTC) - up_at).total_seconds()
            assert parts.running(system.installation) == before, "the same processes, and no other"
            await system.staffed("1002", Phone(ring_s=0.2, talk_s=(1.5, 1.5)))
            await system.log.row(Kind.TALK_ENDED, of_call(waits))

            # It keeps what it has taken over, and reads Asterisk's log where the other one has stopped.
            os.kill(before["daemon"][0], signal.SIGKILL)
            await eventually(lambda: parts.running(system.installation)["daemon"] not in ([], before["daemon"]))
            await system.serving()
            log = system.installation.run / "asterisk" / "log" / "messages.log"
            length = log.stat().st_size
            await system.cli("module load nothing-of-this-name.so")
            await eventually(lambda: log.stat().st_size > length, "a line of Asterisk's")

            await system.everybody_hangs_up()
            await system.log.row(Kind.ENDED, count=2)
            assert set(system.log.endings().values()) == {Ending.ANSWERED}
            for call in (talk.call, waits):
                assert system.recorded_whole((await system.log.row(Kind.RECORDED, of_call(call))).detail)
            await system.nothing_left()
            report_figures(
                "supervisor killed: waiting, talking",
                1,
                system.log.lost(),
                back_s,
                "from `up` on; daemon, stories and Asterisk as before",
            )

            await killed(supervisor)
            status, said, complaint = await system.sanxiang("down")
            assert (status, said) == (0, "stopped\n"), complaint
            assert not any(parts.running(system.installation).values())
            status, _, complaint = await system.sanxiang("down")
            assert status == 1 and "nothing to stop" in complaint
        finally:
            with suppress(ProcessLookupError):
                supervisor.terminate()
            await supervisor.wait()
            for pids in parts.running(system.installation).values():
                for pid in pids:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
