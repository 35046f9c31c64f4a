"""Who listened to what, and who changed what: an append-only file, one JSON object a line, each carrying the hash of
the line before it. What is to be audited happens only after its line is on the disk.

A line taken out or changed breaks the chain from there on (`verify` says where); cutting off the end can be seen against
a copy of the last hash. The file is never rotated by us.
"""

import asyncio
import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from acd.web.server.problems import Problem

_START = "0" * 64


class Audit:
    """Appends to the audit log; safe to use from several processes."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self.file, self._now = file, now

    async def note(self, who: str, action: str, **about: object) -> None:
        """One line, on the disk when this returns. Raises Problem (503) when it can't be written: then don't do it."""
        line = {"at": self._now().isoformat(), "who": who, "action": action, **about}
        try:
            await asyncio.to_thread(self._append, line)
        except OSError as error:
            detail = f"The audit log can't be written ({error.strerror}), so this is not done. Make room on the disk."
            raise Problem(503, "audit-away", detail) from error

    def _append(self, line: dict[str, object]) -> None:
        with os.fdopen(os.open(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            line["before"] = _last_hash(file.fileno())
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fdatasync(file.fileno())


def verify(file: Path) -> int:
    """How many lines there are. Raises ValueError naming the first line that does not follow the one before it."""
    before, number = _START, 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if json.loads(line)["before"] != before:
                raise ValueError(f"{file}: line {number} does not follow line {number - 1}: something was changed")
            before = hashlib.sha256(line).hexdigest()
    return number


def _last_hash(handle: int) -> str:
    size = os.fstat(handle).st_size
    if size == 0:
        return _START
    tail = os.pread(handle, min(size, 8192), max(0, size - 8192))
    if not tail.endswith(b"\n"):
        # A crash tore the last line: close it, so that the chain goes on behind the scar.
        os.write(handle, b"\n")
        tail += b"\n"
    return hashlib.sha256(tail[tail.rfind(b"\n", 0, -1) + 1 :]).hexdigest()
