"""A real Asterisk for one test module: configuration rendered into a temporary folder, free ports, SIPp for its people.

    house = await AsteriskFixture.opened(folder, agents=("1001", "1002"))
    floor = await house.linked()                 # acd.pbx.link.Pbx, its events collected in floor.events
    amy = await house.agents("1001", Phone(ring_s=2))
    caller = await house.caller(Caller(number="95001"))
    queued = await floor.until(CallQueued)
    floor.offer(queued.call, "1001")
    await floor.until(CallBridged)
    await caller.hang_up()
    await house.empty()                          # no channel left
    await house.closed()

Nothing here waits by the clock alone: every wait is for a condition, with a deadline only against hanging.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from acd.calls_out import CallsOut
from acd.engine.commands import CallBack, Consult, Hold, Join, Offer, SendTo, TakeBack, ThreeWay
from acd.engine.events import Event
from acd.engine.line_events import LineEvent
from acd.engine.model import LineRules
from acd.pbx.actions.ring_variables import Presented
from acd.pbx.conf.render import PROMPTS, render
from acd.pbx.conf.settings import PbxAgent, PbxGuest, PbxQueue, PbxSettings, PbxTrunk, Secrets
from acd.pbx.install.ports import free_port, free_rtp_range
from acd.pbx.install.runtime import Pbx as Asterisk
from acd.pbx.install.runtime import ensure_pbx
from acd.pbx.link import Pbx
from acd.sipp.actors import Caller, Phone, SippAgents, SippCaller
from tests.support import asterisk_console
from tests.support.audio import tone
from tests.support.network import TRUNK_ADDRESS
from tests.support.second_try import ANEW
from tests.support.sipp_ports import media_ports
from tests.support.waiting import eventually

OUTSIDE_NUMBERS = ("13900009999",)
"""The outside numbers of the configuration."""
E = TypeVar("E")


def _queued(line: str) -> bool:
    """Whether this line of `core show taskprocessors` has tasks that wait: name, processed, in queue, most ever, marks."""
    fields = line.split()
    return len(fields) > 2 and fields[2].isdecimal() and int(fields[2]) > 0


class LinkUnderTest:
    """A link to the house and all it has told."""

    def __init__(self, settings: PbxSettings, epoch: int) -> None:
        self.events: list[Event] = []
        self.lines: list[LineEvent] = []
        """What was told of lines."""
        self.look_s = 0.0
        """Between two looks at a line in talk; 0: none."""
        self.line_rules = LineRules()
        self.superseded: list[int] = []
        self.presented = Presented("")
        """What the next rings say beside who calls."""
        self._offers: dict[str, int] = {}
        self.pbx = Pbx(
            settings,
            self.events.append,
            epoch=epoch,
            present=self._present,
            on_superseded=self.superseded.append,
            tell_line=self.lines.append,
            line_rules=lambda: (self.line_rules, self.look_s),
        )

    def _present(self, ring: Offer | Consult) -> Presented:
        label = f"Billing {ring.caller[:3]}****{ring.caller[-4:]}"
        return replace(self.presented, label=self.presented.label or label)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type[E], which: Callable[[E], bool] = lambda _: True, count: int = 1) -> E:
        """The `count`th event of this kind for which `which` holds, waited for."""

        def found() -> list[E]:
            return [event for event in self.of(kind) if which(event)][count - 1 :]

        try:
            return (await eventually(found))[0]  # type: ignore[no-any-return]
        except AssertionError:
            raise AssertionError(f"no {kind.__name__} came; there were {self.events}") from None

    def offer(self, call: str, agent: str, queue: str = "billing", caller: str = "13800001111") -> str:
        """Offers the call; the offer's id."""
        self._offers[call] = number = self._offers.get(call, 0) + 1
        self.pbx.carry_out(Offer(agent, call, f"{call}-{number}", queue, caller))
        return f"{call}-{number}"

    def consult(self, call: str, first: str, agent: str = "", number: str = "", of: int = 0, **more: Any) -> str:
        """The first agent's talk is the call's offer `of`, or its latest; the consult's own id."""
        talk = f"{call}-{of or self._offers[call]}"
        offer = ""
        if agent:
            self._offers[call] += 1
            offer = f"{call}-{self._offers[call]}"
        self.pbx.carry_out(Consult(call, first, talk, agent, offer, "billing", "13800001111", number, **more))
        return offer

    def join(self, call: str, agent: str, number: int, begins: bool) -> None:
        self.pbx.carry_out(Join(call, agent, f"{call}-{number}", begins))

    def three_way(self, call: str, first: str, agent: str) -> None:
        self.pbx.carry_out(
            ThreeWay(call, first, f"{call}-{self._offers[call] - 1}", agent, f"{call}-{self._offers[call]}")
        )

    def hold(self, call: str, agent: str) -> None:
        self.pbx.carry_out(Hold(call, agent, f"{call}-{self._offers[call]}"))

    def take_back(self, call: str, agent: str) -> None:
        self.pbx.carry_out(TakeBack(agent, call, f"{call}-{self._offers[call]}"))

    def send_to(self, call: str, where: Any, number: str = "", within_s: float = 0.0) -> None:
        self.pbx.carry_out(SendTo(call, where, "billing", number, within_s))

    def call_back(self, call: str, number: str, agent: str = "1001", language: str = "zh") -> None:
        self._offers[call] = count = self._offers.get(call, 0) + 1
        self.pbx.carry_out(
            CallBack(call, agent, f"{call}-{count}", number, "billing", "95001", language, (("en", 2), ("orders", 1)))
        )

    async def leave(self) -> None:
        await self.pbx.stop()


