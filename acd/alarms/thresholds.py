"""Figures of a queue, and of the hotline, held against the limits of the configuration. Pure: figures and time go in, alarms and their ends come out.

A figure has a level: well, warning, critical. It rises when the figure has been at or beyond a limit for `for_s`, and falls when it
has been inside the limit by `back` for as long: between the two nothing changes, so a figure that trembles about its limit raises one
alarm and no more. A figure that is not known (too few calls in the window, Asterisk away) changes nothing; a window without any call,
and a queue without staff outside its hours, are well.

Shares are those of the latest `window_min` minutes, from the day's counts (docs/definitions.md): what they were then is taken from
what they are now. At midnight the counts begin anew, and so does the window.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

Level = Literal["", "warning", "critical"]
LEVELS: tuple[Level, ...] = ("", "warning", "critical")
SAMPLE_EVERY = timedelta(seconds=30)

NAMES: Mapping[str, str] = {
    "waiting": "queue waiting",
    "longest-wait-s": "queue longest wait",
    "service-level": "queue service level",
    "abandoned": "queue abandoned",
    "staffed": "queue staffed",
    "three-ring-rate": "queue three-ring rate",
    "trunks-ill": "trunks ill",
    "disk-free-mb": "disk room short",
    "lag-s": "events late",
    "certificate-days": "certificate days few",
}
"""Figure to the name of its alarm."""
SHARES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "service-level": (("within_target",), "ended_asked"),
    "abandoned": (("abandoned_queue", "abandoned_ringing"), "ended_asked"),
    "three-ring-rate": (("offers_in_time",), "offers_rang"),
}
"""Figure to what is counted and what it is divided by: names of docs/definitions.md."""
NOW: Mapping[str, str] = {"waiting": "waiting", "longest-wait-s": "longest_wait_s", "staffed": "staffed"}
"""Figure to its name in the queue's row of the snapshot."""
OF_HOTLINE = frozenset({"trunks-ill", "disk-free-mb", "lag-s", "certificate-days"})
"""Figures that no queue has."""
LOW = frozenset({"service-level", "staffed", "three-ring-rate", "disk-free-mb", "certificate-days"})
"""Bad when they are low."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of the configuration, for one queue."""

    queue: str
    """Empty: of the hotline."""
    figure: str
    warning: float | None
    critical: float | None
    why: str
    back: float | None = None
    """None: a tenth of the limit, for counts at least 1; see `_back`."""
    hold: timedelta = timedelta(seconds=30)
    window: timedelta = timedelta(minutes=15)
    at_least: int = 10

    @property
    def name(self) -> str:
        """The name of its alarm."""
        return NAMES[self.figure]

    def of(self, level: Level) -> float | None:
        """From where on the figure has this level."""
        return {"": None, "warning": self.warning, "critical": self.critical}[level]

    def beyond(self, value: float) -> Level:
        """The level of this value, taken alone."""
        return self._level(value, lambda limit: 0.0)

    def keeps(self, value: float) -> Level:
        """The highest level that this value would keep."""
        return self._level(value, self._back)

    def _level(self, value: float, back: Callable[[float], float]) -> Level:
        for level in ("critical", "warning"):
            limit = self.of(level)
            if limit is None:
                continue
            is_low = self.figure in LOW
            if value < limit + back(limit) if is_low else value >= limit - back(limit):
                return level
        return ""

    def _back(self, limit: float) -> float:
        """How far inside the limit is well again. Never so far that no value is."""
        if self.back is not None:
            return self.back
        match self.figure:
            case "waiting" | "trunks-ill":
                return min(max(limit / 10, 1.0), limit / 2)
            case "staffed":
                return max(limit / 10, 1.0) if limit > 1 else 0.0
            case "service-level" | "three-ring-rate":
                return min(limit / 10, (1.0 - limit) / 2)
        return limit / 10


@dataclass(frozen=True, slots=True)
class Crossed:
    """The level of a figure is another from now on; "" ends the alarm."""

    limit: Limit
    level: Level
    value: float

    @property
    def figures(self) -> dict[str, Any]:
        """For the sentence (acd/words/thresholds.py)."""
        return {
            "queue": self.limit.queue,
            "value": round(self.value, 4),
            "limit": self.limit.of(self.level),
            "level": self.level,
            "why": self.limit.why,
            "window_min": round(self.limit.window.total_seconds() / 60),
        }


@dataclass(slots=True)
class _Watched:
    level: Level = ""
    towards: Level = ""
    """The level that the figure has shown since `since`, where it is another than `level`."""
    since: datetime | None = None


@dataclass(slots=True)
class _Sample:
    at: datetime
    day: str
    counts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


