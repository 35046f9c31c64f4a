"""Keeps Asterisk, the story server and the daemon running, each a process of its own, and starts again what falls.

Calls live in Asterisk, so Asterisk must outlive a daemon that is killed: that is why this small process stands above
both and does nothing else. It holds no state of calls; what it knows of a child is whether it runs.
"""

import asyncio
import ctypes
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

BACK_OFF_S = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Pause before the n-th start in a row; a child that ran for a minute begins again at the first."""

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """In the child, before exec: the kernel kills it when the supervisor is gone, so that nothing is left over."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(slots=True)
class Child:
    """One program that is to run, what it is to see, and how it is stopped."""

    name: str
    argv: list[str]
    log_file: Path
    env: dict[str, str] = field(default_factory=dict)
    """The whole environment; no secret belongs here."""
    stop_within_s: float = 10.0
    before_start: Callable[[], None] | None = None
    process: asyncio.subprocess.Process | None = None
    starts: int = 0

    @property
    def pid_file(self) -> Path:
        return self.log_file.parent.parent / "run" / f"{self.name}.pid"

    async def start(self) -> None:
        if self.before_start:
            self.before_start()
        with self.log_file.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                *self.argv,
                env=self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self.starts += 1
        self.pid_file.write_text(str(self.process.pid))

    async def stop(self) -> None:
        """SIGTERM, then after `stop_within_s` SIGKILL to the whole group."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), self.stop_within_s)
        except TimeoutError:
            log.warning("did not stop in time and is killed", child=self.name, after_s=self.stop_within_s)
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()


class Supervisor:
    """Runs its children in the order given, until `stop`; stops them in the opposite order."""

    def __init__(self, children: list[Child]) -> None:
        self._children = children
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        keepers = []
        try:
            for child in self._children:
                await child.start()
                keepers.append(asyncio.create_task(self._keep(child), name=f"keep {child.name}"))
            await self._stopping.wait()
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            for child in reversed(self._children):
                await child.stop()
                child.pid_file.unlink(missing_ok=True)

    async def _keep(self, child: Child) -> None:
        """Starts the child again whenever it has ended."""
        failures = 0
        while True:
            assert child.process is not None
            began = time.monotonic()
            status = await child.process.wait()
            failures = 0 if time.monotonic() - began > 60 else failures + 1
            pause = BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1] if failures else 0.0
            log.error("ended and is started again", child=child.name, status=status, in_s=pause)
            await asyncio.sleep(pause)
            await child.start()
