"""What time it is, for the whole house: wall time that never runs backward.

The wall clock is read once, at the start; from then on time advances with the monotonic clock. So durations are
unharmed when somebody sets the machine's clock an hour back. The price is a drift of the machine's crystal against
NTP, some milliseconds a day; a restart takes the wall clock anew.
"""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    def __init__(self) -> None:
        self._wall = datetime.now(UTC)
        self._started = time.monotonic()

    def now(self) -> datetime:
        """Aware UTC; never earlier than what it said before."""
        return self._wall + timedelta(seconds=time.monotonic() - self._started)
