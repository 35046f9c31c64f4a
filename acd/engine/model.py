"""The nouns of the floor: queue, agent, call, offer, and the rules of the house. Pure data."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Skills = tuple[tuple[str, int], ...]
"""Skill and level (1 learning to 9 expert), sorted by skill: what a call requires at least."""

Work = Literal["idle", "ringing", "talking", "wrap-up"]
"""What an agent is doing; whether he wants calls is another matter."""

Stage = Literal["menu", "waiting", "offered", "talking", "after"]
"""Where a call is. A call that has ended is forgotten by the engine."""


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    skills: Skills = ()
    priority: int = 0
    """Added to the caller's own; higher goes first."""
    wrap_up: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """What the configuration says about an agent."""

    agent: str
    name: str = ""
    skills: Skills = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of the house (DESIGN: what the words mean exactly)."""

    ring: timedelta = timedelta(seconds=5)
    """One ring: 1 s on, 4 s off."""
    rings: int = 3
    dialled_within: timedelta = timedelta(seconds=1)
    """From the Redirect to DialBegin; else the offer was lost on the way."""
    sign_within: timedelta = timedelta(seconds=2)
    """From DialBegin to the first sign of life; else unreachable."""
    bridged_within: timedelta = timedelta(seconds=30)
    """From the answer, through the whisper, to the bridge."""
    answer_within: timedelta = timedelta(seconds=15)
    """The service target: from asking for a person to the bridge."""
    well_after: timedelta = timedelta(seconds=1)
    """A bridge shorter than this served nobody."""
    short_abandon: timedelta = timedelta(seconds=5)
    utc_offset: timedelta = timedelta(0)
    """How far the house's clock is ahead of UTC (China: 8 h): at its midnight today's counters start anew."""
    priorities: dict[str, int] = field(default_factory=dict)
    """Caller's number to priority."""
