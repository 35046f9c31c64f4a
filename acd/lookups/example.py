"""A source to try look-ups with: tables of orders, deliveries, balances and complaints in PostgreSQL, in a schema of their own.

They stand for the company's own system, and the hotline never writes there but by `load`. Days are counted from the day of loading, so
that "tomorrow" is said whenever it is tried.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg  # type: ignore[import-untyped]

from acd.config.database import read
from acd.store.connection import Link

SCHEMA = "lookup_example"
TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
DROP TABLE IF EXISTS {SCHEMA}.deliveries, {SCHEMA}.orders, {SCHEMA}.balances, {SCHEMA}.tickets;
CREATE TABLE {SCHEMA}.orders (
    order_no text PRIMARY KEY, phone text NOT NULL, state text NOT NULL, ordered_at timestamptz NOT NULL,
    expected_on date, total numeric(12, 2), currency text
);
CREATE INDEX ON {SCHEMA}.orders (phone);
CREATE TABLE {SCHEMA}.deliveries (
    order_no text PRIMARY KEY REFERENCES {SCHEMA}.orders, phone text NOT NULL, status text NOT NULL,
    updated_at timestamptz NOT NULL, expected_on date
);
CREATE INDEX ON {SCHEMA}.deliveries (phone);
CREATE TABLE {SCHEMA}.balances (phone text PRIMARY KEY, balance numeric(12, 2) NOT NULL, currency text, as_of date NOT NULL);
CREATE TABLE {SCHEMA}.tickets (ticket_no text PRIMARY KEY, status text NOT NULL, due_at timestamptz);
"""
CONFIGURATION = f"""\
[lookups.orders]
kind = "postgresql"
table = "{SCHEMA}.orders"
by = {{ caller = "phone", order = "order_no" }}
newest = "ordered_at"
fields = {{ order = "order_no", status = "state", expected_on = "expected_on", amount = "total", currency = "currency" }}
statuses = {{ "10" = "unpaid", "20" = "paid", "30" = "processing", "40" = "shipped", "50" = "delivered", "90" = "cancelled" }}

[lookups.deliveries]
kind = "postgresql"
table = "{SCHEMA}.deliveries"
by = {{ caller = "phone", order = "order_no" }}
newest = "updated_at"
fields = {{ order = "order_no", status = "status", updated_at = "updated_at", expected_on = "expected_on" }}

[lookups.balances]
kind = "postgresql"
table = "{SCHEMA}.balances"
by = {{ caller = "phone" }}

[lookups.tickets]
kind = "postgresql"
table = "{SCHEMA}.tickets"
by = {{ ticket = "ticket_no" }}
fields = {{ ticket = "ticket_no", status = "status", due_at = "due_at" }}
"""
"""What the configuration says of these tables; docs/sanxiang.example.toml shows it."""
CALLERS = ("+8613800001111", "+8613800002222", "+8613800003333")
"""Numbers with records; those with 1111 and 2222 have orders."""

Row = tuple[Any, ...]


def rows(today: date, zone: ZoneInfo, phones: Iterable[str] = CALLERS) -> dict[str, list[Row]]:
    """The rows of each table, for these numbers in turn."""

    def at(days: int, hour: int) -> datetime:
        return datetime(today.year, today.month, today.day, hour, 20, tzinfo=zone) + timedelta(days=days)

    def on(days: int) -> date:
        return today + timedelta(days=days)

    found: dict[str, list[Row]] = {"orders": [], "deliveries": [], "balances": [], "tickets": []}
    for place, phone in enumerate(phones):
        first, second = f"2026100{place:02}0315", f"2026110{place:02}4821"
        found["balances"].append((phone, f"{120 + place}.50", "CNY", on(0)))
        if place % 3 == 2:
            continue
        found["orders"] += [
            (first, phone, "50", at(-12, 10), on(-9), "59.90", "CNY"),
            (second, phone, "40", at(-2, 15), on(1), "128.50", "CNY"),
        ]
        found["deliveries"] += [
            (first, phone, "delivered", at(-9, 11), None),
            (second, phone, "out-for-delivery" if place % 2 else "in-transit", at(0, 8), on(1)),
        ]
    found["tickets"] = [
        ("20261103", "in-progress", at(2, 18)), ("20261088", "solved", None), ("20261120", "waiting-for-customer", at(5, 12)),
    ]  # fmt: skip
    return found


async def load(url: str, today: date, zone: ZoneInfo, phones: Iterable[str] = CALLERS) -> dict[str, int]:
    """Makes the tables anew in this database; table to the number of its rows. Raises what asyncpg and the store's Link raise."""
    connection: asyncpg.Connection[Any] = await Link(read(url)).connect(30.0)
    made = {}
    try:
        async with connection.transaction():
            await connection.execute(TABLES)
            for table, each in rows(today, zone, phones).items():
                await connection.copy_records_to_table(table, schema_name=SCHEMA, records=_numbers(table, each))
                made[table] = len(each)
    finally:
        await connection.close()
    return made


def _numbers(table: str, rows: list[Row]) -> list[Row]:
    """Amounts as PostgreSQL's binary copy wants them."""
    amount = {"orders": 5, "balances": 1}.get(table)
    if amount is None:
        return rows
    return [(*row[:amount], Decimal(row[amount]), *row[amount + 1 :]) for row in rows]
