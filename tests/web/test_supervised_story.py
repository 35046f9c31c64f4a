"""What supervisors did in a call stands on the call's page, and where they are heard on the recording's wave; in both languages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from acd.engine.commands import Offer
from acd.engine.events import AgentLoggedOut, BridgeEnded, CallerHungUp
from acd.engine.listening.events import (
    ListenAsked,
    ListenerAnswered,
    ListenerGone,
    ListenerJoined,
    ListenerLeft,
    ListenSwitched,
)
from acd.web.server.page_build import build_page
from tests.support.waiting import eventually
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.web_server import RunningServer, recording_filed, running_server
from tests.web.test_browser import log_in, picture, test_ids

__all__ = ["test_ids"]
BOSS, OTHER = "ls-0123456789abcdef", "ls-fedcba9876543210"


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("supervised"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        await house.calls.ready("1001", "1002", "1003")
        house.calls.tell(AgentLoggedOut("1002"), AgentLoggedOut("1003"))
        yield house


async def taken_over(house: RunningServer) -> Offer:
    """Li listens for 20 s, whispers for 15, is in the talk for 30 and has the caller alone for 12; Wang listens through 10 s of it."""
    calls, time = house.calls, house.time
    offer = await calls.answered(calls.arrives("13800007001"))
    call = offer.call

    async def then(seconds: float, *events: object) -> None:
        calls.tell(*events)  # type: ignore[arg-type]
        await calls.settled()
        time.forward(seconds)

    await then(0, ListenAsked(BOSS, call, "li", "1002", "listen"))
    await then(20, ListenerAnswered(BOSS))
    await then(15, ListenSwitched(BOSS, "whisper", "li"))
    await then(30, ListenSwitched(BOSS, "barge", "li"), ListenerJoined(BOSS))
    await then(0, ListenSwitched(BOSS, "take-over", "li"))
    await then(1, BridgeEnded("1001", call, offer.offer, "transfer"))
    await then(11, ListenerLeft(OTHER))  # of nobody: nothing comes of it
    await then(0, ListenerGone(BOSS))
    await then(0, CallerHungUp(call))
    await calls.filed(offer, 77.0)
    await eventually(lambda: recording_filed(house, offer.offer), "the recording's row")
    return offer


async def listened_twice(house: RunningServer) -> Offer:
    """Wang listens for 10 s; Li's telephone is busy."""
    calls, time = house.calls, house.time
    await calls.ready("1001")
    offer = await calls.answered(calls.arrives("13800007002"))
    call = offer.call
    calls.tell(ListenAsked(BOSS, call, "li", "1002", "listen"), ListenerGone(BOSS, "busy"))
    calls.tell(ListenAsked(OTHER, call, "wang", "1003", "listen"), ListenerAnswered(OTHER))
    await calls.settled()
    time.forward(10)
    calls.tell(ListenerGone(OTHER), CallerHungUp(call))
    await calls.filed(offer, 10.0)
    await eventually(lambda: recording_filed(house, offer.offer), "the recording's row")
    return offer


async def rows(page: Page) -> list[list[str]]:
    """Account, what and how long of each row."""
    told = page.get_by_test_id("supervised").locator("tbody tr")
    cells = [await row.locator("td").all_inner_texts() for row in await told.all()]
    return [[row[0].strip(), row[1], row[4]] for row in cells]


async def test_the_story_names_what_each_did_and_the_player_marks_where_they_are_heard(
    house: RunningServer, browser: Browser
):
    offer = await taken_over(house)
    other = await listened_twice(house)
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page, complaints = await context.new_page(), list[str]()
    hear_complaints(page, complaints)
    await page.goto(house.url)
    await log_in(page, "qa")
    await page.goto(f"{house.url}#/calls/{offer.call}")
    await expect(page.get_by_test_id("supervised")).to_contain_text("Supervisors in this call")
    await expect(page.get_by_test_id("supervised").locator("tbody tr")).to_have_count(4)
    assert await rows(page) == [
        ["li", "Listened", "0:20"],
        ["li", "Whispered to the agent", "0:15"],
        ["li", "In the talk", "0:30"],
        ["li", "Took the caller over", "0:12"],
    ]
    await page.get_by_test_id(f"leg-{offer.offer}").get_by_test_id("hear").click()
    spans = page.get_by_test_id("spans").locator("li")
    await expect(spans).to_have_count(2)
    await expect(spans.nth(0)).to_contain_text("0:35")
    await expect(spans.nth(0)).to_contain_text("Supervisor in the talk: li · 0:30")
    await expect(spans.nth(1)).to_contain_text("Supervisor in the talk: li · 0:12")
    marks = page.locator(".marks .mark.supervisor")
    await expect(marks).to_have_count(2)
    await expect(marks.nth(0)).to_have_attribute("title", "Supervisor in the talk: li")
    await spans.nth(1).get_by_role("button").click()
    await expect(page.get_by_test_id("at")).to_contain_text("1:05 / 1:17")
    await picture(page, "story-supervised-en")
    for width in (390, 2560):
        await page.set_viewport_size({"width": width, "height": 900})
        await picture(page, f"story-supervised-{width}")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("supervised")).to_contain_text("接管来电")
    assert [row[1] for row in await rows(page)] == ["监听", "密语座席", "加入通话", "接管来电"]
    await expect(spans.nth(0)).to_contain_text("班长在通话中：li · 0:30")
    await picture(page, "story-supervised-zh")
    await page.goto(f"{house.url}#/calls/{other.call}")
    await expect(page.get_by_test_id("supervised").locator("tbody tr")).to_have_count(1)
    assert await rows(page) == [["wang", "监听", "0:10"]]
    await page.get_by_test_id(f"leg-{other.offer}").get_by_test_id("hear").click()
    await expect(page.get_by_test_id("position")).to_be_enabled()
    await expect(page.get_by_test_id("spans")).to_have_count(0)
    await page.context.close()
    assert complaints == []
