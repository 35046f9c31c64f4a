"""PostgreSQL slow, full, with no connection to be had, and with tables of the next version: calls wait for none of it."""

import asyncio
import contextlib
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from acd.store import schema_steps
from acd.store.connection import address
from acd.store.errors import DatabaseAway, SchemaTooNew
from acd.store.journal.journal import Journal
from acd.store.shipping import shipper as shipping
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.store.support.freezable_postgres import FreezablePostgres
from tests.store.support.store_fixture import AnsweredCall, StoreFixture, filler
from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import eventually


async def _writes(ground: StoreFixture, stop: asyncio.Event, most: int = 10**9) -> int:
    """Events as they come, until `stop` or so many: how many they were."""
    number = 0
    while number < most and not stop.is_set():
        ground.journal.append(*filler(number))
        number += 1
        if number % 20 == 0:
            await asyncio.to_thread(ground.journal.sync)
            await asyncio.sleep(0.002)
    return number


@pytest.mark.slow
async def test_every_answer_comes_half_a_second_late_and_the_journal_does_not_wait(ground: StoreFixture) -> None:
    """D4: what is written per call must not depend on PostgreSQL; rows go in batches, so that a slow one keeps up."""
    parsed = address(ground.url)
    ((host, port),) = parsed.hosts
    await ground.store.migrate()
    async with TcpProxy(target=port, late_s=0.5) as slow:
        store = await Store.open(ground.url.replace(f"{host}:{port}", f"127.0.0.1:{slow.port}"))
        shipper = Shipper(store, ground.journal, migrate=False)
        shipper._ready = True
        task = asyncio.create_task(shipper.run())
        try:
            await eventually(lambda: shipper._known)
            count = await _writes(ground, asyncio.Event(), 300)
            # All of them are safe while PostgreSQL has still to answer for the first.
            assert ground.journal.synced == count and shipper.behind > 0
            assert await shipper.catch_up(300), shipper.trouble
            assert slow.answers < count, "rows are not written in batches"
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await store.close()
    await ground.assert_exactly_once()


@pytest.fixture
def small_disk() -> Iterator[tuple[Path, int]]:
    """A disk of its own for a cluster, where one may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="sanxiang-full-", dir="/var/tmp"))
    folder.chmod(0o711)
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=0711", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("no disk may be mounted here: PostgreSQL's own can't be filled without filling the machine's")
    yield folder, 160_000_000
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


@pytest.mark.database
async def test_postgresqls_disk_is_full_and_all_rows_arrive_when_there_is_room_again(
    small_disk: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D6: as if it were away; nothing half written, nothing lost, nothing set aside."""
    monkeypatch.setattr(shipping, "LONGEST_PAUSE_S", 0.3)
    folder, _ = small_disk
    server = FreezablePostgres(folder / "cluster")
    url = server.start()
    store = await Store.open(url)
    journal = Journal(tmp_path / "spool")
    ground = StoreFixture(server, url, store, journal, Shipper(store, journal))
    try:
        for number in range(50):
            journal.append(*filler(number))
        await ground.arrive()
        await eventually(lambda: ground.shipper.healthy)
        ballast = folder / "ballast"
        with ballast.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 1_000_000)
                file.flush()
        number = 50
        while ground.shipper.healthy:
            for _ in range(500):
                journal.append(*filler(number))
                number += 1
            await asyncio.to_thread(journal.sync)
            await asyncio.sleep(0.01)
        assert journal.trouble == "" and journal.synced == number and ground.shipper.behind > 0
        assert ground.shipper.trouble
        ballast.unlink()
        await asyncio.to_thread(server.start)  # without room for its log it ends, as it should
        await ground.arrive()
        await ground.assert_exactly_once()
        assert await ground.sql("SELECT count(*) FROM call_log") == [(3 * number,)]
    finally:
        await ground.end()
        await store.close()
        journal.close()
        await asyncio.to_thread(server.remove)


