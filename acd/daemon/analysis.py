"""Starts the analysis of talks when some are due, in a process of its own, one at a time."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from acd.config import Config
from acd.store.errors import DatabaseAway
from acd.store.queries import analysis
from acd.store.store import Store
from recordings.analysis import process
from recordings.analysis.worker import settled

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 20.0


class AnalysisRunner:
    """One look asks PostgreSQL whether anything is due; only then a process is started."""

    def __init__(
        self, store: Store, config: Callable[[], Config], root: Callable[[], Path], now: Callable[[], datetime]
    ) -> None:
        self._store, self._config, self._root, self._now = store, config, root, now

    async def look(self) -> None:
        """Analyses what is due. NotAnalysed; while PostgreSQL is away nothing is done."""
        config = self._config()
        if not (config.analysis.on or any(config.analysis_of(queue).on for queue in config.queues)):
            return
        more = True
        try:
            while more:
                async with self._store.transaction() as connection:
                    if not await analysis.due(connection, self._now(), settled(config), 1):
                        return
                made = await process.run(process.Job(self._store.address, config, self._root()))
                if made.done:
                    log.info("talks were analysed", talks=made.done, without_sound=made.without_sound)
                more = made.more
                await asyncio.sleep(0)
        except DatabaseAway:
            return
