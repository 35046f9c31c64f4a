"""Look-ups in a real PostgreSQL: the example's tables, and a database that is wrong, frozen or away."""

import asyncio
import tempfile
import tomllib
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg  # type: ignore[import-untyped]
import pytest

from acd.config import Config
from acd.lookups import example
from acd.lookups.book import Lookups
from acd.lookups.result import Result
from acd.store.embedded import EmbeddedPostgres

pytestmark = [pytest.mark.slow, pytest.mark.database]
TODAY = date(2026, 11, 29)
ZONE = ZoneInfo("Asia/Shanghai")
FIRST, SECOND, WITHOUT_ORDER = example.CALLERS


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="sanxiang-lookups-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        made = server.start()
        await example.load(made, TODAY, ZONE)
        yield made
        server.stop()


def book(url: str, **changes: Any) -> Lookups:
    tables = tomllib.loads(example.CONFIGURATION)["lookups"]
    tables["orders"] |= changes
    return Lookups(Config.model_validate({"queues": {}, "lookups": tables}), lambda: url)


async def asked(url: str, name: str, by: str, changes: dict[str, Any] | None = None, **more: Any) -> Result:
    made = book(url, **(changes or {}))
    try:
        return await made.ask(name, by, **more)
    finally:
        await made.close()


async def test_the_newest_order_of_a_number_comes_first(url: str):
    result = await asked(url, "orders", "caller", caller=FIRST)
    assert result.state == "found"
    assert [row["status"] for row in result.records] == ["shipped", "delivered"]
    assert result.records[0] == {
        "order": "2026110004821", "status": "shipped", "expected_on": "2026-11-30", "amount": "128.50", "currency": "CNY",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "by", "more", "expected"),
    [
        ("orders", "order", {"keyed": "2026100000315"}, {"status": "delivered", "amount": "59.90"}),
        ("deliveries", "caller", {"caller": SECOND}, {"status": "out-for-delivery", "updated_at": "2026-11-29T08:20"}),
        ("balances", "caller", {"caller": WITHOUT_ORDER}, {"balance": "122.50", "as_of": "2026-11-29"}),
        ("tickets", "ticket", {"keyed": "20261103"}, {"status": "in-progress", "due_at": "2026-12-01T18:20"}),
    ],
)  # fmt: skip
async def test_each_of_the_examples_tables(
    url: str, name: str, by: str, more: dict[str, Any], expected: dict[str, str]
):
    result = await asked(url, name, by, **more)
    assert expected.items() <= result.records[0].items()


@pytest.mark.parametrize(
    ("name", "by", "more"),
    [
        ("orders", "caller", {"caller": WITHOUT_ORDER}),
        ("orders", "order", {"keyed": "1"}),
        ("tickets", "ticket", {"keyed": "99999999"}),
    ],
)
async def test_nothing_found(url: str, name: str, by: str, more: dict[str, Any]):
    assert (await asked(url, name, by, **more)).state == "not-found"


async def test_a_look_up_can_only_read(url: str):
    connection = await asyncpg.connect(url)
    await connection.execute(
        f"CREATE OR REPLACE FUNCTION {example.SCHEMA}.tampers() RETURNS SETOF {example.SCHEMA}.orders LANGUAGE sql AS "
        f"'UPDATE {example.SCHEMA}.orders SET state = ''90'' RETURNING *'"
    )
    await connection.execute(
        f"CREATE OR REPLACE VIEW {example.SCHEMA}.trap AS SELECT * FROM {example.SCHEMA}.tampers()"
    )
    result = await asked(url, "orders", "caller", {"table": f"{example.SCHEMA}.trap"}, caller=FIRST)
    assert result.state == "failed"
    assert (await asked(url, "orders", "caller", caller=FIRST)).records[0]["status"] == "shipped"
    await connection.close()


@pytest.mark.parametrize(
    "changes", [{"table": "lookup_example.nowhere"}, {"by": {"caller": "no_such_column"}}, {"newest": "no_such_column"}]
)
async def test_a_table_or_column_that_is_not_there(url: str, changes: dict[str, Any]):
    result = await asked(url, "orders", "caller", changes, caller=FIRST)
    assert (result.state, result.why) == ("failed", "refused")


async def test_a_server_that_is_busy_costs_the_limit_and_no_more(url: str):
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {example.SCHEMA}.orders IN ACCESS EXCLUSIVE MODE")
        result = await asyncio.wait_for(asked(url, "orders", "caller", {"limit_s": 0.5}, caller=FIRST), 20)
        assert (result.state, result.why) == ("failed", "slow")
    await connection.close()
    assert (await asked(url, "orders", "caller", caller=FIRST)).state == "found"


@pytest.mark.parametrize(
    ("address", "why"),
    [("postgresql://nobody@127.0.0.1:1/none", "away"), ("http://nowhere", "bad-address"), ("", "bad-address")],
)
async def test_a_database_that_is_not_there(tmp_path: Path, address: str, why: str):
    file = tmp_path / "orders.address"
    file.write_text(address)
    file.chmod(0o600)
    result = await asked(
        "postgresql://own@127.0.0.1:1/own", "orders", "caller", {"address_file": str(file)}, caller=FIRST
    )
    assert (result.state, result.why) == ("failed", why)


async def test_connections_are_kept_and_survive_a_server_that_ends_them(url: str):
    made = book(url)
    for _ in range(3):
        assert (await made.ask("orders", "caller", caller=FIRST)).state == "found"
    connection = await asyncpg.connect(url)
    ended = await connection.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    assert len(ended) == 1
    await connection.close()
    outcomes = [(await made.ask("orders", "caller", caller=FIRST)).state for _ in range(2)]
    assert outcomes[-1] == "found"
    await made.close()
