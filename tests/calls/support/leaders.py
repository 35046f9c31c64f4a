"""Which daemon of a running system leads, and another that somebody starts beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from acd.processes.leader import Leader, standbys
from tests.calls.support.running_system import RunningSystem
from tests.support.waiting import eventually


class Leaders:
    def __init__(self, system: RunningSystem) -> None:
        self._system = system
        self._log_of_another = system.folder / "another.log"

    def leader(self) -> int:
        """Process id of the daemon that leads and serves; 0 when none does."""
        found = Leader.of(self._system.installation.run)
        return found.pid if found and found.lives and found.serving else 0

    @asynccontextmanager
    async def another_daemon(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Somebody starts a daemon of this system by hand; it stands by when this begins, and is killed when it ends."""
        part = self._system.parts["daemon"]
        with self._log_of_another.open("ab") as out:
            started = await asyncio.create_subprocess_exec(*part.argv, env=part.env, stdout=out, stderr=out)
        try:
            await eventually(lambda: started.pid in standbys(self._system.installation.run), "a daemon that stands by")
            yield started
        finally:
            with suppress(ProcessLookupError):
                started.kill()
            await started.wait()

    def said_by_another(self) -> str:
        """What the daemons started by hand have written."""
        return self._log_of_another.read_text("utf-8", "replace")
