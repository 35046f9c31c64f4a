"""Who comes to the floor: callers with their patience, agents with their shifts, and how both behave. Pure data.

Whatever belongs to one caller (arrival, patience, length of the talk) is drawn before the day
begins and from streams of its own, so that the same callers come to the same day whatever rules it is played with.
"""

import heapq
import random
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from acd.engine.events import AgentLoggedOut, AgentNotReady, AgentReady, Event
from acd.engine.model import Skills
from acd.simulation.distributions import Distribution, Exponential, Fixed

AT_ONCE, THREE_SECONDS, FIVE_SECONDS, TEN_SECONDS = Fixed(0), Fixed(3), Fixed(5), Fixed(10)
HALF_A_MINUTE, A_MINUTE = Exponential(30), Exponential(60)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who will ask for a person."""

    call: str
    at: datetime
    """When the caller asks for an agent."""
    queue: str
    patience_s: float
    """So long the caller waits for an agent, and then hangs up."""
    talk_s: float
    wrap_up_s: float
    """What the agent would need for the note; the queue's wrap-up may end it sooner."""
    answer_s: float
    """From the first sign of life of the phone to its going up, at the first agent who is asked."""
    number: str = "unknown"
    skills: Skills = ()
    language: str = ""
    takes_callback: bool = False
    """The caller takes a callback when offered one, as on that day; else it is left to chance."""
    dialled: str = ""
    """The number of ours, where it matters: of a brand."""
    customer_class: str = ""
    """Of the customer; empty: none."""


@dataclass(frozen=True, slots=True)
class Span:
    """Calls at an even chance between two times."""

    began: datetime
    ended: datetime
    per_hour: float


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What comes to one queue."""

    queue: str
    spans: tuple[Span, ...]
    """One after the other; nobody comes between them."""
    talk: Distribution
    wrap_up: Distribution
    patience: Distribution
    answer: Distribution = AT_ONCE
    skills: Skills = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Habits:
    """What happens between people and telephones, apart from callers' patience and talks."""

    dial_s: float = 0.05
    """From the wish to the INVITE."""
    sign_s: float = 0.1
    """From the INVITE to the phone's first sign of life."""
    bridge_s: float = 0.1
    """From the answer to both hearing each other."""
    answer: Distribution = THREE_SECONDS
    """How long an agent takes to pick up what is offered after a first offer came to nothing."""
    no_answer: float = 0.0
    """Chance that an agent has stepped out when the phone rings."""
    steps_out: Distribution = A_MINUTE
    """How long an agent who lets a phone ring is away, from when it begins to ring."""
    takes_callback: float = 0.5
    """Chance that who is offered a callback takes it."""
    reached: float = 0.8
    """Chance that a customer answers the callback."""
    reached_after: Distribution = TEN_SECONDS
    leaves_message: float = 0.7
    message: Distribution = HALF_A_MINUTE
    other_answers: float = 1.0
    """Chance that the other number, where calls are sent, answers; else the caller comes back to the line."""
    other_after: Distribution = FIVE_SECONDS
    listens: Distribution = FIVE_SECONDS
    """How long the caller listens to an announcement or question before acting."""

    @property
    def instant(self) -> bool:
        """No time passes between the wish and the ringing, nor between the answer and the talk."""
        return not (self.dial_s or self.sign_s or self.bridge_s or self.no_answer)


@dataclass(frozen=True, slots=True)
class Plan:
    """A day, before it is played."""

    callers: tuple[Caller, ...] | Iterable[Caller]
    """By time."""
    moves: tuple[tuple[datetime, Event], ...]
    """What agents do of themselves: come, go, take breaks; by time."""
    habits: Habits = field(default_factory=Habits)
    ends: datetime | None = None
    """Whoever is still there then is let go; None: when nothing more can happen."""


def coming(arrivals: Arrivals, seed: str) -> Iterator[Caller]:
    """The callers of one queue, by time: a Poisson process whose rate is constant in each span.

    The same seed gives the same callers. Their patience, talks, notes and the picking up come from streams of their own.
    """
    when, patience, talk, note, pick_up = (
        random.Random(f"{seed}/{arrivals.queue}/{what}") for what in ("when", "patience", "talk", "wrap-up", "answer")
    )
    number = 0
    for span in arrivals.spans:
        at = span.began
        while span.per_hour > 0:
            # Without memory: what is left of a gap when the rate changes is drawn anew.
            at += timedelta(seconds=when.expovariate(span.per_hour / 3600))
            if at >= span.ended:
                break
            number += 1
            yield Caller(
                f"{arrivals.queue}-{number}",
                at,
                arrivals.queue,
                arrivals.patience.draw(patience),
                arrivals.talk.draw(talk),
                arrivals.wrap_up.draw(note),
                arrivals.answer.draw(pick_up),
                f"{zlib.crc32(arrivals.queue.encode()) % 1000:03}{number:07}",  # nobody else's, in this or another queue
                skills=arrivals.skills,
                language=arrivals.language,
            )


def all_coming(arrivals: Iterable[Arrivals], seed: str) -> Iterator[Caller]:
    """The callers of all queues, by time."""
    return heapq.merge(*(coming(each, seed) for each in arrivals), key=lambda caller: (caller.at, caller.call))


@dataclass(frozen=True, slots=True)
class Shift:
    """An agent's work from one time to another, with breaks in it."""

    agent: str
    began: datetime
    ended: datetime
    breaks: tuple[tuple[datetime, datetime, str], ...] = ()
    """From, to, reason."""


def moves(shifts: Iterable[Shift]) -> tuple[tuple[datetime, Event], ...]:
    """What agents do of themselves, by time; at the same instant who goes, goes before another comes."""
    found: list[tuple[datetime, int, int, Event]] = []
    for number, shift in enumerate(shifts):
        found.append((shift.began, 2, number, AgentReady(shift.agent)))
        found.append((shift.ended, 0, number, AgentLoggedOut(shift.agent)))
        for began, ended, reason in shift.breaks:
            found.append((began, 1, number, AgentNotReady(shift.agent, reason)))
            if ended < shift.ended:
                found.append((ended, 2, number, AgentReady(shift.agent)))
    found.sort(key=lambda move: move[:3])
    return tuple((at, event) for at, _, _, event in found)
