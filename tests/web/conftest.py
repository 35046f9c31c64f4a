"""One PostgreSQL for all tests of the web room, and a house of its own for each file."""

import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from playwright.async_api import Browser

from acd.store.embedded import EmbeddedPostgres
from tests.support.copied_postgres import WITH_TABLES
from tests.web.support.desk_browser import launched_browser
from tests.web.support.web_server import RunningServer, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    # Not in pytest's own folder: each further run of pytest shuts that to others, and PostgreSQL, which does not run
    # as root, is another.
    with tempfile.TemporaryDirectory(prefix="sanxiang-web-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        yield server.start()
        server.stop()


@contextlib.asynccontextmanager
async def empty_database(postgres: str) -> AsyncIterator[str]:
    """The address of a database with our tables and nothing in them."""
    name = f"web_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f"CREATE DATABASE {name} {WITH_TABLES}")
    yield postgres.rsplit("/", 1)[0] + f"/{name}"
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[str]:
    async with empty_database(postgres) as address_:
        yield address_


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("house"))
    async with running_server(folder / "state", database) as house:
        yield house


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched_browser() as browser:
        yield browser
