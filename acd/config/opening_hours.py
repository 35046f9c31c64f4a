"""Opening hours: lines such as "mon-fri 08:00-20:00", read, checked and asked whether the hotline is open."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `datetime.weekday()`."""
_LINE = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")
_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """One line of opening hours."""

    first_day: int
    """0 is Monday."""
    last_day: int
    """Included. Before `first_day` where the span runs over the end of the week ("sat-mon")."""
    start_min: int
    """Minutes since midnight."""
    end_min: int
    """Minutes since midnight, not included; 1440 is the end of the day."""

    @classmethod
    def parsed(cls, line: str) -> "OpenSpan":
        """The span that the line means. Raises ValueError, which says what is wrong with it ("must begin before …")."""
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError("is not a span of days and hours")
        first, last, *times = found.groups()
        if first not in DAYS or (last and last not in DAYS):
            raise ValueError(f"names a day that is not one of {', '.join(DAYS)}")
        from_hour, from_minute, to_hour, to_minute = map(int, times)
        start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if from_minute > 59 or to_minute > 59 or end > _DAY_MIN or start >= end:
            raise ValueError("must begin before it ends, within 00:00 and 24:00")
        return cls(DAYS.index(first), DAYS.index(last or first), start, end)

    def covers(self, local: datetime) -> bool:
        """Whether this local time lies within the span."""
        day, first, last = local.weekday(), self.first_day, self.last_day
        in_days = first <= day <= last if first <= last else day >= first or day <= last
        return in_days and self.start_min <= local.hour * 60 + local.minute < self.end_min


def hours_problem(line: str) -> str:
    """Why this line is not opening hours; empty when it is."""
    try:
        OpenSpan.parsed(line)
    except ValueError as error:
        return str(error)
    return ""


def is_open(hours: list[str], timezone: str, now: datetime) -> bool:
    """Whether `now` (aware) lies within one of the lines, by the clock of `timezone`; no lines: always open.

    Raises ValueError for a line that `hours_problem` refuses.
    """
    local = now.astimezone(ZoneInfo(timezone))
    return not hours or any(OpenSpan.parsed(line).covers(local) for line in hours)
