"""Callers who are handed over in a running system: each agent's telephone does what it is told, and hums a tone of its own.

amy = await system.transfers.phone("1001")
caller, call = await system.transfers.talks_with("1001")
await system.transfers.phone("1002")
await system.transfers.hand_over(call, {"agent": "1002"}, "refund", warm=True)
await system.log.transfer_is(call, "consulting")
await system.transfers.post(call, "transfer/complete")
await system.log.talk_of(call, "1002")
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acd.engine.commands import Kind
from acd.pbx.install.ports import free_port
from acd.sipp.actors import Phone, SippCaller
from tests.calls.support.call_log import person
from tests.calls.support.recorded_voices import Heard
from tests.calls.support.running_system import RunningSystem
from tests.support.baresip import Baresip
from tests.support.sipp_ports import media_ports
from tests.support.sipp_telephone import Telephone, hz_of
from tests.support.waiting import eventually

RINGS = Phone(never_answers=True)
"""Until the test picks it up."""
ANSWERS = Phone(ring_s=0.3)


async def for_a_while(seconds: float = 1.0) -> None:
    """People talk meanwhile, so that there is something to be heard in the recordings."""
    await asyncio.sleep(seconds)


class Transfers:
    def __init__(self, system: RunningSystem) -> None:
        self._system = system
        self._numbers = 0

    async def phone(self, agent: str, phone: Phone = ANSWERS, *, ready: bool = True) -> Telephone:
        """This agent's telephone, registered and seen; the agent made ready."""
        kept = self._system.installation.secrets()["agents"]
        telephone = Telephone(
            self._system.pbx.tool("sipp"),
            {agent: kept[agent]["password"]},
            phone,
            host="127.0.0.1",
            pbx_port=self._system.prepared.sip_port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 8),
            folder=self._system.folder_for_person(),
            hz=hz_of(agent),
        )
        self._system.people.append(telephone)
        await telephone.start()
        await eventually(lambda: self._system.reachable(agent), f"agent {agent}'s telephone")
        if ready:
            await self.make_ready(agent)
        return telephone

    async def softphone(self, agent: str) -> Baresip:
        """The same with baresip, which has two lines and a transfer key of its own. It rings until it is picked up."""
        phone = await Baresip.started(
            self._system.pbx,
            agent,
            self._system.installation.secrets()["agents"][agent]["password"],
            pbx_port=self._system.prepared.sip_port,
            folder=self._system.folder_for_person(),
            hz=hz_of(agent),
        )
        self._system.people.append(phone)
        await eventually(lambda: self._system.reachable(agent), f"agent {agent}'s softphone")
        await self.make_ready(agent)
        return phone

    async def make_ready(self, *agents: str) -> None:
        for agent in agents:
            await self._system.request("POST", f"/api/agents/{agent}/ready", {})
            await self._system.comes_to_be(agent, "idle")

    async def comes_in(self, number: str = "", key: str = "1") -> tuple[SippCaller, str]:
        """Somebody who has never called before asks for a person; and his call."""
        self._numbers += 1
        number = number or f"138{self._numbers:08}"
        caller = await self._system.asks(key, number, stays_s=240)
        return caller, await self._system.log.call_of(number)

    async def calls_again(self, number: str) -> tuple[SippCaller, str]:
        """The same number once more; and this call."""
        before = len([row for row in self._system.log.of(Kind.ARRIVED) if row.detail["caller"] == person(number)])
        caller = await self._system.asks("1", number, stays_s=240)
        return caller, (
            await self._system.log.row(Kind.ARRIVED, lambda row: row.detail["caller"] == person(number), before + 1)
        ).call

    async def talks_with(self, agent: str, number: str = "") -> tuple[SippCaller, str]:
        """A caller who is answered by this agent, the only one who is free; and his call."""
        caller, call = await self.comes_in(number)
        await self._system.log.talk_of(call, agent)
        return caller, call

    # --- what is asked of the API ---

    async def post(self, call: str, what: str, body: Mapping[str, Any] | None = None) -> Any:
        """POST /api/calls/{call}/{what}, which must be granted."""
        status, said = await self._system.request("POST", f"/api/calls/{call}/{what}", dict(body or {}))
        assert status == 200, f"{what}: {status} {said}"
        return said

    async def refused(self, call: str, what: str, body: Mapping[str, Any] | None = None) -> str:
        """The code with which POST /api/calls/{call}/{what} is refused."""
        status, said = await self._system.request("POST", f"/api/calls/{call}/{what}", dict(body or {}))
        assert 400 <= status < 500, f"{what}: {status} {said}"
        return str(said["code"])

    async def hand_over(self, call: str, to: Mapping[str, str], reason: str = "refund", **more: Any) -> None:
        """A transfer asked for by API: `to` is {"agent": "1002"} or the like; `more`: note, warm, amount."""
        await self.post(call, "transfer", {"to": dict(to), "reason": reason, **more})

    async def card(self, call: str) -> Any:
        status, said = await self._system.request("GET", f"/api/calls/{call}/card")
        assert status == 200, f"card: {status} {said}"
        return said

    # --- afterwards ---

    async def goes(self, caller: SippCaller, call: str) -> None:
        """The caller hangs up, and the call is over."""
        await caller.hang_up()
        await self._system.log.ending_of(call)

    async def sound_of(self, call: str, leg: int = 1) -> Heard:
        """What is heard in the recording of the call's leg of this number, once it is filed."""
        filed = await self._system.log.row(Kind.RECORDED, lambda row: row.call == call, leg)
        return Heard(Path(self._system.prepared.recordings) / str(filed.detail["path"]))

    async def live(self, call: str) -> Any:
        """The call's row as the page sees it."""
        return (await self._system.calls())[call]
