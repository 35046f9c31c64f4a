"""Kills an Asterisk that hangs; the supervisor then starts it again.

A hung Asterisk is worse than a dead one: its callers hear nothing, and nothing reports it. So its process is killed after several
looks in a row without an answer. Only a process that has answered before is killed: one that is starting is left alone.
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
"""After so many failed looks in a row, 2 s each, Asterisk counts as hung: some 8 s after its last answer."""
EVERY_S = 2.0
AGAIN_S = 0.2


class PbxWatch:
    """Looks at Asterisk through the probe, and kills its process when it hangs."""

    def __init__(self, probe: Probe, pid_file: Path, tell: Callable[[Event], None]) -> None:
        self._probe, self._pid_file, self._tell = probe, pid_file, tell
        self._worked = 0
        """Process id of the Asterisk that answered last; 0 when none has."""
        self._in_vain = 0

    async def look(self) -> float:
        """One look. The pause until the next comes out, in seconds."""
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
                pass  # It has ended by itself.
        return AGAIN_S

    def _pid(self) -> int:
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return 0
