"""A full system for many faults, one after the other: Asterisk keeps a record of its own, a proxy stands in the link.

async with FaultTableSystem(folder) as system:
    async with system.trials.fault():                 # empty logs, nobody there; afterwards all three records agree
        ...
"""

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from acd.pbx.install.ports import free_port
from acd.processes.child import Child
from acd.sipp.actors import Caller, SippAgents, SippCaller
from tests.calls.support import record_comparison
from tests.calls.support.ami_proxy import AmiProxy
from tests.calls.support.daemon_with_faults import DaemonWithFaults
from tests.calls.support.full_system import FullSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.calls.support.system.processes import Person
from tests.support.network import TRUNK_ADDRESS
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
NO_SOUND_S = 10
FILES_IN_HAND = 12
_TESTER = """
[tester]
secret = {secret}
permit = 127.0.0.1/255.255.255.255
read = reporting
write = user
writetimeout = 10000
"""


_PROMPTS = (
    *("callback-within", "callback-two", "callback-hours", "callback-keep-place"),
    *("too-many-calls", "all-lines-busy", "press-one-to-go-on"),
)


class FaultTableSystem(FullSystem):
    ami_proxy: AmiProxy

    def __init__(
        self,
        folder: Path,
        agents: int = 6,
        *,
        wrap_up_s: float = 0,
        ring_s: float = 1,
        recordings: Path | None = None,
        carrier: bool = False,
        more: str = "",
    ) -> None:
        names = [str(1001 + number) for number in range(agents)]
        super().__init__(
            folder,
            names,
            ring_s=ring_s,
            wrap_up_s=wrap_up_s,
            recordings=recordings,
            carrier=carrier,
            brisk=True,
            more=more + OVERFLOW,
            short_prompts=_PROMPTS,
        )
        text = self.config_file.read_text("utf-8")
        # By default silence alone cuts nobody: session timers ask, which takes longer than a row of the table should. Half of the
        # other tests' time is enough here, and the row in which somebody vanishes takes 10 s less.
        text = text.replace("no_sound_s = 20", f"no_sound_s = {NO_SOUND_S}")
        self.config_file.write_text(f"[hotline]\ncalls_per_number = {CALLS_PER_NUMBER}\n{text}", "utf-8")
        self.ami_proxy = AmiProxy(free_port("tcp"))
        self.tester_secret = f"tester-{free_port('tcp')}-{time.time_ns()}"
        self.at_start.append(self._with_cel_and_tester)
        self.trials = Trials(self)

    async def __aenter__(self) -> Self:
        await self.ami_proxy.__aenter__()
        await super().__aenter__()
        return self

    async def __aexit__(self, *how: object) -> None:
        try:
            await super().__aexit__(*how)  # type: ignore[arg-type]
        finally:
            await self.ami_proxy.__aexit__()

    def _with_cel_and_tester(self, parts: list[Child]) -> list[Child]:
        etc = self.installation.run / "asterisk" / "etc"
        (etc / "cel.conf").write_text(_CEL_FILE, "utf-8")
        with (etc / "cel_custom.conf").open("a", encoding="utf-8") as file:
            file.write(_CEL_BOOK)
        with (etc / "manager.conf").open("a", encoding="utf-8") as file:
            file.write(_TESTER.format(secret=self.tester_secret))
        return parts

    @property
    def cel_book(self) -> Path:
        """Asterisk's own record of every channel and bridge of this fault."""
        return self.installation.run / "asterisk" / "log" / "cel-custom" / "faults.csv"


class Trials:
    """Faults one after the other, each with callers of its own, and what the three records said of the last."""

    def __init__(self, system: FaultTableSystem) -> None:
        self._system = system
        self._numbers = itertools.count(1)
        self._cast_from = 0
        self.lines: list[ManualCaller] = []
        """Callers of this fault that are no SIPp's."""
        self.not_taken: set[str] = set()
        """Numbers of those among them who were answered, asked for a key, and let go: no call of ours, and no row."""
        self.verdict = record_comparison.Verdict(0, 0, [])
        """What the records said of the fault before."""

    @asynccontextmanager
    async def fault(self, *, by_number: bool = True, trip_wires: bool = False) -> AsyncIterator[None]:
        """Begins with empty logs and nobody there; afterwards every call has ended once, and the three records agree.

        `trip_wires`: the daemon is the one of daemon_with_faults.py. Not `by_number`: see `record_comparison.agree`.
        """
        own = [sys.executable, "-m", DaemonWithFaults.__module__, str(self._system.installation.state), "256"]
        await self._daemon_is(own if trip_wires else self._system.programs["daemon"])
        await self._system.serving()  # whatever the fault before has left
        self._cast_from = len(self._system.people)
        self.lines.clear()
        self.not_taken.clear()
        before = self._daemons_files()
        try:
            async with self._system.scene():
                self._system.cel_book.unlink(missing_ok=True)
                yield
                await self._system.everybody_hangs_up()
                await self._system.nothing_left()
                await self._no_files_left(*before)
                self.verdict = await record_comparison.agree(
                    self._system, self._system.cel_book, self.callers, self.lines, by_number, self.not_taken
                )
        finally:
            for line in self.lines:
                line.close()

    @property
    def cast(self) -> Sequence[Person]:
        """The people of this fault."""
        return self._system.people[self._cast_from :]

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
        await self._system.caller(man, count, rate, [[number] for number in numbers])
        return list(numbers)

    async def line(
        self, number: str = "", *, dialled: str = "95001", dials: bool = True, address: str = TRUNK_ADDRESS
    ) -> ManualCaller:
        """A caller made by hand, over the trunk that has this address; they dial at once unless told otherwise."""
        port = self._system.prepared.sip_port
        line = await ManualCaller(number or self.numbers(1)[0], port, dialled, address=address).open()
        self.lines.append(line)
        if dials:
            line.invite()
        return line

    async def asks_by_line(self, key: str = "1", *, address: str = TRUNK_ADDRESS) -> ManualCaller:
        """Made by hand, and asking for a person: the caller has keyed what they want."""
        line = await self.line(address=address)
        await line.is_answered()
        await asyncio.sleep(BRISK_KEY_AFTER_S)  # as SIPp's callers: the menu hears keys by then
        line.key(key)
        return line

    async def leaves(self, agent: str, phone: SippAgents) -> None:
        """Logged out, and the phone switched off: another may take the name."""
        await self._system.ask("POST", f"/api/agents/{agent}/log-out", {})
        await self._system.comes_to_be(agent, "logged out")
        await phone.stop()

    async def _daemon_is(self, argv: list[str]) -> None:
        """The supervisor's daemon is this program from now on; nothing is done when it is already."""
        if self._system.parts["daemon"].argv != argv:
            self._system.parts["daemon"].argv = argv
            await self._system.faults.back(self._system.faults.kill("daemon"))

    def _daemons_files(self) -> tuple[int, int]:
        """Process id of the supervisor's daemon, and how many files and sockets it holds; zeros for one that has gone."""
        process = self._system.parts["daemon"].process
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
