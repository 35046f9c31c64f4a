"""Logs within a bound: no line of ours is lost by a rotation, a flood fills no more than the bound, and nobody waits for a log."""

import asyncio
import contextlib
import fcntl
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.processes import log_keeper
from acd.processes.child import Child
from acd.processes.log_files import SEGMENTS, BoundedFile, Bounds
from acd.processes.log_keeper import LogKeeper
from acd.processes.supervisor import Supervisor
from tests.support.waiting import eventually, eventually_blocking

SMALL = Bounds(1_000_000, 30)
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def keeper() -> Iterator[LogKeeper]:
    made = LogKeeper(SMALL)
    yield made
    made.close()


def all_of(file: Path) -> bytes:
    """Segments and file, the oldest line first."""
    found = b""
    for each in [*BoundedFile(file).segments(), file]:
        with contextlib.suppress(FileNotFoundError):  # it turns at this moment
            found += each.read_bytes()
    return found


def size_of(file: Path) -> int:
    size = 0
    for each in [*BoundedFile(file).segments(), file]:
        with contextlib.suppress(FileNotFoundError):
            size += each.stat().st_size
    return size


def test_no_line_is_lost_or_torn_while_files_turn(tmp_path: Path, keeper: LogKeeper):
    """Four writers, 20,000 lines: each is there once, and those of each writer in order. The bound is wide enough for all."""
    keeper.bounds, file = Bounds(3_000_000, 30), tmp_path / "daemon.log"
    program = "import sys\nfor n in range(5000): print(f'{sys.argv[1]} {n:05d} ' + 'x' * 60, flush=n % 50 == 0)"
    writers = []
    for name in "abcd":
        theirs = keeper.opened(file)
        writers.append(subprocess.Popen([sys.executable, "-c", program, name], stdout=theirs))
        os.close(theirs)
    assert [writer.wait() for writer in writers] == [0] * 4
    keeper.close()
    lines = all_of(file).decode().splitlines()
    assert len(lines) == 20_000
    for name in "abcd":
        assert [line[2:7] for line in lines if line.startswith(name)] == [f"{n:05d}" for n in range(5000)]
    assert len(BoundedFile(file).segments()) >= 3, "it has turned meanwhile"
    assert all(each.read_bytes().endswith(b"\n") for each in BoundedFile(file).segments())


def test_a_flood_fills_no_more_than_the_bound(tmp_path: Path, keeper: LogKeeper):
    """60,000 lines of a scanner: what is kept are the newest."""
    (tmp_path / "log").mkdir()
    keeper.fifos(tmp_path / "log")
    file = tmp_path / "log" / "security.log"
    with (tmp_path / "log" / "security.pipe").open("wb") as pipe:
        for n in range(60_000):
            pipe.write(b'[2026-11-29 10:00:00.000] SECURITY[1] SecurityEvent="InvalidAccountID",AccountID="%d"\n' % n)
            if n % 5000 == 0:
                pipe.flush()
                assert size_of(file) <= SMALL.most_bytes
    eventually_blocking(lambda: b'"59999"' in all_of(file), "the last line")
    assert SMALL.most_bytes * (SEGMENTS - 3) / SEGMENTS < size_of(file) <= SMALL.most_bytes


def test_a_process_never_waits_for_a_disk_that_hangs_and_lost_lines_are_counted(
    tmp_path: Path, keeper: LogKeeper, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log_keeper, "HELD_BYTES", 100_000)
    hanging, real = threading.Event(), BoundedFile.write

    def hangs(file: BoundedFile, lines: bytes, bounds: Bounds) -> int:
        hanging.wait()
        return real(file, lines, bounds)

    monkeypatch.setattr(BoundedFile, "write", hangs)
    file = tmp_path / "daemon.log"
    theirs = keeper.opened(file)
    program = "for n in range(40000): print(f'{n:05d} ' + 'x' * 90)"  # ten times what a pipe takes
    assert subprocess.run([sys.executable, "-c", program], stdout=theirs, timeout=60, check=False).returncode == 0
    os.close(theirs)
    hanging.set()
    keeper.close()
    lines = all_of(file).decode().splitlines()
    told = [json.loads(line)["event"] for line in lines if "lines of this log were lost" in line]
    kept = [line for line in lines if "lost" not in line]
    assert sum(int(each.split()[0]) for each in told) + len(kept) == 40_000
    assert len(kept) < 5_000


