"""The spool on disk, to read: segments of lines, one line of JSON for each event with its log rows.

A segment is a file named by the number of its first line; its first line is its head, which holds the engine's state
at that moment. Lines are numbered through all segments and a number is never given twice, so (spool, line, index)
names a log row for ever.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from acd.engine.commands import Log
from acd.engine.events import Event
from acd.store.codec import event_from, log_from

logger = logging.getLogger("acd.store")

SUFFIX = ".log"


@dataclass(frozen=True, slots=True)
class Line:
    """One event and the log rows that came of it."""

    number: int
    at: datetime
    form: dict[str, Any]
    """The event's JSON; `event()` decodes it."""
    logs: list[dict[str, Any]]

    def event(self) -> Event:
        return event_from(self.form)

    def rows(self) -> list[Log]:
        return [log_from(each) for each in self.logs]


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line that is not ours to read: broken on the disk, or of a version that we do not know."""

    number: int
    """Its place among the lines: that of the line before it, plus one."""
    raw: bytes
    reason: str


def segments(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted(each for each in folder.iterdir() if each.suffix == SUFFIX and each.stem.isdigit())


def segment_path(folder: Path, first: int) -> Path:
    return folder / f"{first:012d}{SUFFIX}"


def first_line(segment: Path) -> int:
    return int(segment.stem)


def parse(raw: bytes) -> Line:
    """ValueError when it is not a whole line of ours."""
    form = json.loads(raw)
    try:
        number, at = form["n"], datetime.fromisoformat(form["at"])
        event, logs = form["event"], form["logs"]
    except (KeyError, TypeError) as reason:
        raise ValueError(f"no line of the spool: {reason!r}") from reason
    if type(number) is not int or not isinstance(event, dict) or not isinstance(logs, list) or at.tzinfo is None:
        raise ValueError("no line of the spool: a field has the wrong type")
    return Line(number, at, event, logs)


def parse_head(raw: bytes) -> dict[str, Any]:
    """ValueError when it is not the head of a segment."""
    form = json.loads(raw)
    if not isinstance(form, dict) or "segment" not in form:
        raise ValueError("no head of a segment")
    return form


def head(segment: Path) -> dict[str, Any] | None:
    """The segment's head, with the engine's state under "state"; None when it cannot be read."""
    try:
        with segment.open("rb") as file:
            return parse_head(file.readline())
    except (OSError, ValueError):
        return None


def begun(segment: Path) -> datetime | None:
    """When it began; None: it is the spool's first, which begins with its first line, or its head cannot be read."""
    said = (head(segment) or {}).get("at")
    at = datetime.fromisoformat(said) if said else None
    return at if at and at.timestamp() > 0 else None


def lines(segment: Path, end: int | None = None, start: int = 0) -> Iterator[tuple[Line | Damaged, int]]:
    """Each line with the offset after it, from byte `start` (an offset given before, 0 for all) up to byte `end`.

    A last line without its line break is left out.
    """
    expected = first_line(segment)
    with segment.open("rb") as file:
        offset = start or len(file.readline())
        file.seek(offset)
        while end is None or offset < end:
            raw = file.readline()
            if not raw.endswith(b"\n"):
                return
            offset += len(raw)
            try:
                line: Line | Damaged = parse(raw)
            except ValueError as reason:
                line = Damaged(expected, raw, str(reason))
            expected = line.number + 1
            yield line, offset


def whole_until(segment: Path) -> tuple[int, int, int]:
    """(bytes that hold whole lines, bytes after them, number of the next line): a torn end is the part after.

    Broken lines with a whole one after them are damage, not a torn end, and stay where they are.
    """
    size = segment.stat().st_size
    with segment.open("rb") as file:
        good = len(file.readline())
    following = first_line(segment)
    for line, offset in lines(segment):
        if isinstance(line, Line):
            good, following = offset, line.number + 1
    return good, size - good, following
