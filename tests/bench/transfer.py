"""Handing a caller over: from the request to the receiver's ring, and from there to the first agent's next caller.

Ours by its API, cold and warm, beside Asterisk's own blind and attended transfer (AMI BlindTransfer, Atxfer) of an
app_queue's member, in the same run, with callers waiting all the time. One agent serves the queue; the receiver is a
telephone that picks up at once and speaks for some seconds with whom it gets. Times are Asterisk's own; a request's time
is when it was written to the socket, so ours includes HTTP, log-in, log and fsync.

first_agent_ms  cold: from the request to the first agent's next ring. Warm: from the wish to complete (app_queue: from the first
                agent's hanging up, which completes there) to his next ring.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import aiohttp

from acd.pbx.install.ports import given_back
from acd.processes.child import Child
from acd.sipp.actors import Caller, Phone
from tests.bench.measured_system import NUMBER, QUEUE_FILE, MeasuredSystem, System, Watcher
from tests.support.waiting import eventually

FIRST, RECEIVER = "1001", "1002"
RUNS, TRANSFERS = 2, 20
SPOKEN_S = 2.5
"""How long receiver and caller talk: so long app_queue may think that the first agent is busy."""
Kind = Literal["cold", "warm"]

_RECEIVER = f"""
[agents.{RECEIVER}]
name = "Receiver"
queues = ["complaints"]
whisper = "never"
skills = {{ complaints = 5 }}
"""
_DIALS = f"""
[bench-transfer]
exten => {RECEIVER},1,Dial(PJSIP/{RECEIVER},20)
 same => n,Hangup(16)
