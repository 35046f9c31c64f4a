"""A whole house whose agents hand callers over: each telephone does what it is told, and hums a tone of its own.

    amy = await house.phone("1001")
    caller, call = await house.talks_with("1001")
    await house.phone("1002")
    await house.hand_over(call, {"agent": "1002"}, "refund", warm=True)
    await house.transfer_is(call, "consulting")
    await house.asks_api(call, "transfer/complete")
    await house.talk_of(call, "1002")

Prompts and music are short tones; a ring lasts a second, so that three of them are over in three.
"""

from __future__ import annotations

import asyncio
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from acd.engine.commands import Kind, Log
from acd.pbx.install.ports import free_port, free_rtp_range
from acd.sipp.actors import Phone, SippAgents, SippCaller
from ivr.prompts import TEXTS
from tests.calls.support.config_text import skilled
from tests.calls.support.faults import Done, TroubledHouse, of_call
from tests.calls.support.full_system import BRISK_PROMPTS
from tests.calls.support.recorded_voices import MUSIC_HZ, Heard
from tests.support.audio import tone
from tests.support.baresip import Baresip
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_telephone import Telephone, hz_of
from tests.support.waiting import eventually

AGENTS = ("1001", "1002", "1003", "1004", "1005", "1006")
"""They can do the same; beside them stands 1007, who alone knows about refunds, and may receive the dear ones."""
QUEUES = ("orders", "after-sales", "complaints", "general")
OUTSIDE = "02166668888"
"""On the allow-list."""
RINGS = Phone(never_answers=True)
"""Until the test picks it up."""
ANSWERS = Phone(ring_s=0.3)
POLICY = (
    skilled("1007", {"zh": 5, "en": 5, "orders": 5, "after-sales": 5, "complaints": 5, "refunds": 5})
    + f"""tier = 2

[[transfers.escalation]]
reason = "refund"
over = 1000
tier = 2
why = "beyond what an agent may refund"

[transfers.numbers]
{OUTSIDE} = {{ zh = "总部", en = "Head office" }}

[transfers.extensions]
2001 = {{ queue = "after-sales" }}
2002 = {{ skill = "refunds" }}

[routing]
return_within_min = 0
same_agent = "off"
"""
)


