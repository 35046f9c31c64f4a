"""What a caller must expect to wait: a range from the wait that half of such callers exceed to the one that a tenth does.

With n callers before whom agents come free at a rate r, the wait until the (n + 1)th comes free is a sum of n + 1 spans
of mean 1/r: Erlang-distributed, if spans are exponential. Its quantiles are taken by Wilson and Hilferty's cube root
(Proc. Natl. Acad. Sci. 17, 1931, for the chi-square; an Erlang of shape k is half a chi-square of 2k). The rate is the
agents who work now by the handling time that the queue has shown.

The model is crude (callers give up, agents serve other lines too), so it is set right by what happens: per queue each of
both bounds has a factor that moves up when a caller waited longer than it said and down when not, by steps in such
a ratio that it comes to rest where half, or a tenth, wait longer (Robbins and Monro, Ann. Math. Stat. 22, 1951).
A caller who gives up before a bound says nothing about it and moves nothing.
"""

from dataclasses import dataclass
from math import exp, sqrt
from typing import Any

from acd.engine.model import Expected

STEP = 0.1
"""The largest change of a factor's logarithm by one caller."""

HANDLING_WEIGHT = 0.05
"""Of the latest call in the mean handling time: some twenty calls are remembered."""

Z_90 = 1.2815515655446004
"""The standard normal's 90 % quantile."""


@dataclass(slots=True)
class Pace:
    """What a queue has shown so far."""

    handling_s: float | None = None
    """Mean talk and wrap-up of its calls; None: none has ended yet."""
    median_log: float = 0.0
    """Logarithms of the two factors that set the model right."""
    p90_log: float = 0.0


class WaitEstimates:
    """Expected waits per queue, learning from what callers waited."""

    def __init__(self) -> None:
        self._paces: dict[str, Pace] = {}

    def _pace(self, queue: str) -> Pace:
        pace = self._paces.get(queue)
        if pace is None:
            pace = self._paces[queue] = Pace()
        return pace

    def handled(self, queue: str, seconds: float) -> None:
        """A call of this queue took an agent so many seconds of talk and wrap-up."""
        pace = self._pace(queue)
        pace.handling_s = (
            seconds if pace.handling_s is None else pace.handling_s + HANDLING_WEIGHT * (seconds - pace.handling_s)
        )

    def expected(self, queue: str, ahead: int, working: int, handling_s: float) -> Expected:
        """The wait of a call with `ahead` calls before it and `working` agents, all of them busy. `handling_s` is used while
        nothing is known of the queue. With nobody at work the wait is as if one agent were."""
        pace = self._paces.get(queue) or Pace()
        span_s = (pace.handling_s or handling_s) / max(1, working)
        shape = ahead + 1
        return Expected(
            shape * span_s * _quantile(shape, 0.0) * exp(pace.median_log),
            shape * span_s * _quantile(shape, Z_90) * exp(pace.p90_log),
        )

    def waited(self, queue: str, said: Expected, seconds: float, answered: bool) -> None:
        """Learn from a wait: what was said, and what it came to. `answered`: False: the caller gave up after so many seconds."""
        if said.median_s <= 0:
            return
        pace = self._pace(queue)
        if answered or seconds > said.median_s:
            pace.median_log += STEP * (0.5 if seconds > said.median_s else -0.5)
        if answered or seconds > said.p90_s:
            pace.p90_log += STEP * (0.9 if seconds > said.p90_s else -0.1)

    def kept(self) -> dict[str, Any]:
        """All of it, JSON-able, for the checkpoint."""
        return {name: [pace.handling_s, pace.median_log, pace.p90_log] for name, pace in self._paces.items()}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `kept` gave."""
        self._paces = {name: Pace(*figures) for name, figures in kept.items()}


def _quantile(shape: int, z: float) -> float:
    """Of an Erlang distribution of that shape and mean 1."""
    ninth = 1 / (9 * shape)
    return float((1 - ninth + z * sqrt(ninth)) ** 3)
