"""The link to Asterisk is cut, slowed, flooded or refused: rows of the table of faults, each tried a few times (tests/calls/faults/)."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.calls.faults.table import Entry, of_group
from tests.calls.support.fault_table_system import FaultHouse


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FaultHouse]:
    async with FaultHouse(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.mark.parametrize("entry", of_group("B"), ids=lambda entry: "-".join(entry.rows))
async def test_nothing_is_lost_to_it(house: FaultHouse, entry: Entry):
    seed = random.randrange(10**6)
    print(f"./sanxiang bench faults --only {entry.rows[0]} --seed {seed}")
    for figures in await entry.scenario(house, entry.few, seed):
        print(figures.as_row())
        assert figures.lost == 0, figures
