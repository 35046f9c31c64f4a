"""A reload that takes a class of recordings away says so while recordings are kept by it: before it is taken, and with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from acd.daemon.configuration.removed_classes import removed_classes
from acd.store.embedded import EmbeddedPostgres
from acd.store.store import Store
from tests.daemon.configuration.test_config_reload import FIRST, House

CLASSES = """
[recordings.retention.warranty]
days = 730
[recordings.retention.orders]
days = 400
queues = ["orders"]
[recordings.retention.nobodys]
days = 10
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    server = EmbeddedPostgres(tmp_path / "postgres")
    store = await Store.open(server.start())
    await store.migrate()
    async with store.transaction() as connection:
        for statement in (
            "INSERT INTO recordings (offer, call, agent, queue, offered_at, state, path)"
            " VALUES ('c7-7-7-1', 'c7-7-7', '1001', 'orders', now(), 'complete', '2026/11/22/c7-7-7-1.wav')",
            "INSERT INTO call_retention (call, class_name, class_at, class_by, class_why)"
            " VALUES ('c7-7-7', 'warranty', now(), 'qa', 'x')",
        ):
            await connection.execute(text(statement))
    yield store
    await store.close()
    server.stop()


def house_with(folder: Path, store: Store) -> House:
    folder.mkdir()
    house = House(folder)
    house.live.rows_in_use = lambda was, config: removed_classes(store, was, config)
    return house


@pytest.mark.database
async def test_a_class_in_use_that_a_reload_takes_away_is_warned_of(store: Store, tmp_path: Path):
    house = house_with(tmp_path / "house", store)
    house.edits(FIRST + CLASSES)
    assert not [each for each in (await house.live.reload("zhang")).warnings if "taken away" in each]
    house.edits(FIRST)
    planned = await house.live.reload("zhang", dry_run=True)
    done = await house.live.reload("zhang")
    for said in (planned.warnings, done.warnings):
        told = [each for each in said if each.startswith("recordings.retention.")]
        assert len(told) == 2, "of a class that nothing has, nothing is said"
        assert told[0].startswith(
            "recordings.retention.warranty: the class is taken away. Calls have it by hand: 1 of their recordings are kept"
        )
        assert told[1].startswith(
            "recordings.retention.orders: the class is taken away. Recordings that had it by its rules"
        )
    back = await house.live.back("zhang")
    assert back.taken and not [each for each in back.warnings if "taken away" in each]


async def test_while_the_database_is_away_the_warning_says_that_it_is_not_known(tmp_path: Path):
    nowhere = await Store.open("postgresql://nobody@127.0.0.1:9/none")
    house = house_with(tmp_path / "house", nowhere)
    house.edits(FIRST + CLASSES)
    await house.live.reload("zhang")
    house.edits(FIRST)
    done = await house.live.reload("zhang")
    assert done.taken and any("PostgreSQL does not answer" in each for each in done.warnings)
    await nowhere.close()
