"""What a caller hears while somebody else's telephone rings for him: who takes over, then music. By a real Asterisk."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from acd.engine.commands import SendTo
from acd.engine.events import AgentRinging, CallBridged, CallQueued
from acd.pbx.actions.ring_variables import Presented
from acd.pbx.conf.announcements import classes
from acd.pbx.conf.render import render
from acd.sipp.actors import Caller, Phone
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.audio import tone
from tests.support.recorded_sound import stretches
from tests.support.waiting import eventually

CONNECTING, WHO, PLEASE_HOLD, MUSIC = 450, 620, 870, 300
OTHER = 1040
"""Hz; none a multiple of another."""


class AnnouncingHouse(AsteriskFixture):
    def speak(self) -> None:
        super().speak()
        zh = self.settings.sounds_folder / "zh"
        tone(zh / "transfer-connecting.wav", CONNECTING, 2.0)
        tone(zh / "agent-1002.wav", WHO, 1.0)
        tone(zh / "queue-after-sales.wav", OTHER, 1.0)
        tone(zh / "transfer-please-hold.wav", PLEASE_HOLD, 1.0)


@pytest.fixture(scope="module")
async def announcing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    opened = await AnnouncingHouse.opened(tmp_path_factory.mktemp("announcing"), agents=("1001", "1002"))
    yield opened
    await opened.closed()


async def callers(house: AsteriskFixture) -> str:
    """The one caller's channel."""
    [channel] = [line.split("!")[0] for line in await house.channels() if "trunk-carrier" in line.split("!")[0]]
    return channel


async def listened(house: AsteriskFixture, for_s: float) -> Path:
    """So much of what is sent to the caller from now on; then everybody leaves."""
    channel = await callers(house)
    file = house.settings.run_folder / f"heard-{channel.rpartition('-')[2]}.wav"
    await house.cli(f"mixmonitor start {channel} {file.with_suffix('.mixed.wav')},t({file})")
    await eventually(lambda: file.exists() and file.stat().st_size > for_s * 16000, "the sound of it")
    await house.everybody_leaves()
    sound, rate = soundfile.read(file, dtype="int16")
    soundfile.write(file, np.column_stack((sound, sound)), rate)  # the ear has two sides
    return file


async def test_while_it_rings_he_hears_who_takes_over_and_then_music(announcing: AsteriskFixture):
    house = announcing
    floor = await house.linked()
    await house.agents("1002", Phone(never_answers=True))
    await house.caller(Caller(number="95001"))
    call = (await floor.until(CallQueued)).call
    floor.presented = Presented("", announce="to-1002-zh")
    floor.offer(call, "1002")
    await floor.until(AgentRinging)
    heard = await listened(house, 4.5)
    begins = []
    for hertz in (CONNECTING, WHO, PLEASE_HOLD, MUSIC):
        [(begin, end)] = stretches(heard, hertz, "left")
        begins.append(begin)
        assert hertz not in (WHO, PLEASE_HOLD) or 0.6 < end - begin < 1.6
    assert begins == sorted(begins)


async def test_who_has_no_prompt_has_callers_who_hear_music(announcing: AsteriskFixture):
    house = announcing
    floor = await house.linked()
    await house.agents("1001", Phone(never_answers=True))
    await house.caller(Caller(number="95001"))
    call = (await floor.until(CallQueued)).call
    floor.presented = Presented("", announce="to-1001-zh")
    floor.offer(call, "1001")
    await floor.until(AgentRinging)
    heard = await listened(house, 2.0)
    [(begin, _)] = stretches(heard, MUSIC, "left")
    assert begin < 1
    assert not [hertz for hertz in (CONNECTING, WHO, PLEASE_HOLD) if stretches(heard, hertz, "left")]


async def test_handed_to_a_queue_that_is_busy_he_hears_the_queues_name_as_he_waits(announcing: AsteriskFixture):
    house = announcing
    floor = await house.linked()
    await house.caller(Caller(number="95001"))
    call = (await floor.until(CallQueued)).call
    floor.pbx.carry_out(SendTo(call, "waiting", "after-sales"))

    heard = await listened(house, 5.0)
    assert stretches(heard, OTHER, "left")


async def test_on_hold_he_is_told_so_once_and_then_hears_music(announcing: AsteriskFixture):
    house = announcing
    floor = await house.linked()
    await house.agents("1001", Phone(ring_s=0.1, talk_s=(60, 60)))
    await house.caller(Caller(number="95001"))
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1001")
    await floor.until(CallBridged)
    tone(house.settings.sounds_folder / "zh" / "hold-notice.wav", OTHER, 2.0)
    floor.hold(call, "1001")
    heard = await listened(house, 5.0)
    [(begin, end)] = stretches(heard, OTHER, "left")
    [(music, _)] = stretches(heard, MUSIC, "left")
    assert begin < end < music + 0.3


async def test_a_class_that_comes_with_a_reload_can_be_heard(announcing: AsteriskFixture):
    house = announcing
    named = house.settings.sounds_folder / "zh" / "agent-1001"
    assert str(named) not in await house.cli("moh show files")
    tone(house.settings.sounds_folder / "zh" / "agent-1001.wav", WHO, 1.0)
    render(house.settings)
    await house.cli("module reload res_musiconhold.so")
    assert str(named) in await house.cli("moh show files")


def test_only_what_is_there_is_named_and_a_name_that_breaks_a_line_is_left_out(tmp_path: Path):
    sounds, music = tmp_path / "sounds", tmp_path / "music"
    for name in ("a.wav", "a.ulaw", "b;c.wav", "d\ne.wav", "notes.txt"):
        (music / name).parent.mkdir(exist_ok=True)
        (music / name).write_text("x")
    for name in ("agent-1001", "transfer-please-hold"):
        tone(sounds / "en" / f"{name}.wav", 500, 0.1)
    assert classes(["1001"], ["orders"], sounds, music).split("\n\n") == [
        f"[to-1001-zh]\nmode = playlist\nentry = {music}/a",
        f"[to-1001-en]\nmode = playlist\nentry = {sounds}/en/agent-1001\n"
        f"entry = {sounds}/en/transfer-please-hold\nentry = {music}/a",
        f"[to-queue-orders-zh]\nmode = playlist\nentry = {music}/a",
        f"[to-queue-orders-en]\nmode = playlist\nentry = {music}/a\n",
    ]