class AsteriskFixture:
    def __init__(self, asterisk: Asterisk, settings: PbxSettings) -> None:
        self.asterisk, self.settings = asterisk, settings
        self.process: asyncio.subprocess.Process | None = None
        self.floors: list[LinkUnderTest] = []
        self.people: list[SippAgents | SippCaller] = []
        self._cast = 0

    @classmethod
    async def opened(cls, folder: Path, agents: Sequence[str] = ("1001", "1002"), **changes: Any) -> AsteriskFixture:
        """Rendered and up. `changes` are PbxSettings' fields."""
        asterisk = ensure_pbx()
        rtp_start, rtp_end = free_rtp_range("127.0.0.1", 400)
        settings = PbxSettings(
            run_folder=folder / "run",
            moddir=asterisk.moddir,
            datadir=asterisk.datadir,
            sounds_folder=folder / "sounds",
            moh_folder=folder / "moh",
            recordings_folder=folder / "recordings",
            agi_folder=folder / "agi",
            secrets=Secrets.made_anew(),
            sip_port=free_port("udp"),
            ami_port=free_port("tcp"),
            agi_port=free_port("tcp"),
            rtp_start=rtp_start,
            rtp_end=rtp_end,
            trunks=(
                PbxTrunk("carrier", (TRUNK_ADDRESS,), outbound=f"{TRUNK_ADDRESS}:{free_port('udp', TRUNK_ADDRESS)}"),
            ),
            guests=(PbxGuest("guest", "guest-password"),),
            agents=tuple(PbxAgent(agent, f"password-{agent}") for agent in agents),
            queues=(PbxQueue("billing"), PbxQueue("after-sales")),
            numbers={"95000": "ask", "95001": "zh", "95002": "en"},
            calls_out=CallsOut(numbers=OUTSIDE_NUMBERS),
            qualify_s=2,
        )
        house = cls(asterisk, replace(settings, **changes))
        house.speak()
        render(house.settings)
        try:
            await house.up()
        except BaseException:
            await house.down()
            raise
        return house

    def speak(self) -> None:
        """Short tones for prompts, a whisper of five seconds, a long tone for music."""
        for language in ("zh", "en"):
            for prompt in PROMPTS:
                tone(self.settings.sounds_folder / language / f"{prompt}.wav", 500, 0.2)
            for queue in self.settings.queues:
                tone(self.settings.sounds_folder / language / f"whisper-{queue.name}.wav", 800, 5.0)
        tone(self.settings.sounds_folder / "tones" / "beep.wav", 900, 0.2)
        tone(self.settings.moh_folder / "hold.wav", 300, 5.0)

    async def up(self) -> None:
        """Starts Asterisk and waits until it takes calls."""
        console = (self.settings.run_folder / "console").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *(*self.asterisk.asterisk, "-C", str(self.settings.main_file), "-f"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            env={"PATH": os.environ["PATH"], "HOME": str(self.settings.run_folder), "LC_ALL": "C.UTF-8"},
        )
        console.close()

        async def booted() -> bool:
            assert self.process is not None
            assert self.process.returncode is None, self.log()
            return "fully booted" in await self.cli("core waitfullybooted")

        await eventually(booted, "Asterisk's start")

    async def cli(self, command: str) -> str:
        """What `asterisk -rx COMMAND` prints. The tests' own eye; the daemon has no such right."""
        return await asterisk_console.ask(self.settings.run_folder / "control" / "asterisk.ctl", command)

    def log(self) -> str:
        files = [self.settings.run_folder / "log" / "messages.log", self.settings.run_folder / "console"]
        return "\n".join(file.read_text("utf-8", "replace") for file in files if file.exists())

    # --- people ---

    async def linked(self, epoch: int = 1) -> LinkUnderTest:
        """A link of the daemon's kind, found and in step."""
        floor = LinkUnderTest(self.settings, epoch)
        self.floors.append(floor)
        floor.pbx.start()
        await eventually(lambda: floor.pbx.synced or floor.superseded, "the link to Asterisk")
        return floor

    async def agents(self, agents: str | Sequence[str], phone: Phone, reachable: bool = True) -> SippAgents:
        """Registered telephones, found reachable by Asterisk."""
        names = (agents,) if isinstance(agents, str) else tuple(agents)
        row = SippAgents(
            self.asterisk.tool("sipp"),
            {name: f"password-{name}" for name in names},
            phone,
            host="127.0.0.1",
            pbx_port=self.settings.sip_port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 8),
            folder=self.new_folder("agents"),
        )
        self.people.append(row)
        await row.start()
        if reachable:

            async def seen() -> bool:
                contacts = await self.cli("pjsip show contacts")
                return all(f"{name}/sip:{name}@127.0.0.1:{row.port}" in contacts for name in names) and not any(
                    "Avail" not in line for line in contacts.splitlines() if f"127.0.0.1:{row.port}" in line
                )

            await eventually(seen, f"the registration of {names}")
        return row

    async def carrier(self, phone: Phone) -> SippAgents:
        """The carrier beyond the trunk: whoever is called out there behaves like this."""
        address, _, port = self.settings.trunks[0].outbound.partition(":")
        outside = SippAgents(
            self.asterisk.tool("sipp"),
            {},
            phone,
            host="127.0.0.1",
            pbx_port=self.settings.sip_port,
            port=int(port),
            **media_ports(TRUNK_ADDRESS, 8),
            address=address,
            folder=self.new_folder("carrier"),
        )
        self.people.append(outside)
        await outside.start()
        return outside

    async def caller(self, caller: Caller, calls: int = 1, rate: float = 1.0, **more: Any) -> SippCaller:
        """A caller who has begun to dial."""
        actor = SippCaller(
            self.asterisk.tool("sipp"),
            caller,
            host="127.0.0.1",
            pbx_port=self.settings.sip_port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 8),
            address=more.pop("address", TRUNK_ADDRESS),
            calls=calls,
            rate=rate,
            folder=self.new_folder("caller"),
            **more,
        )
        self.people.append(actor)
        await actor.start()
        return actor

    def new_folder(self, role: str) -> Path:
        self._cast += 1
        return self.settings.run_folder / "cast" / f"{self._cast}-{role}"

    # --- afterwards ---

    async def channels(self) -> list[str]:
        return [line for line in (await self.cli("core show channels concise")).splitlines() if "!" in line]

    async def empty(self) -> None:
        """Waits until no channel and no bridge is left."""

        async def none() -> bool:
            return not await self.channels() and "-" not in "".join(
                (await self.cli("bridge show all")).splitlines()[1:]
            )

        await eventually(none, "a house without channels")

    async def everybody_leaves(self) -> None:
        """Ends the people and links of one test, and waits until the house is empty."""
        for person in self.people:
            await person.stop()
        for floor in self.floors:
            await floor.leave()
        self.people.clear()
        self.floors.clear()
        await self.cli("channel request hangup all")
        try:
            await self.empty()
        except AssertionError as stuck:
            found = await self.state()
            await self.down()  # else no call of any later test would come through either
            await self.up()
            raise AssertionError(f"{stuck}; {ANEW}. It had:\n{found}") from None

    async def state(self) -> str:
        """What an engineer wants to see of an Asterisk that has stopped: channels, bridges, queues of its threads, the log's end."""
        waiting = [line for line in (await self.cli("core show taskprocessors")).splitlines() if _queued(line)]
        looks = [await self.cli(command) for command in ("core show channels concise", "bridge show all")]
        return "\n".join([*looks, *waiting, *self.log().splitlines()[-60:]])

    async def down(self) -> None:
        """Kills Asterisk as a crash would."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def closed(self) -> None:
        for person in self.people:
            await person.stop()
        for floor in self.floors:
            await floor.leave()
        await self.down()
