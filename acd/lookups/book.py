"""All look-ups of the configuration in force. Asked by stories through the daemon; answers a Result within the limit, and raises nothing."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

import structlog

from acd.company_systems.failure import SystemFailed
from acd.company_systems.gate import Gate, Outcome
from acd.config import Config
from acd.config.lookups import Lookup
from acd.lookups.fields import record_of
from acd.lookups.http_source import HttpSource
from acd.lookups.postgresql_source import PostgresqlSource
from acd.lookups.result import Result, Source
from acd.telephone_numbers import UNKNOWN, shown

log = structlog.get_logger(__name__)

AT_ONCE = 20
"""Questions to one source; a caller beyond is told at once that it can't be looked up."""
KEYED = re.compile(r"[0-9]{1,20}")
CALLER = "caller"
"""The key that stands for the number that calls."""


class _One:
    """One look-up: its source, and the gate before it."""

    def __init__(self, name: str, lookup: Lookup, source: Source, clock: Callable[[], float]) -> None:
        self.name, self.lookup, self.source = name, lookup, source
        self._gate = Gate(clock, lookup.limit_s, AT_ONCE, self._told)

    async def ask(self, by: str, values: Sequence[str], zone: ZoneInfo) -> Result:
        async def records() -> tuple[Mapping[str, str], ...]:
            rows = await self.source.find(by, values)
            return tuple(record_of(self.name, self.lookup, row, zone) for row in rows)

        try:
            found = await self._gate.ask(records)
        except SystemFailed as failure:
            return Result("failed", why=failure.why)
        return Result("found" if found else "not-found", found)

    def _told(self, outcome: Outcome) -> None:
        """One line in the log when it changes how the source fails."""
        if not outcome.changed:
            return
        if outcome.failure is None:
            log.info("a look-up answers again", lookup=self.name)
        else:
            log.warning("a look-up fails; callers are taken to a person", lookup=self.name, why=str(outcome.failure))


class Lookups:
    """`ask` is the one way in. `configured` when another configuration is in force."""

    def __init__(
        self, config: Config, own_database: Callable[[], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._own_database, self._clock = own_database, clock
        self._config = config
        self._all: dict[str, _One] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._take(config)

    def configured(self, config: Config) -> None:
        """Look-ups that are as they were keep their connections and what their breaker knows."""
        gone = [each for name, each in self._all.items() if config.lookups.get(name) != each.lookup]
        self._config = config
        self._take(config)
        for each in gone:
            task = asyncio.ensure_future(each.source.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _take(self, config: Config) -> None:
        before = self._all
        self._all = {
            name: before[name] if name in before and before[name].lookup == lookup else self._made(name, lookup)
            for name, lookup in config.lookups.items()
        }

    def _made(self, name: str, lookup: Lookup) -> _One:
        source: Source = (
            HttpSource(name, lookup) if lookup.kind == "http" else PostgresqlSource(name, lookup, self._own_database)
        )
        return _One(name, lookup, source, self._clock)

    def needed(self, name: str) -> str:
        """How far a caller must be verified for this look-up: "none", "number" or "full"."""
        return self._all[name].lookup.needed(name) if name in self._all else "none"

    async def ask(self, name: str, by: str, *, caller: str = UNKNOWN, keyed: str = "") -> Result:
        """The records of the caller's number (`by` "caller") or of a number that was keyed. `caller`: canonical, or "unknown"."""
        one = self._all.get(name)
        if one is None or by not in one.lookup.by:
            return Result("failed", why="no-such-lookup")
        if by == CALLER:
            if caller == UNKNOWN:
                return Result("not-found", why="no-caller")
            values = self._writings(caller, one.lookup)
        elif KEYED.fullmatch(keyed):
            values = [keyed]
        else:
            return Result("not-found", why="bad-key")
        began = self._clock()
        result = await one.ask(by, values, ZoneInfo(self._config.hotline.timezone))
        return Result(result.state, result.records, result.why, round(self._clock() - began, 3))

    def _writings(self, caller: str, lookup: Lookup) -> list[str]:
        """How the number may be written there, the likeliest first."""
        if lookup.kind == "http":
            return [shown(caller, self._config.hotline.country) if lookup.caller_as == "national" else caller]
        return list(self._config.numbering.former_writings(caller))

    async def close(self) -> None:
        """Ends all connections."""
        for each in self._all.values():
            await each.source.close()
