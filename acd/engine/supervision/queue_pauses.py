"""An agent leaves one queue for a while, with a reason, and takes the calls of the others.

A queue that the agent has left counts as none of theirs: routing, its staff and the rows of its policy go by it. Logging out ends it:
whoever logs in takes the calls of all their queues.
"""

from acd.engine.commands import Kind
from acd.engine.entities import Agent
from acd.engine.model import takes
from acd.engine.routing.agents import skills_changed
from acd.engine.state import State
from acd.engine.supervision.events import QueueJoined, QueueLeft
from acd.engine.transfers.targets import Refusal


def refusal(s: State, event: QueueLeft | QueueJoined) -> Refusal | None:
    """Why the agent can't leave or join the queue now."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.leaving:
        return Refusal("unknown-agent", f"There is no agent {event.agent}.")
    if event.queue not in s.queues or event.queue in s.unknown_queues:
        return Refusal("unknown-queue", f"There is no queue {event.queue}.")
    if isinstance(event, QueueJoined):
        if event.queue not in agent.queues_left:
            return Refusal("not-left", f"Agent {agent.agent} has not left queue {event.queue}.")
        return None
    if not agent.logged_in:
        return Refusal("not-logged-in", f"Agent {agent.agent} is not logged in. Log in first.")
    if not takes(agent, event.queue):
        return Refusal("not-theirs", f"Agent {agent.agent} takes no calls of queue {event.queue}.")
    if agent.queues_left.get(event.queue) == event.reason:
        return Refusal("left-already", f"Agent {agent.agent} has left queue {event.queue} for this reason already.")
    return None


def left(s: State, event: QueueLeft) -> None:
    """QueueLeft: no call of the queue is offered to the agent from now on."""
    agent = s.agents.get(event.agent)
    if agent is None or (refused := refusal(s, event)) is not None:
        s.ignore(event, "no such agent" if agent is None or refused is None else refused.code)
        return
    agent.queues_left[event.queue] = event.reason
    detail = {"state": "left", "reason": event.reason, "by": event.by}
    s.log(Kind.AGENT_QUEUE, agent=agent.agent, queue=event.queue, detail=detail)
    skills_changed(s, agent)


def joined(s: State, event: QueueJoined) -> None:
    """QueueJoined: calls of the queue are offered to the agent again."""
    agent = s.agents.get(event.agent)
    if agent is None or (refused := refusal(s, event)) is not None:
        s.ignore(event, "no such agent" if agent is None or refused is None else refused.code)
        return
    _join(s, agent, event.queue, event.by)
    skills_changed(s, agent)


def agent_changed(s: State, agent: Agent) -> None:
    """The agent's state has changed: who has logged out has left no queue."""
    if agent.state == "logged out" and agent.queues_left:
        for queue in list(agent.queues_left):
            _join(s, agent, queue, "")
        skills_changed(s, agent)


def _join(s: State, agent: Agent, queue: str, by: str) -> None:
    reason = agent.queues_left.pop(queue)
    detail = {"state": "joined", "reason": reason, "by": by}
    s.log(Kind.AGENT_QUEUE, agent=agent.agent, queue=queue, detail=detail)
