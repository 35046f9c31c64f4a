"""The opening hours of a number as a caller is told them: what an operator has set for today, the days ahead that are other than the week
says, and the ordinary week."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from acd.config.hours.calendar import OpeningHours, clock
from acd.config.hours.open_now import open_now
from acd.config.opening_hours import ALWAYS, DAYS, HOLIDAY, OpenSpan
from acd.config.schema import Config

DAYS_AHEAD = 7
"""Days that are other than the week says are told when they begin within so many."""
LONGEST = 31
"""Days of one break that are told."""


def said_hours(
    config: Config, hours_set: Mapping[str, Mapping[str, Any]], now: datetime, number: str, brand: str
) -> list[dict[str, str]]:
    """Records in the order in which they are said; each has texts alone, and times as "08:00", the end of a day as "24:00".

    now "open" or "closed", until, say    set by an operator for today; `say`: the sound with the operator's words, empty: none
    date, to, closed "yes"                a day, or a break to the day `to`, on which nobody answers
    date, opens, closes                   a span of a day that is other than the week says
    first, last, opens, closes            a span of weekdays "mon" to "fri"

    No record of the last kind: it is open at all times. `hours_set`: as in `Acd.snapshot`; `now`: aware.
    """
    opening = config.openings("", number, brand)[0]
    today = now.astimezone(opening.zone).date()
    state = open_now(config, hours_set, now, "", number, brand)
    rows: list[dict[str, str]] = []
    if state.set_by and state.until is not None:
        until = state.until.astimezone(opening.zone)
        at = "24:00" if until.date() > today else until.strftime("%H:%M")
        rows.append({"now": "open" if state.open else "closed", "until": at, "say": state.prompt})
    rows += (
        row for row in _other_days(opening, today) if not (state.set_by and row["date"] == row.get("to") == f"{today}")
    )
    for line in () if opening.always or opening.hours == ALWAYS else opening.hours:
        span = OpenSpan.parsed(line)
        if span.first_day == HOLIDAY:
            continue
        first, last = DAYS[span.first_day], DAYS[span.last_day]
        rows.append({"first": first, "last": last, "opens": clock(span.start_min), "closes": clock(span.end_min)})
    return rows


def _other_days(opening: OpeningHours, today: date) -> Iterator[dict[str, str]]:
    if opening.always:
        return
    begun: dict[str, str] | None = None
    for written, spans in opening.changed_days(today, DAYS_AHEAD + LONGEST):
        day = date.fromisoformat(written)
        if begun is not None and not spans and begun["to"] == f"{day - timedelta(days=1)}":
            begun["to"] = written
            continue
        if begun is not None:
            yield begun
            begun = None
        if day >= today + timedelta(days=DAYS_AHEAD):
            return
        if not spans:
            begun = {"date": written, "to": written, "closed": "yes"}
        for begin, end in spans:
            yield {"date": written, "to": written, "opens": clock(begin), "closes": clock(end)}
    if begun is not None:
        yield begun
