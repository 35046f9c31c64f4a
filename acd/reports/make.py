"""Makes reports for the daemon: what is wanted is checked, then made in a process of its own, one at a time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from acd.config import Config
from acd.errors import SanxiangError
from acd.reports.contents import Language, Report, Wanted
from acd.reports.files import File, Format
from acd.reports.process import Job, run
from acd.store.store import Store

MOST_DAYS = 366
MOST_ROWS = 40_000
"""Names times days."""
WAITING = 3
"""Reports that wait for the one that is being made."""


class TooLong(SanxiangError):
    """A report of {days} days can't be made; at most {most}. Narrow the span."""


class TooManyRows(SanxiangError):
    """{names} queues and agents over {days} days are {rows} rows; at most {most}. Narrow the span, or name queues."""


class Busy(SanxiangError):
    """Other reports are being made. Try again in a minute."""


def check(config: Config, wanted: Wanted) -> None:
    """Silent when such a report can be made. Raises TooLong, TooManyRows."""
    days = wanted.span.days
    if days > MOST_DAYS:
        raise TooLong(days=days, most=MOST_DAYS)
    names = 0
    if "queues" in wanted.by:
        names += len(wanted.queues or config.queues)
    if "agents" in wanted.by:
        names += len(config.agents)
    if names * days > MOST_ROWS:
        raise TooManyRows(names=names, days=days, rows=names * days, most=MOST_ROWS)


class Maker:
    """Makes reports, one at a time."""

    def __init__(self, store: Callable[[], Store], config: Callable[[], Config], now: Callable[[], datetime]) -> None:
        """`now`: aware UTC."""
        self._store, self._config, self._now = store, config, now
        self._turn = asyncio.Lock()
        self._waiting = 0
        """Those that are being made, too."""
        self._tasks: set[asyncio.Task[tuple[Report, list[File]]]] = set()

    async def report(self, wanted: Wanted) -> Report:
        """The report, without its rows by day. Raises TooLong, TooManyRows, Busy, DatabaseAway, NotMade."""
        report, _ = await self.files(wanted, (), "en", "")
        return report

    async def files(
        self, wanted: Wanted, formats: Sequence[Format], language: Language, stem: str
    ) -> tuple[Report, list[File]]:
        """The report, without its rows by day, and its files. Raises as `report`."""
        config = self._config()
        check(config, wanted)
        if self._waiting > WAITING:
            raise Busy
        self._waiting += 1
        job = Job(self._store().address, config, wanted, tuple(formats), language, stem, self._now())
        # A task of its own: who stops waiting does not let the next begin while this one is still at work.
        task = asyncio.create_task(self._in_turn(job))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: "asyncio.Task[tuple[Report, list[File]]]") -> None:
        self._waiting -= 1
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # Looked at, or asyncio logs it where nobody waits any more.

    async def _in_turn(self, job: Job) -> tuple[Report, list[File]]:
        async with self._turn:
            return await run(job)
