"""Which kind of day a date is: a weekday, a public holiday, a working weekend (调休), or one that the operator has corrected.

Public holidays come from the library `holidays`, which has China's as the State Council announces them, with the weekends that are
worked in their place, as far as its version reaches; [holidays.days] corrects it, a list a year.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from acd.config.opening_hours import DAY_MIN, DAYS, HOLIDAY, Span, spans_on, times_of
from acd.config.types import COUNTRY, Part

_DATES = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")
MOST_DAYS = 60
"""Of one entry "from..to" of [holidays.days]."""
LOOK_AHEAD = 400
"""Days in which the next opening is looked for."""
_WORDS = ("closed", "work", "holiday")


class HolidaysTable(Part):
    """Public holidays, and the days that are other than the week says."""

    country: Annotated[str, Field(pattern=COUNTRY)] = ""
    """ISO 3166-1; its public holidays are no ordinary days. Empty: no day is a holiday but by `days`."""
    subdivision: Annotated[str, Field(max_length=10)] = ""
    """ISO 3166-2 without the country, as "BY", for holidays of a part of it."""
    make_up: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "fri"
    """The weekday whose hours hold on a weekend that is worked in the place of a day off (调休上班)."""
    days: Annotated[dict[str, Any], Field(max_length=1000)] = Field(default={})
    """Date, or "from..to", to "closed", "work", "holiday", or the hours of that day as ["09:00-12:00"]; before all else."""

    @field_validator("days")
    @classmethod
    def _readable(cls, days: dict[str, Any]) -> dict[str, Any]:
        taken: dict[date, str] = {}
        for entry, what in days.items():
            for day in _dates(entry):
                if day in taken:
                    raise ValueError(f"{entry!r} and {taken[day]!r} both name {day.isoformat()}. Keep one")
                taken[day] = entry
            if isinstance(what, list):
                for line in what:
                    try:
                        times_of(line if isinstance(line, str) else "")
                    except ValueError as error:
                        raise ValueError(f'{entry!r}: {line!r} {error}. Write it as ["09:00-12:00"]') from None
            elif what not in _WORDS:
                raise ValueError(
                    f'{entry!r}: {what!r} is none of "closed", "work", "holiday". Write one, or hours as ["09:00-12:00"]'
                )
        return days

    def calendar(self) -> "Calendar":
        """The calendar that the table makes."""
        return _calendar(self.model_dump_json())


def _dates(entry: str) -> list[date]:
    """The days of an entry. Raises ValueError, a sentence with the remedy."""
    found = _DATES.fullmatch(entry)
    try:
        if not found:
            raise ValueError
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2]) if found[2] else first
    except ValueError:
        raise ValueError(
            f'{entry!r} is no date. Write it as "2026-10-01", or several as "2026-10-01..2026-10-07"'
        ) from None
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise ValueError(f"{entry!r} must begin before it ends, and have at most {MOST_DAYS} days")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@dataclass(frozen=True, slots=True)
class Day:
    """What a date is."""

    kind: int
    """0 (Monday) to 6, or 7, a public holiday: whose hours hold."""
    why: Literal["", "holiday", "working weekend", "corrected"] = ""
    """Empty for an ordinary day."""
    name: str = ""
    """Of the holiday, as the country's own language has it."""
    spans: tuple[Span, ...] | None = None
    """Hours that hold on this date alone, whatever the list says; empty: closed."""


class Calendar:
    """The days of one [holidays] table."""

    def __init__(self, table: HolidaysTable) -> None:
        self._make_up = DAYS.index(table.make_up)
        self._country, self._subdivision = table.country, table.subdivision
        self._corrected: dict[date, Any] = {day: what for entry, what in table.days.items() for day in _dates(entry)}

    def day(self, day: date) -> Day:
        """What this date is."""
        what = self._corrected.get(day)
        weekday = day.weekday()
        if isinstance(what, list):
            return Day(weekday, "corrected", spans=tuple(sorted(times_of(line) for line in what)))
        if what == "closed":
            return Day(weekday, "corrected", spans=())
        if what == "work":
            return Day(weekday if weekday < 5 else self._make_up, "corrected")
        if what == "holiday":
            return Day(HOLIDAY, "corrected")
        names, worked = self._holidays(day.year)
        if day in worked:
            return Day(self._make_up, "working weekend")
        if day in names:
            return Day(HOLIDAY, "holiday", names[day])
        return Day(weekday)

    def _holidays(self, year: int) -> tuple[Mapping[date, str], frozenset[date]]:
        try:
            return public_holidays(self._country, self._subdivision, year)
        except NotImplementedError:
            return {}, frozenset()  # the check of the configuration tells it


