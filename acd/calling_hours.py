"""May this customer be called now? One pure function for callbacks, news of a fault, and calls that ask for an opinion.

The hours are those of the hotline, or of the brand that the customer called. A region has its own in their place: it is found by the area in the
customer's record, else by how the number begins, for a city's code says where a telephone stands and a mobile's number where it was bought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Spans = tuple[tuple[int, int, int, int], ...]
"""First day, last day (0 is Monday), begin and end in minutes since midnight; an end above 1440 is on the next day. Empty: always."""
DatedSpans = tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
"""Date (ISO 8601) to begin and end of each span on it, in minutes since its midnight."""
Offsets = tuple[tuple[str, int], ...]
"""From when (UTC, ISO 8601) clocks are how many minutes ahead of UTC; oldest first."""
AHEAD = 400
"""Days in which the next hour is looked for."""


@dataclass(frozen=True, slots=True)
class Region:
    """Customers who are called by other hours than the rest."""

    name: str
    begins: tuple[str, ...] = ()
    """How their numbers begin in E.164, as "+86991"."""
    areas: tuple[str, ...] = ()
    """What stands as area in their records, without regard to case."""
    hours: Spans = ()
    dates: DatedSpans = ()
    offsets: Offsets = ()
    """Of the region's own clock; empty: the hotline's."""


@dataclass(frozen=True, slots=True)
class CallingHours:
    """When customers may be called."""

    hours: Spans = ()
    dates: DatedSpans = ()
    utc_offset: timedelta = timedelta(0)
    """The hotline's clock."""
    regions: tuple[Region, ...] = ()
    closed_until: datetime | None = None
    """An operator has closed the hotline until then; aware."""
    open_until: datetime | None = None
    """An operator has opened the hotline until then: its own hours do not hold until then, those of regions do. Aware."""


def may_call(rules: CallingHours, now: datetime, number: str = "", area: str = "") -> datetime | None:
    """None: the customer may be called now; else the next time at which they may, aware UTC. `now`: aware.

    `number`: the canonical number; `area`: of the customer's record, empty where there is none. Hours that never come within 400 days
    forbid nothing: the check of the configuration warns of them.
    """
    region = region_of(rules.regions, number, area)
    begin = now
    if rules.closed_until is not None and rules.closed_until > now:
        begin = rules.closed_until
    if region is None:
        if begin is now and rules.open_until is not None and rules.open_until > now:
            return None
        opens = _opens(rules.hours, rules.dates, begin, rules.utc_offset)
    else:
        ahead = _ahead(region.offsets, begin) if region.offsets else rules.utc_offset
        opens = _opens(region.hours, region.dates, begin, ahead)
    return None if opens <= now else opens.astimezone(UTC)


def region_of(regions: Sequence[Region], number: str, area: str = "") -> Region | None:
    """The region of this customer: by the area of the record, else by the longest beginning of the number; None: none of them."""
    said = area.strip().casefold()
    if said:
        for region in regions:
            if any(said == each.casefold() for each in region.areas):
                return region
    fitting = [(len(begin), region) for region in regions for begin in region.begins if number.startswith(begin)]
    return max(fitting, key=lambda one: one[0])[1] if fitting else None


def next_open(hours: Spans, dates: DatedSpans, local: datetime) -> datetime:
    """The first moment, from this local time on, that is within these hours: that time itself where it is."""
    if not hours and not dates:
        return local
    dated = dict(dates)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(-1, AHEAD):
        day = midnight + timedelta(days=days)
        spans = dated.get(day.date().isoformat())
        if spans is None:
            weekday = day.weekday()
            spans = tuple((begin, end) for first, last, begin, end in hours if _among(weekday, first, last))
        times = [(day + timedelta(minutes=begin), day + timedelta(minutes=end)) for begin, end in spans]
        starts = [max(begin, local) for begin, end in times if end > local]
        if starts:
            return min(starts)
    return local


def _opens(hours: Spans, dates: DatedSpans, at: datetime, ahead: timedelta) -> datetime:
    # An aware UTC time that is moved by the offset: its figures are those of the local clock.
    local = at.astimezone(UTC) + ahead
    return next_open(hours, dates, local) - ahead


def _ahead(offsets: Offsets, at: datetime) -> timedelta:
    minutes = offsets[0][1]
    for begin, each in offsets:
        if datetime.fromisoformat(begin) > at:
            break
        minutes = each
    return timedelta(minutes=minutes)


def _among(weekday: int, first: int, last: int) -> bool:
    return first <= weekday <= last if first <= last else weekday >= first or weekday <= last
