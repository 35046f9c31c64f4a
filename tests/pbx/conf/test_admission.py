"""How many calls are taken at a time: in the house, over a trunk, of one number, without a number. On a real Asterisk."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.daemon.watchdogs.refused_codecs import RefusedCodecs
from acd.engine.events import (
    AlarmRaised,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    CallTurnedAway,
    Event,
    OfferFailed,
)
from acd.pbx.conf.settings import Arrivals, PbxTrunk
from acd.pbx.install.ports import free_port, free_rtp_range
from acd.sipp.actors import Caller, Phone, SippCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.offers import answer_to, codecs_offer
from tests.pbx.support.raw_sip import Request, asked
from tests.support.shortages import no_file_left, no_port_left
from tests.support.waiting import eventually

pytestmark = pytest.mark.asterisk

BUSY, CONGESTED, SPEAKS, NARROW = "127.0.0.2", "127.0.0.11", "127.0.0.12", "127.0.0.13"
TRUNKS = {
    "busy": (BUSY, Arrivals(when_full="486")),
    "congested": (CONGESTED, Arrivals(when_full="503")),
    "speaks": (SPEAKS, Arrivals(when_full="sentence")),
    "narrow": (NARROW, Arrivals(calls=2, calls_without_number=1)),
}
AT_MOST = 6


@pytest.fixture(scope="module")
async def open_full(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    trunks = tuple(PbxTrunk(name, (address,), arrivals=how) for name, (address, how) in TRUNKS.items())
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("full"), trunks=trunks, calls=AT_MOST, calls_per_number=3
    )
    yield opened
    await opened.closed()


@pytest.fixture
async def full(open_full: AsteriskFixture) -> AsyncIterator[AsteriskFixture]:
    yield open_full
    await open_full.everybody_leaves()


async def dials(
    house: AsteriskFixture, source: str, caller: str = "13800009999", number: str = "95001"
) -> tuple[int, float]:
    """The final answer to an INVITE, and how many seconds it took."""
    began = time.monotonic()
    codes = await asked(Request("INVITE", caller, number), house.settings.sip_port, source)
    return codes[-1], time.monotonic() - began


async def filled(house: AsteriskFixture, floor: LinkUnderTest, calls: int, address: str = BUSY) -> SippCaller:
    """So many callers, each with a number of their own, who wait."""
    before = len(floor.of(CallQueued))
    rows = [[str(13800000000 + n)] for n in range(calls)]
    actor = await house.caller(Caller(caller="[field0]"), calls=calls, rate=20, rows=rows, address=address)
    await floor.until(CallQueued, count=before + calls)
    return actor


async def test_who_cannot_be_taken_is_answered_at_once_as_the_trunk_wants_and_the_callers_here_stay(
    full: AsteriskFixture,
):
    floor = await full.linked()
    await filled(full, floor, AT_MOST)
    answers = {name: await dials(full, source) for name, (source, _) in TRUNKS.items()}
    assert {name: code for name, (code, _) in answers.items()} == {
        "busy": 486,
        "congested": 503,
        "speaks": 200,
        "narrow": 486,
    }
    assert all(seconds < 1 for _, seconds in answers.values()), answers
    # Fifty at once, from all sides: every one within a second, and none gets in.
    crowd = await asyncio.gather(
        *(dials(full, source, str(13900000000 + n)) for n in range(25) for source in (BUSY, CONGESTED))
    )
    assert sorted({code for code, _ in crowd}) == [486, 503] and max(seconds for _, seconds in crowd) < 1
    await eventually(lambda: sum(floor.pbx.book.refused.values()) == 54)
    assert floor.pbx.book.refused == {
        ("busy", "house"): 26,
        ("congested", "house"): 26,
        ("speaks", "house"): 1,
        ("narrow", "house"): 1,
    }
    assert len(floor.of(CallArrived)) == AT_MOST and floor.of(CallerHungUp) == []
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == floor.pbx.translator.ignored == 0
    # One leaves: the next one is taken, and no more.
    taken = [line for line in await full.channels() if "!waiting!" in line]
    await full.cli(f"channel request hangup {taken[0].split('!')[0]}")
    await floor.until(CallerHungUp)
    assert [code for code, _ in [await dials(full, BUSY), await dials(full, BUSY, "13700000001")]] == [200, 486]
    await full.cli("channel request hangup all")
    await floor.until(CallerHungUp, count=AT_MOST)
    assert (await dials(full, CONGESTED, "13700000002"))[0] == 200


async def test_the_sentence_is_for_a_few_at_a_time_and_the_next_are_busy(full: AsteriskFixture):
    floor = await full.linked()
    await filled(full, floor, AT_MOST)
    few = full.settings.capacity.spare
    answers = [(await dials(full, SPEAKS, str(13900000000 + n)))[0] for n in range(few + 3)]
    assert answers == few * [200] + 3 * [486]
    # The sentence ends, by the house: its two fifths of a second are over, and all of them can be told again.
    await eventually_channels(full, AT_MOST)
    assert (await dials(full, SPEAKS))[0] == 200
    assert len(floor.of(CallArrived)) == AT_MOST


async def eventually_channels(house: AsteriskFixture, number: int) -> None:
    async def so_many() -> bool:
        return len(await house.channels()) == number

    await eventually(so_many, f"{number} channels")


async def test_a_trunk_has_its_own_cap_and_its_calls_without_a_number_theirs(full: AsteriskFixture):
    floor = await full.linked()
    first = [
        (await dials(full, NARROW, caller))[0] for caller in ("anonymous", "unavailable", "13800000001", "13800000002")
    ]
    assert first == [200, 486, 200, 486]
    assert (await dials(full, BUSY, "anonymous"))[0] == 200  # another trunk
    await eventually(lambda: floor.pbx.book.refused == {("narrow", "unknown"): 1, ("narrow", "trunk"): 1})
    await floor.until(CallArrived, count=3)  # The answer may be here before its event.
    assert [one.trunk for one in floor.of(CallArrived)] == ["narrow", "narrow", "busy"]


async def test_the_calls_of_one_number_are_capped_over_all_trunks_and_the_rest_is_told_so(full: AsteriskFixture):
    """In one writing: [admit] compares digits. The fourth hears a sentence; of a crowd a few do, and the rest is busy."""
    floor = await full.linked()
    sources = (BUSY, CONGESTED, SPEAKS, BUSY)
    assert [(await dials(full, source, "13800000007"))[0] for source in sources] == 4 * [200]
    turned = await floor.until(CallTurnedAway)
    assert turned.reason == "too many calls of one number" and turned.call == floor.of(CallArrived)[3].call
    few = full.settings.capacity.spare
    crowd = [(await dials(full, BUSY, "13800000007"))[0] for _ in range(few + 5)]
    assert crowd.count(486) >= 1 and set(crowd) == {200, 486}
    assert (await dials(full, BUSY, "13800000008"))[0] == 200
    await eventually(lambda: floor.pbx.book.refused == {("busy", "number"): crowd.count(486)})


async def test_asterisks_own_limit_stands_behind(full: AsteriskFixture):
    shown = await full.cli("core show settings")
    assert re.search(rf"Maximum calls: +{full.settings.capacity.last_wall} ", shown), shown


async def test_with_few_ports_every_caller_taken_finds_ports_for_the_agent(tmp_path: Path):
    """Row C7: the RTP range of a house whose limit is left to it. As many callers as come in are connected, none is half a call."""
    start, end = free_rtp_range("127.0.0.1", 40)
    house = await AsteriskFixture.opened(tmp_path, agents=("1001", "1002"), rtp_start=start, rtp_end=end)
    try:
        floor = await house.linked()
        await house.agents(("1001", "1002"), Phone(ring_s=0.1))
        taken = house.settings.capacity.calls
        assert taken == 20 - 2 - 4  # of twenty pairs two are spare, and two are each agent's
        await filled(house, floor, taken)
        assert [(await dials(house, BUSY, str(13900000000 + n)))[0] for n in range(10)] == 10 * [486]
        # More at once than there are pairs to spare: whoever finds none is answered 488, which is an answer too.
        crowd = await asyncio.gather(*(dials(house, BUSY, str(13900000000 + n)) for n in range(30)))
        assert {code for code, _ in crowd} <= {486, 488} and max(seconds for _, seconds in crowd) < 1
        for agent, queued in zip(("1001", "1002"), floor.of(CallQueued), strict=False):
            floor.offer(queued.call, agent)
        await floor.until(CallBridged, count=2)
        assert floor.of(OfferFailed) == [] and floor.of(CallerHungUp) == []
    finally:
        await house.closed()


async def test_a_call_for_which_there_is_no_port_or_no_file_is_counted_as_such_and_its_codecs_are_not_blamed(
    tmp_path: Path,
):
    """Row C7: Asterisk answers 488 to both, as it does to codecs that it does not have."""
    start, end = free_rtp_range("127.0.0.1", 20)
    house = await AsteriskFixture.opened(tmp_path, rtp_start=start, rtp_end=end, copies_port=free_port("udp"))
    not_taken, told = Counter[tuple[str, str]](), list[Event]()
    listener = RefusedCodecs(lambda: house.settings, told.append, lambda: 0.0, not_taken)
    hearing = asyncio.create_task(listener.run())
    try:
        assert house.process is not None
        # What Asterisk copied while nobody listened yet comes back to it as an error, at the expense of the next copy.
        assert (await dials(house, BUSY, "13800009997"))[0] == 200
        for why, shortage in (("ports", no_port_left(start, end)), ("files", no_file_left(house.process.pid))):
            with shortage:
                assert (await dials(house, BUSY))[0] == 488
                await eventually(lambda why=why: not_taken["carrier", why] == 1, f"a call without {why}")  # type: ignore[misc]
            assert (await dials(house, BUSY, "13800009998"))[0] == 200
        assert told == []
        # And codecs that nobody has are told as before.
        assert (await answer_to(house, BUSY, codecs_offer("18"))).status == 488
        await eventually(lambda: told, "the alarm")
        [alarm] = told
        assert isinstance(alarm, AlarmRaised) and alarm.detail.startswith("carrier carrier offers only G729.")
        assert not_taken == {("carrier", "ports"): 1, ("carrier", "files"): 1}
    finally:
        hearing.cancel()
        await house.closed()
