"""Asterisk's clock, estimated from the time stamps of its messages; it stays right when a clock is set meanwhile.

Kept is how far Asterisk's stamps are ahead of the machine's monotonic clock, which nobody sets. Each stamp is late by the
message's transit; the shortest transit so far counts. A message can't be older than the moment at which there was last nothing
to read: a stamp that says so comes from a clock that was set back.
"""

import math
import time
from collections.abc import Mapping
from typing import Any

_SLACK_S = 0.05


class AsteriskClock:
    """An estimate that each message with a time stamp improves."""

    def __init__(self) -> None:
        self._ahead_s: float | None = None
        """Asterisk's epoch seconds minus the monotonic clock; None before the first stamp."""
        self._emptied_at = time.monotonic()

    def emptied(self, at: float) -> None:
        """There was nothing left to read at this moment of the monotonic clock."""
        self._emptied_at = at

    def now(self) -> float:
        """Asterisk's time as epoch seconds; by our own clock before the first stamp."""
        return time.time() if self._ahead_s is None else time.monotonic() + self._ahead_s

    def age_s(self, message: Mapping[str, Any]) -> float | None:
        """How many seconds ago this happened, asked while it is being read; None without a time stamp."""
        stamp = _stamp_of(message)
        if stamp is None or self._ahead_s is None:
            return None
        now = time.monotonic()
        return min(max(0.0, now + self._ahead_s - stamp), now - self._emptied_at)

    def told(self, message: Mapping[str, Any]) -> None:
        """A message was read: its time stamp, if any, improves the estimate."""
        stamp = _stamp_of(message)
        if stamp is None:
            return
        now = time.monotonic()
        ahead_s, longest_transit_s = stamp - now, now - self._emptied_at
        if self._ahead_s is None or not 0 <= self._ahead_s - ahead_s <= longest_transit_s + _SLACK_S:
            self._ahead_s = ahead_s


def _stamp_of(message: Mapping[str, Any]) -> float | None:
    try:
        stamp = float(message["Timestamp"])
    except (KeyError, ValueError, TypeError):
        return None
    return stamp if math.isfinite(stamp) else None
