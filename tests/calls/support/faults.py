"""A whole house to which things are done: parts killed, frozen, kept away and brought back, and its figures.

    async with TroubledHouse(folder) as house:
        killed = house.kill("daemon")
        ...
        await house.back("daemon", killed)

Figures of a fault (`Figures`) are printed, and added to the file that SANXIANG_FAULTS names: they make the README's
table, and no test passes or fails by them.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from acd.engine.commands import Ending, Kind, Log
from acd.processes.supervisor import Child
from acd.sipp.actors import Caller, SippCaller
from tests.calls.support.full_system import WholeHouse
from tests.support.waiting import eventually


@dataclass(frozen=True, slots=True)
class Done:
    """Something was done to a part of the house."""

    part: str
    starts: int
    """How often the part had been started then."""
    at: datetime

    @property
    def ago_s(self) -> float:
        return (datetime.now(UTC) - self.at).total_seconds()


class TroubledHouse(WholeHouse):
    ami_proxy: "Proxy | None" = None
    """Stands between daemon and Asterisk when it is set before the start."""
    database_at_start = True

    def before_start(self, parts: list[Child]) -> list[Child]:
        self._programs = {part.name: part.argv for part in parts}
        for part in parts:
            part.back_off_s = (0.1,)  # many kills in a minute are no crash loop here: each is a first one
        if self.ami_proxy is not None:
            # Asterisk's files are rendered by now: from here on the daemon alone reads the port.
            self.ami_proxy.target = self.prepared.ami_port
            replace(self.prepared, ami_port=self.ami_proxy.port).keep(self.installation)
        if not self.database_at_start:
            self.database.stop()
        return parts

    async def serving(self) -> None:
        await self.well(*(("pbx", "stories") if not self.database_at_start else ()))

    # --- doing things to it ---

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> Done:
        done = Done(part, self.parts[part].starts, datetime.now(UTC))
        self.signal(part, number)
        return done

    async def back(self, done: Done) -> None:
        """Waits until the supervisor has started the part again and the house says that all is well."""
        await eventually(lambda: self.parts[done.part].starts > done.starts, f"another start of {done.part}")
        await self.serving()

    def bring_back(self, part: str) -> None:
        """What was held back may run again: the sleeper in its place ends, and the supervisor starts the real one."""
        self.parts[part].argv = self._programs[part]
        with suppress(ProcessLookupError):  # Not even the sleeper has been started yet.
            self.signal(part, signal.SIGKILL)

    @asynccontextmanager
    async def frozen(self, part: str) -> AsyncIterator[Done]:
        """SIGSTOP on the way in, SIGCONT on the way out, whoever has its process id by then."""
        process = self.parts[part].process
        done = self.kill(part, signal.SIGSTOP)
        try:
            yield done
        finally:
            if process is not None and process.returncode is None:
                process.send_signal(signal.SIGCONT)

    async def caller(
        self, caller: Caller, calls: int = 1, rate: float = 20.0, rows: Sequence[Sequence[str]] = ()
    ) -> SippCaller:
        """At this rate SIPp dials at once; at one a second it first waits for a second."""
        return await super().caller(caller, calls, rate, rows)

    # --- looking at it ---

    async def checks(self) -> dict[str, bool]:
        """What /health says of each part; nothing while the daemon is away."""
        try:
            said = await self.ask("GET", "/health")
            if "checks" not in said:  # asked too often: the door lets so many questions a second through
                await asyncio.sleep(0.5)
            return {check["name"]: check["up"] for check in said.get("checks", [])}
        except (aiohttp.ClientError, OSError, TimeoutError):
            return {}

    async def well(self, *names: str) -> None:
        """Waits until /health says so of these checks; of all when none is named."""

        async def up() -> bool:
            checks = await self.checks()
            return bool(checks) and all(checks[name] for name in names or checks)

        try:
            await eventually(up, f"the health of {', '.join(names) or 'all parts'}")
        except AssertionError as late:
            raise AssertionError(f"{late}; it is {await self.checks()}\n{self.tale()}") from None

    async def calls(self) -> dict[str, Any]:
        """The page's rows of the calls in the house, by call."""
        return {row["call"]: row for row in (await self.state())["calls"]}

    async def stages(self, *wanted: str, patience_s: float = 45) -> dict[str, Any]:
        """Waits until the calls in the house stand so (in any order); their rows, by call."""

        async def found() -> dict[str, Any] | None:
            calls = await self.calls()
            return calls if sorted(row["stage"] for row in calls.values()) == sorted(wanted) else None

        try:
            return await eventually(found, f"calls {wanted}", patience_s)  # type: ignore[no-any-return]
        except AssertionError as late:
            raise AssertionError(f"{late}; there are {await self.calls()}\n{self.tale()}") from None

    async def channels(self) -> list[list[str]]:
        """Asterisk's own list: of each channel its name, context, …, at last its bridge and its unique id."""
        text = await self.cli("core show channels concise")
        return [line.split("!") for line in text.splitlines() if line.count("!") > 10]

    async def callers_in(self, context: str) -> int:
        """Callers whose channel stands in this context of the dialplan."""
        return sum(1 for row in await self.channels() if row[1] == context)

    async def talks_of(self, agent: str) -> int:
        """How many conversations this agent's phone is in, by Asterisk's own list."""
        rows = await self.channels()
        return sum(1 for row in rows if row[0].startswith(f"PJSIP/{agent}-") and row[4] == "Up" and row[-2])

    async def everybody_hangs_up(self) -> None:
        for person in self.people:
            if isinstance(person, SippCaller):
                await person.hang_up()

    async def next_row(self) -> None:
        rows = len(self.log())
        await eventually(lambda: len(self.log()) > rows, "the next row")

    def of(self, kind: Kind, call: str = "") -> list[Log]:
        return [row for _, row in self.log() if row.kind is kind and call in ("", row.call)]

    def time_of(self, kind: Kind, call: str) -> datetime:
        return next(at for at, row in self.log() if row.kind is kind and row.call == call)

    def endings(self) -> dict[str, str]:
        return {row.call: str(row.detail["ending"]) for row in self.of(Kind.ENDED)}

    def lost(self) -> int:
        return sum(1 for ending in self.endings().values() if ending == Ending.LOST)

    def alarms(self) -> list[str]:
        return [str(row.detail["name"]) for row in self.of(Kind.ALARM)]

    def said(self, part: str) -> str:
        """What the part has written to its log."""
        return (self.installation.log / f"{part}.log").read_text("utf-8", "replace")

    def none_offered_twice(self) -> None:
        """No agent has two offers that go on at once, and no caller has two."""
        going_on: dict[str, str] = {}
        for _, row in self.log():
            if row.kind is Kind.OFFERED:
                for who in (row.agent, row.call):
                    assert who not in going_on, f"{who} has {row.offer} beside {going_on[who]}"
                    going_on[who] = row.offer
            elif row.kind is Kind.TALK_ENDED or (row.kind is Kind.OFFER_ENDED and row.detail["outcome"] != "answered"):
                going_on.pop(row.agent, None)
                going_on.pop(row.call, None)


