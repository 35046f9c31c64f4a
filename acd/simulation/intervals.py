"""How sure a simulated figure is: means with half-widths, of independent runs or of batches of one long run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its confidence interval."""

    mean: float
    half_width: float
    """nan: of one run nothing can be said."""

    def holds(self, value: float) -> bool:
        """Whether the value is within the interval."""
        return abs(value - self.mean) <= self.half_width


def interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Mean of independent values, with Student's half-width."""
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return Interval(mean, math.nan)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    return Interval(mean, student_t(confidence, count - 1) * math.sqrt(variance / count))


def batch_means(values: Sequence[float], batches: int, confidence: float = 0.99) -> Interval:
    """Mean of a stationary series with the half-width from the means of so many batches of equal length.

    Law, "Simulation Modeling and Analysis" (2015), section 9.5.3: batches far longer than the time over which the series
    remembers are as good as independent. What does not fill the last batch is left out.
    """
    length = len(values) // batches
    means = [math.fsum(values[n * length : (n + 1) * length]) / length for n in range(batches)]
    return interval(means, confidence)


def student_t(confidence: float, freedom: int) -> float:
    """The t that Student's distribution stays within, on both sides, with this probability. Four digits hold."""
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        if _within(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """P(|T| <= t), by the finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan2(t, math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    term, total = (cosine, cosine) if freedom % 2 else (1.0, 1.0)
    for step in range(3 if freedom % 2 else 2, freedom, 2):
        term *= cosine * cosine * (step - 1) / step
        total += term
    if freedom % 2 == 0:
        return sine * total
    return 2 / math.pi * (angle + (sine * total if freedom > 1 else 0.0))
