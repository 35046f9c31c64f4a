"""What supervisors are told of a leg whose recording is not as it should be: incomplete, silent, at a wrong level, or missing."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from recordings.leg import Judged

MISSING = "recording missing"
_KEPT = 10_000
"""More legs than these are late only where nothing is filed any more; the alarm stands then all the same."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A leg whose talk is over and whose recording is not filed."""

    call: str
    offer: str
    waits_s: float
    """Since the talk's end."""


class LegAlarms:
    """Tells the alarms, from any thread; remembers which recordings are missing, so that the alarm ends when the last of them has come."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._late: set[str] = set()
        self._never = False
        """A recording is missing that does not come any more: the alarm stands until a person clears it."""

    def judged(self, leg: Judged) -> None:
        """The leg was filed, or will never be; `leg.keep`: not yet."""
        call, offer = leg.due.call, leg.due.offer
        if leg.reasons:
            if leg.path or leg.keep:
                self._tell(AlarmRaised("recording incomplete", f"{offer}: {'; '.join(leg.reasons)}", call))
            else:
                with self._lock:
                    self._never = True
                self._tell(AlarmRaised(MISSING, f"{offer}: {'; '.join(leg.reasons)}", call))
        elif leg.silent:
            side = "both sides are" if leg.silent == "both" else f"the {leg.silent}'s side is"
            self._tell(AlarmRaised("recording silent", f"{offer}: {side} silent", call))
        if leg.level_faults:
            self._tell(AlarmRaised("recording level wrong", f"{offer}: {'; '.join(leg.level_faults)}", call))
        if not leg.keep:
            self.done_with(offer)

    def still_owed(self, legs: Iterable[Owed], missing_after_s: float) -> None:
        """Raises the alarm for each leg that is owed for so long, once. To be called every second or so; returns at once."""
        for leg in legs:
            if leg.waits_s < missing_after_s:
                continue
            with self._lock:
                if leg.offer in self._late or len(self._late) >= _KEPT:
                    continue
                self._late.add(leg.offer)
            said = f"{leg.offer}: not filed {leg.waits_s:.0f} s after its talk; it is looked for further"
            self._tell(AlarmRaised(MISSING, said, leg.call))

    def done_with(self, offer: str) -> None:
        """The leg was filed, or is owed no more."""
        with self._lock:
            if offer not in self._late:
                return
            self._late.discard(offer)
            over = not self._late and not self._never
        if over:
            self._tell(AlarmCleared(MISSING, ""))

    def heard(self, event: Event) -> None:
        """A person has cleared the alarm: what was missing until then is known."""
        if isinstance(event, AlarmCleared) and event.name == MISSING:
            with self._lock:
                self._never = False
