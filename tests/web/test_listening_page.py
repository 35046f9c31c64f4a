"""A supervisor begins to listen on the page, changes what they do in the bar, takes over, leaves; the agent's page says so when it is to;
another team's supervisor gets the answer of a call that does not exist; the audit log has it all."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from acd.engine.events import BridgeEnded, CallerHungUp
from acd.engine.listening.events import ListenerAnswered, ListenerGone, ListenerJoined
from acd.web.server.page_build import build_page
from tests.support.waiting import eventually
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.web_server import SUPERVISOR_PASSWORD, TEAMS_CONFIG, RunningServer, running_server
from tests.web.test_browser import picture, test_ids

__all__ = ["test_ids"]
OTHER_PASSWORD = "lead-the-others-well-9"


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """Two teams; the supervisor's is orders, where 1001 talks and 1002 is logged out."""
    folder = Path(tmp_path_factory.mktemp("listening"))
    async with running_server(folder / "state", database, TEAMS_CONFIG, page_folder=build_page()) as house:
        house.accounts.add("other", ["supervisor"], OTHER_PASSWORD, teams=["after-sales"])
        await house.calls.ready("1001", "1002")
        async with house.client("token") as client, client.post("/api/agents/1002/log-out", json={}) as answer:
            assert answer.status < 300
        yield house


async def opened(browser: Browser, house: RunningServer, locale: str, **more: Any) -> tuple[Page, list[str]]:
    context = await browser.new_context(locale=locale, viewport={"width": 1280, "height": 800}, **more)
    page, complaints = await context.new_page(), list[str]()
    hear_complaints(page, complaints)
    await page.goto(house.url)
    await page.fill("[name=account]", "supervisor")
    await page.fill("[name=password]", SUPERVISOR_PASSWORD)
    await page.click("button[type=submit]")
    await expect(page.get_by_test_id("live-calls")).to_be_visible()
    return page, complaints


def listener(house: RunningServer, call: str) -> dict[str, Any] | None:
    row = house.engine.call(call, house.time.now())
    return next(iter((row or {}).get("listeners", [])), None)


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("zh-CN", "dark")])
async def test_from_the_first_button_to_the_caller_who_was_taken_over(
    house: RunningServer, browser: Browser, locale: str, scheme: str
):
    offer = await house.calls.answered(house.calls.arrives(f"1381234{'12' if scheme == 'light' else '34'}34"))
    call = offer.call
    page, complaints = await opened(browser, house, locale, color_scheme=scheme)
    await page.get_by_test_id("talking").locator("summary").click()
    await page.get_by_test_id(f"listen-{call}").click()
    await page.fill("[name=telephone]", "1002")
    await picture(page, f"listen-dialog-{scheme}")
    await page.get_by_test_id("yes").click()
    bar = page.get_by_test_id("listen-bar")
    await expect(bar).to_contain_text("1002")
    known = listener(house, call)
    assert known is not None and (known["mode"], known["state"]) == ("listen", "ringing")
    await picture(page, f"listen-ringing-{scheme}")
    house.calls.tell(ListenerAnswered(known["listener"]))
    await expect(page.get_by_test_id("listen-mode-listen")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Tab")
    await page.get_by_test_id("listen-mode-barge").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("listen-mode-barge")).to_have_attribute("aria-pressed", "true")
    house.calls.tell(ListenerJoined(known["listener"]))
    await picture(page, f"listen-joined-{scheme}")
    for width in (390, 2560):
        await page.set_viewport_size({"width": width, "height": 800})
        await expect(page.get_by_test_id("listen-leave")).to_be_in_viewport(ratio=1)
        await picture(page, f"listen-joined-{scheme}-{width}")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.get_by_test_id("listen-mode-take-over").click()
    await page.get_by_test_id("yes").click()
    await eventually(lambda: (listener(house, call) or {}).get("mode") == "take-over", "the take-over")
    house.calls.tell(BridgeEnded("1001", call, offer.offer, "transfer"))
    await expect(page.get_by_test_id("listen-mode-listen")).to_have_count(0)
    await picture(page, f"listen-took-over-{scheme}")
    await page.get_by_test_id("listen-leave").click()
    await expect(bar).to_have_count(0)
    assert listener(house, call) is None
    house.calls.tell(CallerHungUp(call))
    await house.calls.settled()
    lines = [json.loads(line) for line in (house.folder / "audit.log").read_text("utf-8").splitlines()]
    done = [line["action"] for line in lines if line.get("call") == call and line["who"] == "supervisor"]
    asked = [one for one in done if one in ("ListenAsked", "ListenSwitched", "ListenEnded")]
    assert asked == ["ListenAsked", "ListenSwitched", "ListenSwitched", "ListenEnded"]
    assert {"ListeningBegan", "CallTakenOver", "ListeningOver"} <= set(done)
    await page.context.close()
    assert complaints == []


