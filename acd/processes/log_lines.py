"""The logs of all parts as one stream of lines in order of time: for `sanxiang logs`.

A part's log is JSON, a line each (logs.py), the story server's text (ivr/server.py), or Asterisk's; older lines lie in segments
beside it (log_files.py). What is no line of these, as a traceback, belongs to the line before it. `asterisk.log`, what Asterisk
prints as it starts, has no times: its lines get that of the file's last change. Numbers are masked here once more, for where no
supervisor keeps the logs (compose) Asterisk's lines have them whole; and whatever would move the cursor of a terminal is shown as a
question mark, for strangers send what stands there.
"""

import heapq
import json
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acd.number_masks import masked, masked_asterisk
from acd.processes.log_files import segments
from acd.setup.installation import Installation

FROM_THE_END = 1_000_000
"""Bytes of each log that are read where no beginning is named, its segments included."""
FOLLOW_EVERY_S = 0.5
LONGEST_LINE = 20_000
"""Bytes of a line that are read; the rest of a longer one is left out."""
_OF_ASTERISK = ("asterisk", "security")
_OURS = ("supervisor", "daemon", "standby", "stories", "speech")
_ASTERISK = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)\] ([A-Z]+)\[\d+\](?:\[C-\w+\])? ?(.*)")
_STORIES = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ivr (\S+): (.*)")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NAMED_APART = ("event", "level", "logger", "timestamp", "exception")


@dataclass(frozen=True, slots=True)
class LogLine:
    at: datetime
    """Aware UTC."""
    part: str
    """supervisor, daemon, standby, stories, asterisk, security"""
    level: str
    """In lower case: info, warning, error …"""
    text: str
    more: tuple[str, ...] = ()
    """Lines that belong to it, as a traceback."""


@dataclass(frozen=True, slots=True)
class End:
    """How far a log was read."""

    inode: int = 0
    """Of the file; 0: it was not there."""
    offset: int = 0


def files(installation: Installation) -> dict[Path, str]:
    """Each log file, whether it is there or not, to its part."""
    asterisk = installation.run / "asterisk" / "log"
    return {
        **{installation.log / f"{part}.log": part for part in (*_OURS, "asterisk")},
        asterisk / "messages.log": "asterisk",
        asterisk / "security.log": "security",
    }


def read(
    logs: Mapping[Path, str], since: datetime | None, most: int, wanted: Callable[[LogLine], bool]
) -> tuple[list[LogLine], dict[Path, End], list[str]]:
    """The lines that are there, in order of time: at most the `most` latest that are `wanted`, and since that instant.

    Also how far each file was read, for `follow`, and a sentence for each file that can't be read.
    """
    streams: list[Iterator[LogLine]] = []
    ends: dict[Path, End] = {}
    troubles: list[str] = []
    for file, part in logs.items():
        try:
            with file.open("rb") as opened:  # told here and not in the middle of the stream
                about = os.fstat(opened.fileno())
            begin = _begin(file, since, about.st_size)
        except FileNotFoundError:
            ends[file] = End()
            continue
        except OSError as error:
            troubles.append(f"{file} can't be read: {error.strerror}.")
            continue
        ends[file] = End(about.st_ino, about.st_size)
        # Of lines of one instant the older come first.
        segments_before = reversed([*_older(file, since, about.st_size)])
        streams += [_of_file(segment, part, start, None) for segment, start in segments_before]
        streams.append(_of_file(file, part, begin, about.st_size))
    merged: Iterable[LogLine] = heapq.merge(*streams, key=lambda line: line.at)
    found = (line for line in merged if (since is None or line.at >= since) and wanted(line))
    return list(deque(found, maxlen=most)), ends, troubles


def follow(
    logs: Mapping[Path, str], ends: dict[Path, End], wanted: Callable[[LogLine], bool], every_s: float = FOLLOW_EVERY_S
) -> Iterator[LogLine]:
    """For ever: what is written after these ends, also where a log has turned to a new segment meanwhile, or was cut short."""
    ends = dict(ends)
    while True:
        new: list[LogLine] = []
        for file, part in logs.items():
            try:
                for older, begin in _turned(file, ends.get(file, End())):
                    new += _parsed(_to_the_end(older, begin), part, _changed(older))
                lines, ends[file] = _written(file, ends.get(file, End()))
            except OSError:
                continue
            new += _parsed(lines, part, _changed(file))
        yield from (line for line in sorted(new, key=lambda line: line.at) if wanted(line))
        time.sleep(every_s)


# --- inside ---


def _older(file: Path, since: datetime | None, size: int) -> Iterator[tuple[Path, int]]:
    """The segments that hold lines since that instant, or the latest before the `size` bytes of the file, the newest first; each with where to begin."""
    room = FROM_THE_END - size
    for segment in reversed(segments(file)):
        try:
            about = segment.stat()
            if since is None and room > 0:
                yield segment, max(0, about.st_size - room)
            elif since is not None and about.st_mtime >= since.timestamp():
                yield segment, _begin(segment, since, about.st_size)
            else:
                return
            room -= about.st_size
        except FileNotFoundError:  # it was the oldest, and there was too much
            return


