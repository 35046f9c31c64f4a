"""Who gets which call: the lines, which agents are able to serve each, and the best choice for a call or an agent.

All calls that ask for the same (`Ask`) stand in one `Line`; it is made when the first of them comes. A line keeps its
callers sorted by their turn and its idle able agents by how well they suit, and counts its able agents by state. To find,
to insert and to remove is one bisection, so no choice costs more because there are more calls or agents: an agent who
becomes idle looks at the heads of the lines they can serve, a call at the head of the idle.

A call's turn is its place (since when it waits) moved ahead by its priority: so many seconds for a point. Two turns never
change their order while both wait, so a row once sorted stays sorted, and no call is overtaken by more than the priority
is worth: that is the ageing.

How well an agent suits is (preferred skills they have, queues they serve if versatile agents are spared, the strategy's own
measure, how long they are idle). None of it changes while the agent is idle.
"""

from collections.abc import Iterable

from acd.engine.ask import Ask, Suit
from acd.engine.brands import may_serve
from acd.engine.entities import Agent, Call, Line, QueuedCall
from acd.engine.model import Queue, Skills, has_skills


def queue_ask(queue: Queue, keeper: str = "") -> Ask:
    """What every call of this queue asks for, before the call adds anything of its own. `keeper`: as of an Ask."""
    return Ask(((queue.name, merged(queue.skills)),), merged(queue.prefers), queue.strategy, keeper=keeper)


def merged(*requirements: Iterable[tuple[str, int]]) -> Skills:
    """All skills that any of them requires, each at the highest level asked for, sorted by skill."""
    highest: dict[str, int] = {}
    for requirement in requirements:
        for skill, level in requirement:
            highest[skill] = max(level, highest.get(skill, level))
    return tuple(sorted(highest.items()))


def is_able(agent: Agent, ask: Ask) -> bool:
    """Whether the agent can serve what is asked for, in whatever state they are."""
    return (
        agent.tier >= ask.tier
        and may_serve(agent.kept_by, ask.keeper)
        and any(agent.serves(queue) and has_skills(agent.skills, required) for queue, required in ask.any_of)
    )


class Router:
    """The lines, and which agents are able to serve which."""

    def __init__(self, agents: dict[str, Agent], queues: Iterable[Ask] = (), spare_versatile: bool = False) -> None:
        """`queues`: what each configured queue asks for; with `spare_versatile` it is counted how many an agent serves.

        `agents` is shared with the State. Each agent must be enrolled afterwards, those who are in it already too.
        """
        self._agents = agents
        asks = list(queues)
        self._lines: dict[Ask, Line] = {ask: Line(ask) for ask in asks}
        self._queues = asks if spare_versatile else []
        self._breadth: dict[str, int] = {}

    def line(self, ask: Ask) -> Line:
        """The line of this ask; made now, by one look at every agent, if no call has asked for it before."""
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
        """Add the agent to every line that they are able to serve."""
        self._breadth[agent.agent] = sum(1 for ask in self._queues if is_able(agent, ask))
        for line in self._lines.values():
            self._enrol(agent, line)
        if agent.state != "logged out":
            self.share(agent, 1)

    def _enrol(self, agent: Agent, line: Line) -> None:
        able_for = [required for queue, required in line.ask.any_of if agent.serves(queue)]
        able_for = [required for required in able_for if has_skills(agent.skills, required)]
        if not able_for or agent.tier < line.ask.tier or not may_serve(agent.kept_by, line.ask.keeper):
            return
        has = dict(agent.skills)
        preferred = sum(1 for skill, level in line.ask.prefers if has.get(skill, 0) >= level)
        of_interest = {skill for required in able_for for skill, _ in required}
        of_interest |= {skill for skill, _ in line.ask.prefers}
        levels = sum(has.get(skill, 0) for skill in of_interest)
        agent.lines[line] = Suit(-preferred, self._breadth.get(agent.agent, 0), -float(levels))
        line.able += 1
        line.counts[agent.state] += 1
        line.count_telephone(agent, 1)
        if agent.listed:
            line.list_idle(agent)

    def forget(self, agent: Agent) -> None:
        """Take the agent out of all their lines."""
        if agent.listed:
            self.unlist(agent)
        if agent.state != "logged out":
            self.share(agent, -1)
        for line in agent.lines:
            line.able -= 1
            line.counts[agent.state] -= 1
            line.count_telephone(agent, -1)
        agent.lines.clear()

    @staticmethod
    def share(agent: Agent, change: int) -> None:
        """The agent has logged in (1) or out (-1): the lines they serve compete for one agent more or fewer."""
        for line in agent.lines:
            for other in agent.lines:
                _share(line, other, change)

    @staticmethod
    def list_idle(agent: Agent) -> None:
        """Insert the agent among the idle of all their lines."""
        agent.listed = True
        for line in agent.lines:
            line.list_idle(agent)

    @staticmethod
    def unlist(agent: Agent) -> None:
        """Remove the agent from the idle of all their lines."""
        agent.listed = False
        for line in agent.lines:
            line.unlist(agent)

    @staticmethod
    def call_for(agent: Agent) -> Call | None:
        """The call whose turn comes first of all that this agent is able to serve; None: no call waits for them."""
        best: QueuedCall | None = None
        for line in agent.lines:
            if line.callers and (first := line.first_caller(agent)) is not None and (best is None or first < best):
                best = first
        return None if best is None else best.call

    @staticmethod
    def agent_for(call: Call) -> Agent | None:
        """The idle agent who suits the call best; None: nobody. Agents who missed this call come after all others.

        Among those it is the one whose miss lies furthest back, so no agent is asked twice in a row while another is able.
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
        """All lines, empty ones too."""
        return self._lines.values()


def _share(line: Line, other: Line, change: int) -> None:
    count = line.rivals.get(other, 0) + change
    if count:
        line.rivals[other] = count
    else:
        del line.rivals[other]