class TransferHouse(TroubledHouse):
    def __init__(self, folder: Path, agents: Sequence[str] = AGENTS, **more: Any) -> None:
        more = {"ring_s": 1, "brisk": True} | more
        super().__init__(folder, agents, more=POLICY + more.pop("more", ""), **more)
        self._numbers = 0
        self._softphones: list[Baresip] = []
        self.carrier_port = free_port("udp", TRUNK_ADDRESS)
        text = self.config_file.read_text("utf-8")
        out = f'[trunks.carrier]\noutbound = "{TRUNK_ADDRESS}:{self.carrier_port}"\n'
        self.config_file.write_text(text.replace("[trunks.carrier]\n", out), "utf-8")

    def _short_prompts(self) -> Path:
        """Every prompt there is: nobody is to be heard in a recording but the telephones."""
        own = super()._short_prompts()
        for language in ("zh", "en"):
            texts = tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))
            of_the_house = {f"agent-{agent}" for agent in (*AGENTS, "1007")} | {f"queue-{queue}" for queue in QUEUES}
            for prompt in (set(texts["prompts"]) | of_the_house) - set(BRISK_PROMPTS):
                tone(own / language / f"{prompt}.wav", 500, 0.3)
            for number in texts["numbers"]:
                tone(own / language / f"{number}.wav", 500, 0.1)
        tone(own / "music" / "hold.wav", MUSIC_HZ, 5.0)
        return own

    @asynccontextmanager
    async def scene(self) -> AsyncIterator[None]:
        try:
            async with super().scene():
                yield
        finally:
            for phone in self._softphones:
                await phone.stop()

    async def back(self, done: Done) -> None:
        """However slow the machine is, the dialplan does not take the daemon for gone meanwhile."""
        await self.cli(f"dialplan set global ACD_BEAT {int(time.time()) + 600}")
        await super().back(done)

    # --- people ---

    async def phone(self, agent: str, phone: Phone = ANSWERS, *, ready: bool = True) -> Telephone:
        """This agent's telephone, registered and seen; the agent made ready."""
        kept = self.installation.secrets()["agents"]
        telephone = Telephone(
            self.pbx.tool("sipp"),
            {agent: kept[agent]["password"]},
            phone,
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=free_port("udp"),
            rtp_port=free_rtp_range("127.0.0.1", 400)[0],
            folder=self.folder / f"people-{len(self.people)}",
            hz=hz_of(agent),
        )
        self.people.append(telephone)
        await telephone.start()
        await eventually(lambda: self.reachable(agent), f"agent {agent}'s telephone")
        if ready:
            await self.makes_ready(agent)
        return telephone

    async def softphone(self, agent: str) -> Baresip:
        """The same with baresip, which has two lines and a transfer key of its own. It rings until it is picked up."""
        phone = await Baresip.started(
            self.pbx,
            agent,
            self.installation.secrets()["agents"][agent]["password"],
            pbx_port=self.prepared.sip_port,
            folder=self.folder / f"softphone-{len(self._softphones)}",
            hz=hz_of(agent),
        )
        self._softphones.append(phone)
        await eventually(lambda: self.reachable(agent), f"agent {agent}'s softphone")
        await self.makes_ready(agent)
        return phone

    async def makes_ready(self, *agents: str) -> None:
        for agent in agents:
            await self.told("POST", f"/api/agents/{agent}/ready", {})
            await self.comes_to_be(agent, "idle")

    async def outside(self, phone: Phone) -> SippAgents:
        """Whoever is called beyond the trunk behaves like this; at most one such at a time."""
        carrier = SippAgents(
            self.pbx.tool("sipp"),
            {},
            phone,
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=self.carrier_port,
            rtp_port=free_rtp_range(TRUNK_ADDRESS, 400)[0],
            address=TRUNK_ADDRESS,
            folder=self.folder / f"people-{len(self.people)}",
        )
        self.people.append(carrier)
        await carrier.start()
        return carrier

    async def comes_in(self, number: str = "", key: str = "1") -> tuple[SippCaller, str]:
        """Somebody who has never called before asks for a person; and his call."""
        self._numbers += 1
        number = number or f"138{self._numbers:08}"
        caller = await self.asks(key, number, stays_s=240)
        return caller, await self.call_of(number)

    async def calls_again(self, number: str) -> tuple[SippCaller, str]:
        """The same number once more; and this call."""
        before = len([row for row in self.of(Kind.ARRIVED) if row.detail["caller"] == number])
        caller = await self.asks("1", number, stays_s=240)
        return caller, (await self.row(Kind.ARRIVED, lambda row: row.detail["caller"] == number, before + 1)).call

    async def talks_with(self, agent: str, number: str = "") -> tuple[SippCaller, str]:
        """A caller who is answered by this agent, the only one who is free; and his call."""
        caller, call = await self.comes_in(number)
        await self.talk_of(call, agent)
        return caller, call

    # --- what is asked of the house ---

    async def told(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """HTTP status and JSON of what the API answers the operator; asked again when the door is crowded."""
        headers = {"Authorization": f"Bearer {self.installation.token()}"}
        while True:
            async with (
                aiohttp.ClientSession(headers=headers) as session,
                session.request(method, self.prepared.web_url + path, json=body) as answer,
            ):
                said = await answer.json(content_type=None)
                if answer.status != 429:
                    return answer.status, said
            await asyncio.sleep(0.2)

    async def asks_api(self, call: str, what: str, body: Mapping[str, Any] | None = None) -> Any:
        """POST /api/calls/{call}/{what}, which must be granted."""
        status, said = await self.told("POST", f"/api/calls/{call}/{what}", dict(body or {}))
        assert status == 200, f"{what}: {status} {said}"
        return said

    async def refused(self, call: str, what: str, body: Mapping[str, Any] | None = None) -> str:
        """The code with which POST /api/calls/{call}/{what} is refused."""
        status, said = await self.told("POST", f"/api/calls/{call}/{what}", dict(body or {}))
        assert 400 <= status < 500, f"{what}: {status} {said}"
        return str(said["code"])

    async def hand_over(self, call: str, to: Mapping[str, str], reason: str = "refund", **more: Any) -> None:
        """A transfer asked for by API: `to` is {"agent": "1002"} or the like; `more`: note, warm, amount."""
        await self.asks_api(call, "transfer", {"to": dict(to), "reason": reason, **more})

    async def card(self, call: str) -> Any:
        status, said = await self.told("GET", f"/api/calls/{call}/card")
        assert status == 200, f"card: {status} {said}"
        return said

    # --- what is waited for ---

    async def talk_of(self, call: str, agent: str, count: int = 1) -> Log:
        """Waits for the `count`th leg of caller and this agent; the row."""
        return await self.row(Kind.CONNECTED, lambda row: (row.call, row.agent) == (call, agent), count)

    async def transfer_is(self, call: str, state: str, number: int = 1) -> Log:
        """Waits until the call's transfer of this number has come to this state; the row."""
        return await self.row(Kind.TRANSFER, _transfer(call, state, number))

    async def consult_of(self, call: str, number: int = 1) -> None:
        """Waits until first agent and receiver hear each other."""
        await self.transfer_is(call, "consulting", number)

    async def rings_at(self, call: str, agent: str, count: int = 1) -> Log:
        return await self.row(Kind.RINGING, lambda row: (row.call, row.agent) == (call, agent), count)

    async def held(self, call: str, state: str = "held", count: int = 1) -> Log:
        return await self.row(Kind.HOLD, lambda row: (row.call, row.detail["state"]) == (call, state), count)

    async def goes(self, caller: SippCaller, call: str) -> None:
        """The caller hangs up, and the call is over."""
        await caller.hang_up()
        await self.ending_of(call)

    async def for_a_while(self, seconds: float = 1.0) -> None:
        """People talk meanwhile, so that there is something to be heard in the recordings."""
        await asyncio.sleep(seconds)

    # --- what is looked at ---

    async def sound_of(self, call: str, leg: int = 1) -> Heard:
        """What is heard in the recording of the call's leg of this number, once it is filed."""
        filed = await self.row(Kind.RECORDED, lambda row: row.call == call, leg)
        return Heard(Path(self.prepared.recordings) / str(filed.detail["path"]))

    def transfers(self, call: str) -> list[tuple[int, str]]:
        """(number, state) of every row of a transfer of this call."""
        return [(row.detail["number"], str(row.detail["state"])) for row in self.of(Kind.TRANSFER, call)]

    async def live(self, call: str) -> Any:
        """The call's row as the page sees it."""
        return (await self.calls())[call]


def _transfer(call: str, state: str, number: int) -> Callable[[Log], bool]:
    return lambda row: row.call == call and (row.detail["state"], row.detail["number"]) == (state, number)


__all__ = ["AGENTS", "ANSWERS", "OUTSIDE", "RINGS", "TransferHouse", "of_call"]
