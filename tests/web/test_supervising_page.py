"""Messages, breaks, help, single queues and missed callers in a real browser: the supervisor's page and the agent's desk beside each other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from acd.engine.events import CallerHungUp
from acd.web.server.page_build import build_page
from tests.web.support.desk_browser import Open, pages, picture
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_supervising import SUPERVISED


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database, SUPERVISED, page_folder=build_page()) as house:
        house.time.stop()
        yield house


@pytest.fixture
async def open_page(house: RunningServer, browser: Browser) -> AsyncIterator[Open]:
    async with pages(house, browser) as opened:
        yield opened


async def side_by_side(open_page: Open) -> tuple[Page, Page]:
    """The supervisor's page, and the desk of 1001."""
    return await open_page("operator"), await open_page("1001")


async def test_a_message_is_on_the_desk_at_once_and_acknowledged_by_one_key(house: RunningServer, open_page: Open):
    await house.calls.ready("1001", "1002")
    floor, desk = await side_by_side(open_page)
    await floor.get_by_test_id("message-text").fill(
        "The invoices of Monday are wrong. Say sorry and promise a new one."
    )
    await floor.get_by_test_id("message-to").select_option("team:orders")
    await floor.get_by_test_id("message-send").click()
    await expect(desk.get_by_test_id("messages")).to_contain_text("The invoices of Monday are wrong.")
    await expect(floor.get_by_test_id("seen-by")).to_contain_text("0 of 2 have acknowledged")
    await picture(desk, "desk-message")
    await desk.keyboard.press("Alt+a")
    await expect(desk.get_by_test_id("messages")).to_have_count(0)
    await expect(desk.get_by_test_id("read-messages")).to_be_visible()
    await expect(floor.get_by_test_id("seen-by")).to_contain_text("1 of 2 have acknowledged")
    await picture(floor, "floor-message")
    later = await open_page("1002", "zh-CN")
    await expect(later.get_by_test_id("messages")).to_contain_text("operator 的消息")
    await floor.get_by_test_id("message-withdraw").click()
    await expect(later.get_by_test_id("messages")).to_have_count(0)


async def test_help_is_asked_by_a_key_in_a_call_and_seen_on_the_floor_with_the_call(
    house: RunningServer, open_page: Open
):
    await house.calls.ready("1001")
    call = house.calls.arrives("13812341234")
    offer = await house.calls.answered(call)
    floor, desk = await side_by_side(open_page)
    await expect(desk.get_by_test_id("help")).to_be_visible()
    await desk.keyboard.press("Alt+s")
    hand = floor.get_by_test_id("hand-1001")
    await expect(hand).to_contain_text("1001 李娜 asks for help")
    await expect(hand.get_by_role("link")).to_have_text("138****1234")
    await picture(floor, "floor-help")
    await picture(desk, "desk-help")
    await hand.get_by_test_id("take-care").click()
    await expect(hand).to_have_count(0)
    await expect(desk.get_by_test_id("help-asked")).to_have_count(0)
    await desk.get_by_test_id("help").click()
    await expect(hand).to_be_visible()
    await house.calls.over(offer)
    await expect(hand).to_have_count(0)


async def test_breaks_are_asked_for_wait_are_granted_and_overdue_on_both_pages(house: RunningServer, open_page: Open):
    await house.calls.ready("1001", "1002")
    floor, desk = await side_by_side(open_page)
    other = await open_page("1002", "zh-CN")
    await other.get_by_test_id("break-kind").select_option("break")
    await expect(other.get_by_test_id("own-break")).to_contain_text("“小休”至")
    await desk.get_by_test_id("break-kind").select_option("break")
    await expect(desk.get_by_test_id("own-break")).to_contain_text("Your place: 1")
    await expect(floor.get_by_test_id("asked-1001")).to_contain_text("no room · place 1")
    await picture(desk, "desk-break-asked")
    await picture(floor, "floor-breaks")
    await floor.get_by_test_id("asked-1001").get_by_test_id("decline").click()
    await floor.get_by_test_id("yes").click()
    await expect(desk.get_by_test_id("own-break")).to_have_count(0)
    await desk.get_by_test_id("break-kind").select_option("meal")
    await expect(desk.get_by_test_id("own-break")).to_contain_text("a supervisor decides")
    await floor.get_by_test_id("asked-1001").get_by_test_id("grant").click()
    await expect(desk.get_by_test_id("own-state")).to_contain_text("not ready · meal")
    house.time.forward(700)
    await house.calls.settled()
    await expect(floor.get_by_test_id("away-1002")).to_contain_text("overdue for")
    await expect(other.get_by_test_id("own-break")).to_contain_text("已于")
    await picture(other, "desk-overdue-zh")
    await floor.get_by_test_id("language").click()
    await expect(floor.get_by_test_id("away-1002")).to_contain_text("超时")
    await picture(floor, "floor-breaks-zh")


