"""The agents: list, add, and the actions of a supervisor or the command line for them.

An action becomes an event; its effect is seen in the state a moment later. An action for all leaves out the agents for
whom it would change nothing: `log-out` is for those who are logged in, `not-ready` for those who are ready.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from acd.engine.events import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    Event,
    PhoneTestAsked,
    WrapUpEnded,
)
from acd.engine.operator_events import AgentMoved
from acd.errors import SanxiangError
from acd.identifiers import EXTENSION, EXTENSION_ASKED_FOR, NAME, whole
from acd.web.access.auth import DOOR
from acd.web.live.not_ready import Reason, Told, known_reason
from acd.web.live.phone_test import refuse_test
from acd.web.live.seen import seen
from acd.web.live.state import LiveAgent, look
from acd.web.server.api_model import ApiModel
from acd.web.server.lookups import QueueName, Words, agent_row, queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class Agents(ApiModel):
    """All agents."""

    agents: list[LiveAgent]


class NewAgent(Strict):
    """The agent to add. Skills have levels from 1 to 9."""

    agent: Annotated[str, Field(pattern=whole(EXTENSION))]
    """The extension, which is also the account of the telephone."""
    name: Words = ""
    skills: dict[Annotated[str, Field(pattern=whole(NAME))], Annotated[int, Field(ge=1, le=9)]] = Field(
        default={}, max_length=50
    )


class AddedAgent(ApiModel):
    """The added agent with new credentials."""

    agent: str
    name: str
    password: str
    """Of the telephone; shown this once."""
    pin: str
    """For logging in by telephone; shown this once."""


class AgentQueues(Strict):
    """The queues whose calls the agent takes."""

    queues: list[QueueName] = Field(max_length=100)
    """Empty: all queues that match the agent's skills."""


class ToldMove(Told):
    """As Told, with a note."""

    note: str
    """A remark for the operator in one sentence; mostly empty."""


class ToldAll(ApiModel):
    """The agents concerned, and the event that the engine was told for each."""

    agents: list[str]
    """Those for whom it was done."""
    told: str


async def agents(asked: Asked) -> Agents:
    """All agents as now: state, phone, call, skills."""
    return Agents.model_validate({"agents": seen(look(asked.context), asked.scope)["agents"]})


async def add(asked: Asked) -> AddedAgent:
    """Writes the agent to agents.toml and takes the configuration into force. The credentials are not shown again."""
    new: NewAgent = asked.body
    if new.agent in _known(asked):
        raise Problem(409, "already-there", f"Agent {new.agent} is already there.", field="agent")
    await asked.request.app[DOOR].audit.note(asked.who.name, "agent added", agent=new.agent)
    try:
        made = await asked.context.add_agent(new.agent, new.name, new.skills)
    except ValueError as error:
        raise Problem(400, "bad-request", str(error), field="agent") from None
    except SanxiangError as error:
        raise Problem(409, "not-taken", str(error)) from None
    return AddedAgent(agent=new.agent, name=new.name, password=str(made["password"]), pin=str(made["pin"]))


async def ready(asked: Asked) -> Told:
    """Calls are offered to the agent from now on; logs the agent in where needed."""
    return await _tell(asked, AgentReady(_agent(asked)))


async def not_ready(asked: Asked) -> Told:
    """No calls are offered. During a call it takes effect after wrap-up."""
    agent, reason = _agent(asked), known_reason(asked)
    return await _tell(asked, AgentNotReady(agent, reason, asked.who.name), reason=reason)


async def log_in(asked: Asked) -> Told:
    """Logs the agent in, not ready."""
    return await _tell(asked, AgentLoggedIn(_agent(asked)))


async def log_out(asked: Asked) -> Told:
    """Logs the agent out. During a call it takes effect after wrap-up."""
    return await _tell(asked, AgentLoggedOut(_agent(asked), asked.who.name))


async def end_wrap_up(asked: Asked) -> Told:
    """Ends the agent's wrap-up before its time is over, and though the call has no disposition yet."""
    return await _tell(asked, WrapUpEnded(_agent(asked), asked.who.name))


async def test_phone(asked: Asked) -> Told:
    """Rings the agent's telephone without a caller. An answer brings back an agent whom the telephone had set not ready."""
    agent = _agent(asked)
    refuse_test(agent_row(asked, agent))
    return await _tell(asked, PhoneTestAsked(agent, asked.who.name))


