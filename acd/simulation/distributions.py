"""How long things take: talks, notes, patience, an agent's reaching for the phone. Seconds, never negative."""

import math
import random
from dataclasses import dataclass
from typing import Protocol


class Distribution(Protocol):
    """Seconds, drawn by chance."""

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""

    def draw(self, chance: random.Random) -> float:
        """A value in seconds."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same."""

    value_s: float

    @property
    def mean_s(self) -> float:
        """The value itself."""
        return self.value_s

    def draw(self, chance: random.Random) -> float:
        """The value itself."""
        return self.value_s


@dataclass(frozen=True, slots=True)
class Exponential:
    """Without memory."""

    mean_s: float

    def draw(self, chance: random.Random) -> float:
        """A value in seconds."""
        return chance.expovariate(1 / self.mean_s)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """The shape that talk times of call centres were found to have (Brown et al., JASA 100 (2005), section 4)."""

    mean_s: float
    cv: float
    """Standard deviation by mean."""

    def draw(self, chance: random.Random) -> float:
        """A value in seconds."""
        variance = math.log(1 + self.cv**2)
        return chance.lognormvariate(math.log(self.mean_s) - variance / 2, math.sqrt(variance))


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any value between two, equally likely."""

    from_s: float
    to_s: float

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return (self.from_s + self.to_s) / 2

    def draw(self, chance: random.Random) -> float:
        """A value in seconds."""
        return chance.uniform(self.from_s, self.to_s)


@dataclass(frozen=True, slots=True)
class Empirical:
    """One of those that were measured, each as likely as the others."""

    values_s: tuple[float, ...]

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return sum(self.values_s) / len(self.values_s)

    def draw(self, chance: random.Random) -> float:
        """A value in seconds."""
        return chance.choice(self.values_s)
