"""One system for all the stories of a module that need nothing done to it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_system import transfer_system


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with transfer_system(tmp_path_factory.mktemp("system")) as system:
        yield system