async def move(asked: Asked) -> ToldMove:
    """Sets the queues whose calls the agent takes, until the configuration changes the agent's queues."""
    agent, wanted = _agent(asked), tuple(dict.fromkeys(asked.body.queues))
    if not wanted and not asked.scope.whole:
        detail = "Name the queues: with none the agent would take calls of others' queues too."
        raise Problem(400, "no-queue", detail, field="queues")
    for queue in wanted:
        queue_row(asked, queue, status=400, field="queues")
    levels = dict(agent_row(asked, agent)["skills"])
    beyond = [queue for queue in wanted if not _able(asked, levels, queue)]
    note = (
        f"The agent does not reach the skills that {', '.join(beyond)} requires: those calls come to this agent only when "
        "a row of the queue's policy asks for less."
        if beyond
        else ""
    )
    told = await _tell(asked, AgentMoved(agent, wanted, asked.who.name), queues=list(wanted))
    return ToldMove(agent=told.agent, told=told.told, note=note)


def _able(asked: Asked, levels: dict[str, int], queue: str) -> bool:
    configured = asked.context.config.queues.get(queue)
    required = configured.skills if configured else {}
    return all(levels.get(skill, 0) >= level for skill, level in required.items())


async def log_out_all(asked: Asked) -> ToldAll:
    """Logs out every agent who is logged in."""
    logged_in = [row["agent"] for row in _seen(asked) if row["logged_in"]]
    return await _tell_all(asked, [AgentLoggedOut(agent, asked.who.name) for agent in logged_in])


async def not_ready_all(asked: Asked) -> ToldAll:
    """Sets every ready agent not ready."""
    reason = known_reason(asked)
    ready = [row["agent"] for row in _seen(asked) if row["ready"]]
    return await _tell_all(asked, [AgentNotReady(agent, reason, asked.who.name) for agent in ready], reason=reason)


async def _tell_all(asked: Asked, events: list[AgentLoggedOut] | list[AgentNotReady], **about: Any) -> ToldAll:
    told, agents = asked.request.path.rpartition("/")[2], [event.agent for event in events]
    if events:
        told = type(events[0]).__name__
        await asked.request.app[DOOR].audit.note(asked.who.name, told, agents=agents, **about)
    for event in events:
        asked.context.tell(event)
    return ToldAll(agents=agents, told=told)


async def _tell(asked: Asked, event: Event, **about: Any) -> Told:
    told, agent = type(event).__name__, asked.word("agent")
    await asked.request.app[DOOR].audit.note(asked.who.name, told, agent=agent, **about)
    asked.context.tell(event)
    return Told(agent=agent, told=told)


def _seen(asked: Asked) -> list[Mapping[str, Any]]:
    return [row for row in asked.context.snapshot()["agents"] if asked.scope.has_agent(row["agent"])]


def _known(asked: Asked) -> set[str]:
    return {str(row["agent"]) for row in asked.context.snapshot()["agents"]}


def _agent(asked: Asked) -> str:
    return str(agent_row(asked, asked.word("agent"))["agent"])


_UNKNOWN = {404: "unknown-agent"}
_PATH = f"/api/agents/{{agent:{EXTENSION_ASKED_FOR}}}"
ROUTES = [
    Route("GET", "/api/agents", agents, "floor-see", "Every agent with state, phone, call and skills", answer=Agents),
    Route(
        "POST",
        "/api/agents",
        add,
        "agents-change",
        "Add an agent; the new password and PIN are shown this once",
        answer=AddedAgent,
        body=NewAgent,
        status=201,
        refusals={409: "already-there, or not-taken"},
    ),
    *(
        Route(
            "POST",
            f"{_PATH}/{word}",
            handler,
            "agents-act",
            summary,
            Told,
            status=202,
            refusals=_UNKNOWN,
        )
        for word, handler, summary in (
            ("ready", ready, "Set an agent ready"),
            ("log-in", log_in, "Log an agent in, not ready"),
            ("log-out", log_out, "Log an agent out"),
            ("end-wrap-up", end_wrap_up, "End an agent's wrap-up"),
        )
    ),
    Route(
        "POST",
        f"{_PATH}/test-phone",
        test_phone,
        "agents-act",
        "Ring an agent's telephone for a test",
        answer=Told,
        status=202,
        refusals={**_UNKNOWN, 409: "phone-in-use, or phone-outside"},
    ),
    Route(
        "POST",
        f"{_PATH}/not-ready",
        not_ready,
        "agents-act",
        "Set an agent not ready, with a reason",
        answer=Told,
        body=Reason,
        status=202,
        refusals={**_UNKNOWN, 400: "unknown-reason"},
    ),
    Route(
        "POST",
        f"{_PATH}/queues",
        move,
        "agents-act",
        "Set the queues whose calls an agent takes",
        answer=ToldMove,
        body=AgentQueues,
        status=202,
        refusals={**_UNKNOWN, 400: "unknown-queue, or no-queue"},
    ),
    Route("POST", "/api/agents/all/log-out", log_out_all, "agents-act", "Log out every agent", ToldAll, status=202),
    Route(
        "POST",
        "/api/agents/all/not-ready",
        not_ready_all,
        "agents-act",
        "Set every ready agent not ready, with a reason",
        answer=ToldAll,
        body=Reason,
        status=202,
        refusals={400: "unknown-reason"},
    ),
]
