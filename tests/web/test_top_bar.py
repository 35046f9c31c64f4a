"""The bar above every view, in a real browser: one line at a desk's width, all views by mouse and keyboard at every width."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from acd.web.server.page_build import build_page
from tests.web.support.views import link_to, open_view
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import log_in, page, picture, test_ids

__all__ = ["page", "test_ids"]
VIEWS = {
    "en": [
        "Live",
        "Calls",
        "Callbacks",
        "Recordings",
        "Reviews",
        "Customers",
        "Faults",
        "Reports",
        "Surveys",
        "Menus",
        "Wall",
        "Accounts",
        "API",
    ],
    "zh": ["实时", "来电", "回电", "录音", "质检", "客户", "故障", "报表", "评价", "菜单", "大屏", "账号", "接口"],
}
CHIEF_PASSWORD = "see-every-view-well-9"
BAR = "header.top"
LINES = """bar => [...new Set([...bar.children].map((each) => {
  const box = each.getBoundingClientRect()
  return Math.round((box.top + box.bottom) / 20)
}))].length"""
OUTSIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """No agent has logged in. The account chief may see every view."""
    folder = Path(tmp_path_factory.mktemp("top-bar"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        house.accounts.add("chief", ["operator", "qa", "administrator"], CHIEF_PASSWORD)
        yield house


async def log_in_as_chief(page: Page) -> None:
    await page.fill("[name=account]", "chief")
    await page.fill("[name=password]", CHIEF_PASSWORD)
    await page.click("button[type=submit]")
    await expect(page.get_by_test_id("queues")).to_be_visible()


async def test_the_bar_is_one_line_at_a_desk_and_leads_everywhere_at_every_width(page: Page):
    await log_in_as_chief(page)
    for language in ("en", "zh"):
        for width in (1280, 1300, 1440, 1920, 1001, 800, 390):
            await page.set_viewport_size({"width": width, "height": 800})
            bar = page.locator(BAR)
            more, links = page.get_by_test_id("more"), bar.locator("nav.views").get_by_role("link")
            await expect(links.first).to_have_text(VIEWS[language][0])
            await expect(links.last).to_be_in_viewport(ratio=1)
            if await more.count():
                await more.click()
                await expect(page.locator(".more ul")).to_be_in_viewport(ratio=1)
            await expect(links).to_have_text(VIEWS[language])
            await picture(page, f"top-bar-{language}-{width}")
            if await more.count():
                await page.keyboard.press("Escape")
                await expect(more).to_have_attribute("aria-expanded", "false")
            assert await page.evaluate(OUTSIDE) <= 0, (language, width)
            if width > 1000:
                assert await bar.evaluate(LINES) == 1, (language, width)
                assert await bar.evaluate("bar => bar.offsetHeight") < 64, (language, width)
        await page.get_by_test_id("language").click()


async def test_what_has_no_room_is_reached_by_the_keyboard(page: Page):
    await page.set_viewport_size({"width": 1280, "height": 800})
    await log_in_as_chief(page)
    more = page.get_by_test_id("more")
    await more.focus()
    await page.keyboard.press("Enter")
    await expect(more).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    listed = page.locator(".more ul").get_by_role("link")
    await expect(listed.first).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(listed.last).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(more).to_be_focused()
    await expect(listed).to_have_count(0)
    await page.keyboard.press("ArrowDown")
    await expect(listed.first).to_be_focused()
    for _ in range(await listed.count()):
        await page.keyboard.press("Tab")
    await expect(listed).to_have_count(0)  # whoever goes on closes it
    accounts = await link_to(page, "Accounts")
    await accounts.focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{page.url.split('#')[0]}#/accounts")
    await expect(listed).to_have_count(0)
    await more.click()
    await expect(page.get_by_role("link", name="Accounts", exact=True)).to_have_attribute("aria-current", "page")
    await page.locator("main").click()
    await expect(listed).to_have_count(0)
    await open_view(page, "Live")
    await expect(page.get_by_test_id("queues")).to_be_visible()


async def test_a_queue_without_agents_says_so_in_the_place_of_a_wait(house: RunningServer, page: Page):
    await log_in(page)
    expected = page.get_by_test_id("queue-orders").get_by_test_id("expected")
    await expect(expected).to_contain_text("no agents logged in")
    kept = page.get_by_test_id("promises_kept_rate")
    await expect(kept).to_contain_text("Callbacks on time")
    await expect(kept).to_contain_text("target ≥ 95%")
    await page.get_by_test_id("language").click()
    await expect(expected).to_contain_text("无座席在线")
    await expect(kept).to_contain_text("回电承诺兑现率")
    await house.calls.ready("1001")
    await expect(expected).not_to_contain_text("无座席在线")
