"""An agent's work at the desk in a real browser: nothing that was written is lost, a call by the keyboard alone, ringing, the own day."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from acd.engine.events import AgentLoggedOut, AgentNotReady, WrapUpEnded
from acd.engine.transfer_events import CardWritten, HoldAsked
from acd.web.server.page_build import build_page
from tests.support.waiting import eventually
from tests.web.conftest import empty_database
from tests.web.support.desk_browser import Open, SimulatedPbx, desk_server, pages, picture, to_noon
from tests.web.support.web_server import CONFIG, RunningServer, running_server

LISTENS = """
window.heard = []
const start = OscillatorNode.prototype.start
OscillatorNode.prototype.start = function (...rest) { window.heard.push('tone'); return start.apply(this, rest) }
window.Notification = class { static permission = 'granted'; constructor(title, how) { window.heard.push(title + ': ' + how.body) } close() {} }
document.hasFocus = () => false
"""
NAMES = {
    "80 characters": "Wolfeschlegelsteinhausenbergerdorff" * 2 + "Maximilian",
    "right to left": "محمد بن عبد الله آل سعود",
    "emoji": "👩‍👩‍👧‍👦 王小明 🧾",
    "markup": "<b>Robert</b>'); DROP TABLE calls;--",
}


def written(pbx: SimulatedPbx, call: str) -> list[tuple[str, str]]:
    told = [event for event in pbx.told(CardWritten) if event.call == call]
    return [(event.what, str(event.detail.get("text") or event.detail.get("code"))) for event in told]


async def test_no_arrow_key_makes_an_agent_not_ready(house: RunningServer, pbx: SimulatedPbx, open_page: Open):
    await house.calls.ready("1001")
    page = await open_page()
    button = page.get_by_test_id("not-ready")
    await expect(page.get_by_test_id("own-state")).to_have_text("idle")
    await button.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Escape"):
        await page.keyboard.press(key)
    await expect(button).to_be_focused()
    assert not pbx.told(AgentNotReady)
    await page.keyboard.press("Shift+F2")
    items = page.get_by_role("menuitem")
    await expect(items.first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(items.nth(1)).to_be_focused()
    await picture(page, "not-ready-menu")
    await page.keyboard.press("Enter")
    await eventually(lambda: pbx.told(AgentNotReady), "the event")
    await expect(button).to_be_focused()
    await page.keyboard.press("Shift+F2")
    await expect(page.get_by_test_id("own-state")).to_have_text("idle")


async def test_the_next_call_loses_neither_the_disposition_nor_half_a_promise(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    page = await open_page()
    await house.calls.over(offer)
    await expect(page.get_by_test_id("wrap-up")).to_be_visible()
    await page.fill("[name=matter]", "parcel is missing")
    await page.get_by_test_id("disposition-solved").check()
    await page.fill("[name=disposition-text]", "sent again")
    await page.get_by_test_id("promise-open").click()
    await page.fill("[name=promise]", "call back about it")
    pbx.tell(WrapUpEnded("1001"))
    second = await house.calls.offer(house.calls.arrives(caller="02066667777"))
    await expect(page.get_by_test_id("incoming")).to_be_visible()
    await expect(page.locator("[name=promise]")).to_be_focused()  # the call rings; whoever types, types on
    await page.keyboard.type(" today")
    await expect(page.locator("[name=promise]")).to_have_value("call back about it today")
    await expect(page.get_by_test_id("writing-of")).to_contain_text("13812341234")
    await picture(page, "rings-while-writing")
    await house.calls.answered(second.call)
    await expect(page.get_by_test_id("caller")).to_have_text("02066667777")
    await expect(page.locator("[name=matter]")).to_be_focused()
    await expect(page.locator("[name=matter]")).to_have_value("")
    await eventually(lambda: len(written(pbx, offer.call)) == 2, "what could be saved")
    assert written(pbx, offer.call) == [("matter", "parcel is missing"), ("disposition", "sent again")]
    left = page.get_by_test_id("unfinished")
    await expect(left).to_contain_text("13812341234")
    await picture(page, "unfinished")
    await page.get_by_test_id("unfinished-open").click()
    await expect(page.get_by_test_id("opened")).to_be_visible()
    await expect(page.locator("[name=promise]")).to_have_value("call back about it today")
    await page.get_by_role("button", name="in 2 h").click()
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("entries")).to_contain_text("call back about it today")
    await expect(left).to_have_count(0)
    await page.get_by_test_id("close-opened").click()
    await expect(page.get_by_test_id("caller")).to_have_text("02066667777")


async def test_who_logs_out_in_mid_sentence_has_it_on_the_card(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    page = await open_page()
    await page.fill("[name=matter]", "parcel is missing")
    await page.fill("[name=note]", "at the depot")
    await page.get_by_test_id("disposition-solved").check()
    await page.get_by_test_id("log-out").click()
    await expect(page.locator("[name=account]")).to_be_visible()
    assert written(pbx, offer.call) == [
        ("matter", "parcel is missing"),
        ("note", "at the depot"),
        ("disposition", "solved"),
    ]


async def test_a_whole_call_by_the_keyboard_alone(house: RunningServer, pbx: SimulatedPbx, open_page: Open):
    page = await open_page()
    await page.get_by_test_id("shift-in").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("own-state")).to_contain_text("not ready")
    await house.calls.ready("1001")
    await page.keyboard.press("Shift+F2")
    await page.keyboard.press("Escape")
    offer = await house.calls.answered(house.calls.arrives(caller="13812341234"))
    await expect(page.get_by_test_id("controls")).to_contain_text("Talking")
    house.time.forward(30)
    await page.keyboard.press("F8")
    await expect(page.get_by_test_id("muted")).to_be_visible()
    await page.keyboard.press("F8")
    await expect(page.get_by_test_id("muted")).to_have_count(0)
    await page.keyboard.press("F2")
    await eventually(lambda: pbx.told(HoldAsked), "the hold")
    await page.keyboard.press("Shift+F4")
    await expect(page.locator("[name=matter]")).to_be_focused()
    await page.keyboard.type("two parcels")
    for _ in range(3):  # name, verified, note
        await page.keyboard.press("Tab")
    await page.keyboard.type("one came")
    await page.keyboard.press("Tab")
    await page.keyboard.press("1")
    await expect(page.locator("[name=disposition-text]")).to_be_visible()
    await page.keyboard.press("F9")
    await expect(page.get_by_test_id("saved")).to_contain_text("saved at")
    first = str((await page.locator("[name=disposition]").first.get_attribute("value")) or "")
    assert written(pbx, offer.call) == [("matter", "two parcels"), ("note", "one came"), ("disposition", first)]
    await house.calls.over(offer)
    await expect(page.get_by_test_id("wrap-up")).to_be_visible()
    await page.keyboard.press("Shift+F9")
    await expect(page.get_by_test_id("own-state")).to_have_text("idle")
    assert pbx.told(WrapUpEnded)


async def test_a_focused_button_that_goes_leaves_the_focus_on_the_page(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    page = await open_page()
    await house.calls.over(offer)
    await page.get_by_test_id("extend").click()
    await expect(page.get_by_test_id("wrap-up")).to_contain_text("1:")
    await page.get_by_test_id("end-wrap-up").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("wrap-up")).to_have_count(0)
    await expect(page.get_by_test_id("desk")).to_be_focused()


async def test_a_call_is_heard_and_notified_and_both_are_switched(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    await house.calls.ready("1001")
    page = await open_page()
    await page.evaluate(LISTENS)
    await page.get_by_test_id("settings-open").click()
    await page.get_by_test_id("notify").check()
    await page.get_by_test_id("try-ringing").click()
    await expect_heard(page, ["Incoming call: This is a test.", "tone", "tone"])
    await page.get_by_test_id("key-hold").click()
    await page.keyboard.press("F5")
    await expect(page.get_by_test_id("bad-key")).to_contain_text("F5")
    await page.keyboard.press("Alt+k")
    await expect(page.get_by_test_id("key-hold")).to_contain_text("Alt+K")
    await picture(page, "settings")
    await page.evaluate("window.heard = []")
    await page.get_by_test_id("settings-open").click()
    offer = await house.calls.rings(house.calls.arrives(caller="13812341234"))
    await expect_heard(page, ["Incoming call: Queue: Orders", "tone", "tone"])
    await expect(page.get_by_test_id("ring-number")).to_contain_text("ring 1 of 3")
    house.time.forward(5)
    await expect(page.get_by_test_id("ring-number")).to_contain_text("ring 2 of 3")
    await picture(page, "incoming")
    await house.calls.picked_up(offer)
    await expect(page.get_by_test_id("controls")).to_contain_text("Talking")
    await page.keyboard.press("Alt+k")
    await eventually(lambda: pbx.told(HoldAsked), "the hold by the key that was set")
    await page.reload()
    await expect(page.get_by_test_id("controls")).to_contain_text("Alt+K")


async def expect_heard(page: Page, what: list[str]) -> None:
    await page.wait_for_function("n => window.heard.length >= n", arg=len(what))
    assert (await page.evaluate("window.heard"))[: len(what)] == what


@pytest.fixture
async def own_house(postgres: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """With a database of its own, for a day's figures count all that is in it."""
    async with empty_database(postgres) as database, desk_server(database, tmp_path) as house:
        to_noon(house)
        yield house


