"""One Asterisk for one run of a bench: ours, app_queue, or a bare script that only redirects, under the same callers.

All three are rendered from the same templates and measured by the same eye, an AMI session of its own: agents hang up,
phones are dialled, callers and agents meet, each with Asterisk's own timestamp.
"""

import asyncio
import os
import random
import secrets
import statistics
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from acd.pbx.install.ports import given_back
from acd.processes.child import Child
from acd.sipp.actors import Caller, Phone, Sipp
from tests.calls.support.running_system import RunningSystem
from tests.support.waiting import eventually

System = Literal["ours", "peer", "floor"]
NUMBER = "95009"
"""Dialled by the bench's callers: no notice and no menu, a person at once."""

_ARRIVE = """
[hotline]
exten => {number},1,Goto(bench-arrive,s,1)
[bench-arrive]
exten => s,1,Set(__CALL_ID=b${{EPOCH}}-${{CUT(UNIQUEID,.,2)}}-${{RAND(1000,9999)}})
 same => n,Set(CALLER=unknown)
 same => n,Set(LANG=zh)
 same => n,UserEvent(CallArrived,Call: ${{CALL_ID}},Caller: ${{CALLER}},Dialled: {number})
 same => n,Answer()
{then}
exten => i,1,Hangup(1)
exten => t,1,Hangup(102)
exten => h,1,NoOp()
"""
_QUEUED = " same => n,UserEvent(CallQueued,Call: ${CALL_ID},Queue: general,Skills: ,Language: zh)\n"
_OURS = " same => n,Set(NEXT=queue)\n same => n,Set(QUEUE=general)\n same => n,Goto(menu,s,chosen)"
_RECORD = " same => n,MixMonitor(${LIVE}/${CALL_ID}-1.wav,b)\n"
_PEER = _QUEUED + "{record} same => n,Queue(peer,c)\n same => n,Hangup(16)"
_FLOOR = (
    _QUEUED
    + """ same => n,MusicOnHold(default)
[bench-connect]
exten => _X.,1,Dial(PJSIP/${EXTEN},20,g)
 same => n,Hangup(16)"""
)
QUEUE_FILE = Path(__file__).parent / "queues.conf"
"""app_queue's own configuration, as it is measured."""

_EYE = """
[eye]
secret = {secret}
permit = 127.0.0.1/255.255.255.255
read = call,user
write = call
writetimeout = 10000
""" + "".join(
    f"eventfilter(action(include),name({name})) =\n"
    for name in ("UserEvent", "Newstate", "DialBegin", "BridgeEnter", "BridgeLeave", "Hangup")
)


Sipp.trace = False  # both cores belong to what is measured


def talks(calls: int, low: float, high: float, seed: int) -> tuple[float, ...]:
    chance = random.Random(seed)
    return tuple(chance.uniform(low, high) for _ in range(calls + 50))


