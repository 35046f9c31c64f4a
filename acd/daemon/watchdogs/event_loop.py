"""Whether the daemon's event loop runs, and what blocked it when it did not.

One loop does all the daemon's work: code that sleeps or computes for long in it keeps every caller waiting. A thread looks at it
four times a second. When the loop has not run for a while, the thread logs where the loop is, and once the loop runs again an
alarm says how long it was blocked, and where.
"""

import asyncio
import selectors
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import structlog

from acd.engine.events import AlarmRaised, Event

log = structlog.get_logger(__name__)

EVERY_S = 0.25
BLOCKED_S = 1.0
"""A longer block raises an alarm. Asterisk disconnects a reader after ten times as long."""


class LoopWatch:
    """Measures how late the loop is, and finds what blocks it."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._turned_at = time.monotonic()
        self._where = ""
        self._stop = threading.Event()
        self.blocked = 0
        """Number of blocks longer than `BLOCKED_S`."""
        self._late: deque[float] = deque([0.0], maxlen=round(60 / EVERY_S))

    @property
    def lag_s(self) -> float:
        """The longest delay of a due task in the last minute, in seconds."""
        return max(self._late)

    async def run(self) -> None:
        """Serves until it is cancelled."""
        loops_thread = threading.get_ident()
        self._turned_at = time.monotonic()
        threading.Thread(target=self._look, args=(loops_thread,), name="loop watch", daemon=True).start()
        try:
            while True:
                await asyncio.sleep(EVERY_S)
                now = time.monotonic()
                stood_s, self._turned_at = now - self._turned_at - EVERY_S, now
                self._late.append(max(0.0, stood_s))
                where, self._where = self._where, ""
                # Without a place the whole process did not run, this thread included: Ami.on_slept reports that.
                if stood_s > BLOCKED_S and where:
                    self.blocked += 1
                    self._tell(AlarmRaised("loop blocked", f"{stood_s:.1f} s in {where}"))
        finally:
            self._stop.set()

    def _look(self, loops_thread: int) -> None:
        looked_at = time.monotonic()
        while not self._stop.wait(EVERY_S):
            now = time.monotonic()
            ran, looked_at = now - looked_at < BLOCKED_S / 2, now
            if not ran or self._where or now - self._turned_at < EVERY_S + BLOCKED_S:
                continue
            frame = sys._current_frames().get(loops_thread)
            # A loop that waits in select() is not blocked: the machine is busy with other processes.
            if frame is not None and frame.f_code.co_filename != selectors.__file__:
                self._where = _place(frame)
                log.error("the loop does not turn", where=self._where, stack="".join(traceback.format_stack(frame)))


def _place(frame: FrameType) -> str:
    """The innermost line of this project on the stack: file, line and function."""
    ours = Path(__file__).resolve().parents[3]
    found: FrameType | None = frame
    while found is not None:
        file = Path(found.f_code.co_filename)
        if ours in file.parents:
            return f"{file.relative_to(ours)}:{found.f_lineno} {found.f_code.co_name}"
        found = found.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}"
