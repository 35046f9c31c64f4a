"""What the automatic checks found stands beside the player, and plays from its second."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from acd.web.server.page_build import build_page
from recordings.analysis.worker import analyse_due
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import log_in, page
from tests.web.test_findings import CONFIGURED, SOUND, put

__all__ = ["page"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("findings"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        yield house


async def test_a_click_on_a_finding_plays_from_its_second(house: RunningServer, page: Page) -> None:
    await house.calls.ready("1001")
    offer = await house.calls.whole()
    await put(house, offer, SOUND)
    root = Path(house.folder) / "recordings"
    made = await analyse_due(
        house.store, root, CONFIGURED, lambda: datetime.now(UTC) + timedelta(hours=1), 60.0
    )  # fmt: skip
    assert made.done == 1
    await log_in(page, "qa")
    await expect(page).to_have_title("Live · Sanxiang")  # an address that is typed now is heard
    await page.goto(f"{house.url}#/calls/{offer.call}")
    found = page.get_by_test_id("finding-dead-air")
    await expect(found).to_contain_text("Dead air")
    await expect(found).to_contain_text("the rule is less than 10 s")
    await expect(page.get_by_test_id("finding-no-note").get_by_role("button")).to_have_count(0)
    button = found.get_by_role("button")
    minutes, seconds = (await button.inner_text()).removeprefix("▶").strip().split(":")
    await button.click()
    position = page.get_by_test_id("position")
    await expect(position).to_be_enabled()
    wanted = int(minutes) * 60 + int(seconds) - 2
    await page.wait_for_function(
        "wanted => Math.abs(Number(document.querySelector('[data-test=position]').value) - wanted) < 3", arg=wanted
    )
    await page.get_by_test_id("language").click()
    await expect(found).to_contain_text("长时间静默")


async def test_each_finding_is_a_flag_at_its_second_and_leads_there_by_keyboard(
    house: RunningServer, page: Page
) -> None:
    await house.calls.ready("1001")
    offer = await house.calls.whole()
    await put(house, offer, SOUND)
    await analyse_due(
        house.store, Path(house.folder) / "recordings", CONFIGURED, lambda: datetime.now(UTC) + timedelta(hours=1), 60.0
    )  # fmt: skip
    await log_in(page, "qa")
    await expect(page).to_have_title("Live · Sanxiang")
    await page.goto(f"{house.url}#/calls/{offer.call}")
    await page.get_by_test_id("hear").click()
    marks = page.get_by_test_id("finding-marks")
    await expect(marks).to_be_visible()
    flag = page.get_by_test_id("mark-dead-air")
    await expect(flag).to_have_accessible_name(re.compile(r"^Go to \d:\d\d: Dead air$"))
    # A finding that has no place in the sound has no flag.
    await expect(page.get_by_test_id("mark-no-note")).to_have_count(0)
    minutes, seconds = re.search(r"(\d+):(\d\d)", await flag.get_attribute("aria-label") or "").groups()  # type: ignore[union-attr]
    await flag.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_function(
        "wanted => Math.abs(Number(document.querySelector('[data-test=position]').value) - wanted) < 1",
        arg=int(minutes) * 60 + int(seconds),
    )
    length = float(await page.get_by_test_id("position").get_attribute("max") or 0)
    place, wave = await flag.locator("xpath=..").bounding_box(), await page.locator(".wave-place").bounding_box()
    assert place is not None and wave is not None
    share = (place["x"] - wave["x"]) / wave["width"]
    assert abs(share - (int(minutes) * 60 + int(seconds)) / length) < 0.06
    await page.get_by_test_id("language").click()
    await expect(flag).to_have_accessible_name(re.compile("^跳到 .*：长时间静默$"))


async def test_calls_are_filtered_by_a_finding(house: RunningServer, page: Page) -> None:
    await house.calls.ready("1001")
    found, plain = await house.calls.whole(), await house.calls.whole()
    await put(house, found, SOUND)
    await analyse_due(
        house.store, Path(house.folder) / "recordings", CONFIGURED, lambda: datetime.now(UTC) + timedelta(hours=1), 60.0
    )  # fmt: skip
    await log_in(page, "qa")
    await expect(page).to_have_title("Live · Sanxiang")
    await page.goto(f"{house.url}#/calls")
    with_it, without = (page.get_by_test_id(f"call-{offer.call}") for offer in (found, plain))
    await expect(without).to_be_visible()
    await page.get_by_test_id("more-filters").click()
    await page.get_by_test_id("finding").select_option("dead-air")
    await expect(without).to_have_count(0)
    await expect(with_it).to_be_visible()
    assert "finding=dead-air" in page.url
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("finding").locator("option:checked")).to_have_text("长时间静默")
