"""The spool on disk, to read: segments of lines, one line of JSON for each event with its log rows.

A segment is a file named by the number of its first line; its first line is its head, which holds the engine's state
at that moment. Lines are numbered through all segments and a number is never given twice, so (spool, line, index)
names a log row for ever.

A line ends with the CRC-32 of what stands before it: `,"crc":"0a1b2c3d"}`. Lines of former versions have none and are
read all the same. A number that is not the next one is believed of a line whose checksum fits: the lines between were
let go while the disk refused them, or are gone. Of a line without checksum it is believed when the line after it goes
on from there.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from acd.engine.commands import Log
from acd.engine.events import Event
from acd.store.journal.codec import event_from, log_from

logger = logging.getLogger("acd.store")

SUFFIX = ".log"
LONGEST_LINE = 8_000_000
"""Bytes. A longer line is damage (a line break that was overwritten): it is not read into memory as a whole."""
KEPT_OF_OVERLONG = 64_000
"""Bytes of it that are kept, to be looked at."""
HIGHEST_NUMBER = 2**62
_SEAL = len(',"crc":"0a1b2c3d"}\n')
_KEYS = {"n", "at", "event", "logs"}


@dataclass(frozen=True, slots=True)
class Line:
    """One event and the log rows that came of it."""

    number: int
    at: datetime
    form: dict[str, Any]
    """The event's JSON; `event()` decodes it."""
    logs: list[dict[str, Any]]
    sealed: bool = False
    """It has a checksum, which fits."""
    whole_crc: int = 0
    """CRC-32 of the whole line as it stands on the disk."""

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
    idx: int = -1
    """-1; -2, -3 … for further ones at the same place: lines whose number was given before."""


