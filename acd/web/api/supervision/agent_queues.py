"""Supervisors take an agent out of one queue for a while, and see to raised hands."""

from acd.engine.supervision.events import HelpAsked, HelpEnded, QueueJoined, QueueLeft
from acd.identifiers import EXTENSION_ASKED_FOR
from acd.web.api.supervision.told import tell
from acd.web.live.not_ready import Reason, Told, known_reason
from acd.web.server.lookups import QueueName, Words, agent_row, queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class LeftQueue(Reason):
    """The queue that the agent leaves, and why: a reason of "not ready"."""

    queue: QueueName


class JoinedQueue(Strict):
    """The queue that the agent joins again."""

    queue: QueueName


class HelpNote(Strict):
    """What it is about."""

    note: Words = ""


async def leave(asked: Asked) -> Told:
    """No call of the queue is offered to the agent until they join it again or log out. A call that rings or talks goes on."""
    agent, reason = _agent(asked), known_reason(asked)
    queue_row(asked, asked.body.queue, status=400)
    event = QueueLeft(agent, asked.body.queue, reason, asked.who.name)
    return await tell(asked, event, agent, queue=event.queue, reason=reason)


async def join(asked: Asked) -> Told:
    """Calls of the queue are offered to the agent again."""
    agent = _agent(asked)
    queue_row(asked, asked.body.queue, status=400)
    return await tell(asked, QueueJoined(agent, asked.body.queue, asked.who.name), agent, queue=asked.body.queue)


async def ask_help(asked: Asked) -> Told:
    """Raises the agent's hand, as they would."""
    agent = _agent(asked)
    return await tell(asked, HelpAsked(agent, asked.body.note), agent)


async def end_help(asked: Asked) -> Told:
    """Lowers the agent's hand: somebody takes care of it."""
    agent = _agent(asked)
    if "hand" not in agent_row(asked, agent):
        raise Problem(409, "no-hand", f"Agent {agent} asks for no help any more.")
    return await tell(asked, HelpEnded(agent, asked.who.name), agent)


def _agent(asked: Asked) -> str:
    return str(agent_row(asked, asked.word("agent"))["agent"])


_PATH = f"/api/agents/{{agent:{EXTENSION_ASKED_FOR}}}"
_REFUSALS = {
    400: "unknown-queue, unknown-reason, or not-theirs",
    404: "unknown-agent",
    409: "not-logged-in, left-already, or not-left",
    503: "not-handled",
}
ROUTES = [
    Route(
        "POST",
        f"{_PATH}/leave-queue",
        leave,
        "agents-act",
        "Take an agent out of one queue for a while, with a reason",
        Told,
        body=LeftQueue,
        refusals=_REFUSALS,
    ),
    Route(
        "POST",
        f"{_PATH}/join-queue",
        join,
        "agents-act",
        "Let an agent take a queue's calls again",
        Told,
        body=JoinedQueue,
        refusals=_REFUSALS,
    ),
    Route(
        "POST",
        f"{_PATH}/help-asked",
        ask_help,
        "agents-act",
        "Raise an agent's hand",
        Told,
        body=HelpNote,
        refusals={404: "unknown-agent", 503: "not-handled"},
    ),
    Route(
        "POST",
        f"{_PATH}/help-ended",
        end_help,
        "agents-act",
        "Lower an agent's hand: somebody takes care of it",
        Told,
        refusals={404: "unknown-agent", 409: "no-hand", 503: "not-handled"},
    ),
]
