"""The tables' version: made, kept, or refused with what to do."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from acd.store import schema, schema_steps
from acd.store.errors import DatabaseAway, SchemaForeign, SchemaMissing, SchemaTooNew
from acd.store.tables import Table
from tests.store.support.store_fixture import StoreFixture, filler


async def test_the_migrations_make_exactly_the_tables_that_the_code_knows(ground: StoreFixture) -> None:
    await ground.store.migrate()
    await ground.store.check_schema()
    async with ground.store.reader.connect() as connection:
        assert (
            await connection.run_sync(lambda plain: compare_metadata(MigrationContext.configure(plain), Table.metadata))
            == []
        )


def test_the_newest_step_is_the_version_that_is_wanted():
    steps = schema_steps.history()
    assert steps.get_current_head() == schema.HEAD
    assert all(step.path.rpartition("/")[2].startswith(f"{step.revision}_") for step in steps.walk_revisions())


async def test_two_daemons_that_migrate_at_once_do_it_once(ground: StoreFixture) -> None:
    await asyncio.gather(*(ground.store.migrate() for _ in range(4)))
    await ground.store.check_schema()


async def test_an_empty_database_is_refused_with_the_command_to_run(ground: StoreFixture) -> None:
    with pytest.raises(SchemaMissing, match="`sanxiang db migrate` makes them now"):
        await ground.store.check_schema()


async def test_tables_of_a_newer_version_are_refused_and_left_alone(ground: StoreFixture) -> None:
    await ground.store.migrate()
    [(ours,)] = await ground.sql("SELECT version_num FROM alembic_version")
    await ground.sql("UPDATE alembic_version SET version_num = '9999'")
    await ground.sql("COMMENT ON TABLE alembic_version IS 'serves programs from 9999'")
    for refuse in (ground.store.check_schema, ground.store.migrate):
        with pytest.raises(SchemaTooNew, match=r"version 9999.*newer version"):
            await refuse()
    ground.journal.append(*filler(1))
    ground.journal.sync()
    ground.go()
    while "newer version" not in ground.shipper.trouble:
        await asyncio.sleep(0.01)
    assert await ground.sql("SELECT count(*) FROM call_log") == [(0,)]
    await ground.sql(f"UPDATE alembic_version SET version_num = '{ours}'")
    await ground.arrive()
    await ground.assert_exactly_once()


async def test_a_program_of_before_goes_on_with_newer_tables_that_serve_it(ground: StoreFixture) -> None:
    await ground.store.migrate()
    ground.journal.append(*filler(1))
    ground.journal.sync()
    ground.go()
    await ground.arrive()
    # A newer version adds a column and a table, and leaves word for whom they serve.
    await ground.sql("ALTER TABLE calls ADD COLUMN mood text")
    await ground.sql("CREATE TABLE moods (name text)")
    await ground.sql("UPDATE alembic_version SET version_num = '9999'")
    await ground.sql(f"COMMENT ON TABLE alembic_version IS 'serves programs from {schema.HEAD}'")
    await ground.store.check_schema()
    await ground.store.migrate()
    await ground.store.examine()
    assert await ground.sql("SELECT version_num FROM alembic_version") == [("9999",)]
    await ground.store.reconnect()
    ground.journal.append(*filler(2))
    ground.journal.sync()
    await ground.arrive()
    await ground.assert_exactly_once()


@pytest.mark.parametrize("word", ["serves programs from 9998", "serves programs from", "anything'; --", ""])
async def test_newer_tables_that_do_not_serve_us_are_refused(ground: StoreFixture, word: str) -> None:
    await ground.store.migrate()
    await ground.sql("UPDATE alembic_version SET version_num = '9999'")
    escaped = word.replace("'", "''")
    await ground.sql(f"COMMENT ON TABLE alembic_version IS '{escaped}'")
    with pytest.raises(SchemaTooNew, match="restore the backup"):
        await ground.store.check_schema()


async def test_the_tables_say_whom_they_serve(ground: StoreFixture) -> None:
    await ground.store.migrate()
    [(said,)] = await ground.sql("SELECT obj_description('alembic_version'::regclass)")
    assert said == f"serves programs from {schema_steps.serves_from(schema.HEAD)}"


def test_a_step_serves_no_program_that_is_newer_than_itself() -> None:
    for step in schema_steps.history().walk_revisions():
        serves = getattr(step.module, "serves_from", step.revision)
        assert serves <= step.revision
        if step.revision >= "0006":
            assert hasattr(step.module, "serves_from"), f"{step.path}: say serves_from (docs/contributing/recipes.md)"


def test_the_steps_that_are_missing_are_told() -> None:
    assert [version for version, _ in schema_steps.steps_since("0004")][:2] == ["0005", "0006"]
    assert next(version for version, _ in schema_steps.steps_since("")) == "0001"
    assert schema_steps.steps_since(schema.HEAD) == schema_steps.steps_since("9999") == []
    assert all(said and said[0].isupper() for _, said in schema_steps.steps_since(""))


async def test_somebody_elses_tables_are_not_touched(ground: StoreFixture) -> None:
    await ground.sql("CREATE TABLE calls (id int)")
    with pytest.raises(SchemaForeign, match=r"^calls: .*createdb"):
        await ground.store.migrate()
    assert await ground.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(1,)]


async def test_migrating_without_a_server_says_that_it_is_away(ground: StoreFixture) -> None:
    ground.server.stop()
    with pytest.raises(DatabaseAway, match="Calls go on"):
        await ground.store.migrate()
