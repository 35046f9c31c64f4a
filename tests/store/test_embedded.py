"""The built-in PostgreSQL: started, stopped, killed, found again."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from acd.store.embedded import EmbeddedPostgres
from acd.store.errors import EmbeddedFailed
from tests.support.copied_postgres import first_start_of_the_product

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def made_by_initdb() -> Iterator[None]:
    with first_start_of_the_product():
        yield


async def test_its_address_and_what_it_holds_outlive_stop_and_kill(tmp_path: Path) -> None:
    made = EmbeddedPostgres(tmp_path / "pg")
    url = made.start()
    try:
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
        await connection.close()
        assert made.start() == url
        for end in (made.stop, made.kill, lambda: made.stop("immediate")):
            end()
            assert made.pid() is None
            assert made.start() == url
            connection = await asyncpg.connect(url)
            assert await connection.fetchval("SELECT count(*) FROM kept") == 1
            await connection.close()
        # A daemon that was killed left it behind: the next one finds it, and can stop it.
        other = EmbeddedPostgres(tmp_path / "pg")
        assert other.start() == url and other.pid() == made.pid()
        other.stop()
        assert other.pid() is None
    finally:
        made.remove()
    assert list(tmp_path.iterdir()) == []


async def test_nobody_comes_in_without_the_password(tmp_path: Path) -> None:
    made = EmbeddedPostgres(tmp_path / "pg")
    url = made.start()
    try:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(re.sub(r"sanxiang:[^@]*@", "sanxiang:guess@", url))
        assert (tmp_path / "pg" / "password").stat().st_mode & 0o077 == 0
        argv = Path(f"/proc/{made.pid()}/cmdline").read_bytes().decode()
        assert (tmp_path / "pg" / "password").read_text() not in argv
    finally:
        made.remove()


def test_data_that_had_to_lie_elsewhere_do_not_outlive_their_folder(tmp_path: Path) -> None:
    made = EmbeddedPostgres(tmp_path / "pg")
    made.start()
    data = made.data.resolve()
    made.stop()
    shutil.rmtree(tmp_path / "pg")
    other = EmbeddedPostgres(tmp_path / "other")
    other.start()
    try:
        assert not data.exists() and other.data.resolve().exists()
        again = other.data.resolve()
    finally:
        other.remove()
    assert not again.exists() and not again.parent.joinpath("link").exists()


def test_programs_that_are_not_there_are_said(tmp_path: Path) -> None:
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "initdb").write_text("#!/bin/sh\necho no such cluster >&2; exit 1\n")
    (broken / "initdb").chmod(0o755)
    made = EmbeddedPostgres(tmp_path / "pg", broken)
    with pytest.raises(EmbeddedFailed, match="no such cluster"):
        made.start()
    made.remove()
