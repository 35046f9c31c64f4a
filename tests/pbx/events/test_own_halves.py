"""No half of a Local channel, which Asterisk makes itself (for a 302 to one of our numbers, say), is ever a caller in a queue."""

import asyncio

import pytest

from acd.engine.events import CallArrived, CallQueued
from acd.pbx.channel_book import ChannelBook
from acd.pbx.events.call_events import call_arrived
from acd.telephone_numbers import Numbering
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.waiting import eventually

MESSAGE = {
    "Event": "UserEvent", "UserEvent": "CallArrived", "Call": "c1760000000-42-1234", "Caller": "13800001111",
    "Dialled": "95001", "Trunk": "carrier", "Uniqueid": "1760000000.42",
}  # fmt: skip


@pytest.mark.parametrize(
    "channel", ["Local/95001@hotline-00000001;1", "Local/s@waiting-00000002;2", "Local/s@arrive-0;2"]
)
def test_what_a_half_of_our_own_says_is_refused_and_enters_no_book(channel: str):
    book = ChannelBook(numbering=Numbering("CN"))
    with pytest.raises(ValueError, match="Asterisk's own"):
        call_arrived(book, {**MESSAGE, "Channel": channel})
    assert book.calls == {}
    [arrived] = call_arrived(book, {**MESSAGE, "Channel": "PJSIP/carrier-00000001"})
    assert isinstance(arrived, CallArrived)


@pytest.mark.asterisk
@pytest.mark.parametrize("place", ["95001@hotline", "s@arrive", "s@menu", "s@waiting", "s@whispered"])
async def test_both_halves_are_gone_and_nobody_is_told_of_a_call(house: AsteriskFixture, place: str):
    floor = await house.linked()
    originate: dict[str, str] = {
        "Channel": f"Local/{place}/n",
        "Context": "waiting",
        "Exten": "s",
        "Priority": "1",
        "Async": "true",
        "Variable": "CALL_ID=c1760000000-42-1234,CALLER=13800001111,QUEUE=billing",
    }
    # Its outcome is an event that the daemon does not ask for.
    sent = asyncio.gather(*floor.pbx.ami.send([("Originate", originate)], 1.0), return_exceptions=True)
    await floor.pbx.ami.act("Ping")

    async def gone() -> bool:
        return not [channel for channel in await house.channels() if channel.startswith("Local")]

    await eventually(gone, "the end of both halves")
    await sent
    assert floor.of(CallArrived) == [] and floor.of(CallQueued) == []
