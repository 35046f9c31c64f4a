"""Work that the daemon does again and again beside its calls: a round that fails costs that round, and not the daemon.

A table that a database administrator has changed, a disk without room, a file descriptor that was not to be had: the next round may
fare better, and until then callers are served as before.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event

log = structlog.get_logger(__name__)


class Recurring:
    """Runs rounds; what goes wrong is logged whole and raised as an alarm, once as long as it is the same."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._trouble: dict[str, str] = {}
        """What went wrong in the last round of each kind of work; nothing where it went well."""
        self._went_well: set[str] = set()
        self.failed = 0
        """Rounds that failed since the start."""

    async def every(
        self, every_s: float, work: str, look: Callable[[], Awaitable[None]], when: Callable[[], bool] = lambda: True
    ) -> NoReturn:
        """One round of this work after the other for ever, with this pause between them. `when`: a round is left out where it says
        no."""
        while True:
            if when():
                await self.round(work, look())
            await asyncio.sleep(every_s)

    async def round(self, work: str, doing: Awaitable[None]) -> None:
        """Awaits one round of this work. Raises nothing but cancellation."""
        try:
            await doing
        except Exception as error:
            self.failed += 1
            what = f"{type(error).__name__}: {error}"
            if self._trouble.get(work) != what:
                log.exception("a round of work in the background failed; it is tried again in its turn", work=work)
                # The sentence of an error may hold what stood in a row: its kind is enough here, the log has the rest.
                self._tell(
                    AlarmRaised(
                        "background work failed", f"{work}: {type(error).__name__}. See daemon.log", subject=work
                    )
                )
            self._trouble[work] = what
        else:
            if work not in self._went_well or work in self._trouble:
                # Also after the first round since the start: the daemon before may have left the alarm open.
                self._went_well.add(work)
                self._tell(AlarmCleared("background work failed", work))
            if self._trouble.pop(work, ""):
                log.info("work in the background goes well again", work=work)
