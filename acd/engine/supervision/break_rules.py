"""The plan of breaks: how long each kind lasts, when a team takes it, and how many agents may be away at once. Pure data.

Times of day are minutes of the local day. A span whose end lies before its beginning goes over midnight.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class BreakKind:
    """A kind of break; its name is the reason of the not-ready state."""

    reason: str
    length: timedelta = timedelta(minutes=15)
    leave: bool = False
    """It is never granted by the rules alone: a supervisor does."""


@dataclass(frozen=True, slots=True)
class BreakLimit:
    """So many agents of the team who serve the queue may be on a break at once in this span of the day."""

    at_once: int
    team: str = ""
    """Empty: of all teams."""
    queue: str = ""
    """Empty: whatever queues they serve."""
    begin_min: int = 0
    end_min: int = DAY_MIN


@dataclass(frozen=True, slots=True)
class BreakPlan:
    """When a team takes breaks of a kind. A team without a row of the kind takes it at any time."""

    team: str
    reason: str
    begin_min: int
    end_min: int
    length: timedelta | None = None
    """In the place of the kind's."""


@dataclass(frozen=True, slots=True)
class BreakRules:
    """What the configuration says of breaks."""

    kinds: tuple[BreakKind, ...] = ()
    limits: tuple[BreakLimit, ...] = ()
    plans: tuple[BreakPlan, ...] = ()
    longest_work: timedelta = timedelta(hours=2)
    """An agent who works longer without a rest is warned; 0: nobody is."""
    rest: timedelta = timedelta(minutes=5)
    """A break, or time logged out, that is shorter is no rest."""

    def kind(self, reason: str) -> BreakKind | None:
        """The kind of this reason; None: it is no break."""
        return next((kind for kind in self.kinds if kind.reason == reason), None)

    def plans_of(self, team: str, reason: str) -> list[BreakPlan]:
        """The team's rows for this kind."""
        return [plan for plan in self.plans if plan.team == team and plan.reason == reason]

    def length(self, team: str, reason: str, local: datetime) -> timedelta:
        """How long a break of this kind is that begins at this local time."""
        for plan in self.plans_of(team, reason):
            if plan.length is not None and is_within(plan.begin_min, plan.end_min, local):
                return plan.length
        kind = self.kind(reason)
        return timedelta(0) if kind is None else kind.length

    def next_change(self, local: datetime) -> datetime:
        """The next local time at which a limit or a planned span begins or ends; at the latest the next midnight."""
        minute = local.hour * 60 + local.minute
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        later = [at for at in self._bounds() if at > minute]
        return midnight + timedelta(minutes=min(later, default=DAY_MIN))

    def _bounds(self) -> Iterator[int]:
        for limit in self.limits:
            yield from (limit.begin_min, limit.end_min)
        for plan in self.plans:
            yield from (plan.begin_min, plan.end_min)


def is_within(begin_min: int, end_min: int, local: datetime) -> bool:
    """Whether this local time lies in the span."""
    minute = local.hour * 60 + local.minute
    if begin_min <= end_min:
        return begin_min <= minute < end_min
    return minute >= begin_min or minute < end_min
