"""One system for the rows of a group: each file's scenarios come one after the other."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.calls.support.fault_table_system import FaultTableSystem


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FaultTableSystem]:
    async with FaultTableSystem(tmp_path_factory.mktemp("system")) as system:
        yield system
