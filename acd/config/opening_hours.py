"""Whether the hotline is open: pure, from the configuration's lines and the time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from acd.config import DAYS


def is_open(hours: list[str], timezone: str, now: datetime) -> bool:
    """Whether `now` (aware) lies within one of the lines, such as "mon-fri 08:00-20:00"; no lines: always open.

    A span of days may run over the week's end ("sat-mon"). The end is exclusive.
    """
    if not hours:
        return True
    local = now.astimezone(ZoneInfo(timezone))
    minute = local.hour * 60 + local.minute
    return any(_covers(line, local.weekday(), minute) for line in hours)


def _covers(line: str, weekday: int, minute: int) -> bool:
    days, times = line.split(" ")
    first, _, last = days.partition("-")
    from_day, to_day = DAYS.index(first), DAYS.index(last or first)
    in_days = from_day <= weekday <= to_day if from_day <= to_day else weekday >= from_day or weekday <= to_day
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in times.split("-"))
    return in_days and start <= minute < end
