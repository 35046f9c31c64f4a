"""Masked recordings on a real Asterisk: exact silence for as long as the mask is on, in every leg, and nothing of it heard by anybody else."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

from acd.engine.commands import HangUp, MaskRecording
from acd.engine.events import CallBridged, CallerHungUp
from acd.engine.masking.events import MaskFailed
from acd.engine.transfer_events import ConsultBegan
from acd.sipp.actors import Phone, SippCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.scenarios import AMY, BOB, queued
from tests.pbx.support.transfer_scenarios import UP, consulting, talking
from tests.support.waiting import eventually

RATE = 8000
FRAME = RATE // 50
"""Samples of 20 ms: a tone is never silent for so long."""
SLACK_S = 0.2
"""A command's way to Asterisk, and the frames that a recorder has taken and not written yet."""


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    """Where consults are kept."""
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("masked"), agents=("1001", "1002", "1003"), record_consults=True
    )
    yield opened
    await opened.closed()


class Silence(NamedTuple):
    """A run of zeros, in seconds of the file."""

    from_s: float
    to_s: float

    @property
    def seconds(self) -> float:
        return self.to_s - self.from_s


def file_of(house: AsteriskFixture, name: str) -> Path:
    return house.settings.recordings_folder / "live" / f"{name}.wav"


def silences(house: AsteriskFixture, name: str) -> tuple[list[Silence], float]:
    """Where this file holds exact zeros for 20 ms and longer; and its length."""
    samples, _ = soundfile.read(file_of(house, name), dtype="int16")
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (samples == 0).astype(np.int8), [0]))))
    runs = [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if end - begin >= FRAME]
    return [Silence(begin / RATE, end / RATE) for begin, end in runs], len(samples) / RATE


def sides(leg: str) -> list[str]:
    """The leg's three files: the mixed one and both sides."""
    return [leg, f"{leg}-caller", f"{leg}-agent"]


def mask(floor: LinkUnderTest, call: str, masked: bool = True, recorded: bool = True) -> None:
    floor.pbx.carry_out(MaskRecording(call, masked, recorded=recorded, for_s=60 if masked else 0))


async def over(house: AsteriskFixture, floor: LinkUnderTest, caller: SippCaller) -> None:
    await caller.hang_up()
    await floor.until(CallerHungUp)
    await house.empty()


async def test_two_seconds_in_the_middle_are_exact_silence_on_both_sides_and_the_length_is_the_same(
    house: AsteriskFixture,
):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    began = time.monotonic()
    mask(floor, call)
    await asyncio.sleep(2.0)
    mask(floor, call, masked=False)
    lasted_s = time.monotonic() - began
    await asyncio.sleep(1.0)
    await over(house, floor, caller)
    lengths = set()
    for name in sides(f"{call}-1"):
        [silence], length_s = silences(house, name)
        assert silence.seconds == pytest.approx(lasted_s, abs=SLACK_S)
        assert 0.8 < silence.from_s < 1.1 + SLACK_S * 2
        assert length_s - silence.to_s > 0.8
        lengths.add(round(length_s, 1))
    assert len(lengths) == 1
    assert floor.of(MaskFailed) == []


@pytest.mark.parametrize("phone", [UP, Phone(ring_s=0.0)], ids=["after a ring", "answered at once"])
async def test_a_leg_that_begins_under_a_mask_has_not_one_sample_before_it_ends(house: AsteriskFixture, phone: Phone):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    mask(floor, call)
    await asyncio.sleep(0.5)
    await house.agents(BOB, phone)
    floor.offer(call, BOB)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await asyncio.sleep(1.0)
    mask(floor, call, masked=False)
    await asyncio.sleep(1.0)
    await over(house, floor, caller)
    for name in sides(f"{call}-2"):
        [silence], length_s = silences(house, name)
        assert silence.from_s == 0.0
        assert silence.seconds == pytest.approx(1.0, abs=SLACK_S * 2)
        assert length_s - silence.to_s > 0.7
    for name in sides(f"{call}-1"):
        [silence], length_s = silences(house, name)
        assert silence.from_s > 0.8 and silence.to_s == length_s


