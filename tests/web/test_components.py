"""The console's own components at #components, by keyboard and under axe, with what opens open."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from acd.web.server.page_build import build_page
from tests.web.support.axe import serious_findings
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import log_in, page, picture, test_ids

__all__ = ["page", "test_ids"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("components"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        yield house


@pytest.fixture
async def parts(house: RunningServer, page: Page) -> Page:
    await log_in(page)
    await page.goto(f"{house.url}/#/components")
    await expect(page.get_by_test_id("parts")).to_be_visible()
    return page


async def test_a_menu_does_nothing_until_an_action_is_taken(parts: Page):
    button = parts.get_by_test_id("menus").get_by_role("button").first
    chosen, menu = parts.get_by_test_id("chosen"), parts.get_by_role("menu")
    await button.focus()
    await parts.keyboard.press("ArrowDown")
    items = menu.get_by_role("menuitem")
    await expect(items.nth(0)).to_be_focused()
    await expect(menu).to_be_in_viewport(ratio=1)
    assert await serious_findings(parts) == []
    for pressed, at in (("ArrowDown", 1), ("End", 2), ("ArrowDown", 0), ("c", 1), ("Home", 0), ("ArrowUp", 2)):
        await parts.keyboard.press(pressed)
        await expect(items.nth(at)).to_be_focused()
    await parts.keyboard.press("Enter")  # it can't be done now, and says why
    await expect(items.nth(2)).to_contain_text("No call is in progress.")
    await parts.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await expect(button).to_be_focused()
    await expect(chosen).to_have_text("")
    await parts.keyboard.press("ArrowUp")
    await parts.keyboard.press("Home")
    await parts.keyboard.press("Enter")
    await expect(chosen).to_have_text("move")
    await expect(button).to_be_focused()
    await parts.keyboard.press("Enter")
    await parts.keyboard.press("Tab")
    await expect(menu).to_have_count(0)


@pytest.mark.parametrize("which", ["ask", "ask-grave"])
async def test_a_question_keeps_the_keyboard_and_gives_it_back(parts: Page, which: str):
    asking = parts.get_by_test_id(which)
    await asking.click()
    dialog = parts.get_by_test_id("dialog")
    await expect(dialog).to_be_visible()
    assert await serious_findings(parts) == []
    await parts.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(asking).to_be_focused()


async def test_a_table_is_sorted_by_its_heads_and_told_so(parts: Page):
    table = parts.get_by_test_id("tables").get_by_role("table").first
    head, first = table.get_by_role("columnheader", name="Calls"), table.locator("tbody tr td").first
    for order, name in (("ascending", "Tom Baker"), ("descending", "ليلى 🙂"), ("none", "王芳")):
        await head.get_by_role("button").press("Enter")
        await expect(head).to_have_attribute("aria-sort", order)
        await expect(first).to_have_text(name)


async def test_tabs_fields_and_buttons_are_told_as_what_they_are(parts: Page):
    tabs = parts.get_by_test_id("tabs")
    await tabs.get_by_role("tab").first.focus()
    await parts.keyboard.press("ArrowRight")
    await expect(tabs.get_by_role("tab", selected=True)).to_have_text("Calls")
    await expect(tabs.get_by_role("tabpanel")).to_have_text("Calls")
    field = parts.get_by_test_id("fields").get_by_label("Calls")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description("At most 200 characters ✖ Give a number from 0 to 9.")
    shut = parts.get_by_test_id("buttons").get_by_role("button", name="Listen")
    await expect(shut).to_have_accessible_description("No call is in progress.")
    await shut.press("Enter")
    await parts.get_by_role("button", name="Delete", exact=True).press("Enter")
    told = parts.locator(".toast")
    await expect(told).to_have_count(1)
    await expect(told).to_have_attribute("role", "alert")
    assert await serious_findings(parts) == []
    await picture(parts, "components-en")
    await parts.get_by_test_id("language").click()
    await parts.get_by_test_id("theme").click()
    await picture(parts, "components-zh-dark")