async def test_a_call_of_another_team_does_not_exist_and_a_telephone_of_another_team_neither(house: RunningServer):
    offer = await house.calls.answered(house.calls.arrives("13812345678"))
    async with house.client("supervisor") as client:
        for body, code in (({"telephone": "1003"}, "no-such-telephone"), ({}, "no-telephone")):
            async with client.post(f"/api/calls/{offer.call}/listen", json=body) as answer:
                assert (answer.status, (await answer.json())["code"]) == (400, code)
        async with client.post(f"/api/calls/{offer.call}/listen", json={"telephone": "1002"}) as answer:
            assert answer.status == 200
        known = listener(house, offer.call)
        assert known is not None
        house.calls.tell(ListenerGone(known["listener"], "busy", 17))
        await eventually(lambda: listener(house, offer.call) is None, "the end of the listening")
    async with house.client("qa") as client, client.post(f"/api/calls/{offer.call}/barge", json={}) as answer:
        assert answer.status == 403
    house.calls.tell(CallerHungUp(offer.call))


async def test_the_bar_stays_for_who_takes_a_caller_over_that_has_come_from_a_queue_of_another_team(
    house: RunningServer, browser: Browser
):
    """Nobody of their teams has the caller any more, and the queue is not theirs: whoever leads the same team sees the call, and nobody
    who leads another."""
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives("13812349999", "after-sales"))
    call = offer.call
    assert offer.agent == "1001"
    page, complaints = await opened(browser, house, "en-GB")
    async with house.client("supervisor") as client:
        async with client.post(f"/api/calls/{call}/take-over", json={"telephone": "1002"}) as answer:
            assert answer.status == 200
        known = listener(house, call)
        assert known is not None and known["teams"] == ["orders"]
        house.calls.tell(ListenerAnswered(known["listener"]), ListenerJoined(known["listener"]))
        await expect(page.get_by_test_id("listen-bar")).to_contain_text("1001")
        house.calls.tell(BridgeEnded("1001", call, offer.offer, "transfer"))
        await expect(page.get_by_test_id("listen-mode-listen")).to_have_count(0)
        await expect(page.get_by_test_id("listen-bar")).to_contain_text("138****9999")
        async with client.get("/api/state") as answer:
            [row] = [one for one in (await answer.json())["calls"] if one["call"] == call]
            assert (row["stage"], row["queue"], row["listeners"][0]["took_over"]) == ("elsewhere", "after-sales", True)
        async with client.get(f"/api/calls/{call}/card") as answer:
            assert answer.status == 200
        async with client.post("/api/calls/missing/leave", json={}) as answer:
            assert answer.status == 404
    await page.get_by_test_id("listen-leave").click()
    await expect(page.get_by_test_id("listen-bar")).to_have_count(0)
    house.calls.tell(CallerHungUp(call))
    await house.calls.settled()
    await page.context.close()
    assert complaints == []
