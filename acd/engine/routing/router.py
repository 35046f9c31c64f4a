"""Who gets which call: lines of callers who ask for the same, and the agents who are able to serve each.

All calls that ask for the same (`Ask`) stand in one `Line`; it is made when the first of them comes. A line keeps two
sorted rows: its callers by their turn, and the idle agents who are able to serve it by how well they suit. It counts its
able agents by their state. Nobody is searched for: to find, to insert and to remove is one bisection. So no choice costs
more because the floor is larger: an agent who comes free looks at the heads of the lines he can serve, a caller at the
head of the idle.

A caller's turn is his place (since when he waits) moved ahead by his priority: so many seconds for a point. Two turns
never change their order while both wait, so a row once sorted stays sorted, and nobody is overtaken by more than the
priority is worth: that is the ageing.

How well an agent suits is (preferred skills he has, queues he serves if the versatile are spared, the strategy's own
measure, how long he is idle). None of it changes while he is idle.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from acd.engine.model import Skills, Strategy, has_skills, takes
from acd.engine.strategies import STRATEGIES

if TYPE_CHECKING:
    from acd.engine.entities import Call
    from acd.engine.routing.agents import Agent

STATES = (
    "logged out",
    "not ready",
    "unreachable",
    "idle",
    "reserved",
    "ringing",
    "talking",
    "hold",
    "consult",
    "wrap-up",
)

Suit = tuple[int, int, float]
"""What of an agent's suiting a line does not change from call to call: minus the preferred skills he has, the queues he
serves, minus his levels in the skills that are required or preferred."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a caller asks for."""

    any_of: tuple[tuple[str, Skills], ...]
    """Queue and required skills; whoever satisfies one of them is able."""
    prefers: Skills = ()
    strategy: Strategy = "longest-idle"


def merged(*requirements: Iterable[tuple[str, int]]) -> Skills:
    """All skills that any of them requires, each at the highest level asked for, sorted by skill."""
    highest: dict[str, int] = {}
    for requirement in requirements:
        for skill, level in requirement:
            highest[skill] = max(level, highest.get(skill, level))
    return tuple(sorted(highest.items()))


def is_able(agent: "Agent", ask: Ask) -> bool:
    return any(takes(agent, queue) and has_skills(agent.skills, required) for queue, required in ask.any_of)


class Line:
    """The callers who ask for the same, and who is able to serve them."""

    __slots__ = ("able", "ask", "callers", "counts", "idle", "measure", "rivals")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.measure = STRATEGIES[ask.strategy].measure
        self.able = 0
        self.counts: dict[str, int] = dict.fromkeys(STATES, 0)
        """Able agents by state."""
        self.callers: list[tuple[datetime, int, Call]] = []
        """(turn, order of arrival, call), sorted."""
        self.idle: list[tuple[int, int, float, int, Agent]] = []
        """(how he suits, his rank among the idle, agent), sorted."""
        self.rivals: dict[Line, int] = {}
        """Lines whose callers compete with this one's, itself among them, and for how many agents who are logged in."""

    @property
    def waiting(self) -> int:
        return len(self.callers)

    @property
    def staffed(self) -> int:
        return self.able - self.counts["logged out"]

    def join(self, call: "Call") -> None:
        call.in_line = True
        insort(self.callers, (call.turn, call.order, call))

    def leave(self, call: "Call") -> None:
        call.in_line = False
        del self.callers[bisect_left(self.callers, (call.turn, call.order))]

    def ahead_of(self, call: "Call") -> int:
        """How many of this line come before that call, which need not stand here."""
        return bisect_left(self.callers, (call.turn, call.order))

    def first_caller(self, agent: "Agent") -> "tuple[datetime, int, Call] | None":
        """Who is first in line for this agent: those who must not ring at him just now are stepped over."""
        for entry in self.callers:
            if agent.agent not in entry[2].paused:
                return entry
        return None

    def suit(self, agent: "Agent") -> tuple[int, int, float, int]:
        """How well he suits; the lowest is asked first."""
        preferred, breadth, levels = agent.lines[self]
        return (preferred, breadth, self.measure(agent, -levels), agent.rank)

    def list_idle(self, agent: "Agent") -> None:
        insort(self.idle, (*self.suit(agent), agent))

    def unlist(self, agent: "Agent") -> None:
        del self.idle[bisect_left(self.idle, self.suit(agent))]


