"""A call that is listened to, and what each of its people hears: the caller, the agent and the supervisor each hum a tone of their own,
and each keeps what comes to their own telephone.

    talk = await listened(system, "1001")
    boss = await supervisor(system, "1006")
    await ask(system, talk.call, "listen", "1006")
    await boss.rings(); await boss.answer()
    ...
    heard(boss)            # {"caller": 2.1, "1001": 2.1}: seconds of each tone, on the telephone's last line
"""

from __future__ import annotations

import math
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from acd.sipp.actors import CALLER_HZ
from acd.sipp.scenarios import alaw
from tests.calls.support.full_system import FullSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.recorded_voices import tones_in
from tests.support.baresip import Baresip
from tests.support.sipp_telephone import hz_of
from tests.support.waiting import eventually

HUM_S = 60
_HUM = bytes(alaw(int(9000 * math.sin(2 * math.pi * CALLER_HZ * n / 8000))) for n in range(8000)) * HUM_S


def _linear(code: int) -> int:
    """One byte of A-law (G.711) as a 16-bit sample."""
    code ^= 0x55
    exponent, sample = (code & 0x70) >> 4, ((code & 0x0F) << 4) + 8
    if exponent:
        sample = (sample + 0x100) << (exponent - 1)
    return sample if code & 0x80 else -sample


_LINEAR = np.array([_linear(code) for code in range(256)], dtype=np.int16)


class HearingCaller(ManualCaller):
    """A caller who hums, and keeps every packet that comes."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.came = bytearray()
        """The sound of all packets so far, A-law."""

    def _rtp_heard(self, data: bytes) -> None:
        super()._rtp_heard(data)
        if len(data) > 12 and data[1] & 0x7F == 8:
            self.came += data[12:]

    async def stop(self) -> None:
        """Closes the sockets, as for any of the system's people."""
        self.close()

    def hum(self) -> None:
        """From now on, for HUM_S."""
        self.say(_HUM)

    def heard(self, since: int = 0) -> dict[str, float]:
        """Seconds of each tone in what has come from this byte on."""
        return tones_in(_LINEAR[np.frombuffer(bytes(self.came[since:]), dtype=np.uint8)].tobytes(), 8000)


@dataclass(frozen=True)
class Talk:
    """Caller and agent in their talk."""

    caller: HearingCaller
    agent: Baresip
    call: str


async def softphone(system: FullSystem, agent: str, *, ready: bool = True) -> Baresip:
    """This agent's telephone, which keeps what it hears."""
    phone = await Baresip.started(
        system.pbx,
        agent,
        system.installation.secrets()["agents"][agent]["password"],
        pbx_port=system.prepared.sip_port,
        folder=system.folder_for_person(),
        hz=hz_of(agent),
    )
    system.people.append(phone)
    await eventually(lambda: system.reachable(agent), f"agent {agent}'s softphone")
    if ready:
        await system.transfers.make_ready(agent)
    return phone


async def talks(system: FullSystem, agent: str, number: str) -> Talk:
    """A caller who hums and an agent who hums are in a talk."""
    phone = await softphone(system, agent)
    caller = HearingCaller(number, system.prepared.sip_port, "95001", address="127.0.0.2")
    await caller.open()
    system.people.append(caller)
    caller.invite()
    await caller.is_answered()
    caller.hum()
    caller.key("1")
    await phone.rings()
    await phone.answer()
    call = await system.log.call_of(number)
    await system.log.talk_of(call, agent)
    return Talk(caller, phone, call)


async def ask(system: FullSystem, call: str, what: str, telephone: str = "") -> Any:
    """POST /api/calls/{call}/{what}, granted."""
    return await system.transfers.post(call, what, {"telephone": telephone} if telephone else {})


async def is_there(system: FullSystem, call: str, mode: str, state: str) -> Any:
    """Waits until the page shows one listener of this call so."""

    async def shown() -> Any:
        rows = (await system.calls()).get(call, {}).get("listeners", [])
        return next((row for row in rows if (row["mode"], row["state"]) == (mode, state)), None)

    return await eventually(shown, f"a listener of {call} who does {mode} and is {state}")


def heard(phone: Baresip, line: int = -1) -> dict[str, float]:
    """Seconds of each tone that this telephone has heard on that of its lines."""
    return tones_of(phone.heard()[line])


def tones_of(file: Path) -> dict[str, float]:
    """Seconds of each tone in a mono file."""
    with wave.open(str(file)) as opened:
        return tones_in(opened.readframes(opened.getnframes()), opened.getframerate())
