"""What time it is, for the whole system: wall time that never runs backward.

The wall clock is read once, at the start; from then on time advances with the monotonic clock. So durations are
unharmed when somebody sets the machine's clock an hour back. The price is a drift of the machine's crystal against
NTP, some milliseconds a day; a restart takes the wall clock anew.
"""

import time
from datetime import UTC, date, datetime, timedelta, tzinfo


class Clock:
    def __init__(self) -> None:
        self._wall = datetime.now(UTC)
        self._started = time.monotonic()

    def now(self) -> datetime:
        """Aware UTC; never earlier than what it said before."""
        return self._wall + timedelta(seconds=time.monotonic() - self._started)


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of the day in `zone`, and the first of the day after: 23 or 25 hours apart when clocks change."""
    following = day + timedelta(days=1)
    return (
        datetime(day.year, day.month, day.day, tzinfo=zone),
        datetime(following.year, following.month, following.day, tzinfo=zone),
    )