def segments(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted(each for each in folder.iterdir() if each.suffix == SUFFIX and each.stem.isdigit())


def segment_path(folder: Path, first: int) -> Path:
    return folder / f"{first:012d}{SUFFIX}"


def first_line(segment: Path) -> int:
    return int(segment.stem)


def sealed(body: bytes) -> bytes:
    """The line on disk: `body` is a JSON object without its last brace; its checksum is added."""
    return b'%b,"crc":"%08x"}\n' % (body, crc32(body))


def checked(raw: bytes) -> tuple[bool, int]:
    """(whether the line carries its checksum, CRC-32 of all of it). ValueError when it carries one that does not fit."""
    seal = raw[-_SEAL:]
    if not (seal.startswith(b',"crc":"') and seal.endswith(b'"}\n')):
        return False, crc32(raw)
    crc = crc32(memoryview(raw)[:-_SEAL])
    if seal[8:-3] != b"%08x" % crc:
        raise ValueError("its checksum does not fit")
    return True, crc32(seal, crc)


def parse(raw: bytes) -> Line:
    """ValueError when it is not a whole line of ours."""
    is_sealed, whole_crc = checked(raw)
    form = _json(raw)
    try:
        number, at = form["n"], datetime.fromisoformat(form["at"])
        event, logs = form["event"], form["logs"]
    except (KeyError, TypeError) as reason:
        raise ValueError(f"no line of the spool: {reason!r}") from reason
    if type(number) is not int or not isinstance(event, dict) or not isinstance(logs, list) or at.tzinfo is None:
        raise ValueError("no line of the spool: a field has the wrong type")
    if not 0 < number < HIGHEST_NUMBER:
        raise ValueError("no line of the spool: no number of a line")
    if not is_sealed and form.keys() != _KEYS:
        raise ValueError("no line of the spool: its checksum is damaged, or it has fields that are not known")
    return Line(number, at, event, logs, is_sealed, whole_crc)


def parse_head(raw: bytes) -> dict[str, Any]:
    """ValueError when it is not the head of a segment."""
    checked(raw)
    form = _json(raw)
    if not isinstance(form, dict) or "segment" not in form:
        raise ValueError("no head of a segment")
    return form


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None


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


def lines(
    segment: Path, end: int | None = None, start: int = 0, following: int = 0
) -> Iterator[tuple[Line | Damaged, int]]:
    """Each line with the offset after it, from byte `start` (an offset given before, 0 for all) up to byte `end`.

    `following`, with a `start`: the number of the line that should stand there; 0: not known. A last line without its
    line break is left out.
    """
    with segment.open("rb") as file:
        offset = start or len(file.readline())
        last = (following if start else first_line(segment)) - 1
        file.seek(offset)
        run: list[tuple[bytes, str, int]] = []
        while end is None or offset < end:
            raw, length = _read(file)
            if not length:
                break
            offset += length
            line = _judged(file, offset, raw, last, len(run))
            if isinstance(line, str):
                run.append((raw, line, offset))
                continue
            yield from _numbered(run, last, line.number - 1)
            run, last = [], line.number
            yield line, offset
        if run:
            yield from _numbered(run, last, _last_place(segment))


def _last_place(segment: Path) -> int | None:
    """The number of the last line that the segment can hold; None for the newest."""
    after = [first_line(each) for each in segments(segment.parent) if first_line(each) > first_line(segment)]
    return min(after) - 1 if after else None


def _numbered(run: Iterable[tuple[bytes, str, int]], last: int, highest: int | None) -> Iterator[tuple[Damaged, int]]:
    """The places of damaged lines between line `last` and the one after `highest`: more of them than there is room for (a
    line that was torn in two, or stands there twice) share the last place."""
    number, idx = last, -1
    for raw, reason, offset in run:
        if last >= 0 and (highest is None or number < highest):
            number, idx = number + 1, -1
        else:
            idx -= 1
        yield Damaged(max(0, number), raw, reason, idx), offset


def _read(file: BinaryIO) -> tuple[bytes, int]:
    """The next line and its length on disk; length 0: there is none that is whole. Of an overlong one the beginning."""
    raw = file.readline(LONGEST_LINE)
    if raw.endswith(b"\n"):
        return raw, len(raw)
    length, rest = len(raw), raw
    while rest and not rest.endswith(b"\n"):
        rest = file.readline(1_000_000)
        length += len(rest)
    return raw[:KEPT_OF_OVERLONG], length if rest else 0


def _judged(file: BinaryIO, offset: int, raw: bytes, last: int, damaged: int) -> Line | str:
    """The line, or why it is none. `last`: the number of the last good one, -1: not known; `damaged`: how many bad ones stand
    between. The file is at `offset`, behind the line, and stays there."""
    if not raw.endswith(b"\n"):
        return f"longer than {LONGEST_LINE:,} bytes"
    try:
        line = parse(raw)
    except ValueError as reason:
        return str(reason)
    if last < 0 or line.number == last + 1 + damaged:
        return line
    if line.number > last and (line.sealed or _number_after(file, offset) == line.number + 1):
        return line
    return f"it says that it is line {line.number}, and stands after line {last}"


def _number_after(file: BinaryIO, offset: int) -> int | None:
    """The number of the line at `offset`; None where there is none that can be read."""
    raw, _ = _read(file)
    file.seek(offset)
    try:
        return parse(raw).number
    except ValueError:
        return None


def whole_until(segment: Path) -> tuple[int, int, int]:
    """(bytes that hold whole lines, bytes after them, number of the next line): a torn end is the part after.

    Broken lines that end with a line break are damage, not a torn end: they stay, and the shipper puts them aside.
    """
    size = segment.stat().st_size
    with segment.open("rb") as file:
        good = len(file.readline())
    following = first_line(segment)
    for line, offset in lines(segment):
        good, following = offset, max(following, line.number + 1)
    return good, size - good, following


def kept_lines(folder: Path) -> tuple[int, int]:
    """(first line that is kept, last line of the segments that PostgreSQL was once said to have; 0: of none)."""
    present = segments(folder)
    had = [first_line(after) - 1 for segment, after in pairwise(present) if segment.with_suffix(".shipped").exists()]
    return first_line(present[0]) if present else 1, max(had, default=0)


def checksum_of(folder: Path, number: int, end_of: Callable[[Path], int | None] = lambda segment: None) -> int | None:
    """CRC-32 of the line of this number as it stands on the disk; None when it is not there. `end_of`: as the journal's."""
    for segment in reversed(segments(folder)):
        if first_line(segment) > number:
            continue
        prefix, end = b'{"n":%d,' % number, end_of(segment)
        with segment.open("rb") as file:
            offset = len(file.readline())
            while end is None or offset < end:
                raw, length = _read(file)
                if not length:
                    return None
                offset += length
                if raw.startswith(prefix):
                    return crc32(raw)
        return None
    return None
