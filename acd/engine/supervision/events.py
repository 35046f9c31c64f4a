"""Events of messages to agents, breaks, help, and queues that an agent leaves. See ../events.py."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ASKED_ALREADY = "help is asked for already"
"""Why HelpAsked is ignored while the hand is up; its telephone code is then answered as done (../calls/code_answers.py)."""


@dataclass(frozen=True, slots=True)
class AgentsMessaged:
    """A supervisor has written a message to agents. With neither agents nor teams it is for all."""

    message: str
    """Its id."""
    text: str
    until: datetime
    """Shown until then, also to agents who log in later. Aware, by the outer clock."""
    by: str = ""
    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """The agent has acknowledged the message."""

    message: str
    agent: str


@dataclass(frozen=True, slots=True)
class MessageWithdrawn:
    """A supervisor has taken the message back: it is shown no more."""

    message: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """The agent raises a hand: a supervisor is to look."""

    agent: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HelpEnded:
    """The hand is down: the agent needs no help any more, or a supervisor takes care of it."""

    agent: str
    by: str = ""
    """The supervisor; empty: the agent."""


@dataclass(frozen=True, slots=True)
class BreakAsked:
    """The agent asks for a break of this kind (the reason of a not-ready state)."""

    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class BreakGranted:
    """A supervisor grants the break that the agent has asked for, whatever the limits are."""

    agent: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class BreakDeclined:
    """A supervisor declines the break that the agent has asked for."""

    agent: str
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class BreakWithdrawn:
    """The agent does not want the break any more, or a supervisor takes back a break that has not begun."""

    agent: str
    by: str = ""
    """The supervisor; empty: the agent."""


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """The agent takes no calls of this queue until they join it again or log out; a call that rings or talks goes on."""

    agent: str
    queue: str
    reason: str
    by: str = ""
    """The supervisor; empty: the agent."""


@dataclass(frozen=True, slots=True)
class QueueJoined:
    """The agent takes calls of this queue again."""

    agent: str
    queue: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class MissedCallerSettled:
    """A caller who gave up is to be called back, or nothing is to be done for them any more."""

    call: str
    """The call that was given up; it is over."""
    by: str
    how: Literal["called back", "dealt with"]
    note: str = ""
    callback: str = ""
    """The id of the callback that is promised."""


SupervisionEvent = (
    AgentsMessaged
    | MessageSeen
    | MessageWithdrawn
    | HelpAsked
    | HelpEnded
    | BreakAsked
    | BreakGranted
    | BreakDeclined
    | BreakWithdrawn
    | QueueLeft
    | QueueJoined
    | MissedCallerSettled
)
