"""The store: one PostgreSQL, asked by pages and reports, filled by the shipper.

Nothing here waits for ever: connecting has 3 s, a statement 5 s, a report 10 s. While PostgreSQL is away every
question raises DatabaseAway, and the page says what it lacks.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from acd.clock import day_bounds
from acd.store import agent_time as time_queries
from acd.store import calls as call_queries
from acd.store import cards as card_queries
from acd.store import day as day_queries
from acd.store import kpi as figures
from acd.store import leg_quality as line_queries
from acd.store import recordings as recording_queries
from acd.store import schema
from acd.store import transfers as transfer_queries
from acd.store import waits as wait_queries
from acd.store.agent_time import Stretch
from acd.store.calls import Call, Deed, Happening, Offer
from acd.store.connection import CONNECT_WITHIN_S, address, engine, spoken, transaction
from acd.store.day import Day
from acd.store.kpi import Kpi
from acd.store.leg_quality import LegQuality
from acd.store.recordings import Filters, Recording
from acd.store.transfers import Transfer
from acd.store.waits import Kept
from acd.telephone_numbers import Numbering

STATEMENT_WITHIN_S = 5.0
REPORT_WITHIN_S = 10.0
MIGRATE_WITHIN_S = 300.0


class Store:
    """Made by `Store.open`. `writer` is the shipper's own connection: no report can keep it waiting."""

    def __init__(self, url: URL, zone: tzinfo) -> None:
        self._url = url
        self._zone = zone
        self.reader = engine(lambda: self._url, 6, REPORT_WITHIN_S)
        self.writer = engine(lambda: self._url, 1, STATEMENT_WITHIN_S)

    @classmethod
    async def open(cls, url: str, zone: tzinfo = UTC) -> "Store":
        """Does not connect: PostgreSQL may be away now and come later. `zone`: where a day begins. BadDatabaseUrl."""
        return cls(address(url), zone)

    async def close(self) -> None:
        """Closes all connections."""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(STATEMENT_WITHIN_S):
                await asyncio.gather(self.reader.dispose(), self.writer.dispose())

    def log_in_as(self, url: str) -> None:
        """Connections made from now on use the password of this address; those that are open stay. BadDatabaseUrl."""
        self._url = self._url._replace(password=address(url).password)

    async def drop_writer(self) -> None:
        """Throws the shipper's connection away; the next one is made anew."""
        await self.writer.dispose()

    async def ping(self) -> None:
        """Silent when PostgreSQL answers; else DatabaseAway."""
        async with self._read() as connection:
            await connection.execute(text("SELECT 1"))

    async def migrate(self) -> None:
        """Makes the tables or brings them to this version. DatabaseAway, SchemaTooNew, SchemaForeign."""
        await self._on_schema(schema.migrate)

    async def check_schema(self) -> None:
        """Silent when the tables fit; else DatabaseAway, SchemaMissing, SchemaTooOld, SchemaTooNew, SchemaForeign."""
        await self._on_schema(schema.check)

    async def _on_schema(self, do: Callable[[Connection], None]) -> None:
        await asyncio.to_thread(lambda: asyncio.run(self._on_schema_alone(do)))

    async def _on_schema_alone(self, do: Callable[[Connection], None]) -> None:
        """In a loop of its own, because Alembic blocks and asyncpg's connections belong to one loop."""
        alone = create_async_engine(
            self._url,
            poolclass=NullPool,
            connect_args={"timeout": CONNECT_WITHIN_S, "command_timeout": MIGRATE_WITHIN_S},
        )
        with spoken():
            async with alone.begin() as connection:
                await connection.run_sync(do)

    @contextlib.asynccontextmanager
    async def _read(self, within_s: float = STATEMENT_WITHIN_S) -> AsyncIterator[AsyncConnection]:
        with spoken():
            async with transaction(self.reader, within_s) as connection:
                yield connection

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """When that day began and ended here; 23 or 25 hours apart when clocks change."""
        return day_bounds(day, self._zone)

    # -- questions -----------------------------------------------------------------------------------------------

    async def calls(
        self,
        day: date | None = None,
        search: str = "",
        queue: str = "",
        ending: str = "",
        limit: int = 100,
        before: str | None = None,
        numbering: Numbering | None = None,
        *,
        part_of_number: bool = True,
    ) -> list[Call]:
        """Newest first. `search`: the caller's number or part of it in any writing, or a whole call id, agent or dialled
        number; without `part_of_number` the whole number or its last four digits. `before`: the id of the last call of the
        former page. `numbering`: how numbers are read."""
        bounds = self.day_bounds(day) if day else None
        async with self._read() as connection:
            return await call_queries.find(
                connection, bounds, search, part_of_number, queue, ending, limit, before, numbering or Numbering()
            )

    async def call(self, call: str) -> Call | None:
        """The call of this id, or None."""
        async with self._read() as connection:
            return await call_queries.one(connection, call)

    async def timeline(self, call: str) -> list[Happening]:
        """What happened in the call, in the order of the log."""
        async with self._read() as connection:
            return await call_queries.timeline(connection, call)

    async def offers(self, call: str) -> list[Offer]:
        """The call's offers in order."""
        async with self._read() as connection:
            return await call_queries.offers(connection, call)

    async def leg_quality(self, call: str = "", offer: str = "") -> list[LegQuality]:
        """How well the lines of that call, or of that offer, carried speech."""
        async with self._read() as connection:
            if offer:
                return await line_queries.of_offer(connection, offer)
            return await line_queries.of_call(connection, call)

    async def lines(
        self,
        day: date | None = None,
        party: str = "",
        problem: str = "",
        bad: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> list[LegQuality]:
        """Legs' lines of that day, the latest first. `party`: "trunk NAME" or "agent 1001"; `problem`: one of
        line_verdict.PROBLEMS."""
        bounds = self.day_bounds(day) if day else None
        async with self._read(REPORT_WITHIN_S) as connection:
            return await line_queries.find(connection, bounds, party, problem, bad, limit, offset)

    async def deeds(self, day: date | None = None, call: str = "") -> list[Deed]:
        """What operators did that day, or to that call, in order."""
        bounds = self.day_bounds(day) if day else None
        async with self._read(REPORT_WITHIN_S) as connection:
            return await call_queries.deeds(connection, bounds, call)

    async def transfers(self, call: str) -> list[Transfer]:
        """Of that call, in order; refused ones too."""
        async with self._read() as connection:
            return await transfer_queries.of_call(connection, call)

    async def card(self, call: str) -> dict[str, Any] | None:
        """The context card (acd/store/context_card.py) as far as PostgreSQL knows it; without the number's region."""
        async with self._read() as connection:
            return await card_queries.one(connection, call)

    async def contacts(
        self, callers: Sequence[str], before: datetime, contact: str = "", limit: int = card_queries.CONTACTS
    ) -> list[dict[str, Any]]:
        """The calls before that time of a number in these writings, the latest first, but those of this contact: {call, at, queue, agents (who
        served, in turn), ending, matter, disposition: {code, text} | None}."""
        async with self._read() as connection:
            return await card_queries.contacts(connection, callers, before, contact, limit)

    async def recordings(self, filters: Filters | None = None, **named: Any) -> list[Recording]:
        """Newest first; filters as an object or by name: `recordings(agent="1001", state="incomplete")`."""
        wanted = filters or Filters(**named)
        bounds = self.day_bounds(wanted.day) if wanted.day else None
        async with self._read(REPORT_WITHIN_S) as connection:
            return await recording_queries.find(connection, wanted, bounds)

    async def recording(self, offer: str) -> Recording | None:
        """The recording of this offer, or None."""
        async with self._read() as connection:
            return await recording_queries.one(connection, offer)

    async def agent_time(self, day: date, agent: str = "") -> list[Stretch]:
        """The stretches of that day, cut at its bounds; of all agents when none is named."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await time_queries.of_day(connection, *self.day_bounds(day), agent)

    async def day(self, day: date) -> Day:
        """That day as it was, callers' numbers whole: for a replay."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await day_queries.day_of(connection, day, self._zone)

    async def kpi(self, since: datetime, until: datetime) -> Kpi:
        """The figures of all calls."""
        return (await self.kpi_by_queue(since, until))[""]

    async def kpi_by_queue(
        self, since: datetime, until: datetime, rings: int = figures.THREE_RINGS
    ) -> Mapping[str, Kpi]:
        """Queue to its figures; "" is all calls. `rings`: an offer is in time when it was answered within them."""
        return (await self.kpi_by_interval((since, until), rings))[0]

    async def kpi_by_interval(
        self, edges: Sequence[datetime], rings: int = figures.THREE_RINGS
    ) -> list[dict[str, Kpi]]:
        """The same for each span between two neighbouring edges (`kpi.edges_of`)."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await figures.by_interval(connection, edges, rings)

    async def waits(self, edges: Sequence[datetime]) -> list[Kept]:
        """How true the expected wait was, by span between two neighbouring edges and by queue."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await wait_queries.kept(connection, edges)

    async def dead_letters(self) -> int:
        """How many log rows PostgreSQL has refused so far."""
        async with self._read() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM dead_letters"))).scalar_one())
