"""A PostgreSQL with our tables, for the records and as the company's own."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from acd.store.embedded import EmbeddedPostgres
from acd.store.store import Store


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="sanxiang-customers-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        address = server.start()
        yield address
        server.stop()


@pytest.fixture(scope="session")
async def tables(postgres: str) -> None:
    store = await Store.open(postgres)
    await store.migrate()
    await store.close()


@pytest.fixture
async def store(postgres: str, tables: None) -> AsyncIterator[Store]:
    """Without a customer in it."""
    store = await Store.open(postgres)
    async with store.writer.begin() as connection:
        await connection.exec_driver_sql("TRUNCATE customers, customer_numbers")
    yield store
    await store.close()
