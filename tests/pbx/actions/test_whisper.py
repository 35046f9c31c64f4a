"""What an agent is told by voice on answering: over the caller's voice, in the agent's ear alone, and without holding up the bridge."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from acd.engine.events import BridgeEnded, CallBridged, CallerHungUp, CallQueued, PbxFound
from acd.pbx.actions.ring_variables import Presented
from acd.pbx.recovery.reconcile import Seen, differences, seen_calls
from acd.pbx.recovery.resync import calls_on
from acd.sipp.actors import Caller, Phone, SippCaller
from acd.sipp.scenarios import CALLER_HZ
from tests.pbx.support.asterisk_fixture import OUTSIDE_NUMBERS, AsteriskFixture, LinkUnderTest
from tests.pbx.support.phone_transfer_scenarios import softphone
from tests.pbx.support.scenarios import AMY, BOB, queued, whispers
from tests.support.audio import tone
from tests.support.baresip import Baresip
from tests.support.recorded_sound import stretches
from tests.support.waiting import eventually

pytestmark = pytest.mark.asterisk
AGENT_HZ, NAME_HZ, FROM_HZ, BEEP_HZ = 440, 800, 930, 1170
"""The softphone's own tone, and those of what is whispered; none a multiple of another."""
SAID = {
    "name": (Presented("", ("whisper-billing",)), (NAME_HZ,)),
    "transfer": (Presented("", ("whisper-transfer-from", "en/reason-refund")), (FROM_HZ, NAME_HZ)),
    "tone": (Presented("", auto_answer=True), (BEEP_HZ,)),
    "tone and name": (Presented("", ("whisper-billing",), auto_answer=True), (BEEP_HZ, NAME_HZ)),
}
WORDS_S, LONG_S = 3.0, 120.0
LONG = Presented("", ("whisper-consult-from",))
"""Longer than anything here takes: what ends such a whisper is not its end."""

Ending = Callable[[AsteriskFixture, LinkUnderTest, str, Baresip], Awaitable[None]]


@pytest.fixture(autouse=True, scope="module")
def words(open_house: AsteriskFixture) -> None:
    sounds = open_house.settings.sounds_folder
    tone(sounds / "zh" / "whisper-billing.wav", NAME_HZ, WORDS_S)
    tone(sounds / "zh" / "whisper-transfer-from.wav", FROM_HZ, WORDS_S)
    tone(sounds / "en" / "reason-refund.wav", NAME_HZ, WORDS_S)
    tone(sounds / "tones" / "beep.wav", BEEP_HZ, WORDS_S)
    tone(sounds / "zh" / "whisper-consult-from.wav", FROM_HZ, LONG_S)


async def answered(
    house: AsteriskFixture, floor: LinkUnderTest, phone: Baresip, said: Presented, agent: str = AMY
) -> str:
    """A caller is offered to the agent, whose softphone is picked up; the call."""
    floor.presented = said
    call, _ = await queued(house, floor)
    before = len(phone.of("CALL_INCOMING"))
    floor.offer(call, agent)
    await phone.rings(before + 1)
    await phone.answer()
    return call


def two_sided(file: Path, into: Path) -> Path:
    sound, rate = soundfile.read(file, dtype="int16")
    soundfile.write(into, np.column_stack((sound, sound)), rate)
    return into


async def no_halves(house: AsteriskFixture) -> bool:
    return not [row for row in await house.channels() if row.startswith("Local")]


