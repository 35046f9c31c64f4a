"""Customers by lists, as spreadsheets save them: read with every mistake told, written in one transaction, and written out again."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from acd.cli.accounts import _audited
from acd.cli.times import config_of
from acd.config import Config
from acd.csv_lists import BadList, read_list
from acd.customers.fields import FieldRules
from acd.customers.lists import COLUMNS, customers_of, first_of, given_of, row_of, taken_sentences
from acd.errors import SanxiangError
from acd.setup.database import url_in_use
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan
from acd.store.customers import bulk
from acd.store.customers.bulk import Written
from acd.store.customers.record import Customer
from acd.store.store import Store

MOST = 200_000
MOST_BYTES = 50_000_000
IMPORT_WITHIN_S = 300.0
T = TypeVar("T")


class NoConfiguration(SanxiangError):
    """No hotline was ever started in {state}, so nobody knows which classes and agents there are. Start it once with `./sanxiang up`."""


def taken_in(house: Installation, file: Path, *, dry_run: bool) -> Written:
    """Adds and changes the customers of the list, all or none. Raises BadList with each mistake, DatabaseAway and their like."""
    config = _config(house)
    rows, told = read_list(file, COLUMNS, MOST, MOST_BYTES)
    found, mistakes = customers_of(rows, FieldRules.of(config))
    if told or mistakes:
        raise BadList(file, first_of([*told, *mistakes]))
    given = given_of(rows)

    async def write(store: Store) -> Written:
        async with store.transaction(IMPORT_WITHIN_S) as connection:
            outcome = await bulk.write(connection, found, given, "command line", dry_run=dry_run)
            if outcome.taken:
                raise BadList(file, taken_sentences(outcome.taken, rows, config))
            if not dry_run:
                _audited(house, "customers imported", customers=len(found))()
            return outcome

    return _on_store(house, config, write)


def all_rows(house: Installation) -> list[dict[str, str]]:
    """Every customer as a row of a list, after a line in the audit log. Raises DatabaseAway and its like."""

    async def read_all(store: Store) -> list[Customer]:
        async with store.transaction(IMPORT_WITHIN_S) as connection:
            return [one async for page in bulk.all_of_them(connection) for one in page]

    config = _config(house)
    _audited(house, "customers exported")()
    return [row_of(one) for one in _on_store(house, config, read_all)]


def _config(house: Installation) -> Config:
    config = config_of(house)
    if config is None:
        raise NoConfiguration(state=house.state)
    return config


def _on_store(house: Installation, config: Config, do: Callable[[Store], Awaitable[T]]) -> T:
    """What it answers. Raises NotRunning, DatabaseAway, SchemaTooOld and their like."""
    try:
        plan = StartPlan.of(house)
    except FileNotFoundError:
        raise NoConfiguration(state=house.state) from None

    async def run() -> T:
        store = await Store.open(url_in_use(config, plan))
        try:
            await store.check_schema()
            return await do(store)
        finally:
            await store.close()

    return asyncio.run(run())
