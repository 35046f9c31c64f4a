"""How all processes write their logs: one JSON object a line, on standard error.

The supervisor keeps it in a file of the state folder's `log/` (log_keeper.py). A telephone number is masked wherever it stands in
a line, also in an error's own words: the code that logs does not have to think of it. Digits that a caller keys, and what a person
writes, are never logged.
"""

import fcntl
import io
import json
import logging
import os
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog

from acd.number_masks import masked


def without_numbers(logger: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line with every telephone number in its texts masked: 138****1111. A processor of structlog."""
    for name, value in line.items():
        if name not in ("timestamp", "logger", "level"):
            line[name] = _masked(value)
    return line


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: _masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(each) for each in value]
    return value


class StandardError(io.TextIOBase):
    """Standard error where it is a pipe that refuses what does not fit: whole lines or none, and nobody waits.

    A daemon that outlives its supervisor has no reader for its log for as long as nobody starts another one. How many lines were lost is
    told by the first that fits again.
    """

    def __init__(self, opened: int) -> None:
        self._opened = opened
        self._rest = b""
        """Of a line that the pipe has taken in part."""
        self._lost = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._rest:
            self._rest = self._put(self._rest)
        if self._rest:
            self._lost += text.count("\n")
            return len(text)
        line = (self._told() + text).encode("utf-8", "backslashreplace")
        rest = self._put(line)
        if rest == line:
            self._lost += text.count("\n")
        else:
            self._rest, self._lost = rest, 0
        return len(text)

    def _told(self) -> str:
        if not self._lost:
            return ""
        said = {"event": f"{self._lost} lines of this log were lost: nobody read its pipe", "level": "warning"}
        return json.dumps(said | {"logger": __name__, "timestamp": datetime.now(UTC).isoformat()}) + "\n"

    def _put(self, line: bytes) -> bytes:
        """What the pipe has not taken."""
        try:
            while line:
                line = line[os.write(self._opened, line) :]
        except OSError:  # Full; or without any reader.
            pass
        return line


def _standard_error() -> TextIO | io.TextIOBase:
    try:
        opened = sys.stderr.fileno()
        refuses = fcntl.fcntl(opened, fcntl.F_GETFL) & os.O_NONBLOCK
    except (OSError, ValueError):  # A test's, for instance.
        return sys.stderr
    return StandardError(opened) if refuses else sys.stderr


def set_up(level: int = logging.INFO, stream: TextIO | io.TextIOBase | None = None) -> None:
    """Sends structlog and the standard library's logging to the same lines, on `stream`, else standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or _standard_error())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_numbers,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiohttp.access", "panoramisk", "alembic", "sqlalchemy.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
