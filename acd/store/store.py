"""The store: one PostgreSQL, asked by pages and reports, filled by the shipper.

Nothing here waits for ever: connecting has 3 s (`connect_timeout`), a statement 5 s, a report 10 s. While PostgreSQL is away every
question raises DatabaseAway, and the page says what it lacks.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.clock import day_bounds
from acd.config.database import Address
from acd.store import schema
from acd.store.connection import Link, address, engine, spoken, transaction
from acd.store.queries import agent_kpi as agent_figures
from acd.store.queries import agent_time as time_queries
from acd.store.queries import breaks as break_queries
from acd.store.queries import call_facts, call_search, erasure
from acd.store.queries import calls as call_queries
from acd.store.queries import cards as card_queries
from acd.store.queries import day as day_queries
from acd.store.queries import kpi as figures
from acd.store.queries import leg_quality as line_queries
from acd.store.queries import menu_figures as of_menus
from acd.store.queries import missed as missed_queries
from acd.store.queries import own_day as own_days
from acd.store.queries import promises as promise_queries
from acd.store.queries import recording_keeping as keeping
from acd.store.queries import recordings as recording_queries
from acd.store.queries import surveys as survey_queries
from acd.store.queries import transfers as transfer_queries
from acd.store.queries import waits as wait_queries
from acd.store.queries.agent_kpi import AgentKpi
from acd.store.queries.agent_time import Stretch
from acd.store.queries.breaks import DayOfBreaks
from acd.store.queries.call_facts import CallFacts
from acd.store.queries.call_search import CallFilters
from acd.store.queries.calls import Call, Deed, Happening, Offer
from acd.store.queries.day import Day
from acd.store.queries.erasure import Held
from acd.store.queries.kpi import Kpi
from acd.store.queries.leg_quality import LegQuality
from acd.store.queries.menu_figures import MenuFigures
from acd.store.queries.missed import MissedCall
from acd.store.queries.own_day import OwnDay
from acd.store.queries.part import Part
from acd.store.queries.promises import Promised, PromiseStep
from acd.store.queries.recording_keeping import Removal
from acd.store.queries.recordings import Filters, Recording
from acd.store.queries.surveys import By, SurveyFigures
from acd.store.queries.transfers import Transfer
from acd.store.queries.waits import Kept
from acd.store.shipping import set_aside
from acd.store.shipping.set_aside import Retried, SetAside

STATEMENT_WITHIN_S = 5.0
LOOK_UP_WITHIN_S = 1.0
REPORT_WITHIN_S = 10.0
MIGRATE_WITHIN_S = 300.0
RETRY_WITHIN_S = 120.0
BeforeCommit = Callable[[], Awaitable[None]]
"""What is done when a change stands and is not committed yet: what it raises takes the change back."""


class Store:
    """Made by `Store.open`. `writer` is the shipper's own connection: no report can keep it waiting."""

    def __init__(self, address: Address, zone: tzinfo) -> None:
        self._link = Link(address)
        self._zone = zone
        self.reader = engine(self._link, 6, REPORT_WITHIN_S)
        self.writer = engine(self._link, 1, STATEMENT_WITHIN_S)
        self._looking_up = engine(self._link, 2, LOOK_UP_WITHIN_S)
        """For what callers wait for: no report can keep it waiting either."""

    @classmethod
    async def open(cls, url: str, zone: tzinfo = UTC) -> "Store":
        """Does not connect: PostgreSQL may be away now and come later. `zone`: where a day begins. BadDatabaseUrl."""
        return cls(address(url), zone)

    @property
    def address(self) -> Address:
        """Of the database as it counts now, with its password: for another process of ours that asks it."""
        return self._link.address

    async def close(self) -> None:
        """Closes all connections."""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(STATEMENT_WITHIN_S):
                await asyncio.gather(self.reader.dispose(), self.writer.dispose(), self._looking_up.dispose())

    async def reconnect(self) -> None:
        """Throws all connections away that nobody uses at the moment; the next ones are made anew. After a switch-over the readers
        would otherwise stay with the old primary, which may answer them for days."""
        await asyncio.gather(self.writer.dispose(), self.reader.dispose(), self._looking_up.dispose())

    async def use(self, url: str) -> None:
        """From the next connection on this address, or this password, counts. BadDatabaseUrl: nothing is changed."""
        self._link.use(address(url))
        await self.reconnect()

    async def examine(self) -> None:
        """Silent when calls can be kept there; else DatabaseAway, or another StoreError that says what to mend. Changes nothing."""
        await self._on_schema(schema.examine)

    async def table_version(self) -> str:
        """The version of the tables there, as "0006"; "" where there are none. DatabaseAway."""
        found: list[str] = []
        await self._on_schema(lambda connection: found.append(schema.present(connection)))
        return found[0]

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
        alone = engine(self._link, 0, MIGRATE_WITHIN_S)
        with spoken():
            async with alone.begin() as connection:
                await connection.run_sync(do)

    @contextlib.asynccontextmanager
    async def _read(self, within_s: float = STATEMENT_WITHIN_S) -> AsyncIterator[AsyncConnection]:
        with spoken():
            async with transaction(self.reader, within_s) as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def transaction(self, within_s: float = STATEMENT_WITHIN_S) -> AsyncIterator[AsyncConnection]:
        """For the questions and changes of acd.store.customers: committed at the end, rolled back on any error. DatabaseAway."""
        async with self._read(within_s) as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def looking_up(self) -> AsyncIterator[AsyncConnection]:
        """The same for a question for which a caller waits: LOOK_UP_WITHIN_S at most, on connections of its own. DatabaseAway."""
        with spoken():
            async with transaction(self._looking_up, LOOK_UP_WITHIN_S) as connection:
                yield connection

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """When that day began and ended here; 23 or 25 hours apart when clocks change."""
        return day_bounds(day, self._zone)

    # -- questions -----------------------------------------------------------------------------------------------

    async def calls(self, filters: CallFilters | None = None, **named: Any) -> list[Call]:
        """Newest first; filters as an object or by name: `calls(search="1001", limit=50)`."""
        wanted = filters or CallFilters(**named)
        bounds = self.day_bounds(wanted.day) if wanted.day else None
        async with self._read(REPORT_WITHIN_S) as connection:
            return await call_search.find(connection, wanted, bounds)

    async def call_facts(
        self, calls: Collection[str], part: Part | None = None, *, recordings: bool = True
    ) -> dict[str, CallFacts]:
        """Call to what a list tells of it beside its row: who talked, what was written, transferred and recorded."""
        async with self._read() as connection:
            return await call_facts.of_calls(connection, calls, part, recordings=recordings)

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
        part: Part | None = None,
    ) -> list[LegQuality]:
        """Legs' lines of that day, the latest first. `party`: "trunk NAME" or "agent 1001"; `problem`: one of
        line_verdict.PROBLEMS. `part`: only legs of this part."""
        bounds = self.day_bounds(day) if day else None
        async with self._read(REPORT_WITHIN_S) as connection:
            return await line_queries.find(connection, bounds, party, problem, bad, limit, offset, part)

    async def deeds(self, day: date | None = None, call: str = "") -> list[Deed]:
        """What operators did that day, or to that call, in order."""
        bounds = self.day_bounds(day) if day else None
        async with self._read(REPORT_WITHIN_S) as connection:
            return await call_queries.deeds(connection, bounds, call)

    async def transfers(self, call: str) -> list[Transfer]:
        """Of that call, in order; refused ones too."""
        async with self._read() as connection:
            return await transfer_queries.of_call(connection, call)

    async def promise(self, promise: str) -> tuple[Promised | None, Sequence[PromiseStep]]:
        """A promised callback, None where there is none, and what happened to it."""
        async with self._read() as connection:
            return await promise_queries.one(connection, promise), await promise_queries.steps(connection, promise)

    async def promises_over(self, since: datetime, until: datetime, part: Part | None = None) -> list[Promised]:
        """Promised callbacks that were over in this span, the latest first, 1000 at most."""
        async with self._read() as connection:
            return await promise_queries.ended(connection, since, until, part)

    async def card(self, call: str) -> dict[str, Any] | None:
        """The context card (acd/store/context_card.py) as far as PostgreSQL knows it; without the number's region."""
        async with self._read() as connection:
            return await card_queries.one(connection, call)

    async def contacts(
        self,
        callers: Sequence[str],
        before: datetime,
        contact: str = "",
        limit: int = card_queries.CONTACTS,
        customer: str = "",
    ) -> list[dict[str, Any]]:
        """The calls before that time of a number in these writings, and of the customer of this id, the latest first, but those of this contact: {call, at, queue, brand, agents (who
        served, in turn), ending, matter, disposition: {code, text} | None}."""
        async with self._read() as connection:
            return await card_queries.contacts(connection, callers, before, contact, limit, customer)

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

    async def recordings_of_chain(self, offers: Sequence[str], folder: str = "") -> list[Recording]:
        """The recordings of these offers, and those whose file lies in this day's folder (2026/11/22)."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await recording_queries.of_chain(connection, offers, folder)

    async def mark_deleted(
        self, offers: Sequence[str], at: datetime, by: str, why: str, noted: BeforeCommit | None = None
    ) -> list[Removal]:
        """Says of these recordings that their sound is deleted; the files that are to be removed now. Held ones are left out. `noted`: called
        before it is committed, where there is something to commit."""
        async with self.transaction() as connection:
            found = await keeping.mark_deleted(connection, offers, at, by, why)
            if found and noted is not None:
                await noted()
            return found

    async def sound_to_remove(self) -> list[Removal]:
        """Files of deleted recordings that are still to be removed."""
        async with self._read() as connection:
            return await keeping.to_remove(connection)

    async def sound_removed(self, offers: Sequence[str]) -> None:
        """The files of these are gone."""
        async with self.transaction() as connection:
            await keeping.removed(connection, offers)

    async def hold_recording(
        self, offer: str, at: datetime | None, by: str = "", why: str = "", noted: BeforeCommit | None = None
    ) -> bool:
        """Holds it, so that nothing deletes it; `at` None: releases it. False: there was nothing to do. `noted`: as for `mark_deleted`."""
        async with self.transaction() as connection:
            done = await keeping.hold(connection, offer, at, by, why)
            if done and noted is not None:
                await noted()
            return done

    async def stored_of_caller(self, writings: Sequence[str]) -> Held:
        """What is stored of the caller with this number, in these writings."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await erasure.stored_of(connection, writings)

    async def erase_caller(self, calls: Sequence[str], writings: Sequence[str], at: datetime) -> None:
        """Takes the person with this number out of these calls, in several transactions; what was done stays done."""
        for begin in range(0, len(calls), erasure.AT_ONCE):
            async with self.transaction(REPORT_WITHIN_S) as connection:
                await erasure.erase(connection, calls[begin : begin + erasure.AT_ONCE], writings, at)

    async def agent_time(self, day: date, agent: str = "") -> list[Stretch]:
        """The stretches of that day, cut at its bounds; of all agents when none is named."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await time_queries.of_day(connection, *self.day_bounds(day), agent)

    async def breaks_of_day(self, day: date) -> list[DayOfBreaks]:
        """The breaks of that day, of agents who had any."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await break_queries.of_day(connection, *self.day_bounds(day))

    async def missed_calls(self, day: date, part: Part | None = None) -> list[MissedCall]:
        """That day's calls that were given up, of callers whom nobody has served or called back since, the latest first."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await missed_queries.missed_calls(connection, *self.day_bounds(day), part)

    async def day(self, day: date) -> Day:
        """That day as it was, callers' numbers whole: for a replay."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await day_queries.day_of(connection, day, self._zone)

    async def kpi(self, since: datetime, until: datetime) -> Kpi:
        """The figures of all calls."""
        return (await self.kpi_by_queue(since, until))[""]

    async def kpi_by_queue(
        self,
        since: datetime,
        until: datetime,
        rings: int = figures.THREE_RINGS,
        brands: Collection[str] | None = None,
    ) -> Mapping[str, Kpi]:
        """Queue to its figures; "" is all calls. `rings`: an offer is in time when it was answered within them. `brands`: of the
        calls of these brands alone."""
        return (await self.kpi_by_interval((since, until), rings, brands))[0]

    async def kpi_by_interval(
        self,
        edges: Sequence[datetime],
        rings: int = figures.THREE_RINGS,
        brands: Collection[str] | None = None,
    ) -> list[dict[str, Kpi]]:
        """The same for each span between two neighbouring edges (`kpi.edges_of`)."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await figures.by_interval(connection, edges, rings, brands)

    async def agent_kpi_by_interval(
        self,
        edges: Sequence[datetime],
        now: datetime,
        rings: int = figures.THREE_RINGS,
        queues: Sequence[str] | None = None,
        brands: Collection[str] | None = None,
    ) -> list[dict[str, AgentKpi]]:
        """Agents' figures of each span between two neighbouring edges: agent to figures, "" all. `agent_kpi.by_interval` says more."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await agent_figures.by_interval(connection, edges, now, rings, queues, brands)

    async def own_day(self, agent: str, since: datetime, until: datetime) -> OwnDay:
        """One agent's figures, calls and promises of this span."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await own_days.own_day(connection, agent, since, until)

    async def waits(self, edges: Sequence[datetime], brands: Collection[str] | None = None) -> list[Kept]:
        """How true the expected wait was, by span between two neighbouring edges and by queue. `brands`: of the calls of these brands
        alone."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await wait_queries.kept(connection, edges, brands)

    async def survey_figures(
        self,
        since: datetime,
        until: datetime,
        now: datetime,
        by: By | None = None,
        brands: Collection[str] | None = None,
        agents: Collection[str] | None = None,
    ) -> dict[str, SurveyFigures]:
        """What callers said of the service, in all ("") or by queue or agent: see queries/surveys.py."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await survey_queries.figures(connection, since, until, now, by, brands, agents)

    async def menu_figures(
        self, since: datetime, until: datetime, brands: Collection[str] | None = None
    ) -> list[MenuFigures]:
        """What callers did in each menu in the span, most visits first. `brands`: callers of these alone."""
        async with self._read(REPORT_WITHIN_S) as connection:
            return await of_menus.menu_figures(connection, since, until, brands)

    async def set_aside(self, limit: int = 100) -> list[SetAside]:
        """Rows of the call log that could not be put into the tables, the oldest first."""
        async with self._read() as connection:
            return await set_aside.find(connection, limit)

    async def set_aside_body(self, spool: str, line: int, idx: int) -> str | None:
        """What is kept of such a row, callers' numbers whole; None: there is none of these three."""
        async with self._read() as connection:
            return await set_aside.body(connection, spool, line, idx)

    async def retry_set_aside(self) -> Retried:
        """Tries all of them again."""
        with spoken():
            async with transaction(self.writer, RETRY_WITHIN_S) as connection:
                return await set_aside.retry(connection)

    async def forget_set_aside(self, spool: str, line: int, idx: int) -> bool:
        """Deletes one for good; False: there is none of these three."""
        with spoken():
            async with transaction(self.writer, STATEMENT_WITHIN_S) as connection:
                return await set_aside.forget(connection, spool, line, idx)

    async def forget_missing(self) -> int:
        """Deletes the entries of lines that the journal did not hold; how many there were."""
        with spoken():
            async with transaction(self.writer, STATEMENT_WITHIN_S) as connection:
                return await set_aside.forget_missing(connection)

    async def dead_letters(self) -> int:
        """How many log rows PostgreSQL has refused so far."""
        async with self._read() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM dead_letters"))).scalar_one())
