"""What a caller asks for, and how well an agent suits it."""

from dataclasses import dataclass
from typing import NamedTuple

from acd.engine.model import Skills, Strategy


@dataclass(frozen=True, slots=True)
class Ask:
    """What a caller asks for. Calls that ask for the same stand in one Line."""

    any_of: tuple[tuple[str, Skills], ...]
    """Queue and required skills; an agent who satisfies one of these pairs is able to serve the call."""
    prefers: Skills = ()
    strategy: Strategy = "longest-idle"
    tier: int = 1
    """Agents of this tier or a higher one only: the call was transferred for a reason that needs it."""
    keeper: str = ""
    """The brand to whose own agents the call goes; empty: to those whom no brand keeps."""


class Suit(NamedTuple):
    """How well an agent suits a line, as far as it stays the same from call to call. Lower is better."""

    preferred: int
    """Minus the number of preferred skills that the agent has."""
    breadth: int
    """How many queues the agent serves; 0 unless the rules spare versatile agents."""
    levels: float
    """Minus the sum of the agent's levels in the skills that the line requires or prefers."""
