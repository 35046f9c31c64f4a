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

from collections.abc import Iterable

from acd.engine.entities import Agent, Ask, Call, Line, QueuedCall, Suit
from acd.engine.model import Queue, Skills


def queue_ask(queue: Queue) -> Ask:
    """What every call of this queue asks for, before the call adds anything of its own."""
    return Ask(((queue.name, merged(queue.skills)),), merged(queue.prefers), queue.strategy)


def merged(*requirements: Iterable[tuple[str, int]]) -> Skills:
    """All skills that any of them requires, each at the highest level asked for, sorted by skill."""
    highest: dict[str, int] = {}
    for requirement in requirements:
        for skill, level in requirement:
            highest[skill] = max(level, highest.get(skill, level))
    return tuple(sorted(highest.items()))


def has_skills(skills: Skills, required: Skills) -> bool:
    has = dict(skills)
    return all(has.get(skill, 0) >= level for skill, level in required)


def is_able(agent: Agent, ask: Ask) -> bool:
    return any(takes(agent, queue) and has_skills(agent.skills, required) for queue, required in ask.any_of)


def takes(agent: Agent, queue: str) -> bool:
    """Whether he takes calls of this queue at all; his skills are another matter."""
    return not agent.queues or queue in agent.queues


class Router:
    """The lines, and which agents are able to serve which."""

    def __init__(self, agents: dict[str, Agent], queues: Iterable[Ask] = (), spare_versatile: bool = False) -> None:
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

    def enrol(self, agent: Agent) -> None:
        self._breadth[agent.agent] = sum(1 for ask in self._queues if is_able(agent, ask))
        for line in self._lines.values():
            self._enrol(agent, line)
        if agent.state != "logged out":
            self.share(agent, 1)

    def _enrol(self, agent: Agent, line: Line) -> None:
        able_for = [required for queue, required in line.ask.any_of if takes(agent, queue)]
        able_for = [required for required in able_for if has_skills(agent.skills, required)]
        if not able_for:
            return
        has = dict(agent.skills)
        preferred = sum(1 for skill, level in line.ask.prefers if has.get(skill, 0) >= level)
        levels = 0
        if line.ask.strategy == "best-skilled":
            of_interest = {skill for required in able_for for skill, _ in required}
            of_interest |= {skill for skill, _ in line.ask.prefers}
            levels = sum(has.get(skill, 0) for skill in of_interest)
        agent.lines[line] = Suit(-preferred, self._breadth.get(agent.agent, 0), -float(levels))
        line.able += 1
        line.counts[agent.state] += 1
        if agent.listed:
            line.list_idle(agent)

    def forget(self, agent: Agent) -> None:
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
    def share(agent: Agent, change: int) -> None:
        """He has logged in (1) or out (-1): the lines that he serves compete by one agent more or less."""
        for line in agent.lines:
            for other in agent.lines:
                _share(line, other, change)

    @staticmethod
    def list_idle(agent: Agent) -> None:
        agent.listed = True
        for line in agent.lines:
            line.list_idle(agent)

    @staticmethod
    def unlist(agent: Agent) -> None:
        agent.listed = False
        for line in agent.lines:
            line.unlist(agent)

    @staticmethod
    def call_for(agent: Agent) -> Call | None:
        """Whose turn comes first of all callers whom this agent is able to serve."""
        best: QueuedCall | None = None
        for line in agent.lines:
            if line.callers and (first := line.first_caller(agent)) is not None and (best is None or first < best):
                best = first
        return None if best is None else best.call

    @staticmethod
    def agent_for(call: Call) -> Agent | None:
        """Who suits best of the idle; who let this very call ring out, or sent it away, only when there is nobody else.

        Among those it is the one whose miss lies furthest back, so nobody is asked twice in a row while another is able.
        """
        idle, missed = call.line.idle, call.missed
        if not missed:
            return idle[0].agent if idle else None
        candidates = [entry.agent for entry in idle[: len(missed) + 1]]
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
