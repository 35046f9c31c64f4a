"""The agent's desk: a server of its own for each test, time that stands still, and pages in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.web.support.desk_browser import Open, SimulatedPbx, desk_server, pages
from tests.web.support.web_server import RunningServer


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with desk_server(database, tmp_path) as house:
        yield house


@pytest.fixture
def pbx(house: RunningServer) -> SimulatedPbx:
    return SimulatedPbx(house)


@pytest.fixture
async def open_page(house: RunningServer, browser: Browser) -> AsyncIterator[Open]:
    async with pages(house, browser) as opened:
        yield opened
