"""A day on the hotline's own wall clock, as the span of instants that it is."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from acd.web.server.context import WebContext


def today(context: WebContext) -> date:
    """The day of now on the hotline's clock."""
    return context.now().astimezone(ZoneInfo(context.config.hotline.timezone)).date()


def span(context: WebContext, day: date) -> tuple[datetime, datetime]:
    """Its first instant, and the first of the day after."""
    zone = ZoneInfo(context.config.hotline.timezone)
    next_day = day + timedelta(days=1)
    return (
        datetime(day.year, day.month, day.day, tzinfo=zone),
        datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone),
    )
