"""Wrong entries, counted per call and per number and day. A try is counted before it is evaluated, so that none is free.

The day's counts outlive a restart in a private file of the state folder, under a keyed hash: a stolen file tells no number. A file that
can't be read is begun anew, and said once.
"""

import hashlib
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from acd.files import write_private

log = structlog.get_logger(__name__)

MOST_CALLS = 5_000
MOST_NUMBERS = 20_000
"""Numbers with a wrong entry in one day; beyond, nobody new is asked: somebody is trying them out."""


class Tries:
    """The counts. Not thread-safe: one loop."""

    def __init__(self, file: Path, now: Callable[[], datetime], zone: Callable[[], ZoneInfo]) -> None:
        self._file, self._now, self._zone = file, now, zone
        self._calls: OrderedDict[str, int] = OrderedDict()
        self._key, self._day, self._numbers = secrets.token_hex(16), "", dict[str, int]()
        self._read()

    def left(self, call: str, number: str, per_call: int, per_day: int) -> int:
        """How many entries this caller may still make."""
        self._turn()
        mark = self._mark(number)
        if mark not in self._numbers and len(self._numbers) >= MOST_NUMBERS:
            return 0
        return max(0, min(per_call - self._calls.get(call, 0), per_day - self._numbers.get(mark, 0)))

    def begin(self, call: str, number: str) -> None:
        """Counts one, on the disk before it is evaluated."""
        self._turn()
        mark = self._mark(number)
        self._calls[call] = self._calls.get(call, 0) + 1
        self._calls.move_to_end(call)
        while len(self._calls) > MOST_CALLS:
            self._calls.popitem(last=False)
        self._numbers[mark] = self._numbers.get(mark, 0) + 1
        self._write()

    def succeeded(self, number: str) -> None:
        """The number's wrong entries of today are forgiven."""
        if self._numbers.pop(self._mark(number), None) is not None:
            self._write()

    def _turn(self) -> None:
        today = self._now().astimezone(self._zone()).date().isoformat()
        if today != self._day:
            self._day, self._numbers = today, {}

    def _mark(self, number: str) -> str:
        return hmac.new(self._key.encode(), number.encode(), hashlib.sha256).hexdigest()[:24]

    def _read(self) -> None:
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            self._key, self._day = str(kept["key"]), str(kept["day"])
            self._numbers = {str(mark): int(count) for mark, count in kept["numbers"].items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("the counts of wrong entries can't be read and begin anew", why=type(error).__name__)

    def _write(self) -> None:
        try:
            write_private(self._file, json.dumps({"key": self._key, "day": self._day, "numbers": self._numbers}))
        except OSError as error:
            log.warning("the counts of wrong entries can't be written", why=error.strerror)
