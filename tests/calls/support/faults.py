"""What a scenario does to the processes of a running system: it kills, freezes and holds them back, and waits for them.

killed = system.faults.kill("daemon")
...
await system.faults.back(killed)
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from tests.calls.support.running_system import RunningSystem
from tests.support.waiting import eventually


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """Something was done to a process of the system."""

    part: str
    starts: int
    """How often the process had been started then."""
    at: datetime

    @property
    def ago_s(self) -> float:
        return (datetime.now(UTC) - self.at).total_seconds()


class Faults:
    def __init__(self, system: RunningSystem) -> None:
        self._system = system
        self.beat_goes_on = False
        """The dialplan does not take the daemon for gone while `back` waits, however slow the machine is."""

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> InjectedFault:
        """Sends a signal to this process: asterisk, stories or daemon."""
        done = InjectedFault(part, self._system.parts[part].starts, datetime.now(UTC))
        self._system.signal(part, number)
        return done

    async def started_again(self, part: str, starts: int) -> None:
        """Waits until the supervisor has started the process more often than so many times."""
        await eventually(lambda: self._system.parts[part].starts > starts, f"another start of {part}")

    async def back(self, done: InjectedFault) -> None:
        """Waits until the supervisor has started the process again and the system says that all is well."""
        if self.beat_goes_on:
            await self._system.cli(f"dialplan set global ACD_BEAT {int(time.time()) + 600}")
        await self.started_again(done.part, done.starts)
        await self._system.serving()

    async def up_again(self, done: InjectedFault) -> float:
        """Waits until the daemon answers again and is in step with Asterisk; seconds since it was killed.

        Asked in short steps, for the figure; everything else of the system may be in any state.
        """
        await self.started_again(done.part, done.starts)

        async def found() -> bool:
            try:
                health = await self._system.ask("GET", "/health")
            except (aiohttp.ClientError, OSError):
                return False
            await asyncio.sleep(0.05)
            return any(check["name"] == "pbx" and check["up"] for check in health.get("checks", []))

        await eventually(found, "the daemon in step again")
        return done.ago_s

    def hold_back(self, part: str) -> None:
        """From now on the supervisor's next start of this process runs a program that only sleeps: it stays away."""
        self._system.parts[part].argv = ["sleep", "100000"]

    def bring_back(self, part: str) -> None:
        """What was held back may run again: the sleeper in its place ends, and the supervisor starts the real one."""
        self._system.parts[part].argv = self._system.programs[part]
        with suppress(ProcessLookupError):  # Not even the sleeper has been started yet.
            self._system.signal(part, signal.SIGKILL)

    @asynccontextmanager
    async def frozen(self, part: str) -> AsyncIterator[InjectedFault]:
        """SIGSTOP on the way in, SIGCONT on the way out, whoever has its process id by then."""
        process = self._system.parts[part].process
        done = self.kill(part, signal.SIGSTOP)
        try:
            yield done
        finally:
            if process is not None and process.returncode is None:
                process.send_signal(signal.SIGCONT)
