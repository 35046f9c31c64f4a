"""What time it is for Asterisk, and how long ago it said a thing, whatever anybody does to a clock meanwhile.

Its time stamps are read by how far they are ahead of the machine's monotonic clock, which nobody sets. Each is late by its
way here; the shortest way so far counts. None can be older than the moment at which there was last nothing to read, so a
stamp that says so is of a clock that has been set back.
"""

import math
import time
from collections.abc import Mapping
from typing import Any

_SLACK_S = 0.05


class TheirClock:
    def __init__(self) -> None:
        self._ahead_s: float | None = None
        """Their clock, as epoch seconds, before the monotonic one; None until they have told a time."""
        self._emptied_at = time.monotonic()

    def emptied(self, at: float) -> None:
        """There was nothing left to read at this moment of the monotonic clock."""
        self._emptied_at = at

    def now(self) -> float:
        """Epoch seconds; by our own clock as long as they have told us none."""
        return time.time() if self._ahead_s is None else time.monotonic() + self._ahead_s

    def age_s(self, message: Mapping[str, Any]) -> float | None:
        """How long ago this happened, to be asked while it is being read; None when it bears no time stamp."""
        stamp = _stamp_of(message)
        if stamp is None or self._ahead_s is None:
            return None
        now = time.monotonic()
        return min(max(0.0, now + self._ahead_s - stamp), now - self._emptied_at)

    def told(self, message: Mapping[str, Any]) -> None:
        """Whatever is read and bears a time stamp tells the time."""
        stamp = _stamp_of(message)
        if stamp is None:
            return
        now = time.monotonic()
        ahead_s, longest_way_s = stamp - now, now - self._emptied_at
        if self._ahead_s is None or not 0 <= self._ahead_s - ahead_s <= longest_way_s + _SLACK_S:
            self._ahead_s = ahead_s


def _stamp_of(message: Mapping[str, Any]) -> float | None:
    try:
        stamp = float(message["Timestamp"])
    except (KeyError, ValueError, TypeError):
        return None
    return stamp if math.isfinite(stamp) else None
