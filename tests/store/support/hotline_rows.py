"""A hotline's journal with its shipper and a connection of its own, beside others on the same database; and who lost what."""

import asyncio
import contextlib
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from acd.store.journal.journal import Journal
from acd.store.journal.journal_in_database import Notice
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.store.support.store_fixture import filler


@dataclass
class Hotline:
    """One process: `tells` writes calls into its journal, `arrive` waits until PostgreSQL has them."""

    journal: Journal
    store: Store
    shipper: Shipper
    told: list[Notice] = field(default_factory=list)
    ended_elsewhere: set[str] = field(default_factory=set)
    task: asyncio.Task[None] | None = None

    def tells(self, *numbers: int) -> None:
        """A line with three rows for each of these calls."""
        for number in numbers:
            self.journal.append(*filler(number))
        self.journal.sync()

    def go(self) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self.shipper.run())

    async def arrive(self) -> None:
        self.journal.sync()
        self.go()
        assert await self.shipper.catch_up(60), self.shipper.trouble

    def codes(self) -> list[str]:
        """What was told, in order."""
        return [notice.code for notice in self.told]


@contextlib.asynccontextmanager
async def hotline(folder: Path, url: str, **more: Any) -> AsyncIterator[Hotline]:
    """The hotline of the journal in this folder, which is begun where there is none."""
    journal = Journal(folder)
    store = await Store.open(url)
    made = Hotline(journal, store, Shipper(store, journal, **more))
    made.shipper.on_notice = made.told.append
    made.shipper.on_ended_elsewhere = made.ended_elsewhere.update
    try:
        yield made
    finally:
        if made.task is not None:
            made.task.cancel()
            await asyncio.gather(made.task, return_exceptions=True)
        await store.close()
        journal.close()


def copied(folder: Path, name: str) -> Path:
    """The journal as it is on the disk now, copied beside it as `cp -a` does."""
    copy = folder.with_name(name)
    shutil.copytree(folder, copy)
    return copy


async def ask(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()


async def assert_all_there_once(url: str, *numbers: int) -> None:
    """Of exactly these calls every row is in PostgreSQL, and none twice or aside."""
    found = Counter(await ask(url, "SELECT call, kind FROM call_log"))
    wanted = Counter[tuple[str, str]]()
    for number in numbers:
        wanted += Counter({(f"c{number}", "arrived"): 1, (f"c{number}", "menu"): 2})
    assert found == wanted
    assert await ask(url, "SELECT line, reason FROM dead_letters") == []
    assert {call for (call,) in await ask(url, "SELECT call FROM calls")} == {f"c{number}" for number in numbers}