async def test_what_comes_after_the_call_is_chosen_in_it_and_can_be_cancelled(house: RunningServer, open_page: Open):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives("13812341234"))
    desk = await open_page("1001")
    await desk.get_by_test_id("not-ready").click()
    await desk.get_by_test_id("not-ready-training").click()
    await expect(desk.get_by_test_id("next-state")).to_contain_text("After this call: training")
    await desk.get_by_test_id("next-cancel").click()
    await expect(desk.get_by_test_id("next-state")).to_have_count(0)
    await desk.get_by_test_id("break-kind").select_option("break")
    await expect(desk.get_by_test_id("own-break")).to_contain_text("begins after this call")
    await picture(desk, "desk-next")
    await house.calls.over(offer)
    house.time.forward(31)
    await house.calls.settled()
    await expect(desk.get_by_test_id("own-state")).to_contain_text("not ready · break")


async def test_two_hours_without_a_break_are_told_on_both_pages(house: RunningServer, open_page: Open):
    await house.calls.ready("1001")
    house.time.forward(2 * 3600)
    await house.calls.settled()
    floor, desk = await side_by_side(open_page)
    await expect(desk.get_by_test_id("long-work")).to_contain_text("without a break")
    await expect(floor.get_by_test_id("long-1001")).to_contain_text("Long work without a break")


async def test_a_queue_is_left_at_the_desk_and_joined_from_the_floor(house: RunningServer, open_page: Open):
    await house.calls.ready("1001")
    floor, desk = await side_by_side(open_page)
    await desk.get_by_test_id("own-queues").locator("summary").click()
    await desk.get_by_test_id("leave-queue").select_option("training")
    await expect(desk.get_by_test_id("own-queue-orders")).to_contain_text("left: training")
    row = floor.get_by_test_id("left-1001-orders")
    await expect(row).to_contain_text("Orders · training")
    await picture(desk, "desk-queue-left")
    await row.get_by_test_id("let-join").click()
    await expect(row).to_have_count(0)
    await expect(desk.get_by_test_id("leave-queue")).to_be_visible()


async def test_a_missed_caller_is_called_back_with_one_click(house: RunningServer, open_page: Open):
    floor = await open_page("operator")
    calls = []
    for number in ("13800001234", "13800005678"):
        call = house.calls.arrives(number)
        await house.calls.settled()
        house.time.forward(20)
        house.calls.tell(CallerHungUp(call))
        await house.calls.written(call)
        calls.append(call)
    row = floor.get_by_test_id(f"missed-{calls[0]}")
    await expect(row).to_contain_text("138****1234")
    await picture(floor, "floor-missed")
    await row.get_by_test_id("call-back").click()
    await expect(floor.get_by_test_id("missed-done")).to_contain_text("A callback to 138****1234 is promised.")
    await expect(row).to_have_count(0)
    await floor.get_by_test_id(f"missed-{calls[1]}").get_by_test_id("dealt-with").click()
    await floor.get_by_test_id("yes").click()
    await expect(floor.get_by_test_id(f"missed-{calls[1]}")).to_have_count(0)
    assert [promise.of_call for promise in house.engine.promises()] == [calls[0]]
