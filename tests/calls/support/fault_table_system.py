"""A troubled house for many faults, one after the other: Asterisk keeps a book of its own, a proxy stands in the link.

async with FaultHouse(folder) as house:
    async with house.fault():                 # empty books, nobody there; afterwards all books agree
        ...
"""

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

import aiohttp

from acd.engine.commands import Kind
from acd.pbx.install.ports import free_port
from acd.processes.leader_lease import Leader, standbys
from acd.processes.supervisor import Child
from acd.sipp.actors import Caller, Phone, SippAgents, SippCaller
from tests.calls.support import record_comparison
from tests.calls.support.ami_proxy import AmiProxy
from tests.calls.support.daemon_with_faults import OwnDaemon
from tests.calls.support.faults import Done, TroubledHouse
from tests.calls.support.full_system import BRISK_KEY_AFTER_S
from tests.calls.support.manual_caller import Line
from tests.support.audio import tone
from tests.support.waiting import eventually

_CEL_FILE = """
[general]
enable = yes
events = USER_DEFINED,CHAN_START,ANSWER,BRIDGE_ENTER,BRIDGE_EXIT,CHAN_END

[manager]
enabled = no
"""
_CEL_BOOK = "faults.csv => ${eventtype},${eventtime},${CHANNEL},${UNIQUEID},${CHANNEL(linkedid)},${CALLERID(num)}\n"
OVERFLOW = """
[[queues.complaints.overflow]]
after_s = 2
do = "offer-callback"
within_h = 2
why = "who has waited for two seconds may be called back"

[[queues.complaints.overflow]]
after_s = 12
do = "raise-priority"
by = 5
why = "and who stays all the same comes first"
"""
"""A policy for one queue, for the scenario that waits too long; the others are in `orders`."""
CALLS_PER_NUMBER = 6
FILES_IN_HAND = 12
_TESTER = """
[tester]
secret = {secret}
permit = 127.0.0.1/255.255.255.255
read = reporting
write = user
writetimeout = 10000
"""


