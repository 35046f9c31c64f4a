"""A hotline with calls, on a PostgreSQL of the tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.store.embedded import EmbeddedPostgres
from tests.backup.support.hotline import Hotline, new_database


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(tmp_path_factory.mktemp("pg") / "cluster")
    made.start()
    yield made
    made.remove()


@pytest.fixture
async def hotline(server: EmbeddedPostgres, tmp_path: Path) -> Hotline:
    """Six calls, of which PostgreSQL lacks two."""
    made = Hotline(tmp_path / "machine", await new_database(server, f"backup{os.getpid()}"))
    made.install()
    await made.serve(4)
    await made.serve(2, ship=False)
    return made


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_text("a key that is long enough\n")
    return file