class Thresholds:
    """The levels of all figures that have limits."""

    def __init__(self) -> None:
        self._limits: tuple[Limit, ...] = ()
        self._watched: dict[tuple[str, str], _Watched] = {}
        self._samples: deque[_Sample] = deque()

    def configured(
        self, limits: Iterable[Limit], levels: Mapping[tuple[str, str], Level] = MappingProxyType({})
    ) -> None:
        """The limits from now on. A figure that keeps a limit keeps its level; `levels`: what else is known of levels, by the
        alarm's name and the queue, as after a restart."""
        self._limits = tuple(limits)
        was, self._watched = self._watched, {}
        for limit in self._limits:
            key = limit.queue, limit.figure
            self._watched[key] = was.get(key) or _Watched(levels.get((limit.name, limit.queue), ""))
        self._samples.clear()

    def look(
        self,
        snapshot: Mapping[str, Any],
        now: datetime,
        is_open: Callable[[str], bool],
        of_hotline: Mapping[str, float | None] = MappingProxyType({}),
    ) -> list[Crossed]:
        """The figures of this moment (`Acd.snapshot`): what has crossed a limit for long enough. `is_open`: whether the queue is
        within its hours. `of_hotline`: the figures that no queue has; None: not known now."""
        day, counts = str(snapshot["counts"].get("day", "")), snapshot["counts"].get("queues", {})
        self._sample(now, day, counts)
        rows = {row["name"]: row for row in snapshot["queues"]} if snapshot["pbx"] else {}
        found = []
        for limit in self._limits:
            if limit.figure in OF_HOTLINE:
                value = of_hotline.get(limit.figure)
            elif limit.figure in SHARES:
                value = self._share(limit, now, counts.get(limit.queue, {}))
            else:
                row = rows.get(limit.queue)
                value = None if row is None else float(row[NOW[limit.figure]] or 0)
                if limit.figure == "staffed" and not is_open(limit.queue):
                    value = math.inf
            if value is not None and (crossed := self._judge(limit, value, now)) is not None:
                found.append(crossed)
        return found

    def _judge(self, limit: Limit, value: float, now: datetime) -> Crossed | None:
        watched = self._watched[limit.queue, limit.figure]
        level = step(limit, watched.level, value)
        if level == watched.level:
            watched.since = None
            return None
        if watched.since is None or _rises(watched.level, level) != _rises(watched.level, watched.towards):
            watched.since, watched.towards = now, level
        # As far as it has been all the time, and no further: a peak within the time makes no critical alarm of a warning.
        nearer = min if _rises(watched.level, level) else max
        watched.towards = nearer(watched.towards, level, key=LEVELS.index)
        if now - watched.since < limit.hold:
            return None
        watched.level, watched.since = watched.towards, None
        return Crossed(limit, watched.level, value)

    def _sample(self, now: datetime, day: str, counts: Mapping[str, Mapping[str, Any]]) -> None:
        if self._samples and (self._samples[-1].day != day or self._samples[-1].at > now):
            self._samples.clear()
        if self._samples and now - self._samples[-1].at < SAMPLE_EVERY:
            return
        needed = {name for parts, whole in SHARES.values() for name in (*parts, whole)}
        kept = {limit.queue for limit in self._limits if limit.figure in SHARES}
        taken = {queue: {name: float(counts.get(queue, {}).get(name) or 0) for name in needed} for queue in kept}
        self._samples.append(_Sample(now, day, taken))
        longest = max((limit.window for limit in self._limits), default=timedelta())
        while len(self._samples) > 1 and self._samples[1].at <= now - longest:
            self._samples.popleft()

    def _share(self, limit: Limit, now: datetime, counts: Mapping[str, Any]) -> float | None:
        """Of the window; of a shorter time where the day, or the daemon, is younger. None: too few to judge."""
        before: Mapping[str, float] = {}
        for sample in self._samples:
            if sample.at > now - limit.window and before:
                break
            before = sample.counts.get(limit.queue, before)
        parts, whole = SHARES[limit.figure]
        number = float(counts.get(whole) or 0) - before.get(whole, 0.0)
        if number <= 0:
            return 1.0 if limit.figure in LOW else 0.0
        if number < limit.at_least:
            return None
        return sum(float(counts.get(part) or 0) - before.get(part, 0.0) for part in parts) / number


def _rises(level: Level, to: Level) -> bool:
    return LEVELS.index(to) > LEVELS.index(level)


def step(limit: Limit, level: Level, value: float) -> Level:
    """The level that follows from this one: up as far as the value is beyond, down as far as it is inside by `back`."""
    beyond = limit.beyond(value)
    if _rises(level, beyond):
        return beyond
    return min(level, limit.keeps(value), key=LEVELS.index)
