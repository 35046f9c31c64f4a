"""Who is told of an alarm at this hour: the rows of [[alarms.on_call]] that are in force, and those for what nobody takes care of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from acd.alarms.book import Alarm, Key
from acd.config import Config
from acd.config.on_call import OnCall, in_force

DUE_BEFORE = timedelta(minutes=2)
"""What was due so long before the start of a daemon, the one before has told."""
NIGHT = timedelta(hours=16)
"""A warning that is older than so long was told in the day between."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told: names of rows, and addresses of mails in the place of `alarms.mail.to`."""

    on_call: tuple[str, ...] = ()
    to: tuple[str, ...] = ()


class Duty:
    """The schedule at a moment, and which alarms were held back by it or told on because nobody had seen them."""

    def __init__(self) -> None:
        self._held: set[Key] = set()
        """Open alarms that nobody who is on call wants to be told of."""
        self._told_on: set[tuple[int, str]] = set()
        """Alarm's number and row, of those that were told on."""

    def least(self, config: Config, now: datetime) -> str:
        """The least severity that somebody is told of now."""
        rows = _at_once(config, now)
        wanted = {row.least or config.alarms.least for row in rows} or {config.alarms.least}
        return "warning" if "warning" in wanted else "critical"

    def told(self, config: Config, now: datetime, severity: str) -> Told:
        """Who is told at once of an alarm of this severity; nobody by name where no row is in force."""
        rows = [row for row in _at_once(config, now) if severity == "critical" or _least(row, config) == "warning"]
        return _told(rows)

    def hold(self, config: Config, alarm: Alarm) -> None:
        """This alarm was told to nobody. Whoever is on call later may want it."""
        if config.alarms.on_call:
            self._held.add(alarm.key)

    def wanted(self, config: Config, now: datetime, open_alarms: Iterable[Alarm]) -> list[Alarm]:
        """Alarms that were held back, are open still, and are wanted by whoever is on call now."""
        here = {alarm.key: alarm for alarm in open_alarms if alarm.key in self._held}
        self._held &= here.keys()
        if self.least(config, now) == "critical":
            return []
        self._held.clear()
        return list(here.values())

    def begin(self, config: Config, now: datetime, open_alarms: Iterable[Alarm]) -> None:
        """What was due before this daemon began was told on by the one before. What that one has held back is held back still."""
        quiet = self.least(config, now) == "critical"
        for alarm in open_alarms:
            of_tonight = now - alarm.raised_at < NIGHT and self.least(config, alarm.raised_at) == "critical"
            if quiet and of_tonight and alarm.severity == "warning":
                self.hold(config, alarm)
            for row in config.alarms.on_call:
                if row.unseen_after_min and _critical_since(alarm) + _after(row) < now - DUE_BEFORE:
                    self._told_on.add((alarm.number, row.name))

    def unseen(self, config: Config, now: datetime, open_alarms: Iterable[Alarm]) -> list[tuple[Alarm, Told]]:
        """Critical alarms that nobody has taken care of for as long as a row in force says, each once for each row; and who is told."""
        rows = [row for row in in_force(config.alarms.on_call, config.hotline.timezone, now) if row.unseen_after_min]
        numbers: set[int] = set()
        found = []
        for alarm in open_alarms:
            numbers.add(alarm.number)
            if alarm.severity != "critical" or alarm.seen:
                continue
            due = [
                row
                for row in rows
                if (alarm.number, row.name) not in self._told_on and now >= _critical_since(alarm) + _after(row)
            ]
            if due:
                self._told_on |= {(alarm.number, row.name) for row in due}
                found.append((alarm, _told(due)))
        self._told_on = {each for each in self._told_on if each[0] in numbers}
        return found


def _at_once(config: Config, now: datetime) -> list[OnCall]:
    rows = in_force(config.alarms.on_call, config.hotline.timezone, now) if config.alarms.on_call else []
    return [row for row in rows if not row.unseen_after_min]


def _least(row: OnCall, config: Config) -> str:
    return row.least or config.alarms.least


def _after(row: OnCall) -> timedelta:
    return timedelta(minutes=row.unseen_after_min)


def _critical_since(alarm: Alarm) -> datetime:
    """When it was raised, or became worse; then nobody had seen it."""
    return max((step.at for step in alarm.steps if step.what in ("raised", "worse")), default=alarm.raised_at)


def _told(rows: Iterable[OnCall]) -> Told:
    rows = list(rows)
    return Told(tuple(row.name for row in rows), tuple(dict.fromkeys(to for row in rows for to in row.mail)))