def _turned(file: Path, end: End) -> list[tuple[Path, int]]:
    """The segments that have been made of what was the file at that end, each with where to begin. Raises OSError."""
    if not end.inode or file.stat().st_ino == end.inode:
        return []
    beside = segments(file)
    former = next((place for place, each in enumerate(beside) if each.stat().st_ino == end.inode), len(beside))
    return [(each, end.offset if place == 0 else 0) for place, each in enumerate(beside[former:])]


def _to_the_end(file: Path, begin: int) -> Iterator[bytes]:
    with file.open("rb") as opened:
        opened.seek(begin)
        yield from _raw(opened, None)


def _written(file: Path, end: End) -> tuple[list[bytes], End]:
    """The whole lines since that end, and the end of the next look. Raises OSError."""
    about = file.stat()
    begin = end.offset if about.st_ino == end.inode and about.st_size >= end.offset else 0
    lines, offset = _whole_lines(file, begin, about.st_size)
    return lines, End(about.st_ino, offset)


def _begin(file: Path, since: datetime | None, end: int) -> int:
    """Where to begin to read: near the end, or by halving near the first line of that instant."""
    if since is None:
        return max(0, end - FROM_THE_END)
    low, high = 0, end
    with file.open("rb") as opened:
        while high - low > FROM_THE_END // 10:
            middle = (low + high) // 2
            opened.seek(middle)
            opened.readline(LONGEST_LINE)
            first = next((at for at in (_time_of(opened.readline(LONGEST_LINE)) for _ in range(200)) if at), None)
            if first is None or first >= since:
                high = middle
            else:
                low = middle
    return low


def _of_file(file: Path, part: str, begin: int, end: int | None) -> Iterator[LogLine]:
    """The lines of the file from about there; a broken first one is left out."""
    try:
        opened = file.open("rb")
    except OSError:
        return
    with opened:
        opened.seek(begin)
        if begin:
            opened.readline(LONGEST_LINE)
        yield from _parsed(_raw(opened, end), part, _changed(file))


def _changed(file: Path) -> datetime | None:
    """When the file was last written, of the one whose lines have no times."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.name.startswith("asterisk.log") else None


def _raw(opened: Any, end: int | None) -> Iterator[bytes]:
    while (end is None or opened.tell() < end) and (line := opened.readline(LONGEST_LINE)):
        yield line


def _whole_lines(file: Path, begin: int, end: int) -> tuple[list[bytes], int]:
    """The lines between, as far as they are whole, and where the next look begins."""
    if end <= begin:
        return [], begin
    with file.open("rb") as opened:
        opened.seek(begin)
        data = opened.read(min(end - begin, FROM_THE_END))
    whole = data.rfind(b"\n") + 1 or (len(data) if len(data) > LONGEST_LINE else 0)
    return data[:whole].splitlines(), begin + whole


def _parsed(lines: Iterable[bytes], part: str, untimed: datetime | None = None) -> Iterator[LogLine]:
    """Lines without a time of their own are added to the one before. `untimed`: the time of those before which there is none;
    without it they are left out."""
    open_: LogLine | None = None
    more: list[str] = []
    for raw in lines:
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        line = _line(text, part)
        if line is None:
            if open_ is not None and text.strip() and len(more) < 200:
                more.append(plain(text, part))
            elif open_ is None and untimed is not None and text.strip():
                yield LogLine(untimed, part, "info", plain(text, part))
            continue
        if open_ is not None:
            yield _with(open_, more)
        open_, more = line, []
    if open_ is not None:
        yield _with(open_, more)


def _with(line: LogLine, more: list[str]) -> LogLine:
    return LogLine(line.at, line.part, line.level, line.text, (*line.more, *more)) if more else line


def _line(text: str, part: str) -> LogLine | None:
    """The line as it is shown; None where it begins with no time."""
    if found := _ASTERISK.match(text):
        return LogLine(_local(found[1]), part, found[2].lower(), plain(found[3], part))
    if found := _STORIES.match(text):
        about = "" if found[2] == "-" else f"  call={found[2]}"
        return LogLine(datetime.fromisoformat(found[1]), part, "info", plain(found[3] + about, part))
    if not text.startswith("{"):
        return None
    try:
        said = json.loads(text)
        at = datetime.fromisoformat(said["timestamp"])
    except (ValueError, KeyError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    fields = " ".join(f"{key}={_value(value)}" for key, value in said.items() if key not in _NAMED_APART)
    text = f"{said.get('event', '')}  {fields}".rstrip()
    trace = tuple(plain(each, part) for each in str(said.get("exception") or "").splitlines())
    return LogLine(at, part, str(said.get("level", "info")), plain(text, part), trace)


def _time_of(raw: bytes) -> datetime | None:
    line = _line(raw.decode("utf-8", "replace"), "")
    return line.at if line is not None else None


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _local(text: str) -> datetime:
    """Asterisk writes the machine's own clock."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").astimezone(UTC)


def plain(text: str, part: str) -> str:
    """As it may be shown on a terminal: numbers masked, nothing that moves the cursor, a line at most."""
    if part in _OF_ASTERISK:
        text = masked_asterisk(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    else:
        text = masked(text)
    return _CONTROL.sub("?", text).replace("\t", " ")
