"""The menus on the page, in a real browser: drawn, a key changed, tried by typing, published, taken back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from acd.daemon.configuration.menu_desk import MenuDesk
from acd.web.server.page_build import build_page
from tests.daemon.configuration.test_config_reload import FIRST, within_etc
from tests.daemon.configuration.test_menu_desk import SUB, head
from tests.web.support.views import open_view
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import log_in, page, picture, test_ids

__all__ = ["page", "test_ids"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """With a folder of the operator's own menus in force."""
    folder = Path(tmp_path_factory.mktemp("menus-page"))
    around = within_etc(folder)
    menus = around.folder / "menus"
    menus.mkdir()
    (menus / "hotline.toml").write_text(head(), "utf-8")
    (menus / "sub.toml").write_text(SUB, "utf-8")
    around.edits(f'[hotline]\nmenu = "{menus}"\n' + FIRST)
    await around.live.reload("zhang")
    parts: dict[str, Any] = {"menus": MenuDesk(around.live), "configurations": around.live, "page_folder": build_page()}
    async with running_server(folder / "server", database, **parts) as house:
        yield house


async def test_a_key_is_changed_tried_published_and_taken_back(house: RunningServer, page: Page):
    await log_in(page)
    await open_view(page, "Menus")
    keys = page.get_by_test_id("menu-sub").locator("tbody tr")
    await expect(page.get_by_test_id("tree")).to_contain_text("menu sub")
    await expect(keys.first).to_contain_text("1queue orders")
    await picture(page, "menus-en")
    await page.locator("select").filter(has_text="sub.toml").select_option("sub.toml")
    text = page.get_by_test_id("text")
    await text.fill(SUB.replace('"orders" } ]', '"ordres" } ]'))
    await page.get_by_test_id("try").click()
    tried = page.get_by_test_id("tried")
    await expect(tried).to_contain_text("sub.toml:2: menus.sub.keys[1].queue: names the queue 'ordres'")
    await text.fill(SUB.replace('"1"', '"5"'))
    await page.get_by_test_id("keys").fill("25")
    await page.get_by_test_id("try").click()
    await expect(tried).to_contain_text("queue orders")
    await page.get_by_test_id("language").click()
    await picture(page, "menus-zh")
    await page.get_by_test_id("language").click()
    await page.get_by_test_id("publish").click()
    await page.get_by_test_id("yes").click()
    await expect(page.get_by_test_id("menus").locator("p[role=status]")).to_contain_text("is in force")
    await expect(keys.first).to_contain_text("5queue orders")
    await page.get_by_test_id("back").click()
    await page.get_by_test_id("yes").click()
    await expect(keys.first).to_contain_text("1queue orders")
