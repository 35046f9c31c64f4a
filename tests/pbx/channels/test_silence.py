"""Sides that are silent, on a real Asterisk: who answers when asked by SIP stays on the line, who does not is hung up on; and what
Asterisk itself ends is told as a lost line, never as a caller who hung up."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from acd.engine.events import BridgeEnded, CallBridged, CallerHungUp, CallQueued
from acd.pbx.conf.settings import PbxMedia, PbxTrunk
from acd.sipp.actors import Phone
from tests.calls.support.manual_caller import ManualCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

IMPATIENT = "127.0.0.4"
"""A trunk whose operator wants silence to end a call after three seconds."""


@pytest.fixture(scope="module")
async def wired(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("silence"),
        trunks=(
            PbxTrunk("carrier", (TRUNK_ADDRESS,)),
            PbxTrunk("impatient", (IMPATIENT,), media=PbxMedia(no_sound_s=3)),
        ),
    )
    yield opened
    await opened.closed()


@pytest.fixture
async def house(wired: AsteriskFixture) -> AsyncIterator[AsteriskFixture]:
    yield wired
    await wired.everybody_leaves()


class Asked(ManualCaller):
    """A caller without sound, who is asked by SIP within the call."""

    offers = ""
    """Header lines of its INVITE."""
    answers = True
    """Whether it answers the question."""

    def __init__(self, number: str, port: int, **more: str) -> None:
        super().__init__(number, port, **more)  # type: ignore[arg-type]
        self.asked = 0
        self.sends_sound = False

    def _send(self, text: str) -> None:
        if text.startswith("INVITE ") and not self.their_tag:
            text = text.replace("Max-Forwards: ", f"{self.offers}Max-Forwards: ", 1)
        super()._send(text)

    def _sip_heard(self, data: bytes) -> None:
        if re.match(rb"(INVITE|UPDATE) ", data):
            self.asked += 1
            if not self.answers:
                return
        super()._sip_heard(data)


async def calls(house: AsteriskFixture, floor: LinkUnderTest, caller: ManualCaller) -> str:
    """The call of a caller who waits in the queue."""
    before = len(floor.of(CallQueued))
    await caller.open()
    caller.invite()
    await caller.is_answered()
    return (await floor.until(CallQueued, count=before + 1)).call


async def test_a_line_that_asterisk_ends_for_silence_is_lost_and_one_that_is_hung_up_is_not(house: AsteriskFixture):
    floor = await house.linked()
    await house.agents(("1001", "1002"), Phone(ring_s=0.2))
    talking, waiting, polite = (
        Asked("13800000001", house.settings.sip_port, address=IMPATIENT),
        Asked("13800000002", house.settings.sip_port, address=IMPATIENT),
        ManualCaller("13800000003", house.settings.sip_port, address=IMPATIENT),
    )
    try:
        cut, gone, well = [await calls(house, floor, caller) for caller in (talking, waiting, polite)]
        floor.offer(cut, "1001")
        floor.offer(well, "1002")
        await floor.until(CallBridged, lambda event: event.call == well)
        assert (await floor.until(CallerHungUp, lambda event: event.call == cut)).cause == 44
        assert (await floor.until(CallerHungUp, lambda event: event.call == gone)).cause == 44
        polite.bye()
        assert (await floor.until(CallerHungUp, lambda event: event.call == well)).cause == 16
        assert {event.call: event.by for event in floor.of(BridgeEnded)} == {cut: "line lost", well: "caller"}
    finally:
        for caller in (talking, waiting, polite):
            caller.close()


async def test_who_answers_when_asked_stays_and_who_does_not_is_a_lost_line(house: AsteriskFixture):
    """Callers of every kind, all at once: the question comes after half of the 90 s that RFC 4028 allows at least."""
    floor = await house.linked()
    await house.agents("1001", Phone(ring_s=0.2, muted=True))
    port = house.settings.sip_port
    ignorant, vanished, lapsed, slow = (Asked(f"1380000000{n}", port) for n in range(1, 5))
    vanished.answers = False
    # Asterisk makes this caller the one who must refresh, and it never does.
    lapsed.offers = "Supported: timer\r\nSession-Expires: 90\r\n"
    slow.offers = "Supported: timer\r\nMin-SE: 1800\r\n"
    everybody = (ignorant, vanished, lapsed, slow)
    try:
        stays, gone, late, patient = [await calls(house, floor, caller) for caller in everybody]
        # Neither the agent's telephone nor the caller sends anything: a talk all the same.
        floor.offer(stays, "1001")
        await floor.until(CallBridged)
        await asyncio.gather(
            eventually(
                lambda: late in {event.call for event in floor.of(CallerHungUp)}, "the end of who never refreshed", 150
            ),
            eventually(
                lambda: gone in {event.call for event in floor.of(CallerHungUp)}, "the end of who vanished", 150
            ),
        )
        assert {event.call: event.cause for event in floor.of(CallerHungUp)} == {late: 18, gone: 18}
        assert ignorant.asked >= 1 and vanished.asked >= 1 and slow.asked == 0
        assert floor.of(BridgeEnded) == []
        assert len([channel for channel in await house.channels() if "trunk-carrier" in channel]) == 2
        assert patient not in {event.call for event in floor.of(CallerHungUp)}
    finally:
        for caller in everybody:
            caller.close()
