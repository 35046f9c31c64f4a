"""How long callers are willing to wait, from a day on which some gave up and the others were answered before they would.

A caller who gave up tells the patience; of one who was answered it is known only that it was longer (censored). Kaplan and Meier,
"Nonparametric estimation from incomplete observations", JASA 53 (1958), makes a distribution of both; that is right as
far as who is answered early is no more patient than the others. With few who gave up their waits say little about the
shape, and one rate for the whole day stands for it (exponential: gave up / seconds waited by all).
"""

import bisect
import math
import operator
import random
from collections.abc import Iterable
from dataclasses import dataclass

ENOUGH = 30
"""From so many who gave up on the shape is taken from them; below it is exponential."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long callers are willing to wait, estimated from a day."""

    rate: float
    """Of giving up, per second of waiting; 0: nobody gave up."""
    times: tuple[float, ...] = ()
    """Seconds after which somebody gave up; empty: exponential."""
    stays: tuple[float, ...] = ()
    """Share of callers with more patience than the time beside it."""

    @classmethod
    def of(cls, waits: Iterable[tuple[float, bool]]) -> "Patience":
        """From (seconds waited, whether the caller then gave up)."""
        told = sorted(waits, key=lambda wait: (wait[0], not wait[1]))
        gave_up = sum(1 for _, gone in told if gone)
        exposure = math.fsum(seconds for seconds, _ in told)
        rate = gave_up / exposure if exposure else 0.0
        if gave_up < ENOUGH:
            return cls(rate)
        times: list[float] = []
        stays: list[float] = []
        stay, left = 1.0, len(told)
        for seconds, gone in told:
            if gone:
                stay *= 1 - 1 / left  # one by one gives the same product as all of one instant together
                if times and times[-1] == seconds:
                    stays[-1] = stay
                else:
                    times.append(seconds)
                    stays.append(stay)
            left -= 1
        return cls(rate, tuple(times), tuple(stays))

    def beyond(self, waited_s: float, chance: random.Random) -> float:
        """The patience of somebody who is known to be willing to wait so long, in seconds; more than that, always.

        Beyond the longest wait after which anybody gave up, the day's rate goes on.
        """
        drawn = chance.random()
        at = bisect.bisect_right(self.times, waited_s)
        known = self.stays[at - 1] if at else 1.0
        target = known * drawn
        number = bisect.bisect_left(self.stays, -target, lo=at, key=operator.neg)  # they only fall
        if number < len(self.times):
            return self.times[number]
        if self.rate == 0:
            return math.inf
        last = max(waited_s, self.times[-1]) if self.times else waited_s
        return last + chance.expovariate(self.rate)
