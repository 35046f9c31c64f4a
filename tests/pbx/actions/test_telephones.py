"""Telephones with habits of their own, at a real Asterisk: forwarding, refusing, a test call, two places, an outside number."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from acd.calls_out import CallsOut
from acd.daemon.watchdogs.silent_phones import SilentPhones
from acd.engine.commands import Join, PhoneTest
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentPickedUp,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    CallQueued,
    OfferFailed,
    PbxFound,
    PhoneRegistered,
    PhoneSilent,
    PhoneTested,
)
from acd.engine.transfer_events import CallRetrieved, ConsultBegan
from acd.pbx.events.translator import Translator
from acd.sipp.actors import Caller, Phone
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.waiting import eventually


async def channels(house: AsteriskFixture) -> list[str]:
    rows = (await house.cli("core show channels concise")).splitlines()
    return sorted(row.partition("!")[0] for row in rows if "!" in row)


@pytest.mark.parametrize(
    "target",
    [
        "sip:1002@127.0.0.1:{port}",
        "sip:95001@127.0.0.1:{port}",
        "sip:13800001111@127.0.0.1",
        "sip:1001@127.0.0.1:{port}",
    ],
    ids=["colleague", "hotline", "mobile", "itself"],
)
async def test_a_telephone_that_forwards_is_told_and_not_followed(house: AsteriskFixture, target: str):
    floor = await house.linked()
    forwards = Phone(forwards_to=target.format(port=house.settings.sip_port))
    await house.agents("1001", forwards)
    other = await house.agents("1002", Phone(ring_s=0.2))
    caller = await house.caller(Caller())
    call = (await floor.until(CallQueued)).call
    offer = floor.offer(call, "1001")
    failed = await floor.until(OfferFailed)
    assert (failed.agent, failed.offer, failed.reason) == ("1001", offer, "forwarded")
    assert not any(name.startswith("Local/") for name in await channels(house))
    assert other.invites() == []
    assert [event.call for event in floor.of(CallQueued)] == [call]  # no call of our own in our own menu
    floor.offer(call, "1002")
    await floor.until(CallBridged)
    await caller.hang_up()
    await floor.until(CallerHungUp)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(404, "failed"), (486, "busy"), (600, "busy"), (603, "rejected"), (480, "rejected"), (500, "failed")],
)
async def test_an_answer_of_the_telephone_is_no_sign_that_it_is_gone(house: AsteriskFixture, code: int, reason: str):
    floor = await house.linked()
    await house.agents("1001", Phone(code=code))
    caller = await house.caller(Caller())
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1001")
    assert (await floor.until(OfferFailed)).reason == reason
    await caller.hang_up()
    await floor.until(CallerHungUp)


@pytest.mark.parametrize(
    ("phone", "result"),
    [
        (Phone(ring_s=0.2), "answered"),
        (Phone(code=486), "busy"),
        (Phone(code=603), "rejected"),
        (Phone(code=404), "failed"),
        (Phone(forwards_to="sip:95001@127.0.0.1"), "forwarded"),
    ],
    ids=["answers", "busy", "declines", "unknown", "forwards"],
)
async def test_a_test_call_says_what_the_telephone_does(house: AsteriskFixture, phone: Phone, result: Any):
    floor = await house.linked()
    await house.agents("1001", phone)
    floor.pbx.carry_out(PhoneTest("1001"))
    assert await floor.until(PhoneTested) == PhoneTested("1001", result)

    async def nobody() -> bool:
        return await channels(house) == []

    await eventually(nobody, "the end of the test call")
    assert not floor.of(CallQueued)


async def test_two_telephones_of_one_account_are_told_by_their_addresses(house: AsteriskFixture):
    floor = await house.linked()
    one = await house.agents("1001", Phone())
    other = await house.agents("1001", Phone())
    await one.uas.stop()
    await one.register(3600)
    places = [f"127.0.0.1:{row.port}" for row in (one, other, one)]
    await floor.until(PhoneRegistered, count=3)
    assert floor.of(PhoneRegistered) == [PhoneRegistered("1001", place) for place in places]


# --- sound ---


@pytest.mark.parametrize(("phone", "silent"), [(Phone(ring_s=0.2, muted=True), True), (Phone(ring_s=0.2), False)])
async def test_a_telephone_without_sound_is_told_in_the_talk_and_nothing_is_told_on_hold(
    outside: AsteriskFixture, phone: Phone, silent: bool
):
    floor = await outside.linked()
    watch = SilentPhones(floor.pbx.ami, floor.pbx.book, floor.events.append, time.monotonic, still_s=1.0)
    await outside.agents("1001", phone)
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    offer = floor.offer(call, "1001")
    await floor.until(CallBridged)
    began = time.monotonic()

    async def looked() -> bool:
        await watch.look()
        return bool(floor.of(PhoneSilent)) or time.monotonic() - began > 3

    await eventually(looked, "a look at the sound")
    assert floor.of(PhoneSilent) == ([PhoneSilent("1001", True)] if silent else [])
    told = len(floor.of(PhoneSilent))
    floor.hold(call, "1001")

    async def held() -> bool:
        await watch.look()
        return "hold" in await contexts(outside)

    await eventually(held, "the caller on hold")
    assert len(floor.of(PhoneSilent)) == told
    floor.pbx.carry_out(Join(call, "1001", offer, False))
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


# --- agents on an outside number ---

MOBILE = "13900002222"


@pytest.fixture(scope="module")
async def own_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    """1001 has a telephone here, 1009 is rung at a mobile."""
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("own-house"), ("1001", "1009"), calls_out=CallsOut(numbers=(MOBILE,))
    )
    agents = tuple(replace(agent, outside=MOBILE if agent.agent == "1009" else "") for agent in opened.settings.agents)
    opened.settings = replace(opened.settings, agents=agents)
    yield opened
    await opened.closed()


@pytest.fixture
async def outside(own_house: AsteriskFixture) -> AsyncIterator[AsteriskFixture]:
    yield own_house
    await own_house.everybody_leaves()
    for name in ("ACD_BEAT", "ACD_EPOCH", "STORIES_UP"):
        await own_house.cli(f"dialplan set global {name} 0")


async def test_a_mobile_takes_the_call_by_a_key_and_can_hold_it_and_is_found_again(outside: AsteriskFixture):
    floor = await outside.linked()
    mobile = await outside.carrier(Phone(ring_s=0.5, presses="1", presses_after_s=1.0))
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    offer = floor.offer(call, "1009")
    await floor.until(CallBridged)
    what = ("1009", call, offer)
    assert [event for event in floor.events if getattr(event, "offer", "") == offer] == [
        AgentDialled(*what),
        AgentRinging(*what),
        AgentPickedUp(*what),
        AgentAnswered(*what),
        CallBridged(*what),
    ]
    [invite] = mobile.invites()
    assert invite.startswith(f"INVITE sip:{MOBILE}@")
    floor.hold(call, "1009")

    async def held() -> bool:
        return "hold" in await contexts(outside)

    await eventually(held, "the caller on hold")
    await floor.leave()
    again = await outside.linked(epoch=2)
    [found] = again.of(PbxFound)
    assert [(one.place, one.agent, one.offer) for one in found.calls] == [("held", "1009", offer)]
    again.pbx.carry_out(Join(call, "1009", offer, False))
    assert await again.until(CallRetrieved) == CallRetrieved(call, "1009")
    await again.leave()
    last = await outside.linked(epoch=3)
    [found] = last.of(PbxFound)
    assert [(one.place, one.agent, one.offer) for one in found.calls] == [("talking", "1009", offer)]
    await caller.hang_up()
    assert await last.until(BridgeEnded) == BridgeEnded("1009", call, offer, "caller")
    await outside.empty()


async def contexts(house: AsteriskFixture) -> set[str]:
    rows = (await house.cli("core show channels concise")).splitlines()
    return {row.split("!")[1] for row in rows if "!" in row}


@pytest.mark.parametrize(
    "phone",
    [
        Phone(ring_s=0.2),
        Phone(ring_s=0.2, presses="2", presses_after_s=1.0),
        Phone(ring_s=0.2, talk_s=(1.0, 1.0)),
    ],
    ids=["mailbox", "another key", "hangs up"],
)
async def test_without_the_key_nobody_has_answered(outside: AsteriskFixture, phone: Phone):
    floor = await outside.linked()
    await outside.carrier(phone)
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    offer = floor.offer(call, "1009")
    failed = await floor.until(OfferFailed)
    assert (failed.agent, failed.offer, failed.reason) == ("1009", offer, "ring no answer")
    assert not floor.of(AgentAnswered)
    assert len(floor.of(AgentPickedUp)) == 1

    async def waits() -> bool:
        return await contexts(outside) == {"waiting"}

    await eventually(waits, "the caller alone, and waiting on")
    await caller.hang_up()
    await floor.until(CallerHungUp)


def test_a_mobile_that_hangs_up_in_the_question_for_the_key_is_no_answer_though_it_was_bridged_for_an_instant():
    """As Asterisk tells it now and then: Dial has bridged what had hung up."""
    translator = Translator(["1009"])
    translator.book.outside = {"1009": MOBILE}
    call, caller, mobile = "c1795909736-29-7166", "PJSIP/trunk-carrier-00000001", "PJSIP/trunk-carrier-00000002"
    ids = {"Uniqueid": "1.1", "Linkedid": "1.1"}
    at_caller = {"Channel": caller, "Event": "UserEvent", **ids, "Call": call}
    offer = {"Offer": f"{call}-1", "Agent": "1009"}
    bridge = {"BridgeUniqueid": "b", "Linkedid": "1.1"}
    told = [
        event
        for message in (
            {**at_caller, "UserEvent": "CallArrived", "Caller": "13800001111"},
            {**at_caller, "UserEvent": "OfferTaken", **offer},
            {"Event": "DialBegin", "Channel": caller, "DestChannel": mobile, **ids, "DestUniqueid": "1.2"},
            {"Event": "Newstate", "Channel": mobile, "Uniqueid": "1.2", "ChannelStateDesc": "Ringing"},
            {"Event": "Newstate", "Channel": mobile, "Uniqueid": "1.2", "ChannelStateDesc": "Up"},
            {"Event": "BridgeEnter", "Channel": mobile, "Uniqueid": "1.2", **bridge},
            {"Event": "BridgeEnter", "Channel": caller, "Uniqueid": "1.1", **bridge},
            {"Event": "BridgeLeave", "Channel": mobile, "Uniqueid": "1.2", **bridge},
            {"Event": "BridgeLeave", "Channel": caller, "Uniqueid": "1.1", **bridge},
            {"Event": "Hangup", "Channel": mobile, "Uniqueid": "1.2", "Cause": "16"},
            {**at_caller, "UserEvent": "OfferOver", **offer, "Status": "NOTACCEPTED", "Cause": "16"},
        )
        for event in translator.feed(message)
    ]
    what = ("1009", call, f"{call}-1")
    assert told[1:] == [
        AgentDialled(*what),
        AgentRinging(*what),
        AgentPickedUp(*what),
        OfferFailed(*what, "ring no answer", 16),
    ]


async def test_a_busy_mobile_is_busy_and_one_that_is_off_is_refused_at_once(outside: AsteriskFixture):
    floor = await outside.linked()
    await outside.carrier(Phone(code=486))
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1009")
    assert (await floor.until(OfferFailed)).reason == "busy"
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_taking_back_ends_the_call_to_a_mobile_that_was_picked_up(outside: AsteriskFixture):
    floor = await outside.linked()
    await outside.carrier(Phone(ring_s=0.2))
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1009")
    await floor.until(AgentPickedUp)
    floor.take_back(call, "1009")

    async def waits() -> bool:
        return await contexts(outside) == {"waiting"}

    await eventually(waits, "the end of the mobile's channel")
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_a_daemon_that_starts_while_the_key_is_awaited_hears_of_it(outside: AsteriskFixture):
    floor = await outside.linked()
    await outside.carrier(Phone(ring_s=0.2, presses="1", presses_after_s=4.0))
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    offer = floor.offer(call, "1009")
    await floor.until(AgentPickedUp)
    await floor.leave()
    again = await outside.linked(epoch=2)
    assert await again.until(AgentPickedUp) == AgentPickedUp("1009", call, offer)
    assert await again.until(AgentAnswered) == AgentAnswered("1009", call, offer)
    assert await again.until(CallBridged) == CallBridged("1009", call, offer)
    await caller.hang_up()
    await again.until(CallerHungUp)


async def test_a_colleague_on_a_mobile_is_consulted_by_the_key_too(outside: AsteriskFixture):
    floor = await outside.linked()
    await outside.agents("1001", Phone(ring_s=0.2))
    await outside.carrier(Phone(ring_s=0.2, presses="1", presses_after_s=1.0))
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1001")
    await floor.until(CallBridged)
    consult = floor.consult(call, "1001", "1009")
    await floor.until(AgentPickedUp)
    assert not [event for event in floor.of(AgentAnswered) if event.agent == "1009"]
    assert await floor.until(ConsultBegan) == ConsultBegan(call, "1009", consult)
    floor.join(call, "1009", 2, True)
    assert (await floor.until(CallBridged, count=2)).agent == "1009"
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_a_number_that_the_dialplan_does_not_have_is_not_dialled_whatever_the_daemon_says(
    outside: AsteriskFixture,
):
    floor = await outside.linked()
    carrier = await outside.carrier(Phone())
    floor.pbx.book.outside["1009"] = "13911112222"
    floor.pbx.offer_actions.may_dial = lambda number: ""
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1009")
    assert (await floor.until(OfferFailed)).reason == "not dialled"
    assert carrier.invites() == []
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_a_number_that_may_not_be_dialled_is_not(outside: AsteriskFixture):
    floor = await outside.linked()
    carrier = await outside.carrier(Phone())
    barred = replace(outside.settings.calls_out, never=(MOBILE[:3],))
    floor.pbx.settings = replace(outside.settings, calls_out=barred)
    caller = await outside.caller(Caller())
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1009")
    assert (await floor.until(OfferFailed)).reason == "not dialled"
    assert carrier.invites() == []
    await caller.hang_up()
    await floor.until(CallerHungUp)
