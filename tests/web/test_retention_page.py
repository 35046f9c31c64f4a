"""A call's page says how long its recordings are kept; QA holds it, releases it and gives it a class there, in both languages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from acd.web.server.page_build import build_page
from tests.web.support.web_server import CONFIG, RunningServer, running_server
from tests.web.test_browser import log_in, page

__all__ = ["page"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("retention"))
    written = {**CONFIG, "recordings": {"keep_days": 30}}
    async with running_server(folder / "state", database, written, page_folder=build_page()) as house:
        yield house


async def test_a_call_is_held_released_and_given_a_class_on_its_page(house: RunningServer, page: Page) -> None:
    await house.calls.ready("1001")
    offer = await house.calls.whole()
    await log_in(page, "qa")
    await expect(page).to_have_title("Live · Sanxiang")
    await page.goto(f"{house.url}#/calls/{offer.call}")
    line = page.get_by_test_id("retention")
    await expect(line.get_by_test_id("kept")).to_contain_text("Recordings kept as “General” until")
    await line.get_by_test_id("hold-call").click()
    await page.get_by_label("Reason").fill("lawsuit 7")
    await page.get_by_test_id("yes").click()
    await expect(line.get_by_test_id("call-held")).to_contain_text("Call held by qa since")
    await expect(line.get_by_test_id("call-held")).to_contain_text("lawsuit 7")
    await line.get_by_test_id("class-call").click()
    await page.get_by_label("Class").select_option("complaint")
    await page.get_by_label("Reason").fill("a complaint after all")
    await page.get_by_test_id("yes").click()
    await expect(line.get_by_test_id("kept")).to_contain_text("Recordings kept as “Complaint” until")
    await expect(line.get_by_test_id("given")).to_contain_text("a complaint after all")
    await page.get_by_test_id("language").click()
    await expect(line.get_by_test_id("kept")).to_contain_text("录音按“投诉”类保存至")
    await expect(line.get_by_test_id("call-held")).to_contain_text("保留此来电：lawsuit 7")
    await page.goto(f"{house.url}#/recordings/{offer.offer}")
    await expect(page.get_by_test_id("held")).to_contain_text("lawsuit 7")
    for button in ("release", "hold", "delete"):
        await expect(page.get_by_test_id(button)).to_have_count(0)
    await page.goto(f"{house.url}#/calls/{offer.call}")
    await line.get_by_test_id("release-call").click()
    await page.get_by_label("原因").fill("结案")
    await page.get_by_test_id("yes").click()
    await expect(line.get_by_test_id("hold-call")).to_be_visible()
    await expect(line.get_by_test_id("call-held")).to_have_count(0)


async def test_who_may_not_hear_recordings_sees_no_such_line(house: RunningServer, page: Page) -> None:
    await house.calls.ready("1001")
    offer = await house.calls.whole()
    await log_in(page, "operator")
    await expect(page).to_have_title("Live · Sanxiang")
    await page.goto(f"{house.url}#/calls/{offer.call}")
    await expect(page.get_by_test_id("story-title")).to_be_visible()
    await expect(page.get_by_test_id("facts")).to_be_visible()
    await expect(page.get_by_test_id("retention")).to_have_count(0)
