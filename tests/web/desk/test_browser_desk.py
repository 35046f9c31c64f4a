"""The agent's desk in a real browser: his state, the card that pops, what he writes, from the offer to the wrap-up."""

import re
from dataclasses import replace

from playwright.async_api import Browser, expect

from acd.engine.commands import Hold, Join, MaskRecording, Mute
from acd.engine.events import AgentDialled, CallerHungUp, PbxLost, WrapUpEnded
from acd.engine.line_events import LineChanged, LineFigures
from acd.engine.masking.events import MaskFailed
from acd.engine.transfer_events import CallRetrieved, CardWritten
from acd.web.live.agent_desk_stream import STREAMS
from tests.support.waiting import eventually
from tests.web.support.cut_line import with_a_stream_of_its_own
from tests.web.support.desk_browser import Open, SimulatedPbx, picture
from tests.web.support.web_server import PINS, RunningServer

WHOLE_CHOICE = """box => {
    const pen = document.createElement('canvas').getContext('2d')
    pen.font = getComputedStyle(box).font
    const arrow = 24, words = pen.measureText(box.selectedOptions[0].label).width
    return words > 20 && words + arrow <= box.clientWidth - 2 * parseFloat(getComputedStyle(box).paddingLeft)
}"""
"""Whether what is chosen in a box is read to its end."""


