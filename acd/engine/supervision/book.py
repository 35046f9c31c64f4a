"""What the engine knows of messages to agents, breaks, raised hands, and work without a rest. Plain data."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

MOST_MESSAGES = 100
"""Messages that hold at the same time."""
ENDED_KEPT = 50
"""Messages that are over and kept here, for the list of who has acknowledged; the call log has all."""
LONGEST_TEXT = 500
"""Characters of a message."""
LONGEST_NOTE = 200

BreakState = Literal["asked", "granted", "on"]
Obstacle = Literal["", "full", "later", "leave"]
"""Why a break waits: as many are away as may be; its planned time is later; a supervisor must grant it."""


@dataclass(slots=True)
class TeamMessage:
    """One message of a supervisor's. Times by the outer clock."""

    message: str
    text: str
    at: datetime
    until: datetime
    by: str
    agents: tuple[str, ...]
    teams: tuple[str, ...]
    ended_at: datetime | None = None
    """None: it holds."""
    ended_by: str = ""
    """The supervisor who has withdrawn it; empty: its time was over."""
    seen: dict[str, datetime] = field(default_factory=dict)
    """Agent to when they acknowledged it."""

    def is_for(self, agent: str, team: str) -> bool:
        """Whether it is shown to this agent."""
        return not (self.agents or self.teams) or agent in self.agents or (bool(team) and team in self.teams)


@dataclass(slots=True)
class Break:
    """One agent's break, from asking to its end. Times are inner times."""

    agent: str
    reason: str
    state: BreakState
    at: datetime
    """When it was asked for, or began unasked."""
    order: int
    waits: Obstacle = ""
    granted_by: str = ""
    """The supervisor; empty: by the rules."""
    began_at: datetime | None = None
    ends_at: datetime | None = None
    """When it is to be over."""
    overdue: bool = False
    leave: bool = True
    """False: it was begun though there was no room for it."""


@dataclass(slots=True)
class RaisedHand:
    """An agent asks for help."""

    at: datetime
    note: str = ""
    call: str = ""
    """In which it was asked; the hand is down when the agent has that call no more. Empty: in none."""


@dataclass(slots=True)
class Work:
    """An agent's work since the latest rest. Inner times; None: not at work, not at rest."""

    since: datetime | None = None
    resting_since: datetime | None = None
    long: bool = False
    """It has lasted for longer than it may."""


class Supervision:
    """All of it."""

    def __init__(self) -> None:
        self.messages: dict[str, TeamMessage] = {}
        """Those that hold and the latest that are over, oldest first."""
        self.breaks: dict[str, Break] = {}
        """By agent; the order of `order` is the order of asking."""
        self.orders = 0
        self.hands: dict[str, RaisedHand] = {}
        self.work: dict[str, Work] = {}

    def forget(self, agent: str) -> None:
        """The agent is no longer configured."""
        for table in (self.breaks, self.hands, self.work):
            table.pop(agent, None)

    def holding(self) -> list[TeamMessage]:
        """Messages that hold, oldest first."""
        return [one for one in self.messages.values() if one.ended_at is None]

    def waiting(self) -> list[Break]:
        """Breaks asked for and not granted yet, in their order."""
        return sorted((one for one in self.breaks.values() if one.state == "asked"), key=lambda one: one.order)

    def kept(self) -> dict[str, Any]:
        """JSON-able, for `restore`."""
        return {
            "messages": [_plain(one) for one in self.messages.values()],
            "breaks": [_plain(one) for one in self.breaks.values()],
            "orders": self.orders,
            "hands": {agent: _plain(one) for agent, one in self.hands.items()},
            "work": {agent: _plain(one) for agent, one in self.work.items()},
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """A checkpoint of a version without it holds nothing."""
        for one in kept.get("messages", ()):
            known = _times(one, "at", "until", "ended_at")
            seen = {agent: datetime.fromisoformat(at) for agent, at in one["seen"].items()}
            known |= {"agents": tuple(one["agents"]), "teams": tuple(one["teams"]), "seen": seen}
            self.messages[one["message"]] = TeamMessage(**known)
        for one in kept.get("breaks", ()):
            self.breaks[one["agent"]] = Break(**_times(one, "at", "began_at", "ends_at"))
        self.orders = kept.get("orders", 0)
        for agent, one in kept.get("hands", {}).items():
            self.hands[agent] = RaisedHand(**_times(one, "at"))
        for agent, one in kept.get("work", {}).items():
            self.work[agent] = Work(**_times(one, "since", "resting_since"))


def _plain(one: TeamMessage | Break | RaisedHand | Work) -> dict[str, Any]:
    return {name: _text(value) for name, value in asdict(one).items()}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, dict):
        return {name: _text(each) for name, each in value.items()}
    return value


def _times(one: dict[str, Any], *names: str) -> dict[str, Any]:
    times = {name: None if one[name] is None else datetime.fromisoformat(one[name]) for name in names}
    return {**one, **times}
