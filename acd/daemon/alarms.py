"""The daemon's book of alarms: fed with each row as it is written, carried by the journal's checkpoints, told to whoever listens.

The book itself is pure (acd/alarms/book.py). Here it meets the daemon: a restart brings it back with the engine, from the newest
checkpoint and the rows of the replayed events, with PostgreSQL or without. Watchdogs tell an end whenever things are well; only those
of an open alarm become rows of the call log.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from acd.alarms.book import Alarm, Book, Change, key_of
from acd.alarms.kinds import kind_of
from acd.alarms.rows import alarm_row
from acd.config import Config
from acd.engine.alarm_events import AlarmCleared, AlarmSeen
from acd.engine.commands import Command, Log
from acd.engine.events import AlarmRaised, Event

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 30.0
STILL_STANDS_WITHIN = timedelta(minutes=15)
"""After a start the watchdogs begin anew: whatever still stands is raised again within this time. The slowest looks each ten minutes."""


class AlarmKeeper:
    """The book, and its listeners."""

    def __init__(self, tell: Callable[[Event], None], now: Callable[[], datetime]) -> None:
        """`tell` hands an event to the engine; `now`: aware UTC."""
        self.book = Book()
        self._tell, self._now = tell, now
        self._on_the_way: Counter[tuple[str, str]] = Counter()
        """Alarms that were told and have not come back as rows yet."""
        self._listeners: list[Callable[[datetime, Change], None]] = []
        self._started = now()
        self._in_step_since: datetime | None = None
        self._looked_back = False

    def listen(self, listener: Callable[[datetime, Change], None]) -> None:
        """Calls `listener` with each change of the book from now on."""
        self._listeners.append(listener)

    # --- the way of events ---

    def passes(self, event: Event) -> bool:
        """Whether the event is worth telling the engine: an end of an alarm that is not open is none."""
        if isinstance(event, AlarmRaised):
            self._on_the_way[key_of(event)] += 1
        elif isinstance(event, AlarmCleared):
            key = event.name, event.subject
            return self.book.is_open(*key) or self._on_the_way[key] > 0
        return True

    def heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """A listener of the switchboard: an event and what came of it."""
        for row in commands:
            if isinstance(row, Log):
                for change in self.book.take(at, row):
                    self._changed(at, change)
        if isinstance(event, AlarmRaised):
            key = key_of(event)
            self._on_the_way[key] -= 1
            if self._on_the_way[key] <= 0:
                del self._on_the_way[key]

    def _changed(self, at: datetime, change: Change) -> None:
        alarm = change.alarm
        if change.what != "repeated":
            row = alarm_row(alarm)
            write = log.error if alarm.severity == "critical" and change.what in ("raised", "worse") else log.warning
            write(
                f"alarm {change.what}",
                number=alarm.number,
                kind=alarm.code,
                subject=alarm.subject,
                severity=alarm.severity,
                said=row["said"]["en"],
                by=alarm.cleared_by or None,
            )
        for listener in self._listeners:
            try:
                listener(at, change)
            except Exception:
                log.exception("a listener to alarms failed; the book goes on")

    # --- across a restart ---

    def kept(self) -> dict[str, Any]:
        """The book for the journal's checkpoint."""
        return self.book.kept()

    def restore(self, kept: Mapping[str, Any] | None) -> None:
        """The book of the checkpoint. One that can't be read is left out, and said: the alarms that still stand come again."""
        try:
            self.book = Book.restore(kept)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("the book of alarms can't be read; it begins empty", why=str(error))
            self.book = Book()

    def replayed(self, at: datetime, commands: list[Command]) -> None:
        """What came of an event of the journal after the checkpoint: it was told when it happened, and is only noted."""
        for row in commands:
            if isinstance(row, Log):
                self.book.take(at, row)

    async def look(self) -> None:
        """Ends what a watchdog of the former daemon had raised and that of this one does not find any more."""
        now = self._now()
        self._in_step_since = self._in_step_since or now
        if self._looked_back or now - self._in_step_since < STILL_STANDS_WITHIN:
            return
        self._looked_back = True
        for alarm in self.book.open():
            if kind_of(alarm.name).ends == "watched" and alarm.last_at < self._started:
                self._tell(AlarmCleared(alarm.name, alarm.subject))

    def configured(self, config: Config) -> None:
        """A configuration is in force: alarms about trunks, queues and agents that it has no more are over, and that a queue is
        missing which it has."""
        for alarm in self.book.open():
            if _is_gone(alarm, config) or (alarm.name == "no such queue" and alarm.subject in config.queues):
                self._tell(AlarmCleared(alarm.name, alarm.subject))

    # --- what the web server asks ---

    def open(self) -> list[dict[str, Any]]:
        """Rows of the open alarms, the worst first."""
        return [alarm_row(alarm) for alarm in self.book.open()]

    def all(self) -> list[dict[str, Any]]:
        """Rows with their history: the open ones, then the latest that are over."""
        return [alarm_row(alarm, history=True) for alarm in (*self.book.open(), *self.book.over())]

    def counts(self) -> dict[tuple[str, str], int]:
        """Kind and severity to how many are open."""
        return dict(Counter((alarm.code, alarm.severity) for alarm in self.book.open()))

    def seen(self, number: int, by: str) -> Alarm | None:
        """This person has seen the alarm. None: there is no such open alarm."""
        return self._told(number, lambda alarm: AlarmSeen(alarm.name, alarm.subject, by))

    def cleared(self, number: int, by: str) -> Alarm | None:
        """This person says that it is over. None: there is no such open alarm."""
        return self._told(number, lambda alarm: AlarmCleared(alarm.name, alarm.subject, by))

    def _told(self, number: int, event: Callable[[Alarm], Event]) -> Alarm | None:
        alarm = self.book.of(number)
        if alarm is not None:
            self._tell(event(alarm))
        return alarm


def _is_gone(alarm: Alarm, config: Config) -> bool:
    """Whether what it is about is no more in the configuration."""
    party, _, name = alarm.subject.rpartition(" ")  # "trunk carrier", "agent 1001"; else the name alone
    if alarm.name.startswith("trunk-") or party == "trunk":
        return name not in config.trunks
    if alarm.name.startswith("telephone ") or alarm.name == "agent logged out" or party == "agent":
        return name not in config.agents
    if alarm.name == "report failed":
        return alarm.subject not in config.reports
    return alarm.name.startswith("queue ") and alarm.subject not in config.queues
