"""Who listened to what, and who changed what: an append-only file, one JSON object a line, each carrying the hash of
the line before it. What is to be audited happens only after its line is on the disk; a change in the database is committed only then
(`Audit.change`), and where it fails afterwards, a second line says so.

A line taken out or changed breaks the chain from there on (`verify` says where); cutting off the end can be seen against
a copy of the last hash. A file that is long enough becomes a segment (`audit/000001.log`, the oldest), and the chain goes on in a new one. Nothing is ever taken away: whoever reads the log reads all of them.
"""

import asyncio
import fcntl
import hashlib
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from acd.errors import SanxiangError
from acd.files import give_to_folders_owner
from acd.web.server.problems import Problem

_START = "0" * 64
_BLOCK = 64 * 1024
_LONGEST = 16 * 1024 * 1024
"""Bytes of a line that are looked at. Ours are shorter; a damaged file may be one long line."""
SEGMENT_BYTES = 16_000_000
"""A file that has grown to so much becomes a segment."""
_SEGMENT = re.compile(r"\d{6,}\.log")


class NotNoted(SanxiangError):
    """The audit log {file} can't be written ({why}), so nothing was done. Make room on the disk, or mend its rights."""


class Changed(SanxiangError):
    """{file}: line {line} does not follow {former}: something was changed or taken out there. Compare it with a copy."""


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

    @asynccontextmanager
    async def change(self, who: str, action: str, **about: object) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Around a change in a transaction: what is yielded writes its line. Await it last, before the commit, so that a change that is not
        made leaves no line. What fails otherwise than by a refusal leaves the line "<action>: failed", as it may be done or not."""
        try:
            yield lambda: self.note(who, action, **about)
        except Problem:
            raise
        except (Exception, asyncio.CancelledError) as error:
            with suppress(Problem):
                await self.note(who, f"{action}: failed", **about, why=str(error) or type(error).__name__)
            raise

    def note_now(self, who: str, action: str, **about: object) -> None:
        """As `note`, for a program without an event loop. Raises NotNoted."""
        try:
            self._append({"at": self._now().isoformat(), "who": who, "action": action, **about})
        except OSError as error:
            raise NotNoted(file=self.file, why=error.strerror) from error

    def _append(self, line: dict[str, object]) -> None:
        with self._locked() as file:
            line["before"] = _last_hash(file.fileno()) or self._hash_before()
            file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
            file.flush()
            os.fdatasync(file.fileno())
            if os.fstat(file.fileno()).st_size >= SEGMENT_BYTES:
                self._turn()

    def _turn(self) -> None:
        """The file becomes the newest segment."""
        folder = _folder_of(self.file)
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                give_to_folders_owner(opened, folder.parent)
            finally:
                os.close(opened)
        former = segments(self.file)
        number = int(former[-1].stem) + 1 if former else 1
        self.file.rename(folder / f"{number:06d}.log")

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """The file, which no other process writes or turns into a segment meanwhile."""
        while True:
            new = not self.file.exists()
            with os.fdopen(os.open(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
                if new:
                    give_to_folders_owner(file.fileno(), self.file.parent)
                fcntl.flock(file, fcntl.LOCK_EX)
                if _same(self.file, file.fileno()):  # else another process has made a segment of it
                    yield file
                    return

    def _hash_before(self) -> str:
        """Of the last line of the newest segment."""
        for newest in segments(self.file)[-1:]:
            with newest.open("rb") as file:
                return _last_hash(file.fileno()) or _START
        return _START


def segments(file: Path) -> list[Path]:
    """The former files of this log, the oldest first."""
    return sorted(each for each in _folder_of(file).glob("*.log") if _SEGMENT.fullmatch(each.name))


def _folder_of(file: Path) -> Path:
    return file.with_suffix("")


@contextmanager
def _all_of(file: Path) -> Iterator[list[tuple[Path, BinaryIO]]]:
    """All files of this log as they are at this moment, the oldest first. Raises OSError where there is none."""
    with ExitStack() as stack:
        opened: list[tuple[Path, BinaryIO]] = []
        try:
            opened.append((file, stack.enter_context(file.open("rb"))))
        except FileNotFoundError:  # its next line makes it anew
            if not segments(file):
                raise
        # One that becomes a segment at this moment is open already.
        former = [each for each in segments(file) if not opened or not _same(each, opened[0][1].fileno())]
        yield [*((each, stack.enter_context(each.open("rb"))) for each in former), *opened]


def _same(file: Path, opened: int) -> bool:
    try:
        there, ours = file.stat(), os.fstat(opened)
    except FileNotFoundError:
        return False
    return (there.st_ino, there.st_dev) == (ours.st_ino, ours.st_dev)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole log has shown."""

    lines: int
    torn: tuple[int, ...]
    """Lines that a crash or a full disk has cut short, by their numbers in the whole log; the chain goes on behind them."""
    head: str
    """The hash of the last line. Kept elsewhere, it shows later whether the end was cut off."""


def verify(file: Path) -> Verified:
    """Looks at the whole log. Raises Changed naming the first line that does not follow the one before it; OSError."""
    before, lines, torn, former = _START, 0, list[int](), "the beginning"
    with _all_of(file) as files:
        for each, opened in files:
            for number, (line, digest) in enumerate(_lines(opened), 1):
                lines += 1
                row = _row(line)
                if row is None:
                    torn.append(lines)
                elif row.get("before") != before:
                    raise Changed(file=each, line=number, former=f"line {number - 1}" if number > 1 else former)
                before = digest
            former = f"the last line of {each.name}"
    return Verified(lines, tuple(torn), before)


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """The lines from the first to the last; those that were cut short, or are too long to be shown, are left out. Raises OSError."""
    with _all_of(file) as files:
        for _, opened in files:
            for line, _ in _lines(opened):
                if (row := _row(line)) is not None:
                    yield row


def _lines(opened: BinaryIO) -> Iterator[tuple[bytes, str]]:
    """Each line with its hash; of one that is longer than `_LONGEST` the beginning."""
    while first := opened.readline(_LONGEST):
        digest, piece = hashlib.sha256(first), first
        while not piece.endswith(b"\n") and (piece := opened.readline(_LONGEST)):
            digest.update(piece)
        yield first, digest.hexdigest()


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:  # torn, too long, or no UTF-8
        return None
    return row if isinstance(row, dict) else None


def _last_hash(handle: int) -> str:
    """Of the last line; empty where there is none."""
    size = os.fstat(handle).st_size
    if size == 0:
        return ""
    if os.pread(handle, 1, size - 1) != b"\n":
        # A crash tore the last line: close it, so that the chain goes on behind the scar.
        os.write(handle, b"\n")
        size += 1
    tail, begin = b"", size
    while begin > 0 and tail.rfind(b"\n", 0, -1) < 0:
        begin = max(0, begin - _BLOCK)
        tail = os.pread(handle, size - begin, begin)
    return hashlib.sha256(tail[tail.rfind(b"\n", 0, -1) + 1 :]).hexdigest()