async def test_the_own_day_when_idle_and_a_card_opened_again(own_house: RunningServer, browser: Browser):
    house, pbx = own_house, SimulatedPbx(own_house)
    offers = []
    await house.calls.ready("1001")
    for caller, by in (("13812341001", "caller"), ("13812341002", "agent")):
        offer = await house.calls.answered(house.calls.arrives(caller))
        pbx.tell(CardWritten(offer.call, "1001", "matter", {"text": f"matter of {caller}"}))
        await house.calls.over(offer, 60, by=by)
        pbx.tell(WrapUpEnded("1001"))
        offers.append(offer)
    await house.calls.written(offers[-1].call)
    house.time.forward(11 * 60)
    async with pages(house, browser) as open_page:
        page = await open_page()
        day = page.get_by_test_id("own-day")
        await expect(page.get_by_test_id("nothing")).to_be_visible()
        calls = day.get_by_test_id("own-calls").locator("li")
        await expect(calls).to_have_count(2)
        await expect(calls.nth(0)).to_contain_text("13812341002")
        await expect(calls.nth(0)).to_contain_text("you hung up")
        await expect(calls.nth(1)).to_contain_text("matter of 13812341001")
        await expect(day.get_by_test_id("own-hung-up")).to_have_text("1 of 2")
        await expect(day.get_by_test_id("let-hang-up")).to_contain_text("Let the customer hang up")
        await expect(day.get_by_test_id("own-queues")).to_contain_text("Orders · 0 waiting")
        await picture(page, "own-day")
        await page.get_by_test_id(f"own-call-{offers[0].call}").click()
        await expect(page.get_by_test_id("caller")).to_have_text("13812341001")
        await page.fill("[name=note]", "a word more")
        await page.keyboard.press("F9")
        await expect(page.get_by_test_id("entries")).to_contain_text("a word more")
        assert written(pbx, offers[0].call)[-1] == ("note", "a word more")
        await picture(page, "opened")
        await page.get_by_test_id("language").click()
        await expect(day).to_contain_text("今日工作")
        await picture(page, "own-day-zh")


