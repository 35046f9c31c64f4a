"""Whether a folder's disk takes a small file now, how fast, and how much room it has.

A disk that hangs holds whoever asks it, and nothing ends that process meanwhile. So a process of its own asks, which `doctor` leaves
behind when it does not answer. The file is 4 kB, flushed to the disk as the journal does, and taken away again.
"""

import errno
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WITHIN_S = 4.0
SLOW_S = 1.0
"""The journal flushes as often as calls move: a disk that takes so long for 4 kB is behind with every one of them."""

_PROGRAM = """
import os, sys, time
folder = sys.argv[1]
room = os.statvfs(folder)
print(room.f_bavail * room.f_frsize, flush=True)
name = os.path.join(folder, ".doctor-%d" % os.getpid())
began = time.monotonic()
try:
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, bytes(4096))
        os.fsync(file)
    finally:
        os.close(file)
        os.unlink(name)
except OSError as error:
    print("errno", error.errno)
else:
    print("took", time.monotonic() - began)
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it."""

    free_mb: float | None
    """None: not even that is known."""
    took_s: float | None = None
    """None: nothing could be written."""
    errno: int = 0
    hangs: bool = False
    """No answer within WITHIN_S."""

    @property
    def why(self) -> str:
        """What the system says to the failed writing; empty where it has not failed."""
        return os.strerror(self.errno) if self.errno else ""

    @property
    def full(self) -> bool:
        return self.errno in (errno.ENOSPC, errno.EDQUOT)

    @property
    def read_only(self) -> bool:
        return self.errno == errno.EROFS


def probe(folder: Path) -> Probe:
    """Asks the disk of this folder. Takes some hundredths of a second, WITHIN_S at most."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _PROGRAM, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=WITHIN_S)
    except subprocess.TimeoutExpired as late:
        process.kill()  # It ends when the disk answers again; nobody waits for that.
        process.returncode = -9
        return Probe(_free_mb((late.stdout or b"").decode().split("\n")), hangs=True)
    lines = output.decode().split("\n")
    word, _, value = (lines[1] if len(lines) > 1 else "").partition(" ")
    free_mb = _free_mb(lines)
    if word == "took":
        return Probe(free_mb, took_s=float(value))
    return Probe(free_mb, errno=int(value) if word == "errno" else errno.EIO)


def _free_mb(lines: list[str]) -> float | None:
    return int(lines[0]) / 1e6 if lines and lines[0].isdigit() else None
