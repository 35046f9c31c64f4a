"""Ends an Asterisk that is hung, so that the supervisor starts it again, and never one that still carries talks.

A hung Asterisk is worse than a dead one: its callers hear nothing, and nothing reports it. But a flood of SIP, or a machine without
CPU, makes a sound Asterisk fall silent for a while, and ending it would cut every talk in it. So the look at SIP is one witness of
three. The list of channels over AMI is the second: who gives it works. The third asks Asterisk nothing: whether its threads wake as
often as those that carry sound do (acd/pbx/process_threads.py).

| SIP | list of channels | threads at work | what is done |
|---|---|---|---|
| answers | comes, or its link is down | | nothing |
| over TCP only | comes | | alarm "asterisk overloaded" |
| silent | comes | | alarm "asterisk deaf"; ended once it has held no channel for `EMPTY_S` |
| answers | does not come | yes | alarm "asterisk stuck" |
| silent | does not come | yes | alarm "asterisk stuck" |
| answers, or silent | does not come | no | alarm "asterisk hung"; ended after `HUNG_S` |

Time for which Asterisk's threads, or this process, were ready to run and had no CPU is not counted. Only a process that has
answered before is ended: one that is starting is left alone.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from acd.pbx.probe import WITHIN_S, Finding, Look, Probe
from acd.pbx.process_threads import Threads
from acd.processes.supervisor import END_REQUEST

log = structlog.get_logger(__name__)

HUNG_S = 5.5
"""So long without an answer, and Asterisk counts as hung: two or three looks, some 8 s after its last answer."""
EMPTY_S = 300.0
"""So long deaf and without a single channel: nothing is lost by ending it, and nobody else would."""
EVERY_S = 2.0
AGAIN_S = 0.2
LONGEST_S = 4.0
"""Of a longer time between two looks no more counts: in the rest this process did not run."""
WELL_S = 60.0
"""So long well, and the next trouble is another alarm: a flood that comes and goes is told once."""
FIRST_LOOKS = 2
"""An alarm that ends nothing is raised at the second look in a row that shows it."""

_UNHARMED = {Finding.OVERLOADED: "asterisk overloaded", Finding.DEAF: "asterisk deaf"}
"""What shows that channels are served: the alarm of each."""
_SAID = {
    "asterisk overloaded": "Callers may be refused; talks go on. Is somebody flooding the SIP port? See docs/floods.md",
    "asterisk deaf": "Talks go on, and it is not ended. Is somebody flooding the SIP port? See docs/floods.md",
    "asterisk stuck": "Talks go on, so it is not ended. When you can spare them: ./sanxiang down, ./sanxiang up",
}


class PbxWatch:
    """Looks at Asterisk through the probe, and kills its process when it is hung."""

    def __init__(
        self,
        probe: Probe,
        pid_file: Path,
        tell: Callable[[Event], None],
        threads: Callable[[int], Threads] = Threads.of,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock`: seconds that only go forward."""
        self._probe, self._pid_file, self._tell = probe, pid_file, tell
        self._threads, self._clock = threads, clock
        self._worked = 0
        """Process id of the Asterisk that answered last; 0 when none has."""
        self._idle: set[int] = set()
        """Its threads that work also when it has no channel: they are no sign of a talk."""
        self._in_vain = 0
        """Looks in a row that did not find all well."""
        self._silent_s = 0.0
        """For so long it could have answered and did not."""
        self._empty_s = 0.0
        """For so long it was deaf, and had no channel."""
        self._looked_at = 0.0
        self._seen: Threads | None = None
        """Asterisk's threads at the look before."""
        self._own: Threads | None = None
        """Those of this process."""
        self._said: dict[str, float] = {}
        """Alarms of this trouble, with when each was last true."""

    async def look(self) -> float:
        """One look. The pause until the next comes out, in seconds."""
        looked = await self._probe.look()
        pid = self._pid()
        passed_s, at_work = await asyncio.to_thread(self._could_run, pid)
        if looked.finding is Finding.WELL:
            self._well(pid, looked, at_work)
            return EVERY_S
        if pid != self._worked:
            self._start_over()
            return AGAIN_S
        self._in_vain += 1
        if looked.finding in _UNHARMED:
            self._silent_s = 0.0
            self._empty_s = 0.0 if looked.finding is not Finding.DEAF or looked.channels else self._empty_s + passed_s
            if self._in_vain >= FIRST_LOOKS:
                self._alarm(_UNHARMED[looked.finding], looked.why)
            if self._empty_s >= EMPTY_S:
                self._end(pid, f"{looked.why}, and has had none for {EMPTY_S:.0f} s")
            return AGAIN_S
        self._silent_s += passed_s
        if self._silent_s >= HUNG_S:
            if talking := at_work - self._idle:
                self._alarm("asterisk stuck", f"{looked.why}, but {len(talking)} of its threads carry sound or serve")
            else:
                self._end(pid, looked.why)
        return AGAIN_S

    def _well(self, pid: int, looked: Look, at_work: set[int]) -> None:
        if pid != self._worked:
            self._idle = set()
        if looked.channels == 0:
            self._idle |= at_work
        self._worked = pid
        self._in_vain, self._silent_s, self._empty_s = 0, 0.0, 0.0
        for name in [name for name, at in self._said.items() if self._clock() - at > WELL_S]:
            log.info("the trouble with Asterisk is over", was=name)
            self._tell(AlarmCleared(name))
            del self._said[name]

    def _start_over(self) -> None:
        self._in_vain, self._silent_s, self._empty_s = 0, 0.0, 0.0

    def _could_run(self, pid: int) -> tuple[float, set[int]]:
        """Seconds since the last look in which Asterisk could have answered and we heard it; its threads at work since then."""
        now = self._clock()
        seen, own = self._threads(pid) if pid else None, self._threads(os.getpid())
        # Before the first look in vain it may have been well until that look began.
        passed_s = min(now - self._looked_at, LONGEST_S if self._in_vain else WITHIN_S)
        at_work = set[int]()
        if seen is not None and self._seen is not None:
            passed_s -= seen.starved_since(self._seen)
            at_work = seen.at_work_since(self._seen)
        if self._own is not None:
            passed_s -= own.starved_since(self._own)
        self._looked_at, self._seen, self._own = now, seen, own
        return max(0.0, passed_s), at_work

    def _alarm(self, name: str, why: str) -> None:
        """Raises the alarm, once as long as the trouble lasts."""
        if name not in self._said:
            log.error(name, why=why, looks=self._in_vain)
            self._tell(AlarmRaised(name, f"{why}. {_SAID[name]}" if name in _SAID else why))
        self._said[name] = self._clock()

    def _end(self, pid: int, why: str) -> None:
        log.error("Asterisk hangs and is killed; it will be started again", why=why, pid=pid)
        self._tell(AlarmRaised("asterisk hung", why))
        self._worked = 0
        self._start_over()
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # It has ended by itself.
        except PermissionError:
            self._ask_to_end(pid)

    def _ask_to_end(self, pid: int) -> None:
        """Asterisk runs as a user of its own: who has started it reads this file, and ends it."""
        request = self._pid_file.parent / END_REQUEST
        try:
            with os.fdopen(os.open(request, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640), "w") as file:
                file.write(str(pid))
        except OSError as error:
            log.error("Asterisk can't be ended from here, and nobody can be asked to", why=str(error))

    def _pid(self) -> int:
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return 0
