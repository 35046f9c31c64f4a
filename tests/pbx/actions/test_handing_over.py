"""What is recorded while callers are handed over, and what the dialplan refuses of a daemon that has been followed by another."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
import soundfile

from acd.engine.commands import HangUp, Mute
from acd.engine.events import BridgeEnded, CallBridged, CallerHungUp, OfferFailed
from acd.engine.transfer_events import CallRetrieved, ConsultBegan
from acd.sipp.actors import AGENT_HZ, CALLER_HZ
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.scenarios import AMY, BOB
from tests.pbx.support.transfer_scenarios import UP, consulting, talking
from tests.support.waiting import eventually

RATE = 8000
HALF_S = RATE // 2


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    """Where consults are kept."""
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("kept"), agents=("1001", "1002", "1003"), record_consults=True
    )
    yield opened
    await opened.closed()


def tones(house: AsteriskFixture, name: str) -> list[int]:
    """The strongest tone (Hz, to 10) of each half second of a side; 0 where there is silence."""
    samples, _ = soundfile.read(house.settings.recordings_folder / "live" / f"{name}.wav", dtype="int16")
    found = []
    for start in range(0, len(samples) - HALF_S + 1, HALF_S):
        part = samples[start : start + HALF_S].astype(float)
        spectrum = np.abs(np.fft.rfft(part * np.hanning(HALF_S)))
        found.append(round(int(np.argmax(spectrum)) * 2, -1) if np.sqrt((part**2).mean()) > 100 else 0)
    return found


async def passed(house: AsteriskFixture, name: str, seconds: float) -> None:
    """So much of it has been recorded, and it is closed or on the disk in part."""
    file = house.settings.recordings_folder / "live" / f"{name}.wav"
    await eventually(lambda: file.exists() and file.stat().st_size >= seconds * RATE * 2, f"{seconds} s of {name}")


async def test_a_leg_that_begins_by_a_join_has_the_agent_from_his_first_word_and_the_consult_never_the_caller(
    house: AsteriskFixture,
):
    """After a hold and a consult that was taken back, too: a recorder started too early was deaf for seconds."""
    floor = await house.linked()
    call, caller = await talking(house, floor)
    await house.agents(BOB, UP)
    floor.hold(call, AMY)
    await eventually(lambda: _in(house, "holding"))
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    await passed(house, f"{call}-k2-agent", 2.0)
    floor.pbx.carry_out(HangUp(call, BOB, f"{call}-2"))
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved, count=2)
    await passed(house, f"{call}-1-agent", 4.0)
    floor.consult(call, AMY, BOB, of=1)
    await floor.until(ConsultBegan, count=2)
    floor.join(call, BOB, 3, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await passed(house, f"{call}-3-agent", 2.0)
    await caller.hang_up()
    await floor.until(CallerHungUp)
    await house.empty()
    for leg in (1, 3):
        assert set(tones(house, f"{call}-{leg}-agent")) == {AGENT_HZ}
        assert set(tones(house, f"{call}-{leg}-caller")) == {CALLER_HZ}
    for consult in (2, 3):
        sides = tones(house, f"{call}-k{consult}-caller") + tones(house, f"{call}-k{consult}-agent")
        assert set(sides) <= {AGENT_HZ}
    assert len(tones(house, f"{call}-k2-agent")) >= 4


async def _in(house: AsteriskFixture, context: str) -> bool:
    return any(line.split("!")[1] == context for line in await house.channels())


async def test_who_is_muted_is_not_heard_until_he_is_again(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    floor.pbx.carry_out(Mute(call, AMY, f"{call}-1", True))
    await passed(house, f"{call}-1-agent", 4.0)
    floor.pbx.carry_out(Mute(call, AMY, f"{call}-1", False))
    await passed(house, f"{call}-1-agent", 6.0)
    await caller.hang_up()
    await floor.until(CallerHungUp)
    await house.empty()
    heard = tones(house, f"{call}-1-agent")
    assert heard[0] == heard[-1] == AGENT_HZ
    assert heard.count(0) >= 2
    assert set(tones(house, f"{call}-1-caller")) == {CALLER_HZ}


async def stale(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """Another daemon has taken over, and this one does not know it yet."""
    await house.cli("dialplan set global ACD_EPOCH 99")


async def test_a_daemon_that_was_followed_consults_nobody_and_joins_nobody(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    bob = await house.agents(BOB, UP)
    await stale(house, floor)
    floor.consult(call, AMY, BOB)
    failed = await floor.until(OfferFailed)
    assert (failed.agent, failed.offer, failed.reason) == (BOB, f"{call}-2", "not dialled")
    assert bob.invites() == []
    await eventually(lambda: _in(house, "holding"))
    floor.join(call, AMY, 1, begins=False)
    await eventually(lambda: _in(house, "hold"))
    assert floor.of(CallRetrieved) == []
    await caller.hang_up()
    await floor.until(CallerHungUp)
    assert floor.of(BridgeEnded) == []


async def test_a_receiver_without_a_telephone_fails_and_the_first_agent_waits_for_his_caller(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    floor.consult(call, AMY, "1003")
    failed = await floor.until(OfferFailed)
    assert (failed.agent, failed.reason) == ("1003", "unreachable")
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_a_join_with_somebody_who_has_gone_is_told_as_not_dialled(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await consulting(house, floor)
    floor.join(call, "1003", 7, begins=True)
    failed = await floor.until(OfferFailed)
    assert (failed.agent, failed.offer, failed.reason) == ("1003", f"{call}-7", "not dialled")
    await caller.hang_up()
    await floor.until(CallerHungUp)