async def test_an_agent_logs_in_with_extension_and_pin_and_sees_his_desk_alone(house: RunningServer, browser: Browser):
    context = await browser.new_context(locale="en-GB", viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    await page.goto(house.url)
    await expect(page.locator("form")).to_contain_text("Agents log in with extension and PIN")
    await picture(page, "log-in")
    for password in ("000000", PINS["1001"]):
        await page.fill("[name=account]", "1001")
        await page.fill("[name=password]", password)
        await page.click("button[type=submit]")
        if password == "000000":
            await expect(page.get_by_role("alert")).to_contain_text("Wrong account")
    await expect(page.get_by_test_id("desk")).to_contain_text("Your shift has not started.")
    await expect(page.locator("header")).to_contain_text("1001 李娜")
    await page.goto(f"{house.url}#calls")
    await expect(page.get_by_test_id("desk")).to_be_visible()
    await expect(page.locator("nav")).to_have_count(0)
    await picture(page, "logged-out")
    await page.get_by_test_id("log-out").click()
    await expect(page.locator("[name=account]")).to_be_visible()
    await context.close()


async def test_he_begins_work_is_ready_not_ready_with_a_reason_and_ends_work(house: RunningServer, open_page: Open):
    page = await open_page()
    state = page.get_by_test_id("own-state")
    await expect(state).to_have_text("logged out")
    await page.get_by_test_id("shift-in").click()
    await expect(state).to_contain_text("not ready")
    await house.calls.ready("1001")
    await expect(state).to_have_text("idle")
    await expect(page.get_by_test_id("nothing")).to_contain_text("before your telephone rings")
    await picture(page, "idle")
    await page.get_by_test_id("not-ready").click()
    await page.get_by_test_id("not-ready-meal").click()
    await expect(state).to_have_text("not ready · meal")
    await page.get_by_test_id("language").click()
    await expect(state).to_have_text("示忙 · 用餐")
    await page.get_by_test_id("ready").click()
    await expect(state).to_have_text("空闲")
    await page.get_by_test_id("shift-out").click()
    await expect(state).to_have_text("签出")


async def test_the_card_pops_before_the_telephone_rings(house: RunningServer, pbx: SimulatedPbx, open_page: Open):
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
    await expect(page.get_by_test_id("contacts")).to_contain_text("First call")
    assert "☎ 13812341234" in await page.title()
    await picture(page, "offer")
    await house.calls.answered(call)
    await expect(page.get_by_test_id("incoming")).to_have_count(0)
    await expect(page.get_by_test_id("controls")).to_contain_text("Talking")
    assert "☎" not in await page.title()


async def test_the_recording_is_masked_by_button_and_key_with_a_clock_and_a_warning(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    page = await open_page()
    masked, button = page.get_by_test_id("masked"), page.get_by_test_id("mask")
    await button.click()
    assert await pbx.asked(MaskRecording, offer.call) == MaskRecording(offer.call, True, recorded=True, for_s=120.0)
    await expect(masked).to_contain_text("The recording is masked")
    await expect(button).to_have_attribute("aria-pressed", "true")
    house.time.forward(65)
    await expect(page.get_by_test_id("mask-clock")).to_have_text(re.compile("^1:0"))
    await expect(page.get_by_test_id("mask-ends")).to_have_count(0)
    house.time.forward(40)
    await expect(page.get_by_test_id("mask-ends")).to_contain_text("Recording goes on in 0:1")
    await picture(page, "masked")
    await page.keyboard.press("Shift+F8")
    await expect(masked).to_have_count(0)
    assert (await pbx.asked(MaskRecording, offer.call)).masked is False
    await button.click()
    await expect(masked).to_be_visible()
    house.calls.tell(MaskFailed(offer.call, "refused"))
    await expect(page.get_by_test_id("mask-failed")).to_contain_text("NOT masked: Asterisk refused it")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("mask-failed")).to_contain_text("录音未能屏蔽：Asterisk 拒绝执行")


async def test_hold_has_a_clock_that_warns_and_mute_is_seen(house: RunningServer, pbx: SimulatedPbx, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    controls = page.get_by_test_id("controls")
    await page.get_by_test_id("mute").click()
    assert (await pbx.asked(Mute, offer.call)).muted
    await expect(page.get_by_test_id("muted")).to_be_visible()
    await page.keyboard.press("F8")
    await expect(page.get_by_test_id("muted")).to_have_count(0)
    await page.get_by_test_id("hold").click()
    await pbx.asked(Hold, offer.call)
    await expect(page.get_by_test_id("held")).to_have_text("On hold")
    await expect(page.get_by_test_id("own-state")).to_have_text("on hold")
    await expect(controls).to_have_class(re.compile("apart"))
    await expect(controls).not_to_have_class(re.compile("amber"))
    house.time.forward(50)
    await expect(controls).to_contain_text("Check in with the customer")
    await picture(page, "hold-reminder")
    house.time.forward(80)
    await expect(controls).to_contain_text("The supervisor has been notified")
    await picture(page, "hold-limit")
    await page.get_by_test_id("hold").click()
    assert (await pbx.asked(Join, offer.call)).begins is False
    pbx.tell(CallRetrieved(offer.call, "1001"))
    await expect(controls).to_contain_text("Talking")


async def test_a_bad_line_is_told_during_the_talk_whose_it_is_and_what_to_do(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    offer = await pbx.talks()
    page = await open_page()
    await expect(page.get_by_test_id("controls")).to_contain_text("Talking")
    await expect(page.get_by_test_id("line-caller")).to_have_count(0)
    bad = LineFigures(10.0, "alaw", 425, 75, 500, 2.0, 500)
    loses = LineChanged(offer.call, offer.offer, "caller", "trunk carrier", "1001", bad, ("loss", "mos"))
    silent = replace(loses, side="agent", party="agent 1001", problems=("one-way",))
    pbx.tell(loses, silent)
    await expect(page.get_by_test_id("line-caller")).to_contain_text("caller: words are lost, hard to understand")
    await expect(page.get_by_test_id("line-caller")).to_contain_text("offer to call back")
    await expect(page.get_by_test_id("line-agent")).to_contain_text("check the headset")
    await picture(page, "bad-line")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("line-caller")).to_contain_text("客户：语音丢失、难以听清")
    await expect(page.get_by_test_id("line-agent")).to_contain_text("请检查耳麦")
    pbx.tell(replace(loses, problems=()), replace(silent, problems=()))
    for side in ("caller", "agent"):
        await expect(page.get_by_test_id(f"line-{side}")).to_have_count(0)


async def test_what_he_writes_stands_on_the_card(house: RunningServer, pbx: SimulatedPbx, open_page: Open):
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
    await page.fill("[name=name]", "王小明")
    await page.press("[name=name]", "Enter")
    await expect(page.get_by_test_id("caller")).to_have_text("王小明")
    await expect(page.get_by_test_id("who")).to_contain_text("13812341234")
    await page.select_option("[name=level]", label="fully verified")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("writing")).to_contain_text(
        "Choose how you verified. Never write down the answers."
    )
    await page.select_option("[name=how]", label="Registered number and last order")
    for width in (1280, 1920):
        await page.set_viewport_size({"width": width, "height": 800})
        for name in ("level", "how"):
            assert await page.locator(f"[name={name}]").evaluate(WHOLE_CHOICE), (name, width)
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("verified")).to_contain_text("fully verified · Registered number and last order")
    await page.get_by_test_id("promise-open").click()
    await page.fill("[name=promise]", "call back about the parcel")
    await page.get_by_role("button", name="in 2 h").click()
    await picture(page, "writing")
    await page.get_by_test_id("save").click()
    await expect(entries).to_contain_text("call back about the parcel")
    await expect(entries).to_contain_text("due")
    await page.get_by_label("To be followed up").check()
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("given")).to_contain_text("To be followed up")
    assert [event.what for event in pbx.told(CardWritten)] == [
        "note",
        "matter",
        "name",
        "verified",
        "promise",
        "disposition",
    ]
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("verified")).to_contain_text("已核实 · 注册号码和最近订单")
    await expect(page.get_by_test_id("given")).to_contain_text("待跟进")
    await picture(page, "talk-zh")