async def test_no_connection_to_be_had_and_reports_that_hold_all_of_ours(
    ground: StoreFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D7: whoever asks for a report is told within seconds; rows are kept, and arrive when there is a connection again."""
    monkeypatch.setattr(shipping, "LONGEST_PAUSE_S", 0.3)
    for number in range(5):
        ground.journal.append(*filler(number))
    await ground.arrive()
    # Our own pool: six reports that don't end. The shipper has a connection of its own.
    held = [await ground.store.reader.connect() for _ in range(6)]
    with pytest.raises(DatabaseAway, match="no answer in time"):
        await ground.store.calls()
    ground.journal.append(*filler(5))
    await ground.arrive()
    for each in held:
        await each.close()
    assert len(await ground.store.calls()) == 6

    # The server's: others have taken every connection that it gives out, and ours are thrown away.
    await ground.store.reader.dispose()
    others: list[asyncpg.Connection] = []
    try:
        await _take_all(ground.url, others)
        await ground.store.reconnect()
        await _take_all(ground.url, others)
        ground.journal.append(*filler(6))
        ground.journal.sync()
        await eventually(lambda: not ground.shipper.healthy)
        assert "no connection left" in ground.shipper.trouble and ground.shipper.behind == 1
        with pytest.raises(DatabaseAway):
            await ground.store.calls()
    finally:
        for each in others:
            await each.close()
    await ground.arrive()
    await ground.assert_exactly_once()


async def _take_all(url: str, taken: list[asyncpg.Connection]) -> None:
    with contextlib.suppress(asyncpg.TooManyConnectionsError):
        while True:
            taken.append(await asyncpg.connect(url))


# -- D10: an old daemon beside a new schema, and the other way round ----------------------------------------------------------


async def _to_version(ground: StoreFixture, version: str) -> None:
    await ground.store._on_schema(lambda connection: schema_steps.migrate(connection, version))


async def test_a_daemon_of_the_former_version_ships_into_the_new_tables_and_the_next_goes_on(
    ground: StoreFixture,
) -> None:
    """What the former version said to `spools` and `dead_letters`, word for word: its rows are neither lost nor taken for a
    stranger's when the new version leads again."""
    for number in range(4):
        ground.journal.append(*filler(number))
    await ground.arrive()
    await ground.end()
    name = ground.journal.spool
    ground.journal.append(*filler(4))
    ground.journal.sync()
    connection = await asyncpg.connect(ground.url)
    async with connection.transaction():
        assert await connection.fetchval("SELECT line FROM spools WHERE spool = $1 FOR UPDATE", name) == 4
        await connection.execute(
            "INSERT INTO call_log (spool, line, idx, at, kind, call, agent, offer, queue, detail)"
            " SELECT spool, 5, idx, timestamptz '2024-11-20 01:00:04Z', kind, 'c4', '', '', '', detail FROM call_log WHERE line = 4"
        )
        await connection.execute(
            "INSERT INTO calls (call, arrived_at) VALUES ('c4', timestamptz '2024-11-20 01:00:04Z')"
        )
        await connection.execute("UPDATE spools SET line = $2, shipped_at = now() WHERE spool = $1", name, 5)
        await connection.execute("INSERT INTO spools (spool, line) VALUES ($1, 0) ON CONFLICT DO NOTHING", "another")
        await connection.execute(
            "INSERT INTO dead_letters (spool, line, idx, reason, body) VALUES ('another', 1, 0, 'said', '{}')"
        )
        await connection.execute("DELETE FROM dead_letters")
    await connection.close()
    told: list[str] = []
    ground.shipper = Shipper(ground.store, ground.journal)
    ground.shipper.on_notice = lambda notice: told.append(notice.code)
    ground.journal.append(*filler(5))
    await ground.arrive()
    assert ground.journal.spool == name and told == []
    await ground.assert_exactly_once()


async def test_tables_are_changed_under_a_daemon_that_ships(ground: StoreFixture) -> None:
    """The next version's step adds columns that may stay empty, as every step must (below): no row waits for anything."""
    stop = asyncio.Event()
    ground.go()
    writer = asyncio.create_task(_writes(ground, stop))
    await eventually(lambda: ground.shipper._line > 100)
    troubles: list[str] = []
    for table in ("spools", "call_log", "calls", "offers", "dead_letters", "recordings"):
        await ground.sql(f"ALTER TABLE {table} ADD COLUMN of_the_next_version text")
        reached = ground.shipper._line
        await eventually(lambda reached=reached: ground.shipper._line > reached)  # type: ignore[misc]
        troubles.append(ground.shipper.trouble)
    await ground.sql("UPDATE alembic_version SET version_num = '9999'")
    await ground.sql("COMMENT ON TABLE alembic_version IS 'serves programs from 9999'")
    reached = ground.shipper._line
    await eventually(lambda: ground.shipper._line > reached)
    stop.set()
    count = await writer
    await ground.arrive()
    assert set(troubles) == {""} and ground.shipper.healthy
    await ground.assert_exactly_once()
    assert await ground.sql("SELECT count(*) FROM call_log") == [(3 * count,)]
    # A start of this version is refused with the reason, and keeps its rows for the version that knows these tables.
    await ground.end()
    with pytest.raises(SchemaTooNew):
        await ground.store.check_schema()
    ground.shipper = Shipper(ground.store, ground.journal)
    ground.journal.append(*filler(count))
    ground.journal.sync()
    ground.go()
    await eventually(lambda: "newer version" in ground.shipper.trouble)
    assert await ground.sql("SELECT count(*) FROM call_log") == [(3 * count,)]


@pytest.fixture
async def columns(ground: StoreFixture) -> AsyncIterator[None]:
    await _to_version(ground, "0005")
    yield


@pytest.mark.usefixtures("columns")
async def test_each_step_leaves_what_the_former_version_writes(ground: StoreFixture) -> None:
    """Nothing is taken away or renamed, and what is new may be left out: so an old daemon ships beside the new tables."""
    query = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public'"
    )
    steps = [step.revision for step in reversed(list(schema_steps.history().walk_revisions()))]
    before = set(await ground.sql(query))
    for version in steps[steps.index("0005") + 1 :]:
        await _to_version(ground, version)
        after = set(await ground.sql(query))
        assert before <= after, f"{version} changes {before - after}"
        known = {table for table, *_ in before}  # a table that is new is written by nobody of before
        added = [(nullable, default) for table, *_, nullable, default in after - before if table in known]
        assert all(nullable == "YES" or default for nullable, default in added)
        before = after
    for line in AnsweredCall("c1").lines():
        ground.journal.append(*line)
    await ground.arrive()
    await ground.assert_exactly_once()
