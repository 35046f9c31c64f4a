"""From an agent's answer to the caller's voice in the agent's ear, for each kind of whisper, beside a bare Dial of the same Asterisk.

A telephone of the bench's own notes when it writes its 200 OK, and when the first packet comes in which the caller's tone is heard. A
caller is offered to it again and again, the kinds in turn, so that whatever else the machine does meets all of them alike. In the kind
"consult" the voice is that of the first agent.
"""

import asyncio
import random
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from acd.engine.events import BridgeEnded, CallQueued
from acd.pbx.actions.ring_variables import Presented
from acd.pbx.conf.render import RELOAD_SIP
from acd.pbx.install.ports import free_port, free_rtp_range
from acd.sipp.actors import Caller, Phone
from acd.sipp.scenarios import AGENT_HZ, CALLER_HZ
from tests.bench.measured_telephone import Heard, MeasuredTelephone
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.phone_transfer_scenarios import talks
from tests.support.audio import tone
from tests.support.waiting import eventually

ROUNDS, SEED = 100, 20261130
OF_A_CALLER = 20
"""Rounds: SIPp's callers do not answer when they are asked, after 45 s, whether they are still there."""
MEASURED, FIRST = "1001", "1002"
WORDS_HZ = 930
TRANSFER = (
    "whisper-transfer-from",
    "number-1",
    "number-0",
    "number-0",
    "number-2",
    "reason-refund",
    "whisper-not-verified",
)
WORDS = dict.fromkeys(TRANSFER, 0.4) | {"whisper-transfer-from": 1.2, "reason-refund": 0.8, "whisper-billing": 1.0}
"""Prompt to its length in s: those of a transfer take four seconds."""
KINDS = {
    "nothing": Presented("Bench"),
    "queue name": Presented("Bench", ("whisper-billing",)),
    "transfer": Presented("Bench", TRANSFER),
    "tone": Presented("Bench", auto_answer=True),
    "tone and transfer": Presented("Bench", TRANSFER, auto_answer=True),
}
_BARE = f"""
[bench-dial]
exten => s,1,Dial(PJSIP/{MEASURED},20,g)
 same => n,Goto(waiting,s,1)
exten => i,1,Goto(waiting,s,1)
exten => t,1,Goto(waiting,s,1)
exten => h,1,Gosub(gone,s,1)
"""


def run(say: Callable[[str], None] = print, calls: int = ROUNDS) -> dict[str, Any]:
    """Milliseconds by kind, and each median as a ratio to the bare Dial's; takes two minutes. `calls`: of each kind."""
    return asyncio.run(_run(say, calls))


async def _run(say: Callable[[str], None], calls: int) -> dict[str, Any]:
    found: dict[str, list[float]] = {kind: [] for kind in ("bare", *KINDS, "consult")}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        house = await AsteriskFixture.opened(Path(folder), agents=(MEASURED, FIRST))
        phone = MeasuredTelephone(
            "127.0.0.1", free_port("udp"), free_rtp_range("127.0.0.1", 400)[0], house.settings.sip_port
        )
        try:
            await _furnish(house, phone)
            floor = await house.linked()
            for begun in range(0, calls, OF_A_CALLER):
                await _offers(house, floor, phone, found, range(begun, min(calls, begun + OF_A_CALLER)))
                say(
                    f"{len(found['bare'])} of {calls}: { ({kind: round(ms[-1], 1) for kind, ms in found.items() if ms}) }"
                )
            await house.agents(FIRST, Phone(ring_s=0.1))
            for begun in range(0, calls, OF_A_CALLER):
                await _consults(house, floor, phone, found, range(begun, min(calls, begun + OF_A_CALLER)))
        finally:
            phone.stop()
            await house.closed()
    bare = statistics.median(found["bare"])
    result: dict[str, Any] = {kind.replace(" ", "_"): _figures(ms, bare) for kind, ms in found.items()}
    result["longest_ms"] = round(max(max(ms) for kind, ms in found.items() if kind != "bare"), 1)
    return result