@pytest.mark.parametrize("what", SAID)
async def test_the_agent_hears_the_words_over_the_caller_and_nobody_else_does(
    house: AsteriskFixture, tmp_path: Path, what: str
):
    said, tones = SAID[what]
    floor = await house.linked()
    amy = await softphone(house, AMY)
    call = await answered(house, floor, amy, said)
    await floor.until(CallBridged)
    await eventually(lambda: whispers(house), "the whisper")
    ways = {}
    for channel in [row.split("!")[0] for row in await house.channels() if row.startswith("PJSIP/")]:
        ways[channel] = tmp_path / f"to-{channel.split('/')[1]}.wav"
        await house.cli(f"mixmonitor start {channel} {ways[channel].with_suffix('.mixed.wav')},t({ways[channel]})")
    assert len(ways) == 2
    await eventually(lambda: no_halves(house), "the whisper's end")
    assert floor.of(BridgeEnded) == []
    await amy.hang_up()
    await floor.until(BridgeEnded)
    await amy.until("CALL_CLOSED")
    await house.empty()
    ear = two_sided(amy.heard()[-1], tmp_path / "ear.wav")
    spans = []
    for hertz in tones:
        [span] = stretches(ear, hertz, "left")
        assert WORDS_S - 0.2 <= span[1] - span[0] <= WORDS_S + 0.2, (hertz, span)
        spans.append(span)
    assert spans == sorted(spans)
    [(caller_from, caller_to)] = stretches(ear, CALLER_HZ, "left")
    assert caller_from < spans[0][0] + 0.1 and caller_to >= spans[-1][1] - 0.1  # the words are over the caller's voice
    live = house.settings.recordings_folder / "live"
    files = [
        *(two_sided(live / f"{call}-1{side}.wav", tmp_path / f"side{side}.wav") for side in ("", "-caller", "-agent"))
    ]
    others = [two_sided(way, way.with_suffix(".twice.wav")) for way in ways.values()]
    for file in (*files, *others):
        assert [stretches(file, hertz, "left", at_least_s=0.1) for hertz in tones] == [[] for _ in tones], file.name
    assert stretches(files[0], CALLER_HZ, "left") and stretches(files[0], AGENT_HZ, "left")


async def caller_hangs_up(house: AsteriskFixture, floor: LinkUnderTest, call: str, amy: Baresip) -> None:
    await callers(house)[0].hang_up()
    await floor.until(CallerHungUp)


async def agent_hangs_up(house: AsteriskFixture, floor: LinkUnderTest, call: str, amy: Baresip) -> None:
    await amy.hang_up()
    await floor.until(BridgeEnded)


async def offered_to_another_agent(house: AsteriskFixture, floor: LinkUnderTest, call: str, amy: Baresip) -> None:
    await house.agents(BOB, Phone(ring_s=0.1))
    floor.presented = Presented("")
    floor.offer(call, BOB)
    await floor.until(CallBridged, lambda event: event.agent == BOB)


async def sent_back_to_wait(house: AsteriskFixture, floor: LinkUnderTest, call: str, amy: Baresip) -> None:
    floor.send_to(call, "waiting")
    await floor.until(BridgeEnded)


async def referred_elsewhere(house: AsteriskFixture, floor: LinkUnderTest, call: str, amy: Baresip) -> None:
    assert (await amy.refer(BOB)).startswith("202")
    await floor.until(BridgeEnded)


async def held_and_the_caller_gives_up(house: AsteriskFixture, floor: LinkUnderTest, call: str, amy: Baresip) -> None:
    floor.hold(call, AMY)
    await eventually(lambda: _stands_in(house, f"PJSIP/{AMY}-", "holding"), "the agent's waiting")
    await callers(house)[0].hang_up()
    await floor.until(CallerHungUp)


async def another_daemon_comes_and_the_caller_hangs_up(
    house: AsteriskFixture, floor: LinkUnderTest, call: str, amy: Baresip
) -> None:
    """The words go on over the change, and the talk is found."""
    await floor.leave()
    later = await house.linked(epoch=2)
    [found] = later.of(PbxFound)
    assert [(each.call, each.place, each.agent) for each in found.calls] == [(call, "talking", AMY)]
    assert await whispers(house)
    await callers(house)[0].hang_up()
    await later.until(CallerHungUp)
    assert [event.by for event in later.of(BridgeEnded)] == ["caller"]


def callers(house: AsteriskFixture) -> list[SippCaller]:
    return [person for person in house.people if isinstance(person, SippCaller)]


async def _stands_in(house: AsteriskFixture, channel: str, context: str) -> bool:
    return any(row.startswith(channel) and row.split("!")[1] == context for row in await house.channels())


