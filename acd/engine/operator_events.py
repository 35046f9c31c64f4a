"""Events of operators at work: what they change about waiting calls, talks, queues and agents. See events.py."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CallPrioritised:
    """An operator gives a waiting call another priority, in the place of its own and its queue's."""

    call: str
    priority: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallMoved:
    """An operator moves a waiting call to another queue; it keeps its place."""

    call: str
    queue: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallWithdrawn:
    """An operator takes a waiting call out of its queue: the caller is told, and hung up."""

    call: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class TalkCut:
    """An operator ends a talk: the caller is told, and hung up; the agent wraps up."""

    call: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class QueueClosed:
    """An operator closes a queue to new callers; those who wait are served."""

    queue: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class QueueOpened:
    """An operator opens a queue again."""

    queue: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class HoursSet:
    """An operator opens or closes the hotline, or one queue, until a moment, whatever its hours are."""

    queue: str = ""
    """Empty: the whole hotline, but for queues that are set themselves."""
    open: bool = False
    until: datetime | None = None
    """Aware; None ends what was set: the hours hold again."""
    zh: str = ""
    """What callers hear then, in the operator's words."""
    en: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class AgentMoved:
    """An operator changes the queues whose calls an agent takes; until the configuration changes them."""

    agent: str
    queues: tuple[str, ...]
    """Empty: all for which the skills suffice."""
    by: str = ""


OperatorEvent = (
    CallPrioritised | CallMoved | CallWithdrawn | TalkCut | QueueClosed | QueueOpened | HoursSet | AgentMoved
)