async def test_a_consult_and_the_join_after_it_begin_under_the_mask_too(house: AsteriskFixture):
    """By a recorder on the first agent's channel, and one that begins a moment before its bridge."""
    floor = await house.linked()
    call, caller = await talking(house, floor)
    mask(floor, call)
    await house.agents(BOB, UP)
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    await asyncio.sleep(1.0)
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await asyncio.sleep(1.0)
    mask(floor, call, masked=False)
    await asyncio.sleep(1.0)
    await over(house, floor, caller)
    for name in sides(f"{call}-k2"):
        [silence], length_s = silences(house, name)
        assert (silence.from_s, silence.to_s) == (0.0, length_s)
        assert length_s > 0.7
    for name in sides(f"{call}-2"):
        [silence], length_s = silences(house, name)
        assert silence.from_s == 0.0
        assert silence.seconds == pytest.approx(1.0, abs=SLACK_S * 2)
        assert length_s - silence.to_s > 0.7


async def test_a_mask_that_is_on_in_a_consult_silences_the_consult_and_ends_there(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await consulting(house, floor)
    await asyncio.sleep(1.0)
    mask(floor, call)
    await asyncio.sleep(1.0)
    mask(floor, call, masked=False)
    await asyncio.sleep(1.0)
    for number, agent in ((1, AMY), (2, BOB)):
        floor.pbx.carry_out(HangUp(call, agent, f"{call}-{number}"))
    await over(house, floor, caller)
    [silence], length_s = silences(house, f"{call}-k2-agent")
    assert silence.seconds == pytest.approx(1.0, abs=SLACK_S)
    assert silence.from_s > 0.5 and length_s - silence.to_s > 0.5


async def test_a_daemon_that_is_followed_by_another_leaves_the_recording_masked(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    mask(floor, call)
    await asyncio.sleep(0.5)
    await floor.leave()
    await asyncio.sleep(0.5)
    floor = await house.linked(epoch=2)
    mask(floor, call)
    await asyncio.sleep(0.5)
    mask(floor, call, masked=False)
    await asyncio.sleep(1.0)
    await over(house, floor, caller)
    for name in sides(f"{call}-1"):
        [silence], length_s = silences(house, name)
        assert silence.seconds > 1.5 and length_s - silence.to_s > 0.7


async def test_where_nothing_is_recorded_the_mask_is_told_as_failed(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await queued(house, floor)
    mask(floor, call)
    assert await floor.until(MaskFailed) == MaskFailed(call, "no-recorder")
    mask(floor, call, recorded=False)
    mask(floor, call, masked=False)
    await over(house, floor, caller)
    assert len(floor.of(MaskFailed)) == 1


async def test_a_leg_whose_mask_nobody_puts_on_is_not_recorded(house: AsteriskFixture, monkeypatch: pytest.MonkeyPatch):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    mask(floor, call)
    monkeypatch.setattr(floor.pbx.masks, "heard", lambda message: None)
    await house.agents(BOB, UP)
    floor.offer(call, BOB)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await asyncio.sleep(1.0)
    await over(house, floor, caller)
    await eventually(lambda: file_of(house, f"{call}-1").exists())
    for name in sides(f"{call}-2"):
        assert not file_of(house, name).exists() or silences(house, name)[1] == 0.0


async def test_a_mask_that_the_clock_has_ended_keeps_no_leg_waiting(house: AsteriskFixture):
    """Of a daemon that died before it could end the mask."""
    floor = await house.linked()
    call, caller = await talking(house, floor)
    await house.cli(f"dialplan set chanvar {floor.pbx.book.calls[call].channel} MASKED 1000000000")
    await house.agents(BOB, UP)
    floor.offer(call, BOB)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await asyncio.sleep(1.0)
    await over(house, floor, caller)
    assert silences(house, f"{call}-2-agent")[0] == []
