"""The tables [callbacks] and [calls_out.regions.NAME]."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from acd.calling_hours import AHEAD, Offsets
from acd.config.types import Name, Part

Hours = Annotated[float, Field(gt=0, le=720, allow_inf_nan=False)]
Begin = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,14}$")]
Area = Annotated[str, Field(min_length=1, max_length=80)]
Pause = Annotated[float, Field(ge=0.1, le=10_080, allow_inf_nan=False)]
Left = Literal["off", "list", "call"]


class CallbacksTable(Part):
    within_h: Hours = 2
    """What is promised, from the moment on at which the customer may be called. A row with offer-callback has its own."""
    queues: Annotated[dict[Name, Hours], Field(max_length=500)] = Field(default={})
    """Queue to the same, where it is another."""
    messages: Left = "list"
    """Whether a message is a promise: list, a person calls and says so; call, the hotline calls."""
    abandoned: Left = "off"
    """The same of callers who gave up while they waited."""
    retry_after_min: Annotated[list[Pause], Field(max_length=20)] = []
    """Minutes after each failed try until the next. Empty: routing.callback_attempts and callback_pause_min."""

    def within_s(self, queue: str) -> int:
        """What is promised to callers of this queue, in seconds."""
        return round(self.queues.get(queue, self.within_h) * 3600)


class RegionTable(Part):
    """Customers who are called by hours of their own."""

    begins: Annotated[list[Begin], Field(max_length=1000)] = []
    """How their numbers begin in E.164."""
    areas: Annotated[list[Area], Field(max_length=1000)] = []
    """What stands as `area` in their records."""
    timezone: Annotated[str, Field(max_length=64)] | None = None
    """By whose clock `hours` are read; left out: hotline.timezone."""
    hours: list[str]
    """As calls_out.hours."""


def offsets_of(timezone: str, now: datetime) -> Offsets:
    """How far this zone's clocks are ahead of UTC, from a day ago and for the next 400 days; each change with its moment, to the hour. `now`:
    aware. Raises what ZoneInfo raises."""
    zone = ZoneInfo(timezone)
    at = (now - timedelta(days=1)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    found: list[tuple[str, int]] = []
    for _ in range((AHEAD + 1) * 24):
        minutes = int((at.astimezone(zone).utcoffset() or timedelta(0)).total_seconds() // 60)
        if not found or found[-1][1] != minutes:
            found.append((at.isoformat(), minutes))
        at += timedelta(hours=1)
    return tuple(found)


def twice(lines: Sequence[str]) -> list[str]:
    """What stands twice among them, without regard to case."""
    folded = [line.casefold() for line in lines]
    return sorted({line for line in lines if folded.count(line.casefold()) > 1})
