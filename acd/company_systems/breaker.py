"""A circuit breaker: after failures in a row nobody asks for a while, then one does.

A caller must not wait for a system of which five others have just learnt that it does not answer.
"""

from collections.abc import Callable

FAILURES = 5
REST_S = 10.0


class Breaker:
    """Closed: ask. Open: don't. After REST_S one may (half open): its outcome decides. Not thread-safe: one event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds, of a clock that never steps back."""
        self._clock = clock
        self._failures = 0
        self._next_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether it has failed too often in a row."""
        return self._failures >= FAILURES

    def may_ask(self) -> bool:
        """Whether to ask now. Of those who ask while it is open one each REST_S may."""
        if not self.is_open:
            return True
        if self._clock() < self._next_at:
            return False
        self._next_at = self._clock() + REST_S
        return True

    def answered(self, *, well: bool) -> bool:
        """Notes an outcome; True when it opened or closed by it."""
        before = self.is_open
        self._failures = 0 if well else self._failures + 1
        if self.is_open:
            self._next_at = self._clock() + REST_S
        return self.is_open != before
