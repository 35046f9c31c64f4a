"""Pipes into which the kept processes write their logs.

A process that outlives a supervisor that is killed must not find its pipe without a reader: Asterisk gives up a log that has failed
once. So such a process holds the reading end of its own pipes as well, and the pipes have names, by which the next supervisor opens
them and reads on. Meanwhile they fill; then the lines that come are lost, and no process waits (logs.StandardError). Only Asterisk's
logger thread does.
"""

import contextlib
import fcntl
import os
import secrets
import stat
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

PIPE_BYTES = 1_048_576
"""Room of a pipe where the kernel grants it: what a process may write while the supervisor gets no processor time."""
PIPES = "log-pipes"
"""Below `run`: pipes of processes that may outlive the supervisor, NAME.TOKEN.pipe for log/NAME.log."""
ASTERISK_LOGS = ("messages", "security")
"""Logs below run/asterisk/log that Asterisk writes into NAME.pipe, and we into NAME.log."""


def named_pipe(folder: Path, name: str) -> tuple[int, int, Path | None]:
    """Reader and writer of a new pipe in this folder, and its path; None where the folder takes none, and it has no name."""
    path = folder / f"{name}.{secrets.token_hex(4)}.pipe"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        os.mkfifo(path, 0o600)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        log.error(
            "a log has a pipe without a name, and loses lines if the supervisor is killed",
            pipe=str(path),
            why=str(error),
        )
        return *os.pipe(), None
    return reader, os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC), path


def readers(folder: Path) -> list[int]:
    """Asterisk's FIFOs in this folder, opened for reading: for an Asterisk that is to hold them itself."""
    found = []
    for name in ASTERISK_LOGS:
        with contextlib.suppress(OSError):
            found.append(os.open(folder / f"{name}.pipe", os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC))
    return found


def fifo(path: Path) -> int:
    """The FIFO, made when it is not there, opened so that it has a reader and never an end. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        os.mkfifo(path)
    opened = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISFIFO(os.fstat(opened).st_mode):
            raise OSError(f"{path} is no FIFO. Take it away, and start the hotline again")
        with contextlib.suppress(PermissionError):
            # Asterisk may be another user, in the folder's group.
            os.fchown(opened, -1, path.parent.stat().st_gid)
            os.fchmod(opened, 0o620)
        with contextlib.suppress(OSError):
            fcntl.fcntl(opened, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except BaseException:
        os.close(opened)
        raise
    return opened
