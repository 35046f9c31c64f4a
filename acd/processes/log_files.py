"""Log files that stay within a bound: the newest lines in NAME.log, older ones in segments beside it, NAME.log.20261129T090312.

One writer, which turns to a new segment between two lines: none is lost by it. A segment has an eighth of the bytes that all may
have together, and never more than a day.
"""

import contextlib
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEGMENTS = 8
PRIVATE, FOR_GROUP = 0o600, 0o640
"""Modes of a log: its owner's alone; also for its group to read, where the daemon is another user than who keeps it."""
_STAMP = re.compile(r"1|\d{8}T\d{6}(-\d+)?")
"""What stands behind the name of a segment; 1: of a former version."""


_WORDS = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Neither a link nor a FIFO that somebody has put in the file's place leads anywhere."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of each log is kept."""

    most_bytes: int = 100_000_000
    days: int = 30


def utc_now() -> datetime:
    return datetime.now(UTC)


def make(file: Path) -> None:
    """An empty log where there is none, so that it can be followed. Raises OSError."""
    os.close(os.open(file, _WORDS | os.O_CREAT, PRIVATE))


def segments(file: Path) -> list[Path]:
    """Those of this log beside it, the oldest first."""
    begin = f"{file.name}."
    beside = [each for each in file.parent.glob(f"{begin}*") if _STAMP.fullmatch(each.name[len(begin) :])]
    return sorted(beside, key=lambda each: (each.suffix != ".1", each.name))


class BoundedFile:
    """One log with its segments, of this mode."""

    def __init__(self, file: Path, now: Callable[[], datetime] = utc_now, mode: int = PRIVATE) -> None:
        self.file, self._now, self._mode = file, now, mode
        self._opened = -1
        self._size = 0
        self._day = ""

    def write(self, lines: bytes, bounds: Bounds) -> int:
        """How many bytes were written; fewer than all where the disk took no more. `lines`: whole ones, with the last line break.
        Raises OSError when none was."""
        self._follow()
        day = self._today()
        if self._size and (self._size + len(lines) > bounds.most_bytes // SEGMENTS or day != self._day):
            self._turn(bounds)
        done = 0
        try:
            while done < len(lines):
                done += os.write(self._opened, lines[done:])
        except OSError:
            if not done:
                raise
        self._size += done
        self._day = day
        return done

    def tend(self, bounds: Bounds) -> None:
        """Turns to a new segment where the lines are of a former day, and takes away what is too old or too much. Raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            self._follow(make=False)
            if self._size and self._day != self._today():
                self._turn(bounds)
        self._clear(bounds)

    def close(self) -> None:
        if self._opened >= 0:
            os.close(self._opened)
            self._opened = -1

    def segments(self) -> list[Path]:
        """The oldest first."""
        return segments(self.file)

    def _today(self) -> str:
        return f"{self._now():%Y%m%d}"

    def _follow(self, *, make: bool = True) -> None:
        """Opens the file where it is not open, or is another since somebody moved it away. Raises OSError."""
        if self._opened >= 0:
            try:
                there, ours = self.file.stat(follow_symlinks=False), os.fstat(self._opened)
                if (there.st_ino, there.st_dev) == (ours.st_ino, ours.st_dev):
                    return
            except FileNotFoundError:
                pass
            self.close()
        self._opened = os.open(self.file, _WORDS | (os.O_CREAT if make else 0), self._mode)
        about = os.fstat(self._opened)
        if not stat.S_ISREG(about.st_mode):
            self.close()
            raise OSError(f"{self.file} is no file")
        self._size = about.st_size
        self._day = f"{datetime.fromtimestamp(about.st_mtime, UTC):%Y%m%d}"

    def _turn(self, bounds: Bounds) -> None:
        """The lines so far become a segment. Raises OSError; then nothing has been turned."""
        stamp = f"{self._now():%Y%m%dT%H%M%S}"
        beside = self.file.with_name(f"{self.file.name}.{stamp}")
        number = 0
        while beside.exists():
            number += 1
            beside = self.file.with_name(f"{self.file.name}.{stamp}-{number:04d}")
        self.file.rename(beside)
        self.close()
        self._follow()
        self._clear(bounds)

    def _clear(self, bounds: Bounds) -> None:
        """Takes the oldest segments away, until a whole further one fits and none is too old."""
        # The present file may grow to a whole one.
        room = bounds.most_bytes - bounds.most_bytes // SEGMENTS
        oldest = (self._now() - timedelta(days=bounds.days)).timestamp()
        for segment in reversed(self.segments()):
            try:
                about = segment.stat()
                room -= about.st_size
                if room < 0 or about.st_mtime < oldest:
                    segment.unlink()
            except FileNotFoundError:
                continue
