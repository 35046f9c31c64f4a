"""Days by the hotline's own clock, as spans of instants."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from acd.clock import day_bounds
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem

MOST_DAYS = 366
"""In one question."""


def today(context: WebContext) -> date:
    """The date at the hotline at this moment."""
    return context.now().astimezone(ZoneInfo(context.config.hotline.timezone)).date()


def span(context: WebContext, day: date) -> tuple[datetime, datetime]:
    """The first instant of the day at the hotline, and the first of the day after."""
    return day_bounds(day, ZoneInfo(context.config.hotline.timezone))


def at_time(context: WebContext, day: date, clock: time) -> datetime:
    """The instant at which the hotline's clock shows this time on this day, aware; where it shows it twice, the first."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(context.config.hotline.timezone))


def first_and_last(context: WebContext, first: date | None, last: date | None) -> tuple[date, date]:
    """The days that are meant: one that is left out is today, or the other where that lies ahead. Raises Problem (400): the wrong way
    round, or more than `MOST_DAYS`."""
    end = last or max(today(context), first or date.min)
    begin = first or end
    if begin > end:
        raise Problem(400, "bad-request", f"first ({begin}) is later than last ({end}). Swap them.", field="first")
    if not date(2000, 1, 1) <= begin <= end <= date(2200, 1, 1):
        raise Problem(400, "bad-request", "The days must lie between 2000-01-01 and 2200-01-01.", field="first")
    if (end - begin).days >= MOST_DAYS:
        detail = f"These are more than {MOST_DAYS} days. Choose fewer."
        raise Problem(400, "narrow-the-period", detail, field="first")
    return begin, end
