"""The people who telephone with a running system: agents with their telephones, and callers."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acd.engine.commands import Kind
from acd.pbx.install.ports import free_port
from acd.sipp.actors import Caller, KeysBy, Phone, SippAgents, SippCaller
from tests.calls.support.system.processes import SystemProcesses
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_ports import media_ports
from tests.support.waiting import eventually

KEY_AFTER_S = 5.2
"""The notice of recording is over by then, and the menu hears keys."""
BRISK_KEY_AFTER_S = 1.5


def orders(stays_s: float = 120.0, **more: Any) -> Caller:
    """Dials the Chinese number and keys 1: queue `orders`."""
    return Caller("95001", keys="1", keys_after_s=KEY_AFTER_S, stays_s=stays_s, **more)


class SystemPeople(SystemProcesses):
    async def staffed(self, agents: str | Sequence[str], phone: Phone, *, ready: bool = True) -> SippAgents:
        """Telephones of these agents, registered and seen; the agents made ready."""
        names = (agents,) if isinstance(agents, str) else tuple(agents)
        kept = self.installation.secrets()["agents"]
        row = SippAgents(
            self.pbx.tool("sipp"),
            {name: kept[name]["password"] for name in names},
            phone,
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 4 * len(names)),
            folder=self.folder_for_person(),
        )
        self.people.append(row)
        before = len(self.log.of(Kind.PHONE))
        await row.start()
        for name in names:

            async def seen(name: str = name) -> bool:
                # An earlier telephone of this account, gone without a word, counts as reachable until it is pushed out.
                if f"{name}/sip:{name}@127.0.0.1:{row.port}" not in await self.cli("pjsip show contacts"):
                    return False
                since = [told for told in self.log.of(Kind.PHONE)[before:] if told.agent == name]
                return (not since or bool(since[-1].detail["reachable"])) and await self.reachable(name)

            await eventually(seen, f"agent {name}'s telephone")
            if ready:
                await self.ready(name)
        return row

    async def present(self, agents: str | Sequence[str], phone: Phone) -> SippAgents:
        """Registered and logged in, but not ready: callers wait."""
        row = await self.staffed(agents, phone, ready=False)
        for agent in (agents,) if isinstance(agents, str) else agents:
            await self.ask("POST", f"/api/agents/{agent}/log-in", {})
            await self.comes_to_be(agent, "not ready")
        return row

    async def ready(self, *agents: str) -> None:
        """These agents want calls from now on."""
        for agent in agents:
            await self.ask("POST", f"/api/agents/{agent}/ready", {})

    def folder_for_person(self) -> Path:
        """Where the files of the next one in `people` lie."""
        return self.folder / f"people-{len(self.people)}"

    async def caller(
        self, caller: Caller, calls: int = 1, rate: float = 20.0, rows: Sequence[Sequence[str]] = ()
    ) -> SippCaller:
        """A caller who dials now. At this rate SIPp dials at once; at one a second it first waits for a second."""
        person = SippCaller(
            self.pbx.tool("sipp"),
            caller,
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=free_port("udp", TRUNK_ADDRESS),
            **media_ports(TRUNK_ADDRESS, calls),
            address=TRUNK_ADDRESS,
            calls=calls,
            rate=rate,
            rows=rows,
            folder=self.folder_for_person(),
        )
        self.people.append(person)
        await person.start()
        return person

    async def asks(
        self, key: str, caller: str = "13800001111", *, number: str = "95001", stays_s: float = 120
    ) -> SippCaller:
        """A caller dials, hears the notice, and keys `key` in the menu ("" keys nothing)."""
        after_s = BRISK_KEY_AFTER_S if self.brisk else KEY_AFTER_S
        return await self.caller(Caller(number, caller, keys=key, keys_after_s=after_s, stays_s=stays_s))

    async def dials(
        self, agent: str, code: str, keys: str = "", keys_after_s: float = 1.5, keys_by: KeysBy = "event"
    ) -> SippCaller:
        """The agent's own phone, with its password, dials a feature code or the hotline."""
        password = self.installation.secrets()["agents"][agent]["password"]
        phone = SippCaller(
            self.pbx.tool("sipp"),
            Caller(code, agent, keys=keys, keys_after_s=keys_after_s, key_gap_s=0.3, password=password),
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 1),
            address="127.0.0.1",
            folder=self.folder_for_person(),
            keys_by=keys_by,
        )
        self.people.append(phone)
        await phone.start()
        return phone

    async def everybody_hangs_up(self) -> None:
        for person in self.people:
            if isinstance(person, SippCaller):
                await person.hang_up()

    async def comes_to_be(self, agent: str, state: str, reason: str = "") -> None:
        """Waits until the page shows the agent so."""

        async def shown() -> bool:
            await asyncio.sleep(0.1)
            row = await self.agent(agent)
            return (row["state"], row["reason"]) == (state, reason)

        try:
            await eventually(shown, f"agent {agent}: {state} {reason}")
        except AssertionError as late:
            raise AssertionError(f"{late}; it is {await self.agent(agent)}\n{self.log.report()}") from None
