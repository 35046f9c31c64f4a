"""Two PostgreSQL servers: the built-in one, and the machine's own (a second built-in one where the machine has none)."""

import contextlib
import itertools
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.store.support.freezable_postgres import FreezablePostgres
from tests.store.support.store_fixture import StoreFixture

_numbers = itertools.count(1)


def machines_own() -> Path | None:
    """The bin folder of the newest PostgreSQL that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda each: int(each.parts[-3]))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], FreezablePostgres]]:
    """Each of the two, started when a test first asks for it: a file asks for both in turn, and another cluster for each would cost
    more than most tests."""
    made: dict[str, FreezablePostgres] = {}

    def of(kind: str) -> FreezablePostgres:
        if kind not in made:
            programs = machines_own() if kind == "by address" else None
            made[kind] = FreezablePostgres(tmp_path_factory.mktemp("pg") / "cluster", programs)
            made[kind].start()
        return made[kind]

    yield of
    for server in made.values():
        server.thaw()
        server.remove()


@pytest.fixture(scope="module", params=["embedded", "by address"])
def server(request: pytest.FixtureRequest, servers: Callable[[str], FreezablePostgres]) -> FreezablePostgres:
    """One of the two, running when nobody has stopped it."""
    return servers(request.param)


@pytest.fixture
async def url(server: FreezablePostgres) -> AsyncIterator[str]:
    """An empty database on a server that is well."""
    server.thaw()
    address = server.start()
    name = f"t{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(address)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    yield re.sub(r"/sanxiang$", f"/{name}", address)
    server.thaw()
    connection = await asyncpg.connect(server.start())
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture
async def ground(server: FreezablePostgres, url: str, tmp_path: Path) -> AsyncIterator[StoreFixture]:
    store = await Store.open(url)
    journal = Journal(tmp_path / "spool")
    made = StoreFixture(server, url, store, journal, Shipper(store, journal))
    yield made
    await made.end()
    with contextlib.suppress(Exception):
        await store.close()
    made.journal.close()  # a test may have opened another in its place
