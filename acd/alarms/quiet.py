"""Which changes of the book are told outside, and which are not worth a second call at night. Pure; time is an argument.

Told at once: an alarm that is raised, one that becomes worse, and the end of one that was told. An alarm that repeats, or ends and is
raised again, is told again after `repeat_after` at the soonest; if it is open then, it is told by itself. So an alarm that comes and
goes costs two notices in that time, and what is open in the end has been told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from acd.alarms.book import Alarm, Change, Key

KEPT = 1000
"""Alarms about which is remembered when they were told: the latest."""


@dataclass(slots=True)
class _Told:
    at: datetime
    severity: str
    is_open: bool
    """Whoever was told believes that it is open."""
    owed: bool = False
    """It is open, and that was not told."""


class Quiet:
    def __init__(self) -> None:
        self._told: dict[Key, _Told] = {}

    def known(self, alarms: Iterable[Alarm], now: datetime) -> None:
        """These were open before the start of the daemon, and were told then."""
        for alarm in alarms:
            self._told[alarm.key] = _Told(now, alarm.severity, is_open=True)

    def take(self, change: Change, at: datetime, repeat_after: timedelta, least: str) -> bool:
        """Whether this change is told outside."""
        alarm, told = change.alarm, self._told.get(change.alarm.key)
        match change.what:
            case "raised" | "repeated" | "worse":
                if least == "critical" and alarm.severity != "critical":
                    return False
                is_worse = told is not None and alarm.severity == "critical" != told.severity
                if told is None or is_worse or at - told.at >= repeat_after:
                    self._tell(alarm, at)
                    return True
                told.owed = told.owed or not told.is_open
                return False
            case "cleared":
                if told is None or not told.is_open:
                    if told is not None:
                        told.owed = False
                    return False
                told.is_open = told.owed = False
                return True
        return False

    def due(self, now: datetime, repeat_after: timedelta) -> list[Key]:
        """Alarms that are open without being told, and may be told now: `tell` or `forget` each of them."""
        return [key for key, told in self._told.items() if told.owed and now - told.at >= repeat_after]

    def tell(self, alarm: Alarm, at: datetime) -> None:
        """An alarm that was due is told."""
        self._tell(alarm, at)

    def forget(self, key: Key) -> None:
        """Nothing is owed of this alarm: it is over."""
        if (told := self._told.get(key)) is not None:
            told.owed = False

    def _tell(self, alarm: Alarm, at: datetime) -> None:
        self._told.pop(alarm.key, None)
        self._told[alarm.key] = _Told(at, alarm.severity, is_open=True)
        while len(self._told) > KEPT:
            del self._told[next(iter(self._told))]