@dataclass
class Eye:
    """What was seen of one run, by Asterisk's own clock."""

    agents: set[str]
    idle_to_ring_s: list[float] = field(default_factory=list)
    """From an agent's leg hanging up, with more callers waiting than agents free, to the next telephone's dialling."""
    waits_s: list[float] = field(default_factory=list)
    """From asking for a person to the bridge, of those who got one."""
    queued: dict[str, float] = field(default_factory=dict)
    """Caller's channel to when he asked, in order."""
    waiting: dict[str, float] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    """Caller's channel to his call's id."""
    talks_s: dict[str, float] = field(default_factory=dict)
    """Call to the time from the bridge to the agent's hanging up."""
    _met: dict[str, float] = field(default_factory=dict)
    """Caller's channel to when he met an agent."""
    _up: set[str] = field(default_factory=set)
    _vacant: deque[float] = field(default_factory=deque)
    """When each agent became free whom somebody waits for; the next dialling fills the oldest."""
    _busy: set[str] = field(default_factory=set)
    on_change: Callable[["Eye"], None] | None = None
    idle: deque[str] = field(default_factory=deque)
    """For the bare script: who is free, longest first."""

    def see(self, event: dict[str, str]) -> None:
        at = float(event.get("Timestamp", "0"))
        channel = event.get("Channel", "")
        match event.get("Event"):
            case "UserEvent" if event.get("UserEvent") == "CallQueued":
                self.queued[channel] = self.waiting[channel] = at
                self.calls[channel] = event["Call"]
            case "DialBegin" if (agent := self._agent(event.get("DestChannel", ""))) in self.agents:
                self.waiting.pop(channel, None)
                self._busy.add(agent)
                if self._vacant:
                    self.idle_to_ring_s.append(at - self._vacant.popleft())
            case "Newstate" if event.get("ChannelStateDesc") == "Up":
                self._up.add(channel)
            case "BridgeEnter" if channel in self.queued and channel not in self._met:
                self._met[channel] = at
                self.waits_s.append(at - self.queued[channel])
            case "BridgeLeave" if channel in self._met:
                self.talks_s[self.calls[channel]] = at - self._met[channel]
            case "Hangup":
                self.waiting.pop(channel, None)
                agent = self._agent(channel)
                if agent in self.agents:
                    free = len(self.agents) - len(self._busy)
                    if channel in self._up and len(self.waiting) > free:
                        self._vacant.append(at)
                    self._busy.discard(agent)
                    self.idle.append(agent)
                self._up.discard(channel)
        if self.on_change:
            self.on_change(self)

    @staticmethod
    def _agent(channel: str) -> str:
        return channel.removeprefix("PJSIP/").rpartition("-")[0]


