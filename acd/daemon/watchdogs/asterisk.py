"""Whether Asterisk works, and its end when it hangs: the supervisor then starts it again.

A hung Asterisk is worse than a dead one: its callers hear nothing and nobody is told. So when it has given no answer
to several looks, one after the other, its process is killed. Only a process that has worked before is: one that is
still starting is left alone.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import structlog

from acd.engine.events import AlarmRaised, Event
from acd.pbx.probe import Probe

log = structlog.get_logger(__name__)

LOOKS = 3
"""So many in vain, each of 2 s and one after the other, and it counts as hung: some 8 s after it fell silent."""
EVERY_S = 2.0
AGAIN_S = 0.2


class PbxWatch:
    def __init__(self, probe: Probe, pid_file: Path, tell: Callable[[Event], None]) -> None:
        self._probe, self._pid_file, self._tell = probe, pid_file, tell
        self._worked = 0
        """Process id of the Asterisk that answered last; 0 when none has."""
        self._in_vain = 0

    async def look(self) -> float:
        """One look; what comes out is the pause to the next, in seconds."""
        why = await self._probe.look()
        pid = self._pid()
        if not why:
            self._worked, self._in_vain = pid, 0
            return EVERY_S
        self._in_vain = self._in_vain + 1 if pid == self._worked else 0
        if self._in_vain == LOOKS and pid:
            log.error("Asterisk hangs and is killed; it will be started again", why=why, pid=pid)
            self._tell(AlarmRaised("asterisk hung", why))
            self._worked = 0
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # It has fallen by itself.
        return AGAIN_S

    def _pid(self) -> int:
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return 0
