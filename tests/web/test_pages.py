"""The console's addresses in a real browser: links as they were, titles, pages that are not there, and the way back to a list."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from acd.web.server.page_build import build_page
from tests.support.waiting import eventually
from tests.web.support.views import open_view
from tests.web.support.web_server import OPERATOR_PASSWORD, RunningServer, running_server
from tests.web.test_browser import log_in, page, picture, test_ids

__all__ = ["page", "test_ids"]
MANY = 40
"""Calls: more than the window has room for."""


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("pages"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        await house.calls.ready("1001")
        for number in range(MANY):
            await house.calls.whole(caller=f"138{number:08}")
        yield house


async def scrolled(page: Page) -> int:
    return int(await page.evaluate("() => Math.round(scrollY)"))


async def test_an_address_of_before_and_one_of_now_lead_to_the_same_call(house: RunningServer, page: Page):
    offer = await house.calls.whole(caller="13800001234")
    await house.calls.written(offer.call)
    await page.goto(f"{house.url}#calls/{offer.call}")
    await log_in(page)
    await expect(page.get_by_test_id("timeline")).to_contain_text("asks for an agent")
    for address in (f"#calls/{offer.call}", f"#/calls/{offer.call}"):
        await page.goto(f"{house.url}#alarms")
        await expect(page.get_by_test_id("no-alarms")).to_be_visible()
        await page.goto(house.url + address)
        await expect(page.get_by_test_id("timeline")).to_contain_text("asks for an agent")
    await page.reload()
    await expect(page.get_by_test_id("timeline")).to_contain_text("asks for an agent")


async def test_a_link_that_is_followed_while_the_first_page_is_fetched_is_not_lost(house: RunningServer, page: Page):
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await go_on.wait()
        await route.continue_()

    await page.route("**/LiveView-*.js", late)
    await page.fill("[name=account]", "operator")
    await page.fill("[name=password]", OPERATOR_PASSWORD)
    await page.click("button[type=submit]")
    await asyncio.wait_for(asked.wait(), 30)
    await page.goto(f"{house.url}/#/components")
    go_on.set()
    await expect(page.get_by_test_id("parts")).to_be_visible()
    assert page.url.endswith("#/components")


async def test_each_page_has_a_title_of_its_own_in_both_languages(house: RunningServer, page: Page):
    await expect(page).to_have_title("Log in · Sanxiang")
    await log_in(page)
    await expect(page).to_have_title("Live · Sanxiang")
    await open_view(page, "Calls")
    await expect(page).to_have_title("Calls · Sanxiang")
    await page.get_by_test_id("calls").locator("tbody a").first.click()
    await expect(page).to_have_title("Call · Sanxiang")
    await page.get_by_test_id("language").click()
    await expect(page).to_have_title("来电详情 · 三响")
    await page.go_back()
    await expect(page).to_have_title("来电 · 三响")
    await page.get_by_test_id("log-out").click()
    await expect(page).to_have_title("登录 · 三响")


async def test_an_address_that_leads_nowhere_says_so_and_leads_on(house: RunningServer, page: Page):
    await page.goto(f"{house.url}#no/such/page")
    await log_in(page)
    told = page.get_by_test_id("not-here")
    await expect(told).to_contain_text("Page not found")
    await picture(page, "no-such-page-en")
    await told.get_by_role("link").click()
    await expect(page.get_by_test_id("queues")).to_be_visible()


async def test_a_page_that_is_not_for_the_role_says_so_and_asks_for_nothing(house: RunningServer, page: Page):
    await log_in(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{house.url}#recordings")
    await expect(page.get_by_test_id("not-here")).to_contain_text("not for your role")
    assert not [address for address in asked if "/api/recordings" in address]


async def test_back_finds_the_list_as_it_was_left(house: RunningServer, page: Page):
    await log_in(page)
    await open_view(page, "Calls")
    rows = page.get_by_test_id("calls").locator("tbody tr")
    await expect(rows.nth(MANY - 1)).to_be_attached()
    chosen = rows.nth(MANY - 2).locator("a").first
    await chosen.scroll_into_view_if_needed()
    at = await scrolled(page)
    assert at > 0
    for back in ("link", "button"):
        await chosen.click()
        await expect(page.get_by_test_id("timeline")).to_be_visible()
        assert await scrolled(page) == 0
        if back == "link":
            await page.get_by_test_id("back").click()
        else:
            await page.go_back()

        async def where_it_was() -> bool:
            return await scrolled(page) == at

        await eventually(where_it_was, f"the list at its place after the {back}")
        await expect(chosen).to_be_in_viewport()


async def test_who_logs_in_after_another_begins_at_the_first_page(house: RunningServer, page: Page):
    await log_in(page)
    await open_view(page, "Menus")
    await page.get_by_test_id("log-out").click()
    await log_in(page, "qa")
    await expect(page).to_have_title("Live · Sanxiang")


async def test_whose_session_has_ended_goes_on_where_they_were(house: RunningServer, page: Page):
    await log_in(page)
    await open_view(page, "Calls")
    await expect(
        page.get_by_test_id("calls")
    ).to_be_visible()  # The address is the new one once the page has been fetched.
    await page.context.clear_cookies()
    await page.reload()
    await log_in(page)
    await expect(page.get_by_test_id("calls")).to_be_visible()


async def test_no_page_is_fetched_before_somebody_opens_it(page: Page):
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url.rsplit("/", 1)[-1].split("-")[0]))
    await page.reload()
    await expect(page.locator("[name=account]")).to_be_visible()
    assert not [name for name in fetched if name.endswith(("View", "List"))], fetched
    await log_in(page)
    assert "LiveView" in fetched
    assert "CallList" not in fetched
    await open_view(page, "Calls")
    await expect(page.get_by_test_id("calls")).to_be_visible()
    assert "CallList" in fetched
