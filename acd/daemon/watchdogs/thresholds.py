"""Figures of the queues and of the hotline against the limits of [alarms], every few seconds: acd/alarms/thresholds.py decides, here it is asked and told."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from acd.alarms.book import Alarm
from acd.alarms.thresholds import NAMES, OF_HOTLINE, Level, Limit, Thresholds
from acd.config import Config
from acd.config.alarms import Threshold
from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from acd.words.thresholds import alarm as in_words

EVERY_S = 5.0


class ThresholdWatch:
    """Looks at the engine's figures, and raises and ends the alarms about them."""

    def __init__(
        self,
        snapshot: Callable[[], Mapping[str, Any]],
        is_open: Callable[[str], bool],
        tell: Callable[[Event], None],
        now: Callable[[], datetime],
        open_alarms: Callable[[], Iterable[Alarm]] = tuple,
        of_hotline: Callable[[], Mapping[str, float | None]] | None = None,
    ) -> None:
        """`snapshot`: `Acd.snapshot` at this moment; `is_open`: whether the queue is within its hours; `now`: aware UTC;
        `open_alarms`: those of the book, which outlives the daemon; `of_hotline`: the figures that no queue has, asked for where one of
        them has a limit."""
        self._snapshot, self._is_open, self._tell, self._now, self._open = snapshot, is_open, tell, now, open_alarms
        self._of_hotline = of_hotline
        self._thresholds = Thresholds()
        self._limits: list[Limit] = []

    def configured(self, config: Config) -> None:
        """A configuration is in force. What has no limit any more has no alarm."""
        self._limits = list(limits_of(config))
        levels: dict[tuple[str, str], Level] = {
            alarm.key: alarm.severity for alarm in self._open() if alarm.name in NAMES.values()
        }
        self._thresholds.configured(self._limits, levels)
        for name, queue in levels.keys() - {(limit.name, limit.queue) for limit in self._limits}:
            self._tell(AlarmCleared(name, queue))

    async def look(self) -> None:
        """One look at all figures that have limits."""
        if not self._limits:
            return
        asked = self._of_hotline is not None and any(limit.figure in OF_HOTLINE for limit in self._limits)
        of_hotline = self._of_hotline() if asked and self._of_hotline else {}
        for crossed in self._thresholds.look(self._snapshot(), self._now(), self._is_open, of_hotline):
            name, queue = crossed.limit.name, crossed.limit.queue
            if not crossed.level:
                self._tell(AlarmCleared(name, queue))
                continue
            said = in_words({"name": name, "figures": crossed.figures}, "en")
            self._tell(AlarmRaised(name, said, subject=queue, severity=crossed.level, figures=crossed.figures))


def limits_of(config: Config) -> Iterator[Limit]:
    """A limit for each figure of each queue that has one: of the row that names the queue, else of the row for all others. The hotline's
    own figures have one each."""
    rows = config.alarms.thresholds
    for figure in dict.fromkeys(row.figure for row in rows):
        for queue in ("",) if figure in OF_HOTLINE else config.queues:
            of_figure = [row for row in rows if row.figure == figure and (queue in row.queues or not row.queues)]
            if of_figure:
                yield _limit(queue, max(of_figure, key=lambda row: len(row.queues) > 0))


def _limit(queue: str, row: Threshold) -> Limit:
    hold, window = timedelta(seconds=row.for_s), timedelta(minutes=row.window_min)
    return Limit(queue, row.figure, row.warning, row.critical, row.why, row.back, hold, window, row.at_least)
