"""One house for all the stories of a module that need nothing done to it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.calls.support.transfers import TransferHouse


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TransferHouse]:
    async with TransferHouse(tmp_path_factory.mktemp("house")) as house:
        yield house
