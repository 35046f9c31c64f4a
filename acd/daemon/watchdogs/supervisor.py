"""Whether the supervisor of this hotline is still there. Without it calls go on, and nothing that falls is started again."""

from collections.abc import Callable

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event

EVERY_S = 5.0
GONE = "supervisor gone"


class SupervisorWatch:
    """`gone`: the process id of a supervisor that was killed; 0 while one is there, or where none ever was (compose)."""

    def __init__(self, gone: Callable[[], int], tell: Callable[[Event], None]) -> None:
        self._gone, self._tell = gone, tell
        self._before = 0
        self._said = False

    def look(self) -> None:
        """The alarm is raised at the second look in a row: systemd starts another supervisor after two seconds."""
        pid = self._gone()
        if pid and pid == self._before and not self._said:
            why = f"process {pid} was killed. Calls go on; what falls now is not started again"
            self._tell(AlarmRaised(GONE, f"{why}. Type ./sanxiang up: it takes over what runs, and touches no call"))
            self._said = True
        elif not pid and self._said:
            self._tell(AlarmCleared(GONE))
            self._said = False
        self._before = pid
