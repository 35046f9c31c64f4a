"""The logs of all parts as one stream of lines in order of time: for `sanxiang logs`.

A part's log is JSON, a line each (logs.py), the story server's text (ivr/server.py), or Asterisk's. What is no line of these, as a
traceback, belongs to the line before it. `asterisk.log`, what Asterisk prints as it starts, has no times: its lines get that of the
file's last change. Numbers are masked here once more, for Asterisk's lines hold what strangers send; and whatever would move the
cursor of a terminal is shown as a question mark, for the same reason.
"""

import heapq
import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acd.processes.logs import without_numbers
from acd.setup.installation import Installation

FROM_THE_END = 1_000_000
"""Bytes of each file that are read where no beginning is named."""
FOLLOW_EVERY_S = 0.5
LONGEST_LINE = 20_000
"""Bytes of a line that are read; the rest of a longer one is left out."""
_OURS = ("supervisor", "daemon", "standby", "stories")
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
) -> tuple[list[LogLine], dict[Path, int], list[str]]:
    """The lines that are there, in order of time: at most the `most` latest that are `wanted`, and since that instant.

    Also how far each file was read, for `follow`, and a sentence for each file that can't be read.
    """
    streams, ends, troubles = [], {}, []
    for file, part in logs.items():
        try:
            end = file.stat().st_size
            begin = _begin(file, since, end)
            old = _of_file(file.with_name(f"{file.name}.1"), part, 0, None) if since is not None else iter(())
            with file.open("rb"):
                pass  # told here and not in the middle of the stream
        except FileNotFoundError:
            ends[file] = 0
            continue
        except OSError as error:
            troubles.append(f"{file} can't be read: {error.strerror}.")
            continue
        ends[file] = end
        streams.append(old)
        streams.append(_of_file(file, part, begin, end))
    merged: Iterable[LogLine] = heapq.merge(*streams, key=lambda line: line.at)
    found = (line for line in merged if (since is None or line.at >= since) and wanted(line))
    return list(deque(found, maxlen=most)), ends, troubles


def follow(
    logs: Mapping[Path, str], ends: dict[Path, int], wanted: Callable[[LogLine], bool], every_s: float = FOLLOW_EVERY_S
) -> Iterator[LogLine]:
    """For ever: what is written after these ends. A file that was cut short meanwhile is read from its new beginning."""
    ends = dict(ends)
    while True:
        new: list[LogLine] = []
        for file, part in logs.items():
            try:
                size = file.stat().st_size
                begin = ends.get(file, 0)
                begin = 0 if size < begin else begin
                lines, ends[file] = _whole_lines(file, begin, size)
            except OSError:
                continue
            new += _parsed(lines, part, _changed(file))
        yield from (line for line in sorted(new, key=lambda line: line.at) if wanted(line))
        time.sleep(every_s)


# --- inside ---


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
                more.append(plain(text))
            elif open_ is None and untimed is not None and text.strip():
                yield LogLine(untimed, part, "info", plain(text))
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
        return LogLine(_local(found[1]), part, found[2].lower(), plain(found[3]))
    if found := _STORIES.match(text):
        about = "" if found[2] == "-" else f"  call={found[2]}"
        return LogLine(datetime.fromisoformat(found[1]), part, "info", plain(found[3] + about))
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
    trace = tuple(plain(each) for each in str(said.get("exception") or "").splitlines())
    return LogLine(at, part, str(said.get("level", "info")), plain(text), trace)


def _time_of(raw: bytes) -> datetime | None:
    line = _line(raw.decode("utf-8", "replace"), "")
    return line.at if line is not None else None


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _local(text: str) -> datetime:
    """Asterisk writes the machine's own clock."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").astimezone(UTC)


def plain(text: str) -> str:
    """As it may be shown on a terminal: numbers masked, nothing that moves the cursor, a line at most."""
    masked = without_numbers(None, "", {"text": text})["text"]
    return _CONTROL.sub("?", str(masked)).replace("\t", " ")
