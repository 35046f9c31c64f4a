"""A trunk that does not answer the INVITE at all is left for the next one after seconds, whoever dials: a callback, a caller who is sent on,
a consult, an agent's outside number. One that says 100 is not.

Each test has ports of its own: Asterisk repeats an INVITE that nobody has answered for 32 s, whatever has become of its call.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from acd.daemon.watchdogs.refused_codecs import RefusedCodecs
from acd.engine.callback_events import CallbackAnswered, CallSentOn
from acd.engine.events import CallBridged, CallReturned
from acd.engine.transfer_events import ConsultBegan
from acd.pbx.conf.render import render
from acd.pbx.conf.settings import PbxTrunk
from acd.pbx.install.ports import free_port
from acd.pbx.trunk_states import SILENT_S
from acd.sipp.actors import Phone
from tests.pbx.actions.test_destinations import AWAY, OUTSIDE, queued
from tests.pbx.actions.test_trunks_out import CALLERS, CARRIER, House
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.support.sipp_carrier import silent, slow, taken

Told = list[tuple[str, int | None, str]]


@pytest.fixture(scope="module")
async def own_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("silent"),
        trunks=(PbxTrunk("callers", (f"{CALLERS}/32",)),),
        copies_port=free_port("udp"),
    )
    yield opened
    await opened.closed()


@pytest.fixture
async def out(own_house: AsteriskFixture) -> AsyncIterator[House]:
    """Two carriers, each at a port that nobody has used before."""
    was = own_house.settings
    ports = {name: free_port("udp", CARRIER) for name in ("first", "second")}
    trunks = [PbxTrunk(name, (), outbound=f"{CARRIER}:{port}") for name, port in ports.items()]
    own_house.settings = replace(was, trunks=(was.trunks[0], *trunks))
    render(own_house.settings)
    await own_house.cli("module reload res_pjsip.so")
    await own_house.cli("dialplan reload")
    house = House(own_house, ports)
    yield house
    await house.leave()
    own_house.settings = was


@asynccontextmanager
async def listening(out: House) -> AsyncIterator[tuple[LinkUnderTest, Told]]:
    """A link that hears copies of SIP messages, as the daemon's does, and what it is told of trunks."""
    floor, told = await out.fixture.linked(), Told()
    floor.pbx.on_trunk = lambda *what: told.append(what)
    copies = RefusedCodecs(lambda: out.fixture.settings, floor.events.append, time.monotonic, Counter())
    floor.pbx.silent_trunks.unanswered = copies.unanswered
    reading = asyncio.create_task(copies.run())
    try:
        yield floor, told
    finally:
        reading.cancel()
        await asyncio.wait({reading})


async def test_a_callback_leaves_it(out: House):
    first = await out.carrier("first", called=silent())
    await out.carrier("second", called=taken())
    async with listening(out) as (floor, told):
        floor.call_back(AWAY, OUTSIDE)
        assert await floor.until(CallbackAnswered) == CallbackAnswered(AWAY, "second")
        assert told == [("first", 0, AWAY), ("second", None, AWAY)]
        assert len(first.requests("INVITE")) >= 1


async def test_a_caller_who_is_sent_on_leaves_it(out: House):
    first = await out.carrier("first", called=silent())
    await out.carrier("second", called=taken())
    async with listening(out) as (floor, told):
        call = await queued(out.fixture, floor)
        began = time.monotonic()
        floor.send_to(call, "number", OUTSIDE)
        assert await floor.until(CallSentOn) == CallSentOn(call, "second")
        assert SILENT_S - 0.5 <= time.monotonic() - began < 30, "Dial's own time-out is 30 s"
        assert told == [("first", 0, call), ("second", None, call)]
        assert len(first.requests("INVITE")) == 1


async def test_a_consult_leaves_it(out: House):
    await out.carrier("first", called=silent())
    await out.carrier("second", called=taken())
    async with listening(out) as (floor, told):
        await out.fixture.agents("1001", Phone(ring_s=0.2))
        call = await queued(out.fixture, floor)
        floor.offer(call, "1001")
        await floor.until(CallBridged)
        floor.consult(call, "1001", number=OUTSIDE)
        await floor.until(ConsultBegan)
        assert told == [("first", 0, call), ("second", None, call)]


@pytest.mark.parametrize("answer", [100, 180])
async def test_one_that_takes_its_time_is_waited_for(out: House, answer: int):
    await out.carrier("first", called=slow(SILENT_S + 2, taken(), answer=answer))
    second = await out.carrier("second", called=taken())
    async with listening(out) as (floor, told):
        call = await queued(out.fixture, floor)
        floor.send_to(call, "number", OUTSIDE)
        assert await floor.until(CallSentOn) == CallSentOn(call, "first")
        assert told == [("first", None, call)] and second.requests("INVITE") == []


async def test_the_last_one_is_waited_for_though_it_is_silent(out: House):
    """Nobody else could carry the call; the order is another one here."""
    first = await out.carrier("first", called=silent(SILENT_S + 2, taken()))
    async with listening(out) as (floor, told):
        floor.pbx.trunks_ordered(["trunk-second", "trunk-first"])
        call = await queued(out.fixture, floor)
        floor.send_to(call, "number", OUTSIDE)
        assert await floor.until(CallSentOn) == CallSentOn(call, "first")
        # Nobody listens at the second one's port: Asterisk hears so, or hears nothing.
        assert told == [("second", 0, call), ("first", None, call)]
        assert floor.of(CallReturned) == [] and len(first.requests("INVITE")) == 1
