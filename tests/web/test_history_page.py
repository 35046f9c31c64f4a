"""Reading back in a real browser: calls searched and found again, their story, recordings by what they are, an agent's day."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Page, expect

from acd.engine.commands import Offer
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallBridged,
)
from acd.engine.transfer_events import (
    CallRetrieved,
    CardWritten,
    ConsultBegan,
    TransferRequested,
    TransferTakenBack,
)
from acd.web.server.page_build import build_page
from tests.support.waiting import eventually
from tests.web.support.web_server import CONFIG, RunningServer, recording_filed, running_server
from tests.web.test_browser import PICTURES, log_in, page, test_ids

__all__ = ["page", "test_ids"]
LONG_NAME = "مريم‎ 👩🏽‍💼 " + "Wolfeschlegelsteinhausenbergerdorff " * 2
NAMED = {
    **CONFIG,
    "agents": {**CONFIG["agents"], "1002": {"name": LONG_NAME[:80].strip(), "skills": {"orders": 3}}},
}


class Told(NamedTuple):
    house: RunningServer
    transferred: str
    consulted: Offer
    consult: str


@pytest.fixture(scope="module")
async def told(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    """A call for a refund that 1001 hands over to 1003 after 30 s, and one in which 1001 consults 1002; the day before, sixty more."""
    folder = Path(tmp_path_factory.mktemp("history"))
    async with running_server(folder / "state", database, NAMED, page_folder=build_page()) as house:
        house.time.to_mid_month()
        house.time.forward(-86400)
        await house.calls.ready("1001")
        for number in range(60):
            offer = await house.calls.answered(house.calls.arrives(caller=f"1370000{number:04d}"))
            await house.calls.over(offer, 5)
            house.time.forward(40)
            await house.calls.settled()
        house.time.forward(86400)
        transferred = await _transferred(house)
        house.calls.tell(AgentNotReady("1003", "meal"))
        house.time.forward(600)
        house.calls.tell(AgentReady("1001"))
        consulted, consult = await _consulted(house)
        yield Told(house, transferred.call, consulted, consult)


@pytest.fixture(scope="module")
async def house(told: Told) -> RunningServer:
    return told.house


async def _transferred(house: RunningServer) -> Offer:
    calls, time = house.calls, house.time
    await calls.ready("1001")
    offer = await calls.answered(calls.arrives(caller="13800002001"))
    call = offer.call
    calls.tell(CardWritten(call, "1001", "matter", {"text": "退款11-20未到账"}))
    calls.tell(CardWritten(call, "1001", "promise", {"text": "三天内到账", "due_at": "2026-11-29T17:26:00+00:00"}))
    calls.tell(CardWritten(call, "1001", "disposition", {"code": "to be followed up", "text": ""}))
    await calls.ready("1003")
    time.forward(30)
    calls.tell(TransferRequested(call, "1001", "agent", "1003", "refund", note="客户着急"))
    await calls.settled()
    receiver = await calls.offer(call)
    calls.tell(BridgeEnded("1001", call, offer.offer, "transfer"))
    who = ("1003", call, receiver.offer)
    calls.tell(AgentDialled(*who), AgentRinging(*who))
    await calls.settled()
    time.forward(4)
    calls.tell(AgentAnswered(*who), CallBridged(*who))
    await calls.settled()
    await calls.over(receiver, 60)
    for one in (offer, receiver):
        await calls.filed(one)
        await eventually(lambda one=one: recording_filed(house, one.offer), "the recording's row")  # type: ignore[misc]
    return offer


async def _consulted(house: RunningServer) -> tuple[Offer, str]:
    calls, time = house.calls, house.time
    offer = await calls.answered(calls.arrives(caller="13800002002"))
    assert offer.agent == "1001"
    await calls.ready("1002")
    time.forward(1)
    calls.tell(TransferRequested(offer.call, "1001", "agent", "1002", "refund", warm=True, amount=58.0))
    who = ("1002", offer.call, f"{offer.call}-2")
    calls.tell(AgentDialled(*who), AgentRinging(*who), AgentAnswered(*who), ConsultBegan(offer.call, "1002", who[2]))
    await calls.settled()
    time.forward(10)
    calls.tell(TransferTakenBack(offer.call, "1001"), CallRetrieved(offer.call, "1001"))
    calls.tell(BridgeEnded(*who, "transfer"))
    await calls.settled()
    await calls.over(offer, 30)
    consult = f"{offer.call}-k2"
    for one in (offer, replace(offer, offer=consult)):
        await calls.filed(one, 30.0)
        await eventually(lambda one=one: recording_filed(house, one.offer), "the recording's row")  # type: ignore[misc]
    return offer, consult


async def pictures(page: Page, name: str) -> None:
    if not PICTURES:
        return
    for width in (1366, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            await page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
            await page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=True)
    await page.set_viewport_size({"width": 1440, "height": 900})


async def enter(page: Page) -> None:
    """QA has logged in, and the first page is open: an address that is typed now is heard."""
    await log_in(page, "qa")
    await expect(page).to_have_title("Live · Sanxiang")


def days(told: Told) -> str:
    today = told.house.time.now().date()
    return f"first={today.replace(day=1)}&last={today}"


async def test_last_tuesdays_refund_call_that_was_transferred_is_found_by_words_and_filters(told: Told, page: Page):
    await enter(page)
    await page.goto(f"{told.house.url}#calls?{days(told)}")
    row = page.get_by_test_id(f"call-{told.transferred}")
    for typed in ("退款", "refund", "王芳", "1001", "138****2001", "未到账"):
        await page.fill("[name=search]", typed)
        await expect(row).to_be_visible()
        await expect(page.get_by_test_id(f"call-{told.consulted.call}")).to_have_count(
            int(typed in ("1001", "refund", "退款"))
        )
    await page.fill("[name=search]", "no such words")
    await expect(page.get_by_test_id("empty")).to_contain_text("No call fits these filters.")
    await page.get_by_test_id("empty").get_by_role("button", name="Clear filters").click()
    await page.goto(f"{told.house.url}#calls?{days(told)}")
    await page.get_by_test_id("more-filters").click()
    await page.get_by_test_id("transferred").check()
    await expect(page.get_by_test_id("calls").locator("tbody tr")).to_have_count(1)
    await expect(row).to_contain_text("→ 1003 王芳")
    await expect(row).to_contain_text("refund")
    await expect(row).to_contain_text("To be followed up")
    await expect(row.locator("a.hear")).to_have_count(2)
    await pictures(page, "calls-found-en")
    async with page.expect_download() as waiting:
        await page.get_by_test_id("as-xlsx").click()
    assert (await waiting.value).suggested_filename.endswith(".xlsx")


async def test_filters_rows_and_scroll_are_there_on_the_way_back(told: Told, page: Page):
    await enter(page)
    yesterday = f"{told.house.time.now().date()}"
    await page.goto(f"{told.house.url}#calls?first={yesterday[:8]}01&last={yesterday}&ending=answered")
    rows = page.get_by_test_id("calls").locator("tbody tr")
    await expect(rows).to_have_count(50)
    await page.get_by_role("button", name="Earlier calls").click()
    await expect(rows).to_have_count(62)
    last = rows.nth(60)
    await last.scroll_into_view_if_needed()
    stood = await page.evaluate("() => window.scrollY")
    assert stood > 300
    await last.locator("td.time a").click()
    await expect(page.get_by_test_id("story-title")).to_contain_text("137****")
    await page.get_by_test_id("back").click()
    await expect(rows).to_have_count(62)
    await expect(page.locator("select").filter(has_text="answered").first).to_be_visible()
    await page.wait_for_function("stood => Math.abs(window.scrollY - stood) < 60", arg=stood)
    assert "ending=answered" in page.url
    await page.reload()
    await expect(rows).to_have_count(50)  # the filter again, from the first page


async def test_a_story_begins_with_its_recordings_named_by_what_they_are(told: Told, page: Page):
    await enter(page)
    await page.goto(f"{told.house.url}#calls/{told.consulted.call}")
    legs = page.get_by_test_id("call-recordings")
    await expect(legs).to_contain_text("Talk with 1001 李娜")
    await expect(legs).to_contain_text("Consult: 1001 李娜 with 1002")
    await expect(page.get_by_test_id("story-title")).to_contain_text("138****2002 · Orders · ")
    await expect(page.get_by_test_id("timeline")).to_contain_text("Consult with agent 1002")
    assert "13800002002" not in await page.content()
    await page.get_by_test_id("show-number").click()
    await expect(page.get_by_test_id("story-title")).to_contain_text("13800002002")
    await legs.get_by_test_id(f"leg-{told.consult}").get_by_test_id("hear").click()
    player = page.get_by_test_id("player")
    await expect(player).to_contain_text("First agent 1001 李娜")
    await expect(player).to_contain_text("Receiver 1002")
    await expect(player).not_to_contain_text("Caller")
    await pictures(page, "story-consult-en")
    await legs.get_by_test_id(f"leg-{told.consulted.offer}").get_by_test_id("hear").click()
    await expect(player).to_contain_text("Caller(left)")
    await expect(page.get_by_test_id("spans")).to_contain_text("Caller on hold during a consult · 0:1")
    await expect(page.get_by_test_id("spans")).to_contain_text("not in this recording")
    await page.get_by_test_id("language").click()
    await expect(player).to_contain_text("客户（左声道）")
    await pictures(page, "story-zh")


async def test_a_past_calls_agents_are_all_named_and_lead_to_the_day_of_the_call(told: Told, page: Page):
    await enter(page)
    yesterday = told.house.time.now().date() - timedelta(days=1)
    await page.goto(f"{told.house.url}#calls?first={yesterday}&last={yesterday}")
    row = page.get_by_test_id("calls").locator("tbody tr").first
    await row.get_by_role("link", name="1001 李娜").click()
    await expect(page.get_by_test_id("agent-day").get_by_test_id("day")).to_have_value(f"{yesterday}")
    await expect(page.get_by_test_id("day-line")).to_be_visible()
    await page.goto(f"{told.house.url}#calls/{told.transferred}")
    await expect(page.get_by_test_id("agents")).to_have_text("1001 李娜 → 1003 王芳")
    await expect(page.get_by_test_id("story-card").get_by_test_id("transfers")).to_contain_text("from 1001 李娜")
    await expect(page.get_by_test_id("story-card").get_by_test_id("legs")).to_contain_text("1003 王芳")


async def test_in_a_list_of_several_days_each_row_has_its_weekday(told: Told, page: Page):
    await enter(page)
    await page.goto(f"{told.house.url}#calls?{days(told)}")
    time = page.get_by_test_id(f"call-{told.transferred}").locator("td.time")
    await expect(time).to_have_text(re.compile(r"^\d\d-\d\d (Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d:\d\d$"))
    await page.get_by_test_id("language").click()
    await expect(time).to_have_text(re.compile(r"^\d\d-\d\d 周[一二三四五六日] \d\d:\d\d:\d\d$"))


async def test_a_recording_is_played_by_keyboard_alone(told: Told, page: Page):
    await enter(page)
    await page.goto(f"{told.house.url}#recordings?{days(told)}")
    row = page.get_by_test_id(f"recording-{told.consult}")
    await expect(row).to_contain_text("consult")
    await expect(row.get_by_test_id("to-call")).to_have_attribute("href", f"#/calls/{told.consulted.call}")
    await pictures(page, "recordings-en")
    await row.get_by_role("link", name="Listen").click()
    await expect(page.get_by_test_id("at")).to_contain_text("/ 0:30")
    position = page.get_by_test_id("position")
    await position.focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_test_id("at")).to_contain_text("0:05 / 0:30")
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_test_id("at")).to_contain_text("0:00 / 0:30")
    await page.keyboard.press("End")
    await expect(page.get_by_test_id("at")).to_contain_text("0:30 / 0:30")
    await page.keyboard.press("Home")
    await page.keyboard.press(" ")
    await expect(page.get_by_test_id("play")).to_contain_text("Pause")
    await pictures(page, "recording-en")


async def test_an_agents_day_is_a_line_of_states_with_figures_and_calls(told: Told, page: Page):
    await enter(page)
    today = told.house.time.now().date()
    await page.goto(f"{told.house.url}#agents/1001?day={today}")
    await expect(page.get_by_test_id("day-line").locator(".s-talking")).not_to_have_count(0)
    await expect(page.get_by_test_id("day-figures").locator("[data-figure=talks]")).to_contain_text("2")
    await expect(page.get_by_test_id("day-times")).to_contain_text("talking")
    await expect(page.get_by_test_id(f"call-{told.transferred}")).to_be_visible()
    await pictures(page, "agent-day-en")
    await page.goto(f"{told.house.url}#agents/1002?day={today}")
    await expect(page.get_by_test_id("agent-day")).to_contain_text("Wolfeschlegelsteinhausen")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("agent-day")).to_contain_text("各状态时长")
    await pictures(page, "agent-day-zh")
    width = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
