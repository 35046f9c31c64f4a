"""Memory runs out under the kept processes: the kernel ends one, and the others and their calls go on."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.processes.test_supervisor import ROOT, alive
from tests.support.waiting import eventually_blocking

pytestmark = pytest.mark.slow

LIMIT = 160_000_000
GROWS = "print('here', flush=True)\nheld = []\nwhile True: held.append(bytearray(4_000_000))"
HOLDS = "import time\nheld = bytearray(50_000_000)\nprint('here', flush=True)\ntime.sleep(600)"


def limits() -> dict[Path, tuple[str, ...]]:
    """Folders below which a group with a limit may be made, and the files that limit it."""
    return {
        Path("/sys/fs/cgroup/memory"): ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
        Path("/sys/fs/cgroup"): ("memory.max", "memory.swap.max"),
    }


def nobody_in(group: Path) -> bool:
    return not (group / "cgroup.procs").read_text()


@pytest.fixture
def group() -> Iterator[Path]:
    """A group of processes that may have no more than `LIMIT` together."""
    for above, files in limits().items():
        made = above / f"sanxiang-test-{os.getpid()}"
        try:
            made.mkdir()
        except OSError:
            continue
        try:
            (made / files[0]).write_text(str(LIMIT))
        except OSError:
            made.rmdir()
            continue
        with suppress(OSError):  # without swap there is no such file
            (made / files[1]).write_text("0" if "swap.max" in files[1] else str(LIMIT))
        yield made
        eventually_blocking(partial(nobody_in, made), "the end of all in the group")
        made.rmdir()
        return
    pytest.skip("no group with a limit of memory can be made here")


def test_one_that_takes_all_memory_is_ended_alone_and_started_again(tmp_path: Path, group: Path):
    """Asterisk holds more than the others, and is not the one."""
    program = textwrap.dedent(f"""
        import asyncio, os, sys
        from pathlib import Path
        sys.path.insert(0, {str(ROOT)!r})
        from acd.processes.supervisor import Supervisor
        from tests.processes.test_supervisor import child
        Path({str(group / "cgroup.procs")!r}).write_text(str(os.getpid()))
        here = Path({str(tmp_path)!r})
        asterisk = child(here, "asterisk", [sys.executable, "-c", {HOLDS!r}])
        stories = child(here, "stories", [sys.executable, "-c", {HOLDS.replace("50", "5", 1)!r}], oom_score=300)
        daemon = child(here, "daemon", [sys.executable, "-c", {GROWS!r}], oom_score=300)
        daemon.back_off_s = (0.1,)
        asyncio.run(Supervisor([asterisk, stories, daemon]).run())
    """)
    above = subprocess.Popen([sys.executable, "-c", program])
    try:
        log = tmp_path / "log" / "daemon.log"
        eventually_blocking(
            lambda: log.exists() and len(log.read_text().splitlines()) >= 3, "three starts of one process"
        )
        pids = {part: int((tmp_path / "run" / f"{part}.pid").read_text()) for part in ("asterisk", "stories")}
        assert above.poll() is None
        assert alive(pids["asterisk"]) and alive(pids["stories"])
        assert len((tmp_path / "log" / "asterisk.log").read_text().splitlines()) == 1, "started once"
        assert len((tmp_path / "log" / "stories.log").read_text().splitlines()) == 1
    finally:
        above.kill()
        above.wait()
