"""Compares Asterisk's files with what Sanxiang renders of the configuration in force, and says which differ.

The files are made anew at each start and each reload. Who edits one by hand meanwhile loses that at the next start, and until then
runs an Asterisk that no test has seen: a wall may be down. Nothing is changed here; an alarm names the files, once for each
difference.
"""

from collections.abc import Callable

import structlog

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from acd.pbx.conf.render import drifted
from acd.pbx.conf.settings import PbxSettings

log = structlog.get_logger(__name__)

EVERY_S = 600.0


class ConfWatch:
    """Looks at the rendered files. `settings` gives those in force."""

    def __init__(self, settings: Callable[[], PbxSettings], tell: Callable[[Event], None]) -> None:
        self._settings, self._tell = settings, tell
        self._said: list[str] = []

    def look(self) -> list[str]:
        """Names of the files that differ; blocks for some milliseconds of reading, so run it in a thread. Raises as `drifted`."""
        settings = self._settings()
        names = drifted(settings)
        return names if settings is self._settings() else self._said  # A reload has come between.

    def told(self, names: list[str]) -> None:
        """Raises the alarm where these are others than last time."""
        if names and names != self._said:
            remedy = (
                "changed by hand, or rendered by another version. They are written anew by `sanxiang config reload` where the "
                "configuration has changed, and at a start; what is to stay belongs into the configuration"
            )
            log.warning("Asterisk's files are not as they were rendered", files=names)
            self._tell(
                AlarmRaised("asterisk's files changed", f"{', '.join(names)} in {self._settings().etc}: {remedy}.")
            )
        if self._said and not names:
            self._tell(AlarmCleared("asterisk's files changed"))
        self._said = names
