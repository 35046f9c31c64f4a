"""One action for several agents who were chosen: all of them or, where one is unknown, none."""

from typing import Annotated

from pydantic import Field

from acd.engine.events import AgentLoggedOut, AgentNotReady, AgentReady, Event
from acd.engine.operator_events import AgentMoved
from acd.identifiers import EXTENSION_ASKED_FOR, whole
from acd.web.access.auth import DOOR
from acd.web.api.agents import AgentQueues, ToldAll
from acd.web.live.not_ready import Reason, known_reason
from acd.web.server.lookups import agent_row, queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

MOST = 1_000
Agents = Annotated[
    list[Annotated[str, Field(pattern=whole(EXTENSION_ASKED_FOR))]], Field(min_length=1, max_length=MOST)
]


class Chosen(Strict):
    """The agents, each once."""

    agents: Agents


class ChosenNotReady(Reason):
    """The agents, and why they are not ready."""

    agents: Agents


class ChosenQueues(AgentQueues):
    """The agents, and the queues whose calls they take."""

    agents: Agents


async def ready(asked: Asked) -> ToldAll:
    """Calls are offered to these agents from now on."""
    return await _tell_all(asked, [AgentReady(agent) for agent in _agents(asked)])


async def not_ready(asked: Asked) -> ToldAll:
    """Sets these agents not ready. For those who are in a call it takes effect after wrap-up."""
    reason = known_reason(asked)
    return await _tell_all(asked, [AgentNotReady(agent, reason) for agent in _agents(asked)], reason=reason)


async def log_out(asked: Asked) -> ToldAll:
    """Logs these agents out. For those who are in a call it takes effect after wrap-up."""
    return await _tell_all(asked, [AgentLoggedOut(agent) for agent in _agents(asked)])


async def queues(asked: Asked) -> ToldAll:
    """Sets the queues whose calls these agents take, until the configuration changes them."""
    wanted = tuple(dict.fromkeys(asked.body.queues))
    if not wanted and not asked.scope.whole:
        detail = "Name the queues: with none the agents would take calls of others' queues too."
        raise Problem(400, "no-queue", detail, field="queues")
    for queue in wanted:
        queue_row(asked, queue, status=400, field="queues")
    events: list[Event] = [AgentMoved(agent, wanted, asked.who.name) for agent in _agents(asked)]
    return await _tell_all(asked, events, queues=list(wanted))


def _agents(asked: Asked) -> list[str]:
    """Each once. Raises Problem (404) for one that is not seen."""
    wanted = dict.fromkeys(asked.body.agents)
    known = {row["agent"] for row in asked.context.snapshot()["agents"] if asked.scope.has_agent(row["agent"])}
    for agent in wanted:
        if agent not in known:
            agent_row(asked, agent)  # refused with the names that are near
    return list(wanted)


async def _tell_all(asked: Asked, events: list[Event], **about: object) -> ToldAll:
    told = type(events[0]).__name__
    agents = [str(getattr(event, "agent", "")) for event in events]
    await asked.request.app[DOOR].audit.note(asked.who.name, told, agents=agents, **about)
    for event in events:
        asked.context.tell(event)
    return ToldAll(agents=agents, told=told)


ROUTES = [
    Route(
        "POST",
        f"/api/agents/chosen/{word}",
        handler,
        "agents-act",
        summary,
        ToldAll,
        body=body,
        status=202,
        refusals={404: "unknown-agent"} | ({400: refused} if refused else {}),
    )
    for word, handler, summary, body, refused in (
        ("ready", ready, "Set several agents ready", Chosen, ""),
        ("not-ready", not_ready, "Set several agents not ready, with a reason", ChosenNotReady, "unknown-reason"),
        ("log-out", log_out, "Log several agents out", Chosen, ""),
        (
            "queues",
            queues,
            "Set the queues whose calls several agents take",
            ChosenQueues,
            "unknown-queue, or no-queue",
        ),
    )
]