async def test_whoever_shows_the_number_of_a_dropped_line_is_to_be_verified_again(
    pbx: SimulatedPbx, house: RunningServer, open_page: Open
):
    first = await pbx.talks()
    told = CardWritten(first.call, "1001", "verified", {"level": "full", "how": "app-face"})
    pbx.tell(told, CardWritten(first.call, "1001", "matter", {"text": "wants a refund"}))
    await house.calls.settled()
    page = await open_page()
    await expect(page.get_by_test_id("verified")).to_contain_text("fully verified")
    await expect(page.get_by_test_id("verified-before")).to_have_count(0)
    pbx.tell(CallerHungUp(first.call), WrapUpEnded("1001"))  # in mid-talk, and no disposition is written
    second = await house.calls.offer(house.calls.arrives(caller="13812341234"))
    await expect(page.get_by_test_id("matter")).to_contain_text("wants a refund")
    await expect(page.get_by_test_id("verified")).to_contain_text("not verified")
    before = page.get_by_test_id("verified-before")
    await expect(before).to_contain_text("Before the call dropped: fully verified · ")
    await expect(before).to_contain_text("1001")
    await expect(before).to_contain_text("Verify again.")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("verified")).to_contain_text("未核实")
    await expect(before).to_contain_text("请重新核实")
    await picture(page, "verified-before")
    await house.calls.answered(second.call)
    await page.select_option("[name=level]", label="号码匹配")
    await page.select_option("[name=how]", index=1)
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("verified")).to_contain_text("号码匹配")
    await expect(before).to_contain_text("已核实")


async def test_a_number_that_must_not_be_written_down_is_refused_at_the_field(pbx: SimulatedPbx, open_page: Open):
    await pbx.talks()
    page = await open_page()
    note = page.locator("[name=note]")
    await note.fill("his card is 4111 1111 1111 1111")
    await expect(page.locator("#note-refused")).to_contain_text("the last four digits are enough")
    await expect(note).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_test_id("draft")).to_contain_text("not saved")
    await page.get_by_test_id("save").click()
    await expect(page.locator("#note-refused")).to_be_visible()
    await picture(page, "guard")
    assert not pbx.told(CardWritten)
    assert await page.evaluate("() => Object.values(sessionStorage).join('')") == ""
    await note.fill("his card ends in 1111")
    await expect(page.locator("#note-refused")).to_be_hidden()
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("entries")).to_contain_text("his card ends in 1111")
    await page.fill("[name=matter]", "identity card 11010519491231002X")
    await page.press("[name=matter]", "Enter")
    await expect(page.locator("#matter-refused")).to_contain_text(
        "write how the customer was verified, never the number"
    )