def test_a_full_disk_loses_nothing_that_fits_into_memory(
    tmp_path: Path, keeper: LogKeeper, monkeypatch: pytest.MonkeyPatch
):
    """The kernel itself says that the disk is full, in the middle of a write; then there is room again."""
    monkeypatch.setattr(log_keeper, "AGAIN_S", 0.05)
    file, before = tmp_path / "daemon.log", resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    stream = keeper.stream(file)
    assert file.read_bytes() == b"", "it is there to be followed before anything is said"
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        for n in range(100):
            stream.write(f"line {n:03d} of this log\n")
        eventually_blocking(lambda: file.exists() and file.stat().st_size == 1000, "the disk to be full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    keeper.close()
    assert file.read_text() == "".join(f"line {n:03d} of this log\n" for n in range(100))


@pytest.mark.parametrize("how", ["moved", "deleted", "a segment of ours"])
def test_a_file_that_somebody_took_away_is_made_anew(tmp_path: Path, how: str):
    written = BoundedFile(tmp_path / "daemon.log")
    written.write(b"one\n", SMALL)
    if how == "deleted":
        written.file.unlink()
    else:
        written.file.rename(tmp_path / ("daemon.log.20261128T100000" if how == "a segment of ours" else "away"))
    written.write(b"two\n", SMALL)
    assert written.file.read_bytes() == b"two\n"
    assert written.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("there", ["link", "folder", "fifo"])
def test_what_is_no_file_is_never_written_to(tmp_path: Path, there: str):
    file, elsewhere = tmp_path / "messages.log", tmp_path / "elsewhere"
    if there == "link":
        elsewhere.write_text("kept")
        file.symlink_to(elsewhere)
    elif there == "folder":
        file.mkdir()
    else:
        os.mkfifo(file)
    with pytest.raises(OSError):
        BoundedFile(file).write(b"one\n", SMALL)
    assert there != "link" or elsewhere.read_text() == "kept"


def test_segments_end_with_the_day_and_go_after_their_days(tmp_path: Path):
    now = NOON
    written = BoundedFile(tmp_path / "daemon.log", lambda: now)
    for day in range(5):
        now = NOON + timedelta(days=day)
        written.write(f"day {day}\n".encode(), Bounds(400_000, 3))
        os.utime(written.file, (now.timestamp(), now.timestamp()))
        for segment in written.segments():  # As old as what stands in it: the test's days take no time.
            then = NOON + timedelta(days=int(segment.read_text().split()[1]))
            os.utime(segment, (then.timestamp(), then.timestamp()))
    written.tend(Bounds(400_000, 3))
    assert all_of(written.file) == b"day 1\nday 2\nday 3\nday 4\n"
    now = NOON + timedelta(days=40)
    written.tend(Bounds(400_000, 3))  # nothing was written since
    assert all_of(written.file) == b""


def test_other_bounds_are_taken_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log_keeper, "TEND_EVERY_S", 0.05)
    told = tmp_path / "log-bounds.json"
    keeper = LogKeeper(Bounds(8_000_000, 30), told)
    file = tmp_path / "daemon.log"
    theirs = keeper.opened(file)
    for _ in range(20):
        os.write(theirs, b"x" * 49_999 + b"\n")
    eventually_blocking(lambda: file.exists() and size_of(file) == 1_000_000, "all lines")
    for wrong in ("", "[]", '{"most_bytes": "many"}'):
        told.write_text(wrong)
        keeper._read_bounds()
        assert keeper.bounds == Bounds(8_000_000, 30)
    told.write_text(json.dumps({"most_bytes": 800_000, "days": 30}))
    eventually_blocking(lambda: keeper.bounds.most_bytes == 800_000, "the new bounds")
    for _ in range(40):
        os.write(theirs, b"y" * 49_999 + b"\n")
    os.close(theirs)
    keeper.close()
    assert size_of(file) <= 800_000


async def test_a_supervisors_children_write_masked_into_bounded_files_and_their_last_words_are_kept(tmp_path: Path):
    for folder in ("log", "run"):
        (tmp_path / folder).mkdir()
    program = "import sys; print('caller 13800005051', flush=True); sys.stderr.write('last words'); sys.exit(3)"
    child = Child(
        "part", [sys.executable, "-c", program], tmp_path / "log" / "part.log", env={"PATH": os.environ["PATH"]}
    )
    child.back_off_s = (0.05,)
    supervisor = Supervisor([child])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: child.starts >= 3, "some starts")
    supervisor.stop()
    await running
    lines = child.log_file.read_text().splitlines()
    assert set(lines) == {"caller 138****5051", "last words"}
    assert len(lines) >= 4, "of each start that was not ended"


def test_a_fifo_is_opened_before_anybody_writes_and_survives_its_writers(tmp_path: Path, keeper: LogKeeper):
    for _ in range(2):  # as after a start that was cut short
        keeper.fifos(tmp_path)
    pipe = tmp_path / "messages.pipe"
    for n in range(3):
        with pipe.open("ab") as writer:  # would wait for ever without a reader
            writer.write(b"from '<sip:1380000505%d@192.0.2.7>'\n" % n)
    eventually_blocking(
        lambda: (tmp_path / "messages.log").exists() and len(all_of(tmp_path / "messages.log").splitlines()) == 3
    )
    assert re.findall(rb"sip:([^@]+)@", all_of(tmp_path / "messages.log")) == [
        b"138****5050",
        b"138****5051",
        b"138****5052",
    ]


def test_a_pipe_takes_a_burst_without_the_reader():
    keeper = LogKeeper(SMALL)
    theirs = keeper.opened(Path("/nonexistent/none.log"))
    assert fcntl.fcntl(theirs, fcntl.F_GETPIPE_SZ) >= 65536
    os.close(theirs)
    keeper.close()
