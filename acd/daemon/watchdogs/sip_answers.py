"""Whether SIP answers, for /health; and an alarm where it never did: an Asterisk that runs and takes no call looks well from inside.

The watch over Asterisk kills what has worked and works no more; what never worked, because an address or a certificate is wrong,
would only be started again and again.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event

SILENT_S = 20.0
"""So long without one answer since the first look. Asterisk is up within some seconds."""
MISSES = 3
"""After so many looks in a row without an answer SIP counts as silent; a single OPTIONS may be lost in a flood."""


class SipAnswers:
    """The verdict of the probe's looks."""

    def __init__(self, tell: Callable[[Event], None], now: Callable[[], float]) -> None:
        """`now`: a monotonic clock, in seconds."""
        self._tell, self._now = tell, now
        self._first_at: float | None = None
        self._answered_once = self._alarmed = False
        self._misses = 0
        self.up = False
        """Whether SIP answers: not before the first answer."""

    def looked(self, why: str) -> None:
        """The probe has looked. `why`: its sentence about SIP, empty when SIP answered."""
        now = self._now()
        if self._first_at is None:
            self._first_at = now
        if not why:
            self.up = self._answered_once = True
            if self._alarmed:
                self._alarmed = False
                self._tell(AlarmCleared("SIP does not answer"))
            self._misses = 0
            return
        self._misses += 1
        if self._misses >= MISSES:
            self.up = False
        if not self._answered_once and not self._alarmed and now - self._first_at >= SILENT_S:
            self._alarmed = True
            self._tell(
                AlarmRaised(
                    "SIP does not answer",
                    f"{why}, since the start. No call can come in: look at [sip] in the configuration and at Asterisk's "
                    "messages.log.",
                )
            )
