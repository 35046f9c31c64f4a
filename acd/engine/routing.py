"""Who gets which call: lines of callers who ask for the same, and the agents who are able to serve each.

All calls that require the same skills at the same levels stand in one `Line`, whatever queue they came by; it is made
when the first of them comes. A line keeps two heaps, its callers by (priority, asked-for time) and the idle agents who
are able to serve it by how long they are idle, and it counts its able agents by their state. Whoever leaves a heap is
not searched for: his stamp has moved on, and the entry is dropped when it comes up. So no choice costs more because the
floor is larger: an agent who comes free looks at the heads of the lines he can serve, a caller at the head of the idle.
"""

from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from acd.engine.model import Skills

if TYPE_CHECKING:
    from acd.engine.agents import Agent
    from acd.engine.calls import Call

STATES = ("logged out", "not ready", "unreachable", "idle", "ringing", "talking", "wrap-up")


def merged(*requirements: Iterable[tuple[str, int]]) -> Skills:
    """All skills that any of them requires, each at the highest level asked for, sorted by skill."""
    highest: dict[str, int] = {}
    for requirement in requirements:
        for skill, level in requirement:
            highest[skill] = max(level, highest.get(skill, level))
    return tuple(sorted(highest.items()))


def is_able(skills: Skills, required: Skills) -> bool:
    has = dict(skills)
    return all(has.get(skill, 0) >= level for skill, level in required)


class Line:
    """The callers who require the same skills, and who is able to serve them."""

    __slots__ = ("able", "callers", "counts", "idle", "skills", "waiting")

    def __init__(self, skills: Skills) -> None:
        self.skills = skills
        self.able = 0
        self.counts: dict[str, int] = dict.fromkeys(STATES, 0)
        """Able agents by state."""
        self.waiting = 0
        self.callers: list[tuple[int, datetime, int, int, Call]] = []
        """Heap of (minus priority, asked at, order of arrival, stamp, call)."""
        self.idle: list[tuple[int, int, Agent]] = []
        """Heap of (rank, stamp, agent)."""

    def join(self, call: "Call") -> None:
        call.stamp += 1
        call.in_line = True
        self.waiting += 1
        heappush(self.callers, (-call.priority, call.place, call.order, call.stamp, call))
        if len(self.callers) > 2 * self.waiting + 64:
            self.callers = [entry for entry in self.callers if entry[4].in_line and entry[3] == entry[4].stamp]
            heapify(self.callers)

    def leave(self, call: "Call") -> None:
        call.in_line = False
        self.waiting -= 1

    def first_caller(self, agent: "Agent") -> "tuple[int, datetime, int, int, Call] | None":
        """Who is first in line for this agent: those who must not ring at him just now are stepped over."""
        callers = self.callers
        stepped_over = []
        found = None
        while callers:
            first = callers[0]
            call = first[4]
            if not call.in_line or call.stamp != first[3]:
                heappop(callers)
            elif agent.agent in call.paused:
                stepped_over.append(heappop(callers))
            else:
                found = first
                break
        for entry in stepped_over:
            heappush(callers, entry)
        return found

    def list_idle(self, agent: "Agent") -> None:
        heappush(self.idle, (agent.rank, agent.stamp, agent))
        if len(self.idle) > 2 * self.able + 64:
            self.idle = [entry for entry in self.idle if entry[2].listed and entry[1] == entry[2].stamp]
            heapify(self.idle)

    def longest_idle(self, count: int) -> "list[Agent]":
        """Up to so many of the idle, longest first. They stay listed."""
        idle = self.idle
        found: list[tuple[int, int, Agent]] = []
        while idle and len(found) < count:
            entry = heappop(idle)
            if entry[2].listed and entry[2].stamp == entry[1]:
                found.append(entry)
        for entry in found:
            heappush(idle, entry)
        return [entry[2] for entry in found]


class Router:
    """The lines, and which agents are able to serve which."""

    def __init__(self, agents: "dict[str, Agent]") -> None:
        self._agents = agents
        self._lines: dict[Skills, Line] = {}

    def line(self, required: Skills) -> Line:
        """The line for these skills; made now, by one look at every agent, if nobody has asked for them before."""
        line = self._lines.get(required)
        if line is None:
            line = self._lines[required] = Line(required)
            for agent in self._agents.values():
                self._enrol(agent, line)
        return line

    def enrol(self, agent: "Agent") -> None:
        for line in self._lines.values():
            self._enrol(agent, line)

    @staticmethod
    def _enrol(agent: "Agent", line: Line) -> None:
        if is_able(agent.skills, line.skills):
            agent.lines.append(line)
            line.able += 1
            line.counts[agent.state] += 1
            if agent.listed:
                line.list_idle(agent)

    @staticmethod
    def forget(agent: "Agent") -> None:
        """He serves no line any more."""
        for line in agent.lines:
            line.able -= 1
            line.counts[agent.state] -= 1
        agent.lines.clear()
        agent.listed = False

    @staticmethod
    def list_idle(agent: "Agent") -> None:
        agent.listed = True
        for line in agent.lines:
            line.list_idle(agent)

    @staticmethod
    def call_for(agent: "Agent") -> "Call | None":
        """Highest priority, then longest waiting, of all callers whom this agent is able to serve."""
        best = None
        for line in agent.lines:
            if line.waiting and (first := line.first_caller(agent)) is not None and (best is None or first < best):
                best = first
        return None if best is None else best[4]

    @staticmethod
    def agent_for(call: "Call") -> "Agent | None":
        """The longest idle of the able; who let this very call ring out, or sent it away, only when there is nobody else.

        Among those it is the one whose miss lies furthest back, so nobody is asked twice in a row while another is able.
        """
        missed = call.missed
        if not missed:
            found = call.line.longest_idle(1)
            return found[0] if found else None
        candidates = call.line.longest_idle(len(missed) + 1)
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