async def _furnish(house: AsteriskFixture, phone: MeasuredTelephone) -> None:
    for name, seconds in WORDS.items():
        tone(house.settings.sounds_folder / "zh" / f"{name}.wav", WORDS_HZ, seconds)
    tone(house.settings.sounds_folder / "tones" / "beep.wav", WORDS_HZ, 0.4)
    await phone.start()
    pjsip, dialplan = house.settings.etc / "pjsip.conf", house.settings.etc / "extensions_waiting.conf"
    place = f"[{MEASURED}](an-agent-place)\n"
    pjsip.write_text(pjsip.read_text().replace(place, f"{place}contact = sip:{MEASURED}@{phone.host}:{phone.port}\n"))
    dialplan.write_text(dialplan.read_text() + _BARE)
    await house.cli(RELOAD_SIP)
    await house.cli("dialplan reload")

    async def reachable() -> bool:
        rows = (await house.cli("pjsip show contacts")).splitlines()
        return any("Avail" in row and f"{phone.host}:{phone.port}" in row for row in rows)

    await eventually(reachable, "the measured telephone")


async def _offers(
    house: AsteriskFixture,
    floor: LinkUnderTest,
    phone: MeasuredTelephone,
    found: dict[str, list[float]],
    rounds: range,
) -> None:
    chance = random.Random(SEED + rounds.start)
    came = len(floor.of(CallQueued))
    caller = await house.caller(Caller(stays_s=600))
    call = (await floor.until(CallQueued, count=came + 1)).call
    channel = str(floor.pbx.book.channel_of(call))
    for _ in rounds:
        for kind in ("bare", *KINDS):
            await eventually(lambda: _stands_in(house, channel, "waiting"), "the waiting room")
            talks, rung = len(floor.of(BridgeEnded)), len(phone.calls)
            # The round before has ended on a packet of the caller's: so one would always be answered at the same point between two.
            await asyncio.sleep(chance.uniform(0.0, 0.04))
            if kind == "bare":
                await floor.pbx.ami.act("Redirect", Channel=channel, Context="bench-dial", Exten="s", Priority="1")
            else:
                floor.presented = KINDS[kind]
                floor.offer(call, MEASURED)
            heard = await phone.hears(CALLER_HZ, rung)
            found[kind].append(_delay_ms(heard, CALLER_HZ))
            # No talk: else a caller who has talked for a second hears the goodbye.
            await floor.pbx.ami.act("Setvar", Channel=channel, Variable="TALK_FROM", Value="")
            await phone.hang_up()
            if kind != "bare":
                await floor.until(BridgeEnded, count=talks + 1)
    await caller.hang_up()
    await house.empty()


async def _consults(
    house: AsteriskFixture,
    floor: LinkUnderTest,
    phone: MeasuredTelephone,
    found: dict[str, list[float]],
    rounds: range,
) -> None:
    floor.presented = KINDS["nothing"]
    chance = random.Random(SEED + rounds.start)
    call, caller = await talks(floor, house, FIRST, Caller(stays_s=600))
    floor.presented = KINDS["transfer"]
    for number in rounds:
        await asyncio.sleep(chance.uniform(0.0, 0.04))
        rung = len(phone.calls)
        floor.consult(call, FIRST, MEASURED, of=1)
        heard = await phone.hears(AGENT_HZ, rung)
        found["consult"].append(_delay_ms(heard, AGENT_HZ))
        await phone.hang_up()
        await eventually(lambda: _stands_in(house, f"PJSIP/{FIRST}-", "holding"), f"the end of consult {number + 1}")
    await caller.hang_up()
    await house.empty()


async def _stands_in(house: AsteriskFixture, channel: str, context: str) -> bool:
    return any(row.startswith(channel) and row.split("!")[1] == context for row in await house.channels())


def _delay_ms(heard: Heard, hz: float) -> float:
    first = heard.first_at(hz)
    assert first is not None
    return (first - heard.answered_at) * 1000


def _figures(ms: list[float], bare: float) -> dict[str, float]:
    median = statistics.median(ms)
    return {
        "median_ms": round(median, 1),
        "longest_ms": round(max(ms), 1),
        "ratio": round(median / bare, 2),
        "samples": len(ms),
    }
