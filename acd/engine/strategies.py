"""Whom a queue asks first among the able agents who are idle: one row for each strategy.

A new strategy is its name in `Strategy`, its row in STRATEGIES, and its words in acd/words/terms.py. Preferred skills come
before any strategy; between agents of equal measure the one who is idle longest is asked first.
docs/contributing/routing-rule.md walks through it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Strategy = Literal["longest-idle", "least-occupied", "best-skilled"]


class IdleAgent(Protocol):
    """What a strategy may look at: nothing that changes while the agent is idle, since lines are sorted by it."""

    @property
    def load(self) -> float:
        """How occupied the agent has been lately; comparable among idle agents only."""

    @property
    def skills(self) -> tuple[tuple[str, int], ...]: ...

    @property
    def tier(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Rule:
    measure: Callable[[IdleAgent, float], float]
    """From the agent, and the sum of their levels in the skills that the call requires or prefers; the lowest is asked first."""
    chosen: str
    """What the log says of the agent who was chosen."""
    passed_over: str
    """What it says of an agent of a higher measure."""


STRATEGIES: Mapping[Strategy, Rule] = {
    "longest-idle": Rule(lambda agent, levels: 0.0, "longest idle of the able", "idle for less long"),
    "least-occupied": Rule(lambda agent, levels: agent.load, "least occupied of the able", "more occupied"),
    "best-skilled": Rule(lambda agent, levels: -levels, "most skilled of the able", "less skilled"),
}