@lru_cache(maxsize=8)
def _calendar(text: str) -> Calendar:
    return Calendar(HolidaysTable.model_validate_json(text))


@lru_cache(maxsize=64)
def public_holidays(country: str, subdivision: str, year: int) -> tuple[Mapping[date, str], frozenset[date]]:
    """The country's public holidays in that year with their names, and its working weekends. Raises NotImplementedError for a country
    or subdivision that the library does not know."""
    if not country:
        return {}, frozenset()
    import holidays  # here: a hotline without holidays need not pay for it

    part = subdivision or None
    language = holidays.country_holidays(country, subdiv=part).default_language
    years = (year - 1, year, year + 1)  # a break may reach over the new year
    found = holidays.country_holidays(country, subdiv=part, years=years, expand=False, language=language)
    worked = frozenset(found.weekend_workdays)
    names = {day: str(name) for day, name in found.items()}
    if country in _BREAKS_WITH_WEEKENDS:
        _take_in_weekends(names, worked)
    return {day: name for day, name in names.items() if day.year == year}, worked


_BREAKS_WITH_WEEKENDS = ("CN",)
"""Where a weekend beside a public holiday is announced as one break with it (放假调休), so that a hotline's weekend hours do not hold."""


def _take_in_weekends(names: dict[date, str], worked: frozenset[date]) -> None:
    """Gives a weekend day that adjoins a holiday, and is not worked, the holiday's name."""
    for step in (timedelta(days=1), timedelta(days=-1)):
        for day in sorted(names, reverse=step < timedelta(0)):
            beside = day + step
            while beside.weekday() >= 5 and beside not in names and beside not in worked:
                names[beside] = names[day]
                beside += step


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A list of hours under a calendar, by the clock of one place."""

    hours: tuple[str, ...]
    calendar: Calendar
    zone: ZoneInfo
    always: bool = False
    """Open at all times, on holidays and on corrected days too."""

    def spans(self, day: date) -> tuple[Span, ...]:
        """When it is open on this date, in minutes since midnight; a span that begins on it belongs to it to its end."""
        if self.always:
            return ((0, DAY_MIN),)
        what = self.calendar.day(day)
        return spans_on(self.hours, what.kind) if what.spans is None else what.spans

    def is_open(self, now: datetime) -> bool:
        """Whether it is open at this moment (aware)."""
        local = now.astimezone(self.zone).replace(tzinfo=None)
        return any(begin <= local < end for begin, end in self._around(local))

    def next_open(self, now: datetime) -> datetime | None:
        """The first moment from `now` (aware) on at which it is open, `now` itself where it is; None: not within 400 days."""
        local = now.astimezone(self.zone).replace(tzinfo=None)
        for days in range(LOOK_AHEAD):
            found = [
                max(begin, local)
                for begin, end in self._spans_as_times(local.date() + timedelta(days=days - 1))
                if end > local
            ]
            if found:
                return min(found).replace(tzinfo=self.zone)
        return None

    def changed_days(self, first: date, days: int) -> Iterator[tuple[str, tuple[Span, ...]]]:
        """The dates from `first` on that are not what their weekday says, and their spans."""
        for number in range(days):
            day = first + timedelta(days=number)
            if (spans := self.spans(day)) != spans_on(self.hours, day.weekday()):
                yield day.isoformat(), spans

    def _around(self, local: datetime) -> Iterator[tuple[datetime, datetime]]:
        yield from self._spans_as_times(local.date() - timedelta(days=1))
        yield from self._spans_as_times(local.date())

    def _spans_as_times(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time())
        for begin, end in self.spans(day):
            yield midnight + timedelta(minutes=begin), midnight + timedelta(minutes=end)


def holiday_mistakes(table: HolidaysTable) -> Iterator[str]:
    """A sentence for a country or a part of it whose holidays the library does not have."""
    try:
        public_holidays(table.country, table.subdivision, 2026)
    except NotImplementedError:
        whose = f"{table.country}-{table.subdivision}" if table.subdivision else table.country
        yield (
            f"holidays.{'subdivision' if table.subdivision else 'country'}: the holidays of {whose} are not known. Write another, or "
            "leave it out and list the days under [holidays.days]."
        )


def clock(minute: int) -> str:
    """Minutes since midnight as "08:00"; 24:00 is the end of the day, and what is later stands as the next day's clock has it."""
    return f"{minute // 60 if minute <= DAY_MIN else minute // 60 - 24:02d}:{minute % 60:02d}"
