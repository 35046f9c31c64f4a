"""Who is on call when: rows of [[alarms.on_call]], by the hotline's clock."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from acd.config.opening_hours import DAY_MIN, HOLIDAY, OpenSpan
from acd.config.types import MAILBOX, Name, Part


class OnCall(Part):
    """Some people, and when alarms are told to them."""

    name: Name
    """Stands in what is told: "night-shift"."""
    hours: Annotated[list[str], Field(max_length=50)] = []
    """As "mon-fri 18:00-08:00", which ends on the next morning; none: always."""
    least: Literal["warning", "critical"] | None = None
    """The least severity that is told to them; left out: `alarms.least`."""
    mail: Annotated[list[Annotated[str, Field(pattern=MAILBOX, max_length=254)]], Field(max_length=20)] = []
    """In the place of `alarms.mail.to` while this row is in force."""
    unseen_after_min: Annotated[float, Field(ge=0, le=1440)] = 0
    """0: told at once. Else told only of a critical alarm that nobody has taken care of (`alarms seen`) for so long."""

    @field_validator("hours")
    @classmethod
    def _are_hours(cls, hours: list[str]) -> list[str]:
        for line in hours:
            try:
                if OpenSpan.parsed(line).first_day == HOLIDAY:
                    raise ValueError("names public holidays, which on-call hours do not know")
            except ValueError as error:
                raise ValueError(
                    f'{line!r} {error}. Write days and hours as "mon-fri 18:00-08:00" or "sat 00:00-24:00"'
                ) from None
        return hours

    def in_force(self, local: datetime) -> bool:
        """Whether it holds at this local time."""
        return not self.hours or any(_covers(OpenSpan.parsed(line), local) for line in self.hours)


def _covers(span: OpenSpan, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    today, yesterday = local.weekday(), (local.weekday() - 1) % 7
    # What ends after midnight belongs to the day on which it begins.
    return (span.on(today) and span.start_min <= minute < span.end_min) or (
        span.on(yesterday) and minute < span.end_min - DAY_MIN
    )


def in_force(rows: Iterable[OnCall], timezone: str, now: datetime) -> list[OnCall]:
    """The rows that hold at `now` (aware), by the clock of `timezone`."""
    local = now.astimezone(ZoneInfo(timezone))
    return [row for row in rows if row.in_force(local)]