async def test_a_draft_survives_a_reload_and_a_broken_line(pbx: SimulatedPbx, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    note = page.locator("[name=note]")
    await note.fill("customer says that")
    await expect(page.get_by_test_id("draft")).to_contain_text("draft saved")
    await with_a_stream_of_its_own(page)
    await expect(note).to_have_value("customer says that")
    await page.context.set_offline(True)
    for reader in pbx.house.app[STREAMS].readers("1001"):
        reader.end()
    await note.fill("customer says that the parcel is lost")
    await expect(page.get_by_test_id("draft")).to_contain_text("in this tab only")
    await expect(page.get_by_test_id("broken")).to_contain_text("What you type is kept")
    await picture(page, "broken")
    await page.context.set_offline(False)
    await expect(page.get_by_test_id("broken")).to_have_count(0)
    await expect(page.get_by_test_id("draft")).to_have_text("✔ draft saved")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("entries")).to_contain_text("the parcel is lost")
    assert [event.call for event in pbx.told(CardWritten)] == [offer.call]
    await page.reload()
    await expect(page.get_by_test_id("entries")).to_contain_text("the parcel is lost")
    await expect(note).to_have_value("")


async def test_of_two_tabs_the_second_is_told_who_was_before_it_and_keeps_both_texts(
    pbx: SimulatedPbx, open_page: Open
):
    await pbx.talks()
    first = await open_page()
    second = await first.context.new_page()
    await second.goto(first.url)
    await expect(second.get_by_test_id("controls")).to_be_visible()
    matter = second.locator("[name=matter]")
    await matter.press_sequentially("wants a refund")
    await first.fill("[name=note]", "a note is no conflict")
    await first.get_by_test_id("save").click()
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


async def test_after_the_call_he_writes_and_ends_his_wrap_up(pbx: SimulatedPbx, house: RunningServer, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    await house.calls.over(offer)
    wrap_up = page.get_by_test_id("wrap-up")
    await expect(wrap_up).to_contain_text("time left")
    await picture(page, "wrap-up")
    await page.get_by_label("Solved", exact=False).first.check()
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("given")).to_contain_text("Solved")
    await page.get_by_test_id("end-wrap-up").click()
    await eventually(lambda: WrapUpEnded("1001") in house.told, "the event")
    await expect(page.get_by_test_id("own-state")).to_have_text("idle")
    await expect(page.get_by_test_id("card")).to_contain_text("Your last call")
    await page.fill("[name=note]", "a word more")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("entries")).to_contain_text("a word more")


async def test_the_next_caller_costs_nobody_the_note_that_he_was_writing(
    pbx: SimulatedPbx, house: RunningServer, open_page: Open
):
    offer = await pbx.talks()
    page = await open_page()
    await house.calls.over(offer)
    await expect(page.get_by_test_id("wrap-up")).to_be_visible()
    await page.fill("[name=note]", "parcel is at the depot")
    pbx.tell(WrapUpEnded("1001"))
    call = house.calls.arrives(caller="02066667777")
    await expect(page.get_by_test_id("caller")).to_have_text("02066667777")
    await house.calls.answered(call)
    await eventually(lambda: pbx.told(CardWritten), "the note")
    [told] = pbx.told(CardWritten)
    assert (told.call, told.detail["text"]) == (offer.call, "parcel is at the depot")
    await expect(page.get_by_test_id("done")).to_contain_text("previous call was saved")


async def test_the_operator_sees_holds_and_transfers_and_reads_the_card(
    pbx: SimulatedPbx, house: RunningServer, open_page: Open
):
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
    await expect(page.get_by_test_id("timeline")).to_contain_text("puts the caller on hold")
    assert "13812341234" not in await page.content()
    assert await card.locator("input, textarea, select, button").count() == 0
    await picture(page, "story-card")


async def test_what_cant_be_now_is_said_with_its_reason(house: RunningServer, pbx: SimulatedPbx, open_page: Open):
    offer = await pbx.talks()
    page = await open_page()
    pbx.tell(PbxLost("connection reset"))
    await expect(page.get_by_test_id("desk")).to_contain_text("Asterisk is not connected")
    await page.get_by_test_id("hold").click()
    await expect(page.get_by_test_id("refused")).to_contain_text("Asterisk can’t be reached just now")
    assert not [deed for deed in pbx.deeds if isinstance(deed, Hold) and deed.call == offer.call]
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("refused")).to_contain_text("暂时无法连接 Asterisk")


async def test_who_logs_in_elsewhere_ends_this_page(house: RunningServer, open_page: Open):
    page = await open_page()
    await expect(page.get_by_test_id("desk")).to_be_visible()
    async with house.client("1001"):
        await expect(page.locator("form")).to_contain_text("Your session has ended")
        await expect(page.locator("[name=account]")).to_be_visible()
