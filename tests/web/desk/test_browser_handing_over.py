"""Handing over at the agent's desk in a real browser: cold, warm, three-way, declined, by the keyboard alone, explained."""

from playwright.async_api import expect

from acd.engine.commands import Consult, Join, ThreeWay
from acd.engine.events import AgentDialled, BridgeEnded, CallBridged, OfferFailed, WrapUpEnded
from acd.engine.transfer_events import (
    CallRetrieved,
    ConsultBegan,
    TransferDeclined,
    TransferDialled,
    TransferExplained,
    TransferRequested,
)
from tests.support.waiting import eventually
from tests.web.support.desk_browser import Open, SimulatedPbx, picture
from tests.web.support.web_server import RunningServer


async def test_without_a_reason_nothing_is_handed_over_and_with_one_the_receiver_sees_the_same_card(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    house.time.forward(60)
    await house.calls.ready("1002")
    page, receiver = await open_page(), await open_page("1002")
    await page.fill("[name=matter]", "refund of 11-20 is missing")
    await page.fill("[name=note]", "waited two days")
    await page.get_by_test_id("save").click()
    await page.keyboard.press("F4")
    panel = page.get_by_test_id("transfer-panel")
    await expect(page.get_by_test_id("warm")).to_be_in_viewport(ratio=1)
    await expect(page.locator("#transfer-reason")).to_be_focused()
    await expect(page.get_by_test_id("target-agent:1002")).to_contain_text("Tom <b>Baker</b>")
    await expect(page.get_by_test_id("target-agent:1003")).to_contain_text("logged out")
    await page.get_by_test_id("cold").click()
    await expect(panel).to_contain_text("Choose a reason")
    await expect(page.locator("#transfer-reason")).to_be_focused()
    await picture(page, "transfer-no-reason")
    assert not pbx.told(TransferRequested)
    await page.select_option("#transfer-reason", label="refund")
    await page.fill("[name=amount]", "58")
    await page.get_by_test_id("cold").click()
    await expect(panel).to_contain_text("Choose where to transfer the call.")
    await expect(page.locator("#transfer-search")).to_be_focused()
    await page.keyboard.type("tom")
    await expect(page.get_by_test_id("targets").locator("label")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#transfer-note")).to_be_focused()
    await page.keyboard.type("he wants <i>58</i>")
    await picture(page, "transfer")
    await page.get_by_test_id("cold").click()
    await expect(page.get_by_test_id("done")).to_have_text("✔ Transferred to 1002 Tom <b>Baker</b>.")
    [told] = pbx.told(TransferRequested)
    assert (told.to, told.reason, told.note, told.how) == ("1002", "refund", "he wants <i>58</i>", "page")
    await expect(receiver.get_by_test_id("incoming")).to_be_visible()
    await expect(receiver.get_by_test_id("from")).to_have_text(
        "Transferred by 1001 李娜, reason: refund · he wants <i>58</i>"
    )
    await expect(receiver.get_by_test_id("entries")).to_contain_text("waited two days")
    await picture(receiver, "receiver")
    handed = house.offers[-1]
    pbx.tell(BridgeEnded("1001", offer.call, offer.offer, "transfer"))
    await pbx.picks_up("1002", offer.call, handed.offer)
    pbx.tell(CallBridged("1002", offer.call, handed.offer))
    await expect(page.get_by_test_id("own-state")).to_have_text("wrap-up")
    await expect(receiver.get_by_test_id("controls")).to_contain_text("Talking")
    # The matter does not take the place of what the first agent has told the receiver.
    for desk in (page, receiver):
        await expect(desk.get_by_test_id("transfers")).to_contain_text(
            "to Tom <b>Baker</b> 1002, refund of 11-20 is missing"
        )
        await expect(desk.get_by_test_id("transfers")).to_contain_text("he wants <i>58</i>")


async def test_the_last_contacts_name_every_agent_who_had_the_caller(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks(caller="13812349876")
    await house.calls.ready("1002")
    house.time.forward(60)
    pbx.tell(TransferRequested(offer.call, "1001", "agent", "1002", "refund", amount=58.0))
    await house.calls.settled()
    handed = house.offers[-1]
    assert handed.agent == "1002"
    pbx.tell(BridgeEnded("1001", offer.call, offer.offer, "transfer"))
    await pbx.picks_up("1002", offer.call, handed.offer)
    pbx.tell(CallBridged("1002", offer.call, handed.offer))
    await house.calls.settled()
    await house.calls.over(handed)
    pbx.tell(WrapUpEnded("1001"), WrapUpEnded("1002"))
    again = await house.calls.offer(house.calls.arrives(caller="13812349876"))
    await house.calls.written(offer.call)
    page = await open_page(again.agent)
    contacts = page.get_by_test_id("contacts").locator("li")
    await expect(contacts).to_have_count(1)
    await expect(contacts).to_contain_text("Orders · 1001, 1002 · answered")
    await picture(page, "contacts")


async def test_a_receiver_who_rejects_brings_the_caller_back_with_a_word(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
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
    await expect(page.get_by_test_id("back")).to_contain_text("to 1002 Tom <b>Baker</b> failed: rejected")
    await picture(page, "back")


async def test_a_consult_is_declined_with_a_reason_and_another_is_completed(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    house.time.forward(60)
    await house.calls.ready("1002")
    page, receiver = await open_page(), await open_page("1002", locale="zh-CN")

    async def consult() -> Consult:
        await page.get_by_test_id("transfer").click()
        await page.select_option("#transfer-reason", label="technical support")
        await page.get_by_test_id("target-agent:1002").locator("input").check()
        await page.get_by_test_id("warm").click()
        await expect(page.get_by_test_id("consult")).to_contain_text("Calling 1002 Tom <b>Baker</b>…")
        await expect(page.get_by_role("timer")).to_have_count(1)
        return await pbx.asked(Consult, offer.call)

    await consult()
    asked = receiver.get_by_test_id("consult")
    await expect(asked).to_contain_text("1001 李娜 请您接收来电")
    await expect(receiver.get_by_test_id("from")).to_contain_text("由 1001 李娜 转来，原因：技术支持")
    await picture(receiver, "consult-asked-zh")
    await receiver.get_by_test_id("decline").click()
    await receiver.get_by_test_id("decline-yes").click()
    await expect(asked).to_contain_text("请简单说明")
    assert not pbx.told(TransferDeclined)
    await receiver.fill("#decline-reason", "it's [not] my matter")
    await receiver.keyboard.press("Enter")
    await eventually(lambda: pbx.told(TransferDeclined), "the event")
    await expect(asked).to_have_count(0)
    await expect(page.get_by_test_id("transfers")).to_contain_text("declined (it's [not] my matter)")
    await expect(page.get_by_test_id("back")).to_have_text(
        "▲ 1002 Tom <b>Baker</b> declined the transfer: it's [not] my matter"
    )
    await pbx.asked(Join, offer.call)
    pbx.tell(CallRetrieved(offer.call, "1001"))
    await expect(page.get_by_test_id("controls")).to_contain_text("Talking")

    second = await consult()
    await pbx.picks_up("1002", offer.call, second.offer)
    pbx.tell(ConsultBegan(offer.call, "1002", second.offer))
    await expect(page.get_by_test_id("consult")).to_contain_text("You are talking with 1002")
    await expect(page.get_by_test_id("held")).to_have_text("On hold for your consult")
    await expect(asked).to_contain_text("正就此来电咨询您")
    for desk in (page, receiver):
        await expect(desk.get_by_role("timer")).to_have_count(1)
    await picture(page, "consult-first")
    await picture(receiver, "consult-receiver-zh")
    await page.get_by_test_id("complete").click()
    await eventually(lambda: any(isinstance(deed, Join) and deed.begins for deed in pbx.deeds), "the join")
    await expect(page.get_by_test_id("done")).to_have_text("✔ Transferred to 1002 Tom <b>Baker</b>.")
    pbx.tell(BridgeEnded("1001", offer.call, offer.offer, "transfer"), CallBridged("1002", offer.call, second.offer))
    await expect(page.get_by_test_id("own-state")).to_have_text("wrap-up")
    await expect(receiver.get_by_test_id("controls")).to_contain_text("通话中")
    await expect(receiver.get_by_test_id("from")).to_contain_text("由 1001 李娜 转来")


async def test_a_transfer_made_by_telephone_is_asked_for_its_reason(
    pbx: SimulatedPbx, house: RunningServer, open_page: Open
):
    offer = await pbx.talks()
    await house.calls.ready("1002")
    page = await open_page()
    pbx.tell(TransferDialled(offer.call, "1001", "1002"), BridgeEnded("1001", offer.call, offer.offer, "transfer"))
    explain = page.get_by_test_id("explain")
    await expect(explain).to_contain_text("to 1002")
    await picture(page, "explain")
    await page.select_option("[name=explain-reason]", label="complaint")
    await page.fill("[name=explain-note]", "third call about it")
    await page.get_by_test_id("explain-yes").click()
    await expect(explain).to_have_count(0)
    [told] = pbx.told(TransferExplained)
    assert (told.reason, told.note) == ("complaint", "third call about it")


async def test_the_keyboard_alone_hands_over(house: RunningServer, pbx: SimulatedPbx, open_page: Open):
    await pbx.talks()
    await house.calls.ready("1002", "1003")
    page = await open_page()
    panel = page.get_by_test_id("transfer-panel")
    await page.keyboard.press("F4")
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
    await expect(page.get_by_test_id("goal")).to_contain_text("→ ")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("cold")).to_be_focused()
    assert await page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("done")).to_contain_text("Transferred to")
    [told] = pbx.told(TransferRequested)
    assert (told.kind, told.reason) == ("queue", "complaint")


async def test_a_large_amount_goes_to_a_higher_tier(house: RunningServer, pbx: SimulatedPbx, open_page: Open):
    await pbx.talks()
    await house.calls.ready("1002", "1003")
    page = await open_page()
    await page.get_by_test_id("transfer").click()
    await page.select_option("#transfer-reason", label="refund")
    low, high = page.get_by_test_id("target-agent:1002"), page.get_by_test_id("target-agent:1003")
    await expect(low.locator("input")).to_be_disabled()  # what it is about is not told yet
    await page.fill("[name=amount]", "58")
    await expect(low.locator("input")).to_be_enabled()
    await page.fill("[name=amount]", "600")
    await expect(low).to_contain_text("needs a higher tier")
    await expect(low.locator("input")).to_be_disabled()
    await expect(high.locator("input")).to_be_enabled()
    await picture(page, "tier")
    await high.locator("input").check()
    await page.get_by_test_id("cold").click()
    await eventually(
        lambda: [one.amount for one in pbx.told(TransferRequested)] == [600], "the transfer with its amount"
    )


async def test_three_talk_at_once_and_the_first_takes_his_caller_back(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
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
    for desk in (page, receiver):
        await expect(desk.get_by_role("timer")).to_have_count(1)
    await expect(receiver.get_by_test_id("decline")).to_have_count(0)
    await picture(page, "three-way")
    await page.get_by_test_id("take-back").click()
    assert (await pbx.asked(Join, offer.call)).agent == "1001"
    pbx.tell(BridgeEnded("1002", offer.call, asked.offer, "agent"), CallRetrieved(offer.call, "1001"))
    await expect(page.get_by_test_id("consult")).to_have_count(0)
    await expect(page.get_by_test_id("held")).to_have_count(0)
    await expect(receiver.get_by_test_id("own-state")).to_have_text("idle")
    await expect(page.get_by_test_id("transfers")).to_contain_text("cancelled")