class Watcher:
    """The eye's AMI session: reads as fast as it can; the floor's script also writes through it."""

    def __init__(self, eye: Eye) -> None:
        self.eye = eye

    async def open(self, port: int, secret: str) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        await self._reader.readline()
        self._writer.write(f"Action: Login\r\nUsername: eye\r\nSecret: {secret}\r\n\r\n".encode())
        self._task = asyncio.create_task(self._read(), name="eye")

    async def _read(self) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                block = (await self._reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
                self.eye.see(dict(line.split(": ", 1) for line in block.split("\r\n") if ": " in line))

    def redirect(self, eye: Eye) -> None:
        """The floor: whoever is free gets whoever waits, with nothing else done."""
        while eye.idle and eye.waiting:
            channel = next(iter(eye.waiting))
            del eye.waiting[channel]
            agent = eye.idle.popleft()
            self._writer.write(
                f"Action: Redirect\r\nChannel: {channel}\r\nContext: bench-connect\r\n"
                f"Exten: {agent}\r\nPriority: 1\r\n\r\n".encode()
            )

    def close(self) -> None:
        self._task.cancel()
        self._writer.close()


class MeasuredSystem(RunningSystem):
    """A system whose number NUMBER leads straight to a person, by one of the three systems."""

    RTP_PORTS = 2000

    def __init__(
        self,
        folder: Path,
        system: System,
        agents: list[str],
        *,
        record: bool = False,
        more: str = "",
        page_folder: Path | None = None,
    ) -> None:
        super().__init__(folder, agents, wrap_up_s=0, more=more)
        self.system, self.record = system, record
        self.leftovers_matter = False
        self.page_folder = page_folder
        self.eye = Eye(set(agents))
        self.secret = secrets.token_urlsafe(16)
        self.at_start.append(self._as_measured)

    def _as_measured(self, parts: list[Child]) -> list[Child]:
        etc = self.installation.run / "asterisk" / "etc"
        then = {"ours": _OURS, "peer": _PEER.replace("{record}", _RECORD if self.record else ""), "floor": _FLOOR}[
            self.system
        ]
        with (etc / "extensions_arrival.conf").open("a", encoding="utf-8") as file:
            file.write(_ARRIVE.format(number=NUMBER, then=then))
        with (etc / "manager.conf").open("a", encoding="utf-8") as file:
            file.write(_EYE.format(secret=self.secret))
        if self.system == "peer":
            members = "".join(f"member => PJSIP/{agent}\n" for agent in self.agents)
            (etc / "queues.conf").write_text(QUEUE_FILE.read_text(encoding="utf-8") + members, encoding="utf-8")
        return parts if self.system == "ours" else [part for part in parts if part.name == "asterisk"]

    async def reachable(self, agent: str) -> bool:
        """As Asterisk itself sees it: there is no daemon to ask in two of three systems."""
        contact = next(
            (line for line in (await self.cli("pjsip show contacts")).splitlines() if f" {agent}/" in line), ""
        )
        return "Avail" in contact

    def cpu_s(self, part: str) -> float:
        """User and system time so far of one of our processes."""
        child = self.parts.get(part)
        if child is None or child.process is None:
            return 0.0
        fields = (Path("/proc") / str(child.process.pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of one run."""

    figures: dict[str, float]
    faults: list[str]
    """What was lost, where the run was asked to look for it."""


@asynccontextmanager
async def floor_open(
    folder: Path, system: System, agents: int, phone: Phone, record: bool = False, page_folder: Path | None = None
) -> AsyncIterator[MeasuredSystem]:
    """The system up, its agents registered and ready, the eye open; with the page in `page_folder`, else with the API alone. Its ports
    are free for the next one afterwards."""
    names = [str(1001 + n) for n in range(agents)]
    with given_back():
        async with MeasuredSystem(folder, system, names, record=record, page_folder=page_folder) as running:
            watcher = Watcher(running.eye)

            async def booted() -> bool:
                return "fully booted" in await running.cli("core waitfullybooted")

            await eventually(booted, "Asterisk's start")
            await watcher.open(running.prepared.ami_port, running.secret)
            try:
                await running.staffed(names, phone, ready=system == "ours")
                if system == "floor":
                    running.eye.idle.extend(names)
                    running.eye.on_change = watcher.redirect
                yield running
            finally:
                watcher.close()


async def run(
    folder: Path,
    system: System,
    *,
    calls: int,
    rate: float,
    seed: int,
    agents: int = 20,
    ring_s: float = 0.3,
    talk_s: tuple[float, float] = (1.0, 4.0),
    record: bool = False,
    look: Callable[[MeasuredSystem], Awaitable[list[str]]] | None = None,
) -> Run:
    """One day of `calls` callers at `rate` a second; ends when the last one has. `look` then says what was lost."""
    phone = Phone(ring_s=ring_s, talks_s=talks(calls, *talk_s, seed))
    async with floor_open(folder, system, agents, phone, record) as running:
        parts = ("asterisk", "daemon", "stories")
        before = {part: running.cpu_s(part) for part in parts}
        callers = await running.caller(Caller(NUMBER, stays_s=120), calls=calls, rate=rate)
        await asyncio.wait_for(callers.wait(), calls / rate + 240)
        await asyncio.sleep(1.0)
        spent = {part: running.cpu_s(part) - before[part] for part in parts}
        eye = running.eye
        faults = await look(running) if look else []
    waits = sorted(eye.waits_s) or [0.0]
    gaps = sorted(eye.idle_to_ring_s) or [0.0]
    return Run(
        {
            "idle_to_ring_median_ms": round(statistics.median(gaps) * 1000, 3),
            "idle_to_ring_p99_ms": round(gaps[min(len(gaps) - 1, int(len(gaps) * 0.99))] * 1000, 3),
            "idle_to_ring_samples": len(eye.idle_to_ring_s),
            "wait_median_s": round(statistics.median(waits), 3),
            "wait_mean_s": round(statistics.fmean(waits), 3),
            "within_15_s_share": round(sum(wait <= 15 for wait in waits) / calls, 4),
            "calls_asked": len(eye.calls),
            "calls_answered": len(eye.waits_s),
            "asterisk_cpu_ms_per_call": round(spent["asterisk"] * 1000 / calls, 2),
            "ours_cpu_ms_per_call": round((spent["daemon"] + spent["stories"]) * 1000 / calls, 2),
        },
        faults,
    )


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}
