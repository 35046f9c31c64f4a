"""Opening hours: lines such as "mon-fri 08:00-20:00", read, checked, and as spans of a day.

A span may run over midnight ("fri 22:00-06:00") and belongs to the day on which it begins. "hol 10:00-16:00" are the hours on public
holidays (`[holidays]`, calendar.py); a list without such a line is closed then.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `datetime.weekday()`."""
HOLIDAY = 7
"""The kind of day that "hol" means, beside 0 (Monday) to 6."""
DAY_MIN = 24 * 60
ALWAYS = ("mon-sun 00:00-24:00", "hol 00:00-24:00")
"""What an empty list means."""
_LINE = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")
_TIMES = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")

Span = tuple[int, int]
"""Begin and end in minutes since the day's midnight; an end above 1440 is on the next day."""


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """One line of opening hours."""

    first_day: int
    """0 is Monday, 7 a public holiday."""
    last_day: int
    """Included. Before `first_day` where the span runs over the end of the week ("sat-mon")."""
    start_min: int
    """Minutes since midnight."""
    end_min: int
    """Minutes since the same midnight, not included; 1440 is the end of the day, more is on the next day."""

    @classmethod
    def parsed(cls, line: str) -> "OpenSpan":
        """The span that the line means. Raises ValueError, which says what is wrong with it ("is not a span of …")."""
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError("is not a span of days and hours")
        first, last, *_ = found.groups()
        start, end = times_of(line[found.start(3) :])
        if first == "hol" and not last:
            return cls(HOLIDAY, HOLIDAY, start, end)
        if first not in DAYS or (last and last not in DAYS):
            raise ValueError(f"names a day that is not one of {', '.join(DAYS)}, or hol alone")
        return cls(DAYS.index(first), DAYS.index(last or first), start, end)

    def on(self, kind: int) -> bool:
        """Whether it is one of a day of this kind: 0 is Monday, 7 a public holiday."""
        first, last = self.first_day, self.last_day
        if HOLIDAY in (kind, first):
            return kind == first
        return first <= kind <= last if first <= last else kind >= first or kind <= last


def times_of(text: str) -> Span:
    """ "22:00-06:00" as minutes, (1320, 1800). Raises ValueError, which says what is wrong with it."""
    found = _TIMES.fullmatch(text)
    if not found:
        raise ValueError("is not a span of hours")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if from_minute > 59 or to_minute > 59 or end > DAY_MIN or start >= DAY_MIN:
        raise ValueError("must lie within 00:00 and 24:00")
    if start == end:
        raise ValueError("begins when it ends; the whole day is 00:00-24:00")
    return start, end if end > start else end + DAY_MIN


def hours_problem(line: str) -> str:
    """Why this line is not opening hours; empty when it is."""
    try:
        OpenSpan.parsed(line)
    except ValueError as error:
        return str(error)
    return ""


@lru_cache(maxsize=1024)
def spans_on(hours: tuple[str, ...], kind: int) -> tuple[Span, ...]:
    """The spans of these lines on a day of this kind (0 is Monday, 7 a public holiday), sorted; a line that `hours_problem` refuses is
    left out."""
    spans = [OpenSpan.parsed(line) for line in hours if not hours_problem(line)]
    return tuple(sorted((span.start_min, span.end_min) for span in spans if span.on(kind)))


def spans_of(hours: Iterable[str]) -> tuple[tuple[int, int, int, int], ...]:
    """The lines of weekdays as numbers (`OpenSpan`: first and last day, start and end); a line that `hours_problem` refuses is left
    out."""
    spans = [OpenSpan.parsed(line) for line in hours if not hours_problem(line)]
    return tuple(
        (span.first_day, span.last_day, span.start_min, span.end_min) for span in spans if span.first_day != HOLIDAY
    )
