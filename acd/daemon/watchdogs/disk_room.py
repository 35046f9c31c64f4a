"""How much room the disks of the state folder and of the recordings have, for the limits of [alarms].

A share that hangs must hold up nothing: it is asked in a thread of its own, and not again before it has answered.
"""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from acd.threads import in_thread

EVERY_S = 30.0


class DiskRoom:
    def __init__(self, folders: Callable[[], Iterable[Path]], clock: Callable[[], float] = time.monotonic) -> None:
        """`folders`: those whose disks count, as they are now."""
        self._folders, self._clock = folders, clock
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None
        self.free_mb: float | None = None
        """Of the one that has least, at the latest look; None: not known yet, or no disk answers now."""

    def look(self) -> float | None:
        """The latest answer. Begins another look where that is due; returns at once."""
        if self._asking is not None and self._asking.done():
            self._asking = None
        now = self._clock()
        if self._asking is not None:
            if self._asked_at is not None and now - self._asked_at >= EVERY_S:
                self.free_mb = None
        elif self._asked_at is None or now - self._asked_at >= EVERY_S:
            self._asked_at = now
            self._asking = asyncio.create_task(self._ask(tuple(self._folders())), name="room on the disks")
        return self.free_mb

    async def _ask(self, folders: tuple[Path, ...]) -> None:
        def least() -> float:
            return min(shutil.disk_usage(folder).free for folder in folders) / 1e6

        try:
            self.free_mb = await in_thread("room on the disks", least)
        except OSError:
            self.free_mb = None  # A folder that is gone has an alarm of its own.