@pytest.mark.parametrize(
    "ends",
    [
        caller_hangs_up,
        agent_hangs_up,
        offered_to_another_agent,
        sent_back_to_wait,
        referred_elsewhere,
        held_and_the_caller_gives_up,
        another_daemon_comes_and_the_caller_hangs_up,
    ],
    ids=lambda ends: ends.__name__,
)
async def test_whatever_ends_the_talk_ends_the_words_and_no_channel_is_left(house: AsteriskFixture, ends: Ending):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    call = await answered(house, floor, amy, LONG)
    await floor.until(CallBridged)
    await eventually(lambda: whispers(house), "the whisper")
    await ends(house, floor, call, amy)
    await eventually(lambda: no_halves(house), "the whisper's end")


async def test_a_look_at_all_channels_in_the_middle_of_the_words_finds_two_who_talk(house: AsteriskFixture):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    call = await answered(house, floor, amy, LONG)
    await floor.until(CallBridged)
    await eventually(lambda: whispers(house), "the whisper")
    rows = await floor.pbx.ami.ask("CoreShowChannels")
    assert len(rows) == 4
    seen = seen_calls(rows, await calls_on(floor.pbx.ami, floor.pbx.book, rows))
    row = {"call": call, "stage": "talking", "agent": AMY, "offer": f"{call}-1"}
    assert differences([row], seen) == frozenset()
    assert seen == {call: Seen("connect", True, (AMY,), ())}


async def test_twenty_calls_in_a_row_leave_nothing_behind(house: AsteriskFixture):
    floor = await house.linked()
    seen: Counter[str] = Counter()
    inner = floor.pbx.ami.on_message

    def count(message: dict[str, str]) -> None:
        if message.get("Channel", "").startswith("Local/s@whispered-"):
            seen[message["Event"]] += 1
        inner(message)

    floor.pbx.ami.on_message = count
    await house.agents(AMY, Phone(ring_s=0.1, talk_s=(0.5, 0.5)))
    floor.presented = LONG
    call, _ = await queued(house, floor)
    for number in range(1, 21):  # too short to have been talks: the same caller waits again
        floor.offer(call, AMY)
        await floor.until(CallBridged, count=number)
        await floor.until(BridgeEnded, count=number)
    await eventually(lambda: seen["Hangup"] == 40, "the end of every half")
    assert seen["Newchannel"] == 40
    assert await no_halves(house)
    assert (floor.pbx.translator.ignored, floor.pbx.ami.malformed) == (0, 0)


async def test_two_agents_at_once_hear_their_own_words_alone(house: AsteriskFixture, tmp_path: Path):
    floor = await house.linked()
    amy, bob = await softphone(house, AMY), await softphone(house, BOB)
    await answered(house, floor, amy, SAID["name"][0])
    await eventually(lambda: whispers(house), "the first whisper")
    floor.presented = SAID["tone"][0]
    actor = await house.caller(Caller(caller="13800002222"))
    second = (await floor.until(CallQueued, count=2)).call
    floor.offer(second, BOB)
    await bob.rings()
    await bob.answer()
    await floor.until(CallBridged, count=2)
    await eventually(lambda: whispers(house), "the second whisper")
    await eventually(lambda: no_halves(house), "the end of both")
    for phone in (amy, bob):
        await phone.hang_up()
        await phone.until("CALL_CLOSED")
    ears = [two_sided(phone.heard()[-1], tmp_path / f"{phone.agent}.wav") for phone in (amy, bob)]
    heard = [[bool(stretches(ear, hertz, "left")) for hertz in (NAME_HZ, BEEP_HZ)] for ear in ears]
    assert heard == [[True, False], [False, True]]
    await actor.hang_up()


async def test_who_is_rung_outside_is_whispered_to_after_the_key_and_the_caller_is_there(house: AsteriskFixture):
    floor = await house.linked()
    agents = tuple(replace(each, outside=OUTSIDE_NUMBERS[0]) for each in house.settings.agents if each.agent == AMY)
    floor.pbx.settings = replace(house.settings, agents=agents)
    await house.carrier(Phone(ring_s=0.1, presses="1", presses_after_s=1.0))
    floor.presented = LONG
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    await eventually(lambda: whispers(house), "the whisper")
    await caller.hang_up()
    await floor.until(CallerHungUp)
    await eventually(lambda: no_halves(house), "the whisper's end")
