"""Whole days by the hotline's clock, and which spans a report that makes itself is due for. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

Every = Literal["daily", "weekly", "monthly"]
BEHIND: dict[str, int] = {"daily": 31, "weekly": 10, "monthly": 12}
"""So many reports that were missed are made afterwards; older ones are left out."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + each * _DAY for each in range(self.days))

    def edges(self, zone: tzinfo) -> list[datetime]:
        """The first instant of each day, and of the day after the last: 23 or 25 hours apart when clocks change."""
        return [datetime(day.year, day.month, day.day, tzinfo=zone) for day in (*self, self.last + _DAY)]

    def __str__(self) -> str:
        return f"{self.first}" if self.days == 1 else f"{self.first} – {self.last}"


def span_with(every: Every, day: date) -> Span:
    """The day, the week from Monday to Sunday, or the month in which the day lies."""
    if every == "daily":
        return Span(day, day)
    if every == "weekly":
        monday = day - day.weekday() * _DAY
        return Span(monday, monday + 6 * _DAY)
    first = day.replace(day=1)
    return Span(first, (first + 31 * _DAY).replace(day=1) - _DAY)


def due_at(span: Span, at: time, zone: tzinfo) -> datetime:
    """When the report of this span is due: at that time of the day after it, in UTC.

    A time that the clock leaves out that day is the one an hour later; one that it has twice is the first of the two.
    """
    return datetime.combine(span.last + _DAY, at, tzinfo=zone).astimezone(UTC)


def due(
    every: Every, at: time, zone: tzinfo, now: datetime, since: datetime, done: date | None
) -> tuple[list[Span], list[Span]]:
    """The spans whose reports are due and not made, the oldest first; and those that are older than `BEHIND` and left out.

    `since`: when the report was first configured; what was due before is not made. `done`: the last day of the newest span that
    was made. A span that lies partly before it, because `every` was changed, is made when it ends after it.
    """
    found: list[Span] = []
    span = span_with(every, (max(since, now - timedelta(days=800)).astimezone(zone)).date() - 32 * _DAY)
    while (moment := due_at(span, at, zone)) <= now:
        if moment > since and (done is None or span.last > done):
            found.append(span)
        span = span_with(every, span.last + _DAY)
    most = BEHIND[every]
    return found[-most:], found[:-most]


def latest(every: Every, zone: tzinfo, now: datetime) -> Span:
    """The newest span that is over."""
    today = now.astimezone(zone).date()
    return span_with(every, span_with(every, today).first - _DAY)


def next_due(every: Every, at: time, zone: tzinfo, now: datetime) -> datetime:
    """When the next report is due, in UTC."""
    span = latest(every, zone, now)
    while (moment := due_at(span, at, zone)) <= now:
        span = span_with(every, span.last + _DAY)
    return moment