class FaultHouse(TroubledHouse):
    ami_proxy: AmiProxy

    def __init__(
        self, folder: Path, agents: int = 6, *, wrap_up_s: float = 0, ring_s: float = 1, more: str = ""
    ) -> None:
        self.agents = [str(1001 + number) for number in range(agents)]
        super().__init__(folder, self.agents, ring_s=ring_s, wrap_up_s=wrap_up_s, brisk=True, more=more + OVERFLOW)
        text = self.config_file.read_text("utf-8")
        self.config_file.write_text(f"[hotline]\ncalls_per_number = {CALLS_PER_NUMBER}\n{text}", "utf-8")
        self.ami_proxy = AmiProxy(free_port("tcp"))
        self.tester_secret = f"tester-{free_port('tcp')}-{time.time_ns()}"
        self._numbers = itertools.count(1)
        self._cast_from = 0
        self.lines: list[Line] = []
        """Callers of this fault that are no SIPp's."""
        self.verdict = record_comparison.Verdict(0, 0, [])
        """What the books said of the fault before."""

    async def __aenter__(self) -> "FaultHouse":
        for language in ("zh", "en"):
            for prompt in (
                "callback-within",
                "callback-two",
                "callback-hours",
                "callback-keep-place",
                "too-many-calls",
            ):
                tone(self.folder / "prompts" / language / f"{prompt}.wav", 500, 0.3)
        await self.ami_proxy.__aenter__()
        await super().__aenter__()
        return self

    async def __aexit__(self, *how: object) -> None:
        try:
            await super().__aexit__(*how)  # type: ignore[arg-type]
        finally:
            await self.ami_proxy.__aexit__()

    def before_start(self, parts: list[Child]) -> list[Child]:
        etc = self.installation.run / "asterisk" / "etc"
        (etc / "cel.conf").write_text(_CEL_FILE, "utf-8")
        with (etc / "cel_custom.conf").open("a", encoding="utf-8") as file:
            file.write(_CEL_BOOK)
        with (etc / "manager.conf").open("a", encoding="utf-8") as file:
            file.write(_TESTER.format(secret=self.tester_secret))
        return super().before_start(parts)

    @property
    def cel_book(self) -> Path:
        return self.installation.run / "asterisk" / "log" / "cel-custom" / "faults.csv"

    # --- one fault ---

    @asynccontextmanager
    async def fault(self, *, by_number: bool = True, trip_wires: bool = False) -> AsyncIterator[None]:
        """Begins with empty books and nobody there; afterwards every call has ended once, and the books agree.

        `trip_wires`: the daemon is the one of daemon_with_faults.py. Not `by_number`: see `record_comparison.agree`.
        """
        own = [sys.executable, "-m", OwnDaemon.__module__, str(self.installation.state), "256"]
        await self._daemon_is(own if trip_wires else self._programs["daemon"])
        await self.serving()  # whatever the fault before has left
        self._cast_from = len(self.people)
        self.lines.clear()
        before = self._daemons_files()
        try:
            async with self.scene():
                self.cel_book.unlink(missing_ok=True)
                yield
                await self.everybody_hangs_up()
                await self.nothing_left()
                await self._no_files_left(*before)
                self.verdict = await record_comparison.agree(self, by_number)
        finally:
            for line in self.lines:
                line.close()

    @property
    def cast(self) -> Sequence[SippAgents | SippCaller]:
        """The people of this fault."""
        return self.people[self._cast_from :]

    @property
    def callers(self) -> list[SippCaller]:
        """Those who dialled the hotline."""
        return [one for one in self.cast if isinstance(one, SippCaller) and one.address != "127.0.0.1"]

    def numbers(self, count: int) -> list[str]:
        """Callers' numbers that nobody has had before."""
        return [f"139{next(self._numbers):08d}" for _ in range(count)]

    async def crowd(
        self, count: int, *, rate: float = 10.0, key: str = "1", stays_s: float = 240.0, numbers: Sequence[str] = ()
    ) -> list[str]:
        """So many callers who dial at this rate and ask for a person; their numbers. Returns when they begin to dial."""
        numbers = numbers or self.numbers(count)
        man = Caller("95001", "[field0]", keys=key, keys_after_s=BRISK_KEY_AFTER_S, stays_s=stays_s)
        await self.caller(man, count, rate, [[number] for number in numbers])
        return list(numbers)

    async def line(self, number: str = "", *, dialled: str = "95001", dials: bool = True) -> Line:
        """A caller made by hand; he dials at once unless told otherwise."""
        line = await Line(number or self.numbers(1)[0], self.prepared.sip_port, dialled).open()
        self.lines.append(line)
        if dials:
            line.invite()
        return line

    async def asks_by_line(self, key: str = "1") -> Line:
        """Made by hand, and asking for a person: he has keyed what he wants."""
        line = await self.line()
        await line.is_answered()
        await asyncio.sleep(BRISK_KEY_AFTER_S)  # as SIPp's callers: the menu hears keys by then
        line.key(key)
        return line

    async def present(self, agents: Sequence[str], phone: Phone) -> SippAgents:
        """Registered and logged in, but not ready: callers wait."""
        row = await self.staffed(agents, phone, ready=False)
        for agent in agents:
            await self.ask("POST", f"/api/agents/{agent}/log-in", {})
            await self.comes_to_be(agent, "not ready")
        return row

    async def leaves(self, agent: str, phone: SippAgents) -> None:
        """Logged out, and the phone switched off: another may take the name."""
        await self.ask("POST", f"/api/agents/{agent}/log-out", {})
        await self.comes_to_be(agent, "logged out")
        await phone.stop()

    async def ready(self, agents: Sequence[str]) -> None:
        for agent in agents:
            await self.ask("POST", f"/api/agents/{agent}/ready", {})

    async def first(self, kind: Kind, after: datetime) -> datetime:
        """When the first row of this kind after that moment was written, by the moment's own clock."""

        def found() -> list[datetime]:
            return [at for at, row in self.log() if row.kind is kind and at > after]

        return (await eventually(found, f"{kind} after {after:%H:%M:%S}", 90))[0]  # type: ignore[no-any-return]

    async def up_again(self, done: Done) -> float:
        """Waits until the daemon answers again and is in step with Asterisk; seconds since it was killed.

        Asked in short steps, for the figure; everything else of the house may be as it likes.
        """
        await eventually(lambda: self.parts[done.part].starts > done.starts, f"another start of {done.part}")

        async def found() -> bool:
            try:
                health = await self.ask("GET", "/health")
            except (aiohttp.ClientError, OSError):
                return False
            await asyncio.sleep(0.05)
            return any(check["name"] == "pbx" and check["up"] for check in health.get("checks", []))

        await eventually(found, "the daemon in step again")
        return done.ago_s

    # --- another daemon ---

    def leader(self) -> int:
        """Process id of the daemon that leads and decides; 0 when none does."""
        found = Leader.of(self.installation.run)
        return found.pid if found and found.lives and found.serving else 0

    @asynccontextmanager
    async def another_daemon(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Somebody starts a daemon of this house by hand; it stands by when this begins, and is killed when it ends."""
        part = self.parts["daemon"]
        with (self.folder / "another.log").open("ab") as out:
            started = await asyncio.create_subprocess_exec(*part.argv, env=part.env, stdout=out, stderr=out)
        try:
            await eventually(lambda: started.pid in standbys(self.installation.run), "a daemon that stands by")
            yield started
        finally:
            with suppress(ProcessLookupError):
                started.kill()
            await started.wait()

    async def _daemon_is(self, argv: list[str]) -> None:
        """The supervisor's daemon is this program from now on; nothing is done when it is already."""
        if self.parts["daemon"].argv != argv:
            self.parts["daemon"].argv = argv
            await self.back(self.kill("daemon"))

    async def daemon_started_again(self, starts: int) -> None:
        await eventually(lambda: self.parts["daemon"].starts > starts, "the daemon's next start")

    def _daemons_files(self) -> tuple[int, int]:
        """Process id of the supervisor's daemon, and how many files and sockets it holds; zeros for one that has gone."""
        process = self.parts["daemon"].process
        try:
            return (process.pid, len(list(Path(f"/proc/{process.pid}/fd").iterdir()))) if process else (0, 0)
        except OSError:
            return 0, 0

    async def _no_files_left(self, pid: int, files: int) -> None:
        """I6: where the daemon is still the same, it is back to what it held. Connections to PostgreSQL are kept in hand."""

        def few() -> bool:
            now, held = self._daemons_files()
            return now != pid or held <= files + FILES_IN_HAND

        await eventually(few, f"the daemon's letting go of files; it held {files}", 60)
