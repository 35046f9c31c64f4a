"""The agent's desk in a real browser: what an agent sees and presses from the offer to the wrap-up, in both languages.

Engine, log and card are the real ones; our own hands in Asterisk's place tell what came of each deed.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright, expect

from acd.engine.commands import Consult, Deed, Hold, Join, Log, Mute, Offer, ThreeWay
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    OfferFailed,
    PbxLost,
    WrapUpEnded,
)
from acd.engine.transfer_events import (
    CallRetrieved,
    CardWritten,
    ConsultBegan,
    TransferDeclined,
    TransferDialled,
    TransferExplained,
    TransferRequested,
)
from acd.web.desk import STREAMS
from acd.web.page_build import build_page
from tests.browser import ensure_browser
from tests.web.house import OPERATOR_PASSWORD, PINS, Standing, standing, until

expect.set_options(timeout=15_000)
PICTURES = os.environ.get("SANXIANG_PICTURES")
"""A folder for pictures of what the stories see; for people who mend the page."""
Done = TypeVar("Done", bound=Deed)
Told = TypeVar("Told")


class Pbx:
    """What was asked of Asterisk, and what its telephones then do."""

    def __init__(self, house: Standing) -> None:
        self.house, self.tell = house, house.calls.tell
        self.deeds: list[Deed] = []
        house.board.listen(
            lambda at, event, commands: self.deeds.extend(one for one in commands if not isinstance(one, Log))
        )

    async def asked(self, kind: type[Done], call: str) -> Done:
        """The latest deed of this kind for this call, once there is one."""

        def found() -> list[Done]:
            return [deed for deed in self.deeds if isinstance(deed, kind) and deed.call == call]

        await until(found, f"{kind.__name__} of {call}")
        return found()[-1]

    def told(self, kind: type[Told]) -> list[Told]:
        return [event for event in self.house.told if isinstance(event, kind)]

    async def talks(self, agent: str = "1001", caller: str = "13812341234") -> Offer:
        """This agent, and nobody else so far, is ready; a caller comes, and they talk."""
        await self.house.calls.ready(agent)
        return await self.house.calls.answered(self.house.calls.arrives(caller))

    async def picks_up(self, agent: str, call: str, offer: str) -> None:
        self.tell(*(event(agent, call, offer) for event in (AgentDialled, AgentRinging, AgentAnswered)))
        await self.house.calls.settled()


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[Standing]:
    async with standing(tmp_path / "state", database, page_folder=build_page()) as house:
        house.time.stop()
        yield house


@pytest.fixture
def pbx(house: Standing) -> Pbx:
    return Pbx(house)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    found = ensure_browser().ready()
    async with async_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        browser = await playwright.chromium.launch(**found.launch())
        yield browser
        await browser.close()


Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_page(house: Standing, browser: Browser) -> AsyncIterator[Open]:
    """Opens a page in a browser of its own and logs in. A word on the console is a failure of the story."""
    contexts, complaints = [], list[str]()

    def complained(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    async def opened(account: str = "1001", locale: str = "en-GB", dark: bool = False) -> Page:
        size: ViewportSize = {"width": 1366, "height": 768}
        context = await browser.new_context(locale=locale, viewport=size, color_scheme="dark" if dark else "light")
        contexts.append(context)
        page = await context.new_page()
        page.on("console", complained)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(house.url)
        await page.fill("[name=account]", account)
        await page.fill("[name=password]", {**PINS, "operator": OPERATOR_PASSWORD}[account])
        await page.click("button[type=submit]")
        await expect(page.get_by_test_id("age")).to_have_class("age" if account == "operator" else "age small")
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert complaints == []


async def picture(page: Page, name: str) -> None:
    """At a desk's size and at a telephone's, in light and in dark."""
    if not PICTURES:
        return
    for theme in ("light", "dark"):
        await page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        for width, height in ((1366, 768), (390, 844)):
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=width == 390)
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.evaluate("() => (document.documentElement.dataset.theme = 'light')")


async def test_an_agent_logs_in_with_extension_and_pin_and_sees_his_desk_alone(house: Standing, browser: Browser):
    context = await browser.new_context(locale="en-GB", viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    await page.goto(house.url)
    await expect(page.locator("form")).to_contain_text("Agents: extension and PIN")
    await picture(page, "log-in")
    for password in ("000000", PINS["1001"]):
        await page.fill("[name=account]", "1001")
        await page.fill("[name=password]", password)
        await page.click("button[type=submit]")
        if password == "000000":
            await expect(page.get_by_role("alert")).to_contain_text("not right")
    await expect(page.get_by_test_id("desk")).to_contain_text("You have not begun work yet.")
    await expect(page.locator("header")).to_contain_text("1001 李娜")
    await page.goto(f"{house.url}#calls")
    await expect(page.get_by_test_id("desk")).to_be_visible()
    await expect(page.locator("nav")).to_have_count(0)
    await picture(page, "logged-out")
    await page.get_by_test_id("log-out").click()
    await expect(page.locator("[name=account]")).to_be_visible()
    await context.close()


async def test_he_begins_work_is_ready_not_ready_with_a_reason_and_ends_work(house: Standing, open_page: Open):
    page = await open_page()
    state = page.get_by_test_id("own-state")
    await expect(state).to_have_text("logged out")
    await page.get_by_test_id("shift-in").click()
    await expect(state).to_contain_text("not ready")
    await house.calls.ready("1001")
    await expect(state).to_have_text("idle")
    await expect(page.get_by_test_id("nothing")).to_contain_text("before your telephone rings")
    await picture(page, "idle")
    await page.get_by_test_id("not-ready").select_option(label="meal")
    await expect(state).to_have_text("not ready · meal")
    await page.get_by_test_id("language").click()
    await expect(state).to_have_text("示忙 · 用餐")
    await page.get_by_test_id("ready").click()
    await expect(state).to_have_text("空闲")
    await page.get_by_test_id("shift-out").click()
    await expect(state).to_have_text("签出")


async def test_the_card_pops_before_the_telephone_rings(house: Standing, pbx: Pbx, open_page: Open):
    await house.calls.ready("1001")
    page = await open_page()
    call = house.calls.arrives(caller="13812341234")
    await expect(page.get_by_test_id("incoming")).to_contain_text("Orders")
    assert not pbx.told(AgentDialled), "his telephone has told nothing yet"
    await expect(page.get_by_test_id("caller")).to_have_text("13812341234")
    await expect(page.get_by_test_id("who")).to_contain_text("Chinese")
    await expect(page.get_by_test_id("asked")).to_contain_text("Orders")
    await expect(page.get_by_test_id("waited")).to_contain_text("0:0")
    await expect(page.get_by_test_id("verified")).to_contain_text("not verified")
    await expect(page.get_by_test_id("contacts")).to_contain_text("First contact")
    assert "☎ 13812341234" in await page.title()
    await picture(page, "offer")
    await house.calls.answered(call)
    await expect(page.get_by_test_id("incoming")).to_have_count(0)
    await expect(page.get_by_test_id("controls")).to_contain_text("Talking")
    assert "☎" not in await page.title()


async def test_hold_has_a_clock_that_warns_and_mute_is_seen(house: Standing, pbx: Pbx, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    controls = page.get_by_test_id("controls")
    await page.get_by_test_id("mute").click()
    assert (await pbx.asked(Mute, offer.call)).muted
    await expect(page.get_by_test_id("muted")).to_be_visible()
    await page.keyboard.press("Alt+m")
    await expect(page.get_by_test_id("muted")).to_have_count(0)
    await page.get_by_test_id("hold").click()
    await pbx.asked(Hold, offer.call)
    await expect(page.get_by_test_id("held")).to_have_text("On hold")
    await expect(page.get_by_test_id("own-state")).to_have_text("on hold")
    await expect(controls).not_to_have_class("amber")
    house.time.forward(50)
    await expect(controls).to_contain_text("Say a word to the customer")
    await picture(page, "hold-reminder")
    house.time.forward(80)
    await expect(controls).to_contain_text("The supervisor has been told")
    await picture(page, "hold-limit")
    await page.get_by_test_id("hold").click()
    assert (await pbx.asked(Join, offer.call)).begins is False
    pbx.tell(CallRetrieved(offer.call, "1001"))
    await expect(controls).to_contain_text("Talking")


async def test_what_he_writes_stands_on_the_card(house: Standing, pbx: Pbx, open_page: Open):
    await pbx.talks()
    page = await open_page()
    entries = page.get_by_test_id("entries")
    await page.fill("[name=note]", "Ordered <b>two</b>, got one.\n<script>alert(1)</script>")
    await page.press("[name=note]", "Control+Enter")
    await expect(entries).to_contain_text("Ordered <b>two</b>, got one.")
    await expect(entries).to_contain_text("<script>alert(1)</script>")
    assert await entries.locator("script, .text b").count() == 0
    await expect(page.locator("[name=note]")).to_have_value("")
    await page.fill("[name=matter]", "second item is missing")
    await page.press("[name=matter]", "Enter")
    await expect(page.get_by_test_id("matter")).to_contain_text("second item is missing")
    await page.select_option("[name=level]", label="verified in full")
    await page.get_by_test_id("save-verified").click()
    await expect(page.get_by_test_id("writing")).to_contain_text("Choose how. Never write down the answers.")
    await page.select_option("[name=how]", label="Registered number and last order")
    await page.get_by_test_id("save-verified").click()
    await expect(page.get_by_test_id("verified")).to_contain_text("verified in full · Registered number and last order")
    await page.click("summary")
    await page.fill("[name=promise]", "call back about the parcel")
    await page.get_by_role("button", name="in 2 h").click()
    await picture(page, "writing")
    await page.get_by_test_id("save-promise").click()
    await expect(entries).to_contain_text("call back about the parcel")
    await expect(entries).to_contain_text("until")
    await page.select_option("[name=disposition]", label="To be followed up")
    await page.get_by_test_id("save-disposition").click()
    await expect(page.get_by_test_id("given")).to_contain_text("To be followed up")
    assert [event.what for event in pbx.told(CardWritten)] == ["note", "matter", "verified", "promise", "disposition"]
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("verified")).to_contain_text("已核实 · 注册号码和最近订单")
    await expect(page.get_by_test_id("given")).to_contain_text("待跟进")
    await picture(page, "talk-zh")


async def test_a_number_that_must_not_be_written_down_is_refused_at_the_field(pbx: Pbx, open_page: Open):
    await pbx.talks()
    page = await open_page()
    note = page.locator("[name=note]")
    await note.fill("his card is 4111 1111 1111 1111")
    await expect(page.locator("#note-refused")).to_contain_text("the last four digits are enough")
    await expect(note).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_test_id("draft")).to_contain_text("not kept")
    await page.get_by_test_id("save-note").click()
    await expect(page.locator("#note-refused")).to_be_visible()
    await picture(page, "guard")
    assert not pbx.told(CardWritten)
    assert await page.evaluate("() => Object.values(sessionStorage).join('')") == ""
    await note.fill("his card ends in 1111")
    await expect(page.locator("#note-refused")).to_have_count(0)
    await page.get_by_test_id("save-note").click()
    await expect(page.get_by_test_id("entries")).to_contain_text("his card ends in 1111")
    await page.fill("[name=matter]", "identity card 11010519491231002X")
    await page.press("[name=matter]", "Enter")
    await expect(page.locator("#matter-refused")).to_contain_text("write how he was verified, never the number")


async def test_a_draft_survives_a_reload_and_a_broken_line(pbx: Pbx, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    note = page.locator("[name=note]")
    await note.fill("customer says that")
    await expect(page.get_by_test_id("draft")).to_contain_text("draft kept")
    await page.reload()
    await expect(note).to_have_value("customer says that")
    await page.context.set_offline(True)
    for reader in pbx.house.app[STREAMS]._readers["1001"]:
        reader.end()
    await note.fill("customer says that the parcel is lost")
    await expect(page.get_by_test_id("draft")).to_contain_text("in this tab only")
    await expect(page.get_by_test_id("broken")).to_contain_text("what you type is kept")
    await picture(page, "broken")
    await page.context.set_offline(False)
    await expect(page.get_by_test_id("broken")).to_have_count(0)
    await expect(page.get_by_test_id("draft")).to_have_text("✔ draft kept")
    await page.get_by_test_id("save-note").click()
    await expect(page.get_by_test_id("entries")).to_contain_text("the parcel is lost")
    assert [event.call for event in pbx.told(CardWritten)] == [offer.call]
    await page.reload()
    await expect(page.get_by_test_id("entries")).to_contain_text("the parcel is lost")
    await expect(note).to_have_value("")


async def test_of_two_tabs_the_second_is_told_who_was_before_it_and_keeps_both_texts(pbx: Pbx, open_page: Open):
    await pbx.talks()
    first = await open_page()
    second = await first.context.new_page()
    await second.goto(first.url)
    await expect(second.get_by_test_id("controls")).to_be_visible()
    matter = second.locator("[name=matter]")
    await matter.press_sequentially("wants a refund")
    await first.fill("[name=note]", "a note is no conflict")
    await first.get_by_test_id("save-note").click()
    await first.fill("[name=matter]", "wants a new parcel")
    await first.press("[name=matter]", "Enter")
    await expect(second.get_by_test_id("matter")).to_contain_text("wants a new parcel")
    await matter.press("Enter")
    conflict = second.get_by_test_id("conflict")
    await expect(conflict).to_contain_text("1001 changed this at")
    await expect(conflict.get_by_test_id("theirs")).to_have_text("wants a new parcel")
    await expect(conflict.get_by_test_id("mine")).to_have_text("wants a refund")
    await picture(second, "conflict")
    await conflict.get_by_test_id("keep-mine").click()
    await expect(first.get_by_test_id("matter")).to_contain_text("wants a refund")
    await expect(conflict).to_have_count(0)


async def test_without_a_reason_nothing_is_handed_over_and_with_one_the_receiver_sees_the_same_card(
    house: Standing, pbx: Pbx, open_page: Open
):
    offer = await pbx.talks()
    await house.calls.ready("1002")
    page, receiver = await open_page(), await open_page("1002")
    await page.fill("[name=note]", "waited two days")
    await page.get_by_test_id("save-note").click()
    await page.keyboard.press("Alt+t")
    panel = page.get_by_test_id("transfer-panel")
    await expect(page.get_by_test_id("target-agent:1002")).to_contain_text("Tom <b>Baker</b>")
    await expect(page.get_by_test_id("target-agent:1003")).to_contain_text("logged out")
    await page.get_by_test_id("cold").click()
    await expect(panel).to_contain_text("Choose a reason")
    await expect(page.locator("#transfer-reason")).to_be_focused()
    await picture(page, "transfer-no-reason")
    assert not pbx.told(TransferRequested)
    await page.select_option("#transfer-reason", label="refund")
    await page.get_by_test_id("cold").click()
    await expect(panel).to_contain_text("Choose whom the call goes to.")
    await expect(page.locator("#transfer-search")).to_be_focused()
    await page.keyboard.type("tom")
    await expect(page.get_by_test_id("targets").locator("label")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#transfer-note")).to_be_focused()
    await page.keyboard.type("he wants <i>58</i>")
    await picture(page, "transfer")
    await page.get_by_test_id("cold").click()
    await expect(page.get_by_test_id("done")).to_have_text("✔ Handed over to 1002 Tom <b>Baker</b>.")
    [told] = pbx.told(TransferRequested)
    assert (told.to, told.reason, told.note, told.how) == ("1002", "refund", "he wants <i>58</i>", "page")
    await expect(receiver.get_by_test_id("incoming")).to_be_visible()
    await expect(receiver.get_by_test_id("from")).to_have_text("From 1001 李娜, because: refund · he wants <i>58</i>")
    await expect(receiver.get_by_test_id("entries")).to_contain_text("waited two days")
    await picture(receiver, "receiver")
    handed = house.offers[-1]
    pbx.tell(BridgeEnded("1001", offer.call, offer.offer, "transfer"))
    await pbx.picks_up("1002", offer.call, handed.offer)
    pbx.tell(CallBridged("1002", offer.call, handed.offer))
    await expect(page.get_by_test_id("own-state")).to_have_text("idle")
    await expect(receiver.get_by_test_id("controls")).to_contain_text("Talking")
    await expect(receiver.get_by_test_id("transfers")).to_contain_text("1002, he wants <i>58</i>")


async def test_a_receiver_who_rejects_brings_the_caller_back_with_a_word(house: Standing, pbx: Pbx, open_page: Open):
    offer = await pbx.talks()
    await house.calls.ready("1002")
    page = await open_page()
    await page.get_by_test_id("transfer").click()
    await page.select_option("#transfer-reason", label="complaint")
    await page.get_by_test_id("target-agent:1002").locator("input").check()
    await page.get_by_test_id("cold").click()
    await expect(page.get_by_test_id("done")).to_be_visible()
    handed = house.offers[-1]
    pbx.tell(BridgeEnded("1001", offer.call, offer.offer, "transfer"), AgentDialled("1002", offer.call, handed.offer))
    pbx.tell(OfferFailed("1002", offer.call, handed.offer, "rejected"))
    await expect(page.get_by_test_id("incoming")).to_be_visible()
    await expect(page.get_by_test_id("back")).to_contain_text("to 1002 Tom <b>Baker</b> came to nothing: rejected")
    await picture(page, "back")


async def test_a_consult_is_declined_with_a_reason_and_another_is_completed(house: Standing, pbx: Pbx, open_page: Open):
    offer = await pbx.talks()
    await house.calls.ready("1002")
    page, receiver = await open_page(), await open_page("1002", locale="zh-CN")

    async def consult() -> Consult:
        await page.get_by_test_id("transfer").click()
        await page.select_option("#transfer-reason", label="technical support")
        await page.get_by_test_id("target-agent:1002").locator("input").check()
        await page.get_by_test_id("warm").click()
        await expect(page.get_by_test_id("consult")).to_contain_text("Calling 1002 Tom <b>Baker</b>…")
        return await pbx.asked(Consult, offer.call)

    await consult()
    asked = receiver.get_by_test_id("consult")
    await expect(asked).to_contain_text("1001 李娜 要把来电转给您")
    await expect(receiver.get_by_test_id("from")).to_contain_text("由 1001 李娜 转来,原因:技术支持")
    await picture(receiver, "consult-asked-zh")
    await receiver.get_by_test_id("decline").click()
    await receiver.get_by_test_id("decline-yes").click()
    await expect(asked).to_contain_text("请简单说明")
    assert not pbx.told(TransferDeclined)
    await receiver.fill("#decline-reason", "it's [not] my matter")
    await receiver.keyboard.press("Enter")
    await until(lambda: pbx.told(TransferDeclined), "the event")
    await expect(asked).to_have_count(0)
    await expect(page.get_by_test_id("transfers")).to_contain_text("declined (it's [not] my matter)")
    await expect(page.get_by_test_id("back")).to_have_text("▲ 1002 Tom <b>Baker</b> declines: it's [not] my matter")
    await pbx.asked(Join, offer.call)
    pbx.tell(CallRetrieved(offer.call, "1001"))
    await expect(page.get_by_test_id("controls")).to_contain_text("Talking")

    second = await consult()
    await pbx.picks_up("1002", offer.call, second.offer)
    pbx.tell(ConsultBegan(offer.call, "1002", second.offer))
    await expect(page.get_by_test_id("consult")).to_contain_text("You speak with 1002")
    await expect(page.get_by_test_id("held")).to_have_text("On hold for your consult")
    await expect(asked).to_contain_text("正与您商谈此来电")
    await picture(page, "consult-first")
    await picture(receiver, "consult-receiver-zh")
    await page.get_by_test_id("complete").click()
    await until(lambda: any(isinstance(deed, Join) and deed.begins for deed in pbx.deeds), "the join")
    pbx.tell(BridgeEnded("1001", offer.call, offer.offer, "transfer"), CallBridged("1002", offer.call, second.offer))
    await expect(page.get_by_test_id("own-state")).to_have_text("idle")
    await expect(receiver.get_by_test_id("controls")).to_contain_text("通话中")
    await expect(receiver.get_by_test_id("from")).to_contain_text("由 1001 李娜 转来")


async def test_a_transfer_made_by_telephone_is_asked_for_its_reason(pbx: Pbx, house: Standing, open_page: Open):
    offer = await pbx.talks()
    await house.calls.ready("1002")
    page = await open_page()
    pbx.tell(TransferDialled(offer.call, "1001", "1002"), BridgeEnded("1001", offer.call, offer.offer, "transfer"))
    explain = page.get_by_test_id("explain")
    await expect(explain).to_contain_text("by telephone to 1002")
    await picture(page, "explain")
    await page.select_option("[name=explain-reason]", label="complaint")
    await page.fill("[name=explain-note]", "third call about it")
    await page.get_by_test_id("explain-yes").click()
    await expect(explain).to_have_count(0)
    [told] = pbx.told(TransferExplained)
    assert (told.reason, told.note) == ("complaint", "third call about it")


async def test_after_the_call_he_writes_and_ends_his_wrap_up(pbx: Pbx, house: Standing, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    await house.calls.over(offer)
    wrap_up = page.get_by_test_id("wrap-up")
    await expect(wrap_up).to_contain_text("time left")
    await picture(page, "wrap-up")
    await page.select_option("[name=disposition]", label="Solved")
    await page.get_by_test_id("save-disposition").click()
    await expect(page.get_by_test_id("given")).to_contain_text("Solved")
    await page.get_by_test_id("end-wrap-up").click()
    await until(lambda: WrapUpEnded("1001") in house.told, "the event")
    await expect(page.get_by_test_id("own-state")).to_have_text("idle")
    await expect(page.get_by_test_id("card")).to_contain_text("Your last call")
    await page.fill("[name=note]", "a word more")
    await page.get_by_test_id("save-note").click()
    await expect(page.get_by_test_id("entries")).to_contain_text("a word more")


async def test_the_next_caller_costs_nobody_the_note_that_he_was_writing(pbx: Pbx, house: Standing, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    await house.calls.over(offer)
    await expect(page.get_by_test_id("wrap-up")).to_be_visible()
    await page.fill("[name=note]", "parcel is at the depot")
    pbx.tell(WrapUpEnded("1001"))
    house.calls.arrives(caller="02066667777")
    await expect(page.get_by_test_id("caller")).to_have_text("02066667777")
    await until(lambda: pbx.told(CardWritten), "the note")
    [told] = pbx.told(CardWritten)
    assert (told.call, told.detail["text"]) == (offer.call, "parcel is at the depot")
    await expect(page.get_by_test_id("done")).to_contain_text("saved as its note")


async def test_the_operator_sees_holds_and_transfers_and_reads_the_card(pbx: Pbx, house: Standing, open_page: Open):
    offer = await pbx.talks()
    agent = await open_page()
    await agent.fill("[name=matter]", "parcel <b>lost</b>")
    await agent.press("[name=matter]", "Enter")
    page = await open_page("operator")
    await agent.get_by_test_id("hold").click()
    await expect(page.get_by_test_id("agent-1001")).to_contain_text("on hold")
    await expect(page.get_by_test_id(f"held-{offer.call}")).to_contain_text("on hold")
    await picture(page, "live-hold")
    await house.calls.written(offer.call)
    await page.goto(f"{house.url}#calls/{offer.call}")
    card = page.get_by_test_id("story-card")
    await expect(card).to_contain_text("parcel <b>lost</b>")
    await expect(card).to_contain_text("138****1234")
    await expect(page.get_by_test_id("timeline")).to_contain_text("puts him on hold")
    assert "13812341234" not in await page.content()
    assert await card.locator("input, textarea, select, button").count() == 0
    await picture(page, "story-card")


async def test_the_keyboard_alone_hands_over(house: Standing, pbx: Pbx, open_page: Open):
    await pbx.talks()
    await house.calls.ready("1002", "1003")
    page = await open_page()
    panel = page.get_by_test_id("transfer-panel")
    await page.keyboard.press("Alt+t")
    await expect(page.locator("#transfer-reason")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(page.get_by_test_id("transfer")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#transfer-reason")).to_be_focused()
    await page.keyboard.type("complaint")
    await page.keyboard.press("Tab")
    await expect(page.locator("#transfer-search")).to_be_focused()
    await expect(page.get_by_test_id("target-agent:1003")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    first = page.get_by_test_id("targets").locator("input:not(:disabled)").first
    await expect(first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_test_id("goal")).to_contain_text("→ 100")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("cold")).to_be_focused()
    assert await page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("done")).to_contain_text("Handed over to")
    [told] = pbx.told(TransferRequested)
    assert (told.kind, told.reason) == ("agent", "complaint")


async def test_a_large_amount_goes_to_a_higher_tier(house: Standing, pbx: Pbx, open_page: Open):
    await pbx.talks()
    await house.calls.ready("1002", "1003")
    page = await open_page()
    await page.get_by_test_id("transfer").click()
    await page.select_option("#transfer-reason", label="refund")
    low, high = page.get_by_test_id("target-agent:1002"), page.get_by_test_id("target-agent:1003")
    await expect(low.locator("input")).to_be_enabled()
    await page.fill("[name=amount]", "600")
    await expect(low).to_contain_text("needs a higher tier")
    await expect(low.locator("input")).to_be_disabled()
    await expect(high.locator("input")).to_be_enabled()
    await picture(page, "tier")
    await high.locator("input").check()
    await page.get_by_test_id("cold").click()
    await until(lambda: [one.amount for one in pbx.told(TransferRequested)] == [600], "the transfer with its amount")


async def test_three_talk_at_once_and_the_first_takes_his_caller_back(house: Standing, pbx: Pbx, open_page: Open):
    offer = await pbx.talks()
    await house.calls.ready("1002")
    page, receiver = await open_page(), await open_page("1002")
    await page.get_by_test_id("transfer").click()
    await page.select_option("#transfer-reason", label="complaint")
    await page.get_by_test_id("target-agent:1002").locator("input").check()
    await page.get_by_test_id("warm").click()
    asked = await pbx.asked(Consult, offer.call)
    await pbx.picks_up("1002", offer.call, asked.offer)
    pbx.tell(ConsultBegan(offer.call, "1002", asked.offer))
    await page.get_by_test_id("three-way").click()
    await pbx.asked(ThreeWay, offer.call)
    pbx.tell(CallRetrieved(offer.call, "1001"))
    await expect(page.get_by_test_id("consult")).to_contain_text("Three-way with 1002")
    await expect(receiver.get_by_test_id("consult")).to_contain_text("Three-way with 1001")
    await expect(receiver.get_by_test_id("decline")).to_have_count(0)
    await picture(page, "three-way")
    await page.get_by_test_id("take-back").click()
    assert (await pbx.asked(Join, offer.call)).agent == "1001"
    pbx.tell(BridgeEnded("1002", offer.call, asked.offer, "agent"), CallRetrieved(offer.call, "1001"))
    await expect(page.get_by_test_id("consult")).to_have_count(0)
    await expect(page.get_by_test_id("held")).to_have_count(0)
    await expect(receiver.get_by_test_id("own-state")).to_have_text("idle")
    await expect(page.get_by_test_id("transfers")).to_contain_text("taken back")


async def test_what_cant_be_now_is_said_with_its_reason(house: Standing, pbx: Pbx, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    pbx.tell(PbxLost("connection reset"))
    await expect(page.get_by_test_id("desk")).to_contain_text("Asterisk is not connected")
    await page.get_by_test_id("hold").click()
    await expect(page.get_by_test_id("refused")).to_contain_text("Asterisk can’t be reached just now")
    assert not [deed for deed in pbx.deeds if isinstance(deed, Hold) and deed.call == offer.call]
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("refused")).to_contain_text("暂时无法连接 Asterisk")


async def test_who_logs_in_elsewhere_ends_this_page(house: Standing, open_page: Open):
    page = await open_page()
    await expect(page.get_by_test_id("desk")).to_be_visible()
    async with house.client("1001"):
        await expect(page.locator("form")).to_contain_text("Your session has ended")
        await expect(page.locator("[name=account]")).to_be_visible()
