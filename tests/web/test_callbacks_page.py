"""Promised callbacks on the supervisor's page, in a real browser: the list, one promised, moved and said to be done, in both languages."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from acd.engine.promises.events import CallbackPromised
from acd.engine.transfer_events import CardWritten
from acd.web.server.page_build import build_page
from tests.web.support.views import open_view
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import log_in, page, test_ids
from tests.web.test_reports_page import pictures

__all__ = ["page", "test_ids"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """One callback that is late and one whose time is to come."""
    folder = Path(tmp_path_factory.mktemp("callbacks"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        now = house.time.now()
        house.calls.tell(
            CallbackPromised(
                "p1", "+8613900001111", "orders", "sam", until=now + timedelta(minutes=5), note="about the invoice"
            ),
            CallbackPromised(
                "p2", "+8613900002222", "after-sales", "li", begins=now + timedelta(hours=20), how="list", owner="1001"
            ),
        )
        await house.calls.settled()
        house.time.forward(400)
        await house.calls.settled()
        yield house


async def test_a_supervisor_sees_what_is_late_and_promises_moves_and_ends_callbacks(house: RunningServer, page: Page):
    await log_in(page)
    await open_view(page, "Callbacks")
    rows = page.get_by_test_id("callbacks").locator("tbody tr")
    await expect(page.get_by_test_id("callback-p1")).to_be_visible()
    await expect(page.get_by_test_id("callback-p2")).to_be_visible()
    await expect(page.get_by_test_id("callback-p1")).to_contain_text("overdue")
    await expect(page.get_by_test_id("callback-p1")).to_contain_text("139****1111")
    await page.get_by_test_id("callbacks-which").select_option("late")
    await expect(rows).to_have_count(1)
    await page.get_by_test_id("callbacks-which").select_option("open")
    await page.get_by_test_id("callback-p2").get_by_role("button", name="139****2222", exact=True).click()
    await expect(page.get_by_test_id("callback-story")).to_be_visible()
    await pictures(page, "callbacks-en")
    await page.get_by_test_id("callback-add").click()
    await page.get_by_test_id("add-number").fill("13900003333")
    await page.get_by_test_id("yes").click()
    await expect(page.get_by_test_id("callbacks").locator("tr", has_text="139****3333")).to_be_visible()
    await page.get_by_test_id("done-p1").click()
    await page.get_by_test_id("yes").click()
    await expect(page.get_by_test_id("callback-p1")).to_have_count(0)
    await page.get_by_test_id("callbacks-which").select_option("over")
    await expect(page.get_by_test_id("callback-p1")).to_contain_text("called back manually")
    await page.get_by_test_id("callbacks-which").select_option("open")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("callback-p2")).to_contain_text("未到时间")
    await pictures(page, "callbacks-zh")


async def test_what_is_owed_stands_in_one_list_by_when_it_is_due(house: RunningServer, page: Page):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives(caller="13900007777", queue="orders"))
    due = house.time.now() + timedelta(minutes=10)
    house.calls.tell(CardWritten(offer.call, "1001", "promise", {"text": "三天内到账", "due_at": due.isoformat()}))
    house.calls.tell(
        CallbackPromised("p8", "+8613900008888", "orders", "sam", until=due - timedelta(minutes=2), how="list"),
        CallbackPromised("p9", "+8613900009999", "orders", "sam", until=due + timedelta(minutes=20), how="list"),
    )
    await house.calls.over(offer, talk_s=20)
    await house.calls.written(offer.call)
    await log_in(page)
    await open_view(page, "Callbacks")
    await page.get_by_test_id("to-owed").click()
    await expect(page).to_have_title("Owed to customers · Sanxiang")
    promised = page.get_by_test_id(f"owed-{offer.call}-promise")
    await expect(promised).to_contain_text("三天内到账")
    await expect(promised).to_contain_text("139****7777")
    rows = page.get_by_test_id("owed").locator("tbody tr")
    keys = [await row.get_attribute("data-test") for row in await rows.all()]
    mine = [key for key in keys if key in ("owed-p8", "owed-p9", f"owed-{offer.call}-promise")]
    assert mine == ["owed-p8", f"owed-{offer.call}-promise", "owed-p9"]
    await page.get_by_test_id("language").click()
    await expect(promised).to_contain_text("承诺")
    await promised.get_by_role("link").first.click()
    await expect(page.get_by_test_id("timeline")).to_be_visible()
