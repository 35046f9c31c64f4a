"""Where a policy sends a caller, and customers who are called back: on a real Asterisk, with a carrier beyond the trunk."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from acd.engine.callback_events import CallbackAccepted, CallbackFailed, CallSentOn
from acd.engine.events import (
    AgentDialled,
    CallBridged,
    CallerHungUp,
    CallQueued,
    CallReturned,
    Event,
    MessageLeft,
    PbxFound,
)
from acd.sipp.actors import Caller, Phone
from tests.pbx.conf.test_stories import Story
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.support.audio import seconds_of
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

OUTSIDE = "13900009999"
AWAY = "c1700000000-7-4821"
"""A virtual caller: one whose first call is over."""


async def queued(house: AsteriskFixture, floor: LinkUnderTest, **more: object) -> str:
    await house.caller(Caller(**more))  # type: ignore[arg-type]
    return (await floor.until(CallQueued)).call


def said(floor: LinkUnderTest, *kinds: type[Event]) -> list[Event]:
    return [event for event in floor.events if isinstance(event, kinds)]


async def context_of(house: AsteriskFixture) -> list[str]:
    return [channel.split("!")[1] for channel in await house.channels()]


# --- another number ---


async def test_another_number_answers_and_the_caller_talks_to_it(house: AsteriskFixture):
    floor = await house.linked()
    outside = await house.carrier(Phone(ring_s=0.3, talk_s=(1.5, 1.5)))
    call = await queued(house, floor)
    floor.send_to(call, "number", OUTSIDE)
    assert await floor.until(CallSentOn) == CallSentOn(call, "carrier")
    await floor.until(CallerHungUp)
    [invite] = outside.invites()
    assert invite.startswith(f"INVITE sip:{OUTSIDE}@{TRUNK_ADDRESS}:")
    assert "From: <sip:95001@" in invite  # the hotline's number, not his
    assert said(floor, CallSentOn, CallReturned, CallerHungUp) == [CallSentOn(call, "carrier"), CallerHungUp(call, 16)]


@pytest.mark.parametrize(("phone", "why"), [(Phone(code=486), "busy"), (Phone(code=404), "failed")])
async def test_another_number_that_does_not_answer_gives_the_caller_back(
    house: AsteriskFixture, phone: Phone, why: str
):
    floor = await house.linked()
    await house.carrier(phone)
    await house.agents("1001", Phone(ring_s=0.2, talk_s=(2.5, 2.5)))
    call = await queued(house, floor)
    floor.send_to(call, "number", OUTSIDE)
    assert await floor.until(CallReturned) == CallReturned(call, why)
    floor.send_to(call, "number", OUTSIDE)  # a second row of the policy is told of like the first
    await floor.until(CallReturned, count=2)
    floor.offer(call, "1001")
    await floor.until(CallBridged)
    await floor.until(CallerHungUp)


async def test_numbers_that_are_none_are_not_dialled(house: AsteriskFixture):
    floor = await house.linked()
    outside = await house.carrier(Phone())
    call = await queued(house, floor)
    for count, number in enumerate(("", "12", "1" * 16, "139\r\nX: y", "s@waiting", "139,1", "${SHELL(id)}"), start=1):
        floor.send_to(call, "number", number)
        assert await floor.until(CallReturned, count=count) == CallReturned(call, "failed")
        floor.call_back(AWAY, number)
        assert await floor.until(CallbackFailed, count=count) == CallbackFailed(AWAY, "failed")
    floor.pbx.settings = replace(
        floor.pbx.settings, calls_out=replace(floor.pbx.settings.calls_out, never=("168", "00"))
    )
    for number in (
        "95000",
        "95001",
        "+95002",
        "16812345",
        "+16812345",
        "001900555",
    ):  # the hotline itself, and the costly
        floor.call_back(AWAY, number)
    await floor.until(CallbackFailed, count=13)
    assert outside.invites() == []
    assert await context_of(house) == ["waiting"]


# --- voicemail ---


def message(house: AsteriskFixture, call: str) -> Path:
    return house.settings.recordings_folder / "live" / f"{call}-m1-caller.wav"


async def test_a_message_is_recorded_until_the_hash_key(house: AsteriskFixture):
    floor = await house.linked()
    call = await queued(house, floor, keys=",,,,#", keys_after_s=1.0)
    floor.send_to(call, "voicemail")
    left = await floor.until(MessageLeft)
    await floor.until(CallerHungUp)
    assert said(floor, MessageLeft, CallReturned) == [left]
    assert left.call == call and 2 < left.seconds < 6
    assert seconds_of(message(house, call)) == pytest.approx(left.seconds)


async def test_who_hangs_up_while_he_speaks_has_left_a_message_too(house: AsteriskFixture):
    floor = await house.linked()
    caller = await house.caller(Caller())
    call = (await floor.until(CallQueued)).call
    floor.send_to(call, "voicemail")
    file = message(house, call)
    await eventually(lambda: file.exists() and file.stat().st_size > 40000, "two seconds of a message")
    await caller.hang_up()
    await floor.until(CallerHungUp)
    [left, gone] = said(floor, MessageLeft, CallerHungUp)
    assert isinstance(left, MessageLeft) and left.seconds > 2
    assert gone == CallerHungUp(call, gone.cause)  # type: ignore[union-attr]
    assert seconds_of(file) == pytest.approx(left.seconds)


async def test_who_says_nothing_waits_on(house: AsteriskFixture):
    floor = await house.linked()
    call = await queued(house, floor, keys=",#", keys_after_s=0.5, stays_s=30)
    floor.send_to(call, "voicemail")
    assert await floor.until(CallReturned) == CallReturned(call, "no message")
    await eventually(lambda: context_of(house), "his being there")
    assert await context_of(house) == ["waiting"]
    assert floor.of(MessageLeft) == []


# --- let go ---


async def test_who_is_withdrawn_is_told_and_let_go(house: AsteriskFixture):
    floor = await house.linked()
    call = await queued(house, floor)
    floor.send_to(call, "let go")
    assert await floor.until(CallerHungUp) == CallerHungUp(call, 16)


# --- the offer of a callback ---


class Offering(Story):
    """The story that offers a callback: waits for the words of the test."""

    def __init__(self, callback: str = "") -> None:
        super().__init__(0, NEXT="queue", QUEUE="billing")
        self.callback = callback
        self.within = ""
        self.go_on = asyncio.Event()

    async def offer_callback(self, ask: Callable[[str], Awaitable[str]]) -> None:
        self.within = (await ask("GET VARIABLE WITHIN")).partition("(")[2].partition(")")[0]
        await ask("SET MUSIC ON")
        await self.go_on.wait()
        if self.callback:
            await ask(f'SET VARIABLE CALLBACK "{self.callback}"')


async def test_who_takes_a_callback_says_so_and_is_let_go(house: AsteriskFixture):
    floor = await house.linked()
    story = Offering("02155555555")
    await story.open(floor, house.settings.agi_port)
    call = await queued(house, floor)
    floor.send_to(call, "callback", within_s=7200.9)
    await eventually(lambda: story.within)
    assert story.within == "7200"
    story.go_on.set()
    await floor.until(CallerHungUp)
    assert said(floor, CallbackAccepted, CallerHungUp) == [
        CallbackAccepted(call, "+862155555555"),
        CallerHungUp(call, 16),
    ]
    story.close()


@pytest.mark.parametrize("word", ["", "none"])
async def test_who_does_not_take_it_waits_on(house: AsteriskFixture, word: str):
    floor = await house.linked()
    story = Offering(word)
    await story.open(floor, house.settings.agi_port)
    call = await queued(house, floor)
    floor.send_to(call, "callback", within_s=60)
    await eventually(lambda: story.within)
    before = story.told.count("waiting_room")
    story.go_on.set()
    await eventually(lambda: story.told.count("waiting_room") > before or floor.of(CallerHungUp), "the waiting room")
    assert [event.number for event in floor.of(CallbackAccepted)] == []
    story.close()


async def test_an_agent_who_comes_free_ends_the_offer_in_the_middle_of_a_word(house: AsteriskFixture):
    floor = await house.linked()
    story = Offering()
    await story.open(floor, house.settings.agi_port)
    await house.agents("1001", Phone(ring_s=0.2, talk_s=(2.5, 2.5)))
    call = await queued(house, floor)
    floor.send_to(call, "callback", within_s=60)
    await eventually(lambda: story.within)
    floor.offer(call, "1001")
    await floor.until(AgentDialled)
    await floor.until(CallBridged)
    await floor.until(CallerHungUp)
    assert floor.of(CallbackAccepted) == []
    story.close()


# --- a daemon that is started anew ---


async def test_resync_finds_everybody_where_a_policy_has_sent_him(house: AsteriskFixture):
    before = await house.linked(epoch=1)
    story = Offering()
    await story.open(before, house.settings.agi_port)
    await house.carrier(Phone(never_answers=True))
    calls = {}
    for number, place in enumerate(("callback", "voicemail", "number"), start=1):
        await house.caller(Caller(caller=f"1380000000{number}"))
        calls[place] = (await before.until(CallQueued, count=number)).call
        before.send_to(calls[place], place, OUTSIDE, 60)
    before.call_back(AWAY, "13900008888", language="en")
    await eventually(lambda: before.pbx.book.dialled)
    await eventually(lambda: story.within)

    async def in_place() -> bool:
        return sorted(await context_of(house)) == [
            "from-trunk-carrier", "from-trunk-carrier", "offer-callback", "send-on", "voicemail",
        ]  # fmt: skip

    await eventually(in_place, "everybody's place")
    await before.leave()
    after = await house.linked(epoch=2)
    found = {call.call: call for call in after.of(PbxFound)[0].calls}
    assert {name: found[call].place for name, call in calls.items()} == {
        "callback": "waiting",
        "voicemail": "elsewhere",
        "number": "elsewhere",
    }
    called = found[AWAY]
    assert (called.place, called.caller, called.queue, called.language) == (
        "calling",
        "+8613900008888",
        "billing",
        "en",
    )
    assert len(found) == 4
    # It is not dialled again, and its end is heard.
    after.call_back(AWAY, "13900008888")
    after.send_to(AWAY, "let go")
    await after.until(CallbackFailed)
    assert len(after.of(CallbackFailed)) == 1
    story.close()
