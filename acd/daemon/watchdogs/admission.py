"""Tells when calls begin to be refused, and when it is over. What is refused, the dialplan decides ([admit]), with a daemon or without.

A full hour may refuse thousands of calls: they are counted (`ChannelBook.refused`), and two alarms tell of all of them.
"""

from collections import Counter
from collections.abc import Callable

from acd.engine.events import AlarmRaised, Event
from acd.words.refused_calls import with_remedy

QUIET_S = 10.0
"""Without a refused call for so long, it is over."""


class AdmissionWatch:
    """Looks at the counts of refused calls, once a second."""

    def __init__(self, refused: Counter[tuple[str, str]], tell: Callable[[Event], None]) -> None:
        """`refused`: trunk and why, to the calls since the daemon's start; another part counts them."""
        self._refused, self._tell = refused, tell
        self._seen = refused.total()
        self._before: Counter[tuple[str, str]] | None = None
        """The counts before the first refused call of the time that goes on; None: none goes on."""
        self._last = Counter(refused)
        self._began_s = self._latest_s = 0.0

    def look(self, now_s: float) -> None:
        """One look at `now_s`, in seconds of a monotonic clock."""
        total = self._refused.total()
        if total != self._seen:
            if self._before is None:
                self._before, self._began_s = self._last, now_s
                self._tell(AlarmRaised("calls refused", self._said(self._last)))
            self._seen, self._latest_s = total, now_s
        elif self._before is not None and now_s - self._latest_s >= QUIET_S:
            lasted_s = round(self._latest_s - self._began_s) + 1
            self._tell(AlarmRaised("calls taken again", f"after {lasted_s} s; {self._said(self._before)}"))
            self._before = None
        self._last = Counter(self._refused)

    def _said(self, since: Counter[tuple[str, str]]) -> str:
        new = self._refused - since
        return "; ".join(
            f"{count} refused{f' over trunk {trunk}' if trunk else ''}: {with_remedy(why, trunk)}"
            for (trunk, why), count in sorted(new.items())
        )
