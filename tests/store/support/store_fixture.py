"""A spool, its shipper and a database, with the questions that every test asks of them."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from acd.engine.commands import Ending, Kind, Log
from acd.engine.events import AlarmRaised, Event, TimePassed
from acd.store.journal import spool
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.store.support.freezable_postgres import FreezablePostgres

MORNING = datetime(2024, 11, 20, 1, 0, 0, tzinfo=UTC)


@dataclass
class StoreFixture:
    server: FreezablePostgres
    url: str
    store: Store
    journal: Journal
    shipper: Shipper
    task: asyncio.Task[None] | None = field(default=None)

    def go(self) -> None:
        self.task = asyncio.create_task(self.shipper.run())

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
            self.task = None

    def log(self, *rows: Log, at: datetime = MORNING, event: Event | None = None) -> None:
        self.journal.append(at, event or TimePassed(), list(rows))

    async def arrive(self) -> None:
        """All that was logged is in PostgreSQL."""
        self.journal.sync()
        if self.task is None:
            self.go()
        assert await self.shipper.catch_up(120), self.shipper.trouble

    async def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    def spooled(self) -> list[tuple[int, int, str]]:
        """(line, index, call) of every row on disk, in order."""
        found: list[tuple[int, int, str]] = []
        for segment in spool.segments(self.journal.folder):
            for line, _ in spool.lines(segment):
                assert isinstance(line, spool.Line)
                found += [(line.number, idx, row.get("call", "")) for idx, row in enumerate(line.logs)]
        return found

    async def assert_exactly_once(self) -> None:
        """The log in PostgreSQL is the spool: every row, once, with its number."""
        rows = await self.sql(
            "SELECT line, idx, call FROM call_log WHERE spool = $1 ORDER BY line, idx", self.journal.spool
        )
        assert rows == self.spooled()
        assert await self.sql("SELECT count(*) FROM dead_letters") == [(0,)]


@dataclass
class AnsweredCall:
    """The rows of one call that is answered, as the engine writes them; change what the test is about."""

    call: str
    agent: str = "1001"
    queue: str = "billing"
    caller: str = "13800001111"
    at: datetime = MORNING
    menu_s: float = 5.0
    ring_s: float = 6.0
    whisper_s: float = 1.0
    talk_s: float = 60.0
    rings: int = 2
    within: bool = True

    def lines(self) -> list[tuple[datetime, Event, list[Log]]]:
        offer, queue, agent = f"{self.call}-1", self.queue, self.agent
        names: dict[str, Any] = {"call": self.call, "agent": agent, "offer": offer, "queue": queue}
        asked = self.at + timedelta(seconds=self.menu_s)
        up = asked + timedelta(seconds=self.ring_s)
        bridged = up + timedelta(seconds=self.whisper_s)
        over = bridged + timedelta(seconds=self.talk_s)
        wait_s = self.ring_s + self.whisper_s
        return [
            (self.at, TimePassed(), [Log(Kind.ARRIVED, self.call, detail={"caller": self.caller, "dialled": "95001"})]),
            (asked, TimePassed(), [
                Log(Kind.MENU, self.call, detail={"path": "zh/2"}),
                Log(Kind.QUEUED, self.call, queue=queue, detail={"skills": {}, "priority": 0, "language": "zh"}),
                Log(Kind.OFFERED, **names, detail={"number": 1, "waited_s": 0.0, "rule": "longest idle"}),
                self.state("ringing", was="idle"),
            ]),
            (asked, TimePassed(), [Log(Kind.RINGING, **names)]),
            (up, TimePassed(), [Log(Kind.ANSWERED, **names, detail={"ring_s": self.ring_s, "rings": self.rings})]),
            (bridged, TimePassed(), [Log(Kind.CONNECTED, **names, detail={"wait_s": wait_s}), self.state("talking", was="ringing", lasted_s=wait_s)]),
            (over, TimePassed(), [
                Log(Kind.TALK_ENDED, **names, detail={"talk_s": self.talk_s, "by": "caller"}),
                Log(Kind.OFFER_ENDED, **names, detail={
                    "outcome": "answered", "cause": 0, "ring_s": self.ring_s, "rings": self.rings}),
                self.state("wrap-up", was="talking", lasted_s=self.talk_s),
            ]),
            (over, TimePassed(), [self.ended(Ending.ANSWERED, wait_s, self.talk_s, within=self.within)]),
            (over + timedelta(seconds=30), TimePassed(), [self.state("idle", was="wrap-up", lasted_s=30.0)]),
        ]  # fmt: skip

    def state(self, state: str, reason: str = "", **more: Any) -> Log:
        return Log(Kind.AGENT_STATE, agent=self.agent, detail={"state": state, "reason": reason, **more})

    def ended(
        self, ending: Ending, wait_s: float, talk_s: float, *, asked: bool = True, within: bool, short: bool = False
    ) -> Log:
        detail = {
            "ending": ending,
            "wait_s": wait_s,
            "talk_s": talk_s,
            "asked_for_person": asked,
            "within_target": within,
            "short": short,
        }
        return Log(Kind.ENDED, self.call, queue=self.queue if asked else "", detail=detail)


def filler(number: int) -> tuple[datetime, Event, list[Log]]:
    """A line with three rows, told apart by its number."""
    call = f"c{number}"
    rows = [Log(Kind.ARRIVED, call, detail={"caller": "1", "dialled": "2"}), Log(Kind.MENU, call), Log(Kind.MENU, call)]
    return MORNING + timedelta(seconds=number), AlarmRaised("filler", str(number)), rows