def of_call(call: str) -> Callable[[Log], bool]:
    return lambda row: row.call == call


def figures(fault: str, tries: int, lost: int, recovered_s: float | None, note: str = "") -> None:
    """One row of the table of faults: measured, never judged."""
    recovered = "-" if recovered_s is None else f"{recovered_s:.1f} s"
    row = f"| {fault} | {tries} | {lost} | {recovered}{f' ({note})' if note else ''} |"
    print(row)
    if kept := os.environ.get("SANXIANG_FAULTS"):
        with Path(kept).open("a", encoding="utf-8") as file:
            file.write(row + "\n")


class Proxy:
    """Stands between two that talk over TCP on loopback, and does to them what networks do."""

    def __init__(self, port: int) -> None:
        self.port, self.target = port, 0
        self.links = 0
        """How many have been made so far."""
        self._silent = asyncio.Event()
        self._pairs: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def joined_again(self, links: int) -> None:
        """Waits until more than so many links have been made."""
        await eventually(lambda: self.links > links, "the next link")

    def reset(self) -> None:
        """RST to both sides of every link there is."""
        for pair in self._pairs:
            for writer in pair:
                writer.transport.abort()
        self._pairs.clear()

    @asynccontextmanager
    async def half_open(self) -> AsyncIterator[float]:
        """Every link stays open and carries nothing more, nor do new ones; what was sent meanwhile is lost."""
        self._silent.set()
        try:
            yield time.monotonic()
        finally:
            self.reset()
            self._silent.clear()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self.links += 1
        self._pairs.append((writer, onward))
        for source, sink in ((reader, onward), (there, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                if not self._silent.is_set():
                    sink.write(data)
                    await sink.drain()
            sink.close()
        except OSError:
            sink.transport.abort()
