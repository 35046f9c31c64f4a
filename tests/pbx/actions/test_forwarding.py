"""Whoever is called answers 302, "call somebody else": nobody else is called, from an offer, a consult, the fallback queue, a
caller who is sent to another number, or a callback; and no call of our own comes into our menu."""

import pytest

from acd.engine.callback_events import CallbackAnswered, CallbackFailed
from acd.engine.events import CallArrived, CallBridged, CallReturned, OfferFailed
from acd.sipp.actors import Phone
from tests.pbx.actions.test_destinations import AWAY, OUTSIDE
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.scenarios import queued
from tests.support.waiting import eventually

OTHER = "1002"
PLACES = (
    "sip:1002@{house}",
    "sip:95001@{house}",
    "sip:13800001111@{house}",
    "sip:1001@{house}",
    "sip:*13@{house}",
    "sip:s@{house}",
    "sip:h@{house}",
    "sip:PJSIP/1002@{house}",
    "sip:PJSIP%2f1002@{house}",
    "sip:Local%2fs%40arrive@{house}",
    "sip:1002@elsewhere.example",
    "tel:+8613800001111",
)
"""Where telephones and carriers have forwarded to, and where nobody should be able to."""


def moved(house: AsteriskFixture, place: str) -> Phone:
    return Phone(forwards_to=place.format(house=f"127.0.0.1:{house.settings.sip_port}"))


async def nobody_else(house: AsteriskFixture, floor: LinkUnderTest, arrived: int) -> None:
    """No channel but the caller's, no call that nobody made, no ring at the other telephone."""
    await floor.pbx.ami.act("Ping")
    assert len(floor.of(CallArrived)) == arrived, floor.events
    assert not [channel for channel in await house.channels() if channel.startswith(("Local", f"PJSIP/{OTHER}"))]


@pytest.mark.parametrize("place", PLACES)
async def test_an_agents_telephone_that_forwards_is_busy_and_the_caller_waits_on(house: AsteriskFixture, place: str):
    floor = await house.linked()
    other = await house.agents(OTHER, Phone(never_answers=True))
    await house.agents("1001", moved(house, place))
    call, caller = await queued(house, floor)
    floor.offer(call, "1001")
    failed = await floor.until(OfferFailed)
    assert failed.reason in ("forwarded", "unreachable")  # a Contact that is no sip: address is not read at all
    await nobody_else(house, floor, arrived=1)
    assert other.invites() == []
    # The caller is there, and the next agent is rung.
    floor.offer(call, OTHER)
    await eventually(lambda: other.invites(), "the ring at the next agent")
    await caller.hang_up()


@pytest.mark.parametrize("place", PLACES)
async def test_a_callback_that_is_answered_with_a_forward_has_failed_and_leaves_nothing(
    house: AsteriskFixture, place: str
):
    floor = await house.linked()
    other = await house.agents(OTHER, Phone(never_answers=True))
    await house.carrier(moved(house, place))
    floor.call_back(AWAY, OUTSIDE)
    await floor.until(CallbackFailed)
    # What a slash has led elsewhere is ended within milliseconds: a telephone may have rung for as long, and nobody answers it.
    await house.empty()
    await nobody_else(house, floor, arrived=0)
    assert floor.of(CallbackAnswered) == []
    for invite in other.invites():
        assert "/1002" in place.replace("%2f", "/") and invite
        await eventually(lambda: "CANCEL sip:" in other.uas.messages("agents"), "the end of that ring")


async def test_another_number_that_forwards_is_busy_and_the_caller_comes_back(house: AsteriskFixture):
    floor = await house.linked()
    await house.carrier(moved(house, "sip:95001@{house}"))
    call, caller = await queued(house, floor)
    floor.send_to(call, "number", OUTSIDE)
    assert (await floor.until(CallReturned)).call == call
    await nobody_else(house, floor, arrived=1)
    await caller.hang_up()


async def test_a_receiver_who_forwards_is_not_consulted_elsewhere(house: AsteriskFixture):
    floor = await house.linked()
    other = await house.agents(OTHER, Phone(never_answers=True))
    await house.agents("1001", Phone(ring_s=0.2))
    await house.agents("1003", moved(house, "sip:1002@{house}"))
    call, caller = await queued(house, floor)
    floor.offer(call, "1001")
    await floor.until(CallBridged)
    floor.consult(call, "1001", "1003")
    failed = await floor.until(OfferFailed)
    assert failed.agent == "1003"
    assert other.invites() == [] and len(floor.of(CallArrived)) == 1
    await caller.hang_up()


async def test_in_the_fallback_queue_a_forwarding_telephone_costs_nobody_their_caller(house: AsteriskFixture):
    """No daemon: Asterisk rings the agents last known to be ready."""
    other = await house.agents(OTHER, Phone(ring_s=0.2))
    forwards = await house.agents("1001", moved(house, "sip:1003@{house}"))
    third = await house.agents("1003", Phone(never_answers=True))
    floor = await house.linked()
    _, caller = await queued(house, floor)
    floor.pbx.ready({"billing": ["1001", OTHER]})
    await floor.leave()
    house.floors.remove(floor)
    await eventually(lambda: forwards.invites() and other.invites(), "rings at both")
    assert third.invites() == []

    async def talks() -> bool:
        return "up" in (await house.cli("pjsip show channelstats")).lower() and f"{OTHER}-" in await house.cli(
            "pjsip show channelstats"
        )

    await eventually(talks, "the talk with the agent who is there")
    await caller.hang_up()
