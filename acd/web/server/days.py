"""Days by the hotline's own clock, as spans of instants."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from acd.clock import day_bounds
from acd.web.server.context import House


def today(house: House) -> date:
    """The date at the hotline at this moment."""
    return house.now().astimezone(ZoneInfo(house.config.hotline.timezone)).date()


def span(house: House, day: date) -> tuple[datetime, datetime]:
    """The first instant of the day at the hotline, and the first of the day after."""
    return day_bounds(day, ZoneInfo(house.config.hotline.timezone))