async def test_the_desk_says_who_signed_the_agent_out_and_that_it_waits_for_the_call(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    page = await open_page()
    pbx.tell(AgentNotReady("1001", "meal", "chen"))
    told = page.get_by_test_id("set-by")
    await expect(told).to_contain_text("chen has set you not ready: meal. It takes effect after this call.")
    pbx.tell(AgentLoggedOut("1001", "chen"))
    await expect(told).to_contain_text("chen has signed you out. It takes effect after this call.")
    await picture(page, "signed-out")
    await house.calls.over(offer)
    pbx.tell(WrapUpEnded("1001"))
    await expect(told).to_have_text("▲ chen has signed you out.")
    await page.get_by_test_id("language").click()
    await expect(told).to_have_text("▲ chen 已将您签出。")


@pytest.mark.parametrize("kind", NAMES)
async def test_whatever_a_customer_is_called_the_desk_fits_every_width(
    kind: str, house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    name = NAMES[kind]
    told = [
        CardWritten(offer.call, "1001", "name", {"text": name}),
        CardWritten(offer.call, "1001", "matter", {"text": name}),
        CardWritten(offer.call, "1001", "note", {"text": name}),
        CardWritten(offer.call, "1001", "verified", {"level": "full", "how": "number-and-order"}),
    ]
    pbx.tell(*told)
    page = await open_page()
    await expect(page.get_by_test_id("caller")).to_have_text(name)
    await expect(page.get_by_test_id("own-calls")).to_contain_text(name)
    await picture(page, f"name-{kind.replace(' ', '-')}")
    for width in (390, 768, 1280, 1920, 2560):
        await page.set_viewport_size({"width": width, "height": 900})
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{width} px: {wide} px too wide"
    assert await page.locator(".card b b").count() == 0


async def test_the_companys_pages_are_linked_with_what_is_known_of_the_caller(
    database: str, tmp_path: Path, browser: Browser
):
    links = [
        {"zh": "客户档案", "en": "CRM", "url": "https://crm.example.com/find?phone={number}&call={call}"},
        {"zh": "工单", "en": "Ticket", "url": "https://tickets.example.com/{ticket}"},
    ]
    written = {**CONFIG, "desk": {"links": links}}
    async with running_server(tmp_path / "state", database, written, page_folder=build_page()) as house:
        house.time.stop()
        offer = await SimulatedPbx(house).talks()
        async with pages(house, browser) as open_page:
            page = await open_page()
            link = page.get_by_test_id("links").get_by_role("link")
            await expect(link).to_have_count(1)  # nothing is known of a ticket
            await expect(link).to_have_text("CRM ↗")
            wanted = f"https://crm.example.com/find?phone=%2B8613812341234&call={offer.call}"
            await expect(link).to_have_attribute("href", wanted)
            await expect(link).to_have_attribute("rel", "noopener noreferrer")
