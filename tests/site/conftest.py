"""The site, built once for all tests that look at it."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from acd.site import build
from tests.web.support.desk_browser import launched_browser


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The folder with the site of this checkout's documents."""
    return build.build_site()


@pytest.fixture(scope="module")
async def browser():
    async with launched_browser() as found:
        assert isinstance(found, Browser)
        yield found
