"""How many lines of one kind the log takes in a minute, where strangers decide how many there would be.

What is left out is counted, and the number is logged when the minute is over. /metrics counts every refusal.
"""

import asyncio
import logging

import structlog
from aiohttp.http_exceptions import HttpProcessingError

log = structlog.get_logger(__name__)

LINES = 10
EVERY_S = 60.0


class LogLimit:
    """At most `lines` of each kind within `every_s`. `allows` is to be called within a running loop."""

    def __init__(self, lines: int = LINES, every_s: float = EVERY_S) -> None:
        self.lines, self.every_s = lines, every_s
        self._minutes: dict[str, tuple[float, int]] = {}
        """By kind: when its minute began, and how many lines have been wanted since."""

    def allows(self, kind: str) -> bool:
        """Whether one more line of this kind is to be written. `kind` comes from a closed set, never from a client."""
        loop = asyncio.get_running_loop()
        began, wanted = self._minutes.get(kind, (0.0, 0))
        if not wanted or loop.time() - began >= self.every_s:
            self._tell(kind)
            began, wanted = loop.time(), 0
            loop.call_later(self.every_s, self._over, kind, began)
        self._minutes[kind] = began, wanted + 1
        return wanted < self.lines

    def _over(self, kind: str, began: float) -> None:
        if self._minutes.get(kind, (None, 0))[0] == began:
            self._tell(kind)

    def _tell(self, kind: str) -> None:
        _, wanted = self._minutes.pop(kind, (0.0, 0))
        if wanted > self.lines:
            log.warning("lines were left out", kind=kind, left_out=wanted - self.lines, within_s=self.every_s)


class NotHttp(logging.Filter):
    """For aiohttp's own logger: what is no HTTP is a line without a traceback, and all of it is limited."""

    def __init__(self) -> None:
        super().__init__()
        self.limit = LogLimit()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError) and error.code < 500:
            record.exc_info, record.exc_text = None, None
            record.msg = f"{record.msg}: {type(error).__name__}"
        try:
            return self.limit.allows(f"aiohttp: {type(error).__name__}")
        except RuntimeError:  # not in the loop: no request's line
            return True


NOT_HTTP = NotHttp()