class Router:
    """The lines, and which agents are able to serve which."""

    def __init__(self, agents: "dict[str, Agent]", queues: Iterable[Ask] = (), spare_versatile: bool = False) -> None:
        """`queues`: what each configured queue asks for by itself: who serves how many of them is counted.

        Every agent there is must be enrolled afterwards: a line that looked at them now would have them twice then.
        """
        self._agents = agents
        asks = list(queues)
        self._lines: dict[Ask, Line] = {ask: Line(ask) for ask in asks}
        self._queues = asks if spare_versatile else []
        self._breadth: dict[str, int] = {}

    def line(self, ask: Ask) -> Line:
        """The line for this; made now, by one look at every agent, if nobody has asked for it before."""
        line = self._lines.get(ask)
        if line is None:
            line = self._lines[ask] = Line(ask)
            for agent in self._agents.values():
                self._enrol(agent, line)
                if line in agent.lines and agent.state != "logged out":
                    for other in agent.lines:
                        _share(line, other, 1)
                        if other is not line:
                            _share(other, line, 1)
        return line

    def enrol(self, agent: "Agent") -> None:
        self._breadth[agent.agent] = sum(1 for ask in self._queues if is_able(agent, ask))
        for line in self._lines.values():
            self._enrol(agent, line)
        if agent.state != "logged out":
            self.share(agent, 1)

    def _enrol(self, agent: "Agent", line: Line) -> None:
        able_for = [required for queue, required in line.ask.any_of if takes(agent, queue)]
        able_for = [required for required in able_for if has_skills(agent.skills, required)]
        if not able_for:
            return
        has = dict(agent.skills)
        preferred = sum(1 for skill, level in line.ask.prefers if has.get(skill, 0) >= level)
        of_interest = {skill for required in able_for for skill, _ in required}
        of_interest |= {skill for skill, _ in line.ask.prefers}
        levels = sum(has.get(skill, 0) for skill in of_interest)
        agent.lines[line] = (-preferred, self._breadth.get(agent.agent, 0), -float(levels))
        line.able += 1
        line.counts[agent.state] += 1
        if agent.listed:
            line.list_idle(agent)

    def forget(self, agent: "Agent") -> None:
        """He serves no line any more."""
        if agent.listed:
            self.unlist(agent)
        if agent.state != "logged out":
            self.share(agent, -1)
        for line in agent.lines:
            line.able -= 1
            line.counts[agent.state] -= 1
        agent.lines.clear()

    @staticmethod
    def share(agent: "Agent", change: int) -> None:
        """He has logged in (1) or out (-1): the lines that he serves compete by one agent more or less."""
        for line in agent.lines:
            for other in agent.lines:
                _share(line, other, change)

    @staticmethod
    def list_idle(agent: "Agent") -> None:
        agent.listed = True
        for line in agent.lines:
            line.list_idle(agent)

    @staticmethod
    def unlist(agent: "Agent") -> None:
        agent.listed = False
        for line in agent.lines:
            line.unlist(agent)

    @staticmethod
    def call_for(agent: "Agent") -> "Call | None":
        """Whose turn comes first of all callers whom this agent is able to serve."""
        best = None
        for line in agent.lines:
            if line.callers and (first := line.first_caller(agent)) is not None and (best is None or first < best):
                best = first
        return None if best is None else best[2]

    @staticmethod
    def agent_for(call: "Call") -> "Agent | None":
        """Who suits best of the idle; who let this very call ring out, or sent it away, only when there is nobody else.

        Among those it is the one whose miss lies furthest back, so nobody is asked twice in a row while another is able.
        """
        idle, missed = call.line.idle, call.missed
        if not missed:
            return idle[0][4] if idle else None
        candidates = [entry[4] for entry in idle[: len(missed) + 1]]
        for agent in candidates:
            if agent.agent not in missed:
                return agent
        for name in missed:
            if name not in call.paused:
                for agent in candidates:
                    if agent.agent == name:
                        return agent
        return None

    def lines(self) -> Iterable[Line]:
        return self._lines.values()


def _share(line: Line, other: Line, change: int) -> None:
    count = line.rivals.get(other, 0) + change
    if count:
        line.rivals[other] = count
    else:
        del line.rivals[other]