"""
_FEATURES = (
    "[general]\natxfernoanswertimeout = 20\ntransferdigittimeout = 1\n[featuremap]\natxfer = *2\n[applicationmap]\n"
)


@dataclass
class Sight:
    """What was seen, by Asterisk's own clock: each as (what, agent) with its times."""

    seen: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    """Agent to the channel that was dialled to him last."""
    calls: dict[str, str] = field(default_factory=dict)
    """Agent to the call that he was offered last, where the dialplan is ours."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def see(self, event: dict[str, str]) -> None:
        at = float(event.get("Timestamp", "0"))
        match event.get("Event"):
            case "DialBegin":
                channel = event.get("DestChannel", "")
                agent = _agent(channel)
                self.channels[agent] = channel
                self._note("rings", agent, at)
            case "UserEvent" if event.get("UserEvent") == "OfferTaken":
                self.calls[event.get("Agent", "")] = event.get("Call", "")
            case "BridgeEnter":
                self._note("speaks", _agent(event.get("Channel", "")), at)
            case "Hangup":
                self._note("gone", _agent(event.get("Channel", "")), at)

    def _note(self, what: str, agent: str, at: float) -> None:
        self.seen.setdefault((what, agent), []).append(at)
        self.changed.set()

    async def after(self, what: str, agent: str, since: float, within_s: float = 60.0) -> float:
        """The first time after `since` that this was seen. AssertionError: it was not."""
        async with asyncio.timeout(within_s):
            while True:
                for at in self.seen.get((what, agent), ()):
                    if at > since:
                        return at
                self.changed.clear()
                await self.changed.wait()


def _agent(channel: str) -> str:
    return channel.removeprefix("PJSIP/").rpartition("-")[0]


class TransferBenchSystem(MeasuredSystem):
    """The measured system with a receiver who serves nobody of the queue."""

    def __init__(self, folder: Path, system: System) -> None:
        super().__init__(folder, system, [FIRST], more=_RECEIVER)
        self.at_start.append(self._with_transfers)

    def _with_transfers(self, parts: list[Child]) -> list[Child]:
        etc = self.installation.run / "asterisk" / "etc"
        arrival = etc / "extensions_arrival.conf"
        text = arrival.read_text(encoding="utf-8").replace("Queue(peer,c)", "Queue(peer,ct)")  # t: members may transfer
        arrival.write_text(text + _DIALS, encoding="utf-8")
        if self.system == "peer":
            (etc / "features.conf").write_text(_FEATURES, encoding="utf-8")
            queues = QUEUE_FILE.read_text(encoding="utf-8") + f"member => PJSIP/{FIRST}\n"
            (etc / "queues.conf").write_text(queues, encoding="utf-8")
        return parts


class Peer:
    """Asterisk's own transfers, by the eye's AMI session."""

    def __init__(self, running: TransferBenchSystem, sight: Sight, watcher: Watcher) -> None:
        self.sight, self.watcher = sight, watcher

    async def begin(self, kind: Kind) -> float:
        action = "BlindTransfer" if kind == "cold" else "Atxfer"
        return self._send(action, Channel=self.sight.channels[FIRST], Context="bench-transfer", Exten=RECEIVER)

    async def complete(self) -> float:
        return self._send("Hangup", Channel=self.sight.channels[FIRST])

    def _send(self, action: str, **fields: str) -> float:
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.watcher._writer.write(f"Action: {action}\r\n{lines}\r\n".encode())
        return time.time()


class Ours:
    """The same by our API."""

    def __init__(self, running: TransferBenchSystem, sight: Sight, session: aiohttp.ClientSession) -> None:
        self.running, self.sight, self.session = running, sight, session

    async def begin(self, kind: Kind) -> float:
        self.call = self.sight.calls[FIRST]
        body = {"to": {"agent": RECEIVER}, "reason": "refund", "warm": kind == "warm"}
        return await self._post("", body)

    async def complete(self) -> float:
        return await self._post("/complete", {})

    async def _post(self, verb: str, body: dict[str, Any]) -> float:
        at = time.time()
        url = f"{self.running.prepared.web_url}/api/calls/{self.call}/transfer{verb}"
        async with self.session.post(url, json=body) as answer:
            assert answer.status == 200, await answer.text()
        return at


async def _one(
    sight: Sight, by: "Ours | Peer", kind: Kind, ready: Callable[[], Awaitable[None]]
) -> tuple[float, float]:
    """Milliseconds to the receiver's ring, and to the first agent's next."""
    await sight.after("speaks", FIRST, sight.seen[("rings", FIRST)][-1])
    await ready()
    await asyncio.sleep(0.7)
    asked = await by.begin(kind)
    rang = await sight.after("rings", RECEIVER, asked - 0.001)
    wished = asked
    if kind == "warm":
        await sight.after("speaks", RECEIVER, rang)
        await asyncio.sleep(0.7)
        wished = await by.complete()
    next_ring = await sight.after("rings", FIRST, wished - 0.001)
    await sight.after("gone", RECEIVER, rang)
    return (rang - asked) * 1000, (next_ring - wished) * 1000


async def _run_one(folder: Path, system: Literal["ours", "peer"], kind: Kind, transfers: int) -> dict[str, list[float]]:
    sight = Sight()
    async with TransferBenchSystem(folder, system) as running:
        watcher = Watcher(sight)  # type: ignore[arg-type]

        async def booted() -> bool:
            return "fully booted" in await running.cli("core waitfullybooted")

        await eventually(booted, "Asterisk's start")
        await watcher.open(running.prepared.ami_port, running.secret)
        headers = {"Authorization": f"Bearer {running.installation.token()}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            by: Ours | Peer = Ours(running, sight, session) if system == "ours" else Peer(running, sight, watcher)
            await running.staffed(
                RECEIVER, Phone(ring_s=0, talks_s=(SPOKEN_S,) * (transfers + 5)), ready=system == "ours"
            )
            await running.staffed(FIRST, Phone(ring_s=0, talks_s=(300.0,) * (transfers + 5)), ready=system == "ours")
            await running.caller(Caller(NUMBER, stays_s=1200), calls=transfers + 4, rate=10.0)
            await sight.after("rings", FIRST, 0.0)

            async def ready() -> None:
                if system == "ours":

                    async def idle() -> bool:
                        return bool((await running.agent(RECEIVER))["state"] == "idle")

                    await eventually(idle, "the receiver's being idle")

            found: dict[str, list[float]] = {"receiver_ms": [], "first_agent_ms": []}
            for _ in range(transfers):
                receiver_ms, first_ms = await _one(sight, by, kind, ready)
                found["receiver_ms"].append(receiver_ms)
                found["first_agent_ms"].append(first_ms)
        watcher.close()
    return found


def _figures(found: list[float]) -> dict[str, float]:
    found = sorted(found)
    return {
        "median": round(statistics.median(found), 2),
        "p99": round(found[min(len(found) - 1, int(len(found) * 0.99))], 2),
        "samples": len(found),
    }


def run(say: Callable[[str], None] = print, runs: int = RUNS, transfers: int = TRANSFERS) -> dict[str, Any]:
    """The figures; takes about a quarter of an hour."""
    return asyncio.run(_run(say, runs, transfers))


async def _run(say: Callable[[str], None], runs: int, transfers: int) -> dict[str, Any]:
    pairs: list[tuple[Literal["ours", "peer"], Kind]] = [
        ("ours", "cold"), ("peer", "cold"), ("ours", "warm"), ("peer", "warm"),
    ]  # fmt: skip
    found: dict[tuple[str, str], dict[str, list[float]]] = {pair: {} for pair in pairs}
    for number in range(runs):
        for system, kind in pairs[number % 4 :] + pairs[: number % 4]:
            with given_back(), tempfile.TemporaryDirectory(prefix="bench-") as folder:
                once = await _run_one(Path(folder), system, kind, transfers)
            for name, values in once.items():
                found[system, kind].setdefault(name, []).extend(values)
            say(f"run {number + 1} of {runs}, {system} {kind}: { ({name: _figures(v) for name, v in once.items()}) }")
    result: dict[str, Any] = {
        f"{system}_{kind}": {name: _figures(values) for name, values in found[system, kind].items()}
        for system, kind in pairs
    }
    for kind in ("cold", "warm"):
        ours, peer = result[f"ours_{kind}"], result[f"peer_{kind}"]
        result[f"{kind}_receiver_ratio"] = round(ours["receiver_ms"]["median"] / peer["receiver_ms"]["median"], 2)
        result[f"{kind}_first_agent_ratio"] = round(
            peer["first_agent_ms"]["median"] / ours["first_agent_ms"]["median"], 1
        )
    return result
