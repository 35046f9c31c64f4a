"""A hold, a release, a deletion, a class: the change and its line of the audit log are there both, or neither; what failed in between has a
line of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from sqlalchemy import text

from tests.web.support.kept_recordings import audited, keeping_server, posted, talk
from tests.web.support.web_server import CONFIG, RunningServer

TOML = """
[hotline]
name = "三响热线"
"""
FAILS = (
    "CREATE OR REPLACE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the disk of the database is full' USING ERRCODE = '53100'; END $$",
    "CREATE CONSTRAINT TRIGGER fails AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY {when}"
    " FOR EACH ROW EXECUTE FUNCTION fails()",
)


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    async with keeping_server(tmp_path_factory.mktemp("audited"), database, TOML, CONFIG) as house:
        yield house


@pytest.fixture
async def qa(house: RunningServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with house.client("qa") as client:
        yield client


@asynccontextmanager
async def failing(house: RunningServer, table: str, *, at_commit: bool = True) -> AsyncIterator[None]:
    """Every change of this table is refused: at its commit, or at once."""
    async with house.store.transaction() as connection:
        for statement in FAILS:
            await connection.execute(text(statement.format(table=table, when="DEFERRED" if at_commit else "IMMEDIATE")))
    try:
        yield
    finally:
        async with house.store.transaction() as connection:
            await connection.execute(text(f"DROP TRIGGER fails ON {table}"))


@asynccontextmanager
async def no_audit_log(house: RunningServer) -> AsyncIterator[None]:
    """A folder stands in its place."""
    file, aside = house.folder / "audit.log", house.folder / "audit.aside"
    file.rename(aside)
    file.mkdir()
    try:
        yield
    finally:
        file.rmdir()
        aside.rename(file)


def lines_since(house: RunningServer, before: int) -> list[tuple[str, str]]:
    """Action and why of each line after so many, log-ins apart."""
    return [(row["action"], row.get("why", "")) for row in audited(house)[before:] if "logged" not in row["action"]]


@pytest.mark.parametrize(("word", "line"), [("hold", "recording held"), ("delete", "recording deleted")])
async def test_a_commit_that_fails_is_told_as_failed_and_nothing_is_done(
    house: RunningServer, qa: aiohttp.ClientSession, word: str, line: str
):
    offer, file = await talk(house)
    path, before = f"/api/recordings/{offer.offer}", len(audited(house))
    async with failing(house, "recordings"):
        assert (await posted(qa, f"{path}/{word}", 503, reason="lawsuit 7"))["code"] == "store-away"
    assert lines_since(house, before) == [
        (line, ""),
        (f"{line}: failed", audited(house)[-1]["why"]),
    ]
    assert "disk is full" in audited(house)[-1]["why"]
    assert audited(house)[-1]["offer"] == offer.offer and audited(house)[-1]["reason"] == "lawsuit 7"
    row = await house.store.recording(offer.offer)
    assert row is not None and row.held_at is None and row.deleted_at is None and file.exists()
    await posted(qa, f"{path}/{word}", reason="lawsuit 7")
    assert lines_since(house, before)[2:] == [(line, "")]


async def test_a_call_that_could_not_be_held_or_given_a_class_says_so_too(
    house: RunningServer, qa: aiohttp.ClientSession
):
    offer, _ = await talk(house)
    path, before = f"/api/calls/{offer.call}/retention", len(audited(house))
    async with failing(house, "call_retention"):
        await posted(qa, f"{path}/hold", 503, reason="lawsuit 7")
        await posted(qa, f"{path}/class", 503, class_name="complaint", reason="a complaint")
    assert [action for action, _ in lines_since(house, before)] == [
        "call held",
        "call held: failed",
        "retention class given",
        "retention class given: failed",
    ]
    await posted(qa, f"{path}/hold", reason="lawsuit 7")
    before = len(audited(house))
    async with failing(house, "call_retention"):
        await posted(qa, f"{path}/release", 503, reason="settled")
    assert [action for action, _ in lines_since(house, before)] == ["call released", "call released: failed"]


async def test_nothing_is_held_or_deleted_while_the_audit_log_cannot_be_written(
    house: RunningServer, qa: aiohttp.ClientSession
):
    offer, file = await talk(house)
    wanted: list[tuple[str, dict[str, str]]] = [
        (f"/api/recordings/{offer.offer}/hold", {"reason": "x"}),
        (f"/api/recordings/{offer.offer}/delete", {"reason": "x"}),
        (f"/api/calls/{offer.call}/retention/hold", {"reason": "x"}),
        (f"/api/calls/{offer.call}/retention/class", {"class_name": "complaint", "reason": "x"}),
    ]
    async with no_audit_log(house):
        for path, body in wanted:
            assert (await posted(qa, path, 503, **body))["code"] == "audit-away", path
    row = await house.store.recording(offer.offer)
    assert row is not None and (row.held_at, row.deleted_at) == (None, None) and file.exists()
    async with house.store.transaction() as connection:
        assert (
            await connection.scalar(text("SELECT count(*) FROM call_retention WHERE call = :c"), {"c": offer.call}) == 0
        )


async def test_a_change_that_fails_before_its_line_leaves_the_attempt_alone(
    house: RunningServer, qa: aiohttp.ClientSession
):
    offer, _ = await talk(house)
    before = len(audited(house))
    async with failing(house, "recordings", at_commit=False):
        assert (await posted(qa, f"/api/recordings/{offer.offer}/hold", 503, reason="x"))["code"] == "store-away"
    assert [action for action, _ in lines_since(house, before)] == ["recording held: failed"]


async def test_a_caller_whose_data_could_not_be_erased_is_told_as_failed(house: RunningServer):
    await talk(house, "13822223333")
    before = len(audited(house))
    async with house.client("administrator") as client, failing(house, "calls"):
        said = await posted(client, "/api/callers/erase", 503, number="13822223333", reason="asked", dry_run=False)
        assert said["code"] == "store-away"
    assert [action for action, _ in lines_since(house, before)] == ["caller erased", "caller erased: failed"]
