"""The agents: who there is, and the buttons that a supervisor or the command line presses for them.

A button becomes an event; what it changed is seen in the state, a moment later.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from acd.engine.events import AgentLoggedIn, AgentLoggedOut, AgentNotReady, AgentReady, Event, WrapUpEnded
from acd.web.auth import DOOR
from acd.web.problems import Problem
from acd.web.routes import BOTH, OPERATOR, Asked, Route, Strict
from acd.web.state import LiveAgent, look

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


class Agents(BaseModel):
    agents: list[LiveAgent]


class NewAgent(Strict):
    agent: Annotated[str, Field(pattern=r"^[0-9]{2,6}$")]
    """The extension, which is also the account of the telephone."""
    name: Annotated[str, Field(max_length=80, pattern=_PRINTABLE)] = ""
    skills: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")], Annotated[int, Field(ge=1, le=9)]] = Field(
        default={}, max_length=50
    )


class AddedAgent(BaseModel):
    agent: str
    name: str
    password: str
    """Of the telephone; shown this once."""
    pin: str
    """For logging in by telephone; shown this once."""


class Reason(Strict):
    reason: Annotated[str, Field(min_length=1, max_length=80, pattern=_PRINTABLE)]


class Told(BaseModel):
    agent: str
    told: str


async def agents(asked: Asked) -> Agents:
    return Agents.model_validate({"agents": look(asked.house)["agents"]})


async def add(asked: Asked) -> AddedAgent:
    new: NewAgent = asked.body
    if new.agent in _known(asked):
        raise Problem(409, "already-there", f"Agent {new.agent} is already there.", field="agent")
    await asked.request.app[DOOR].audit.note(asked.who.name, "agent added", agent=new.agent)
    try:
        made = await asked.house.add_agent(new.agent, new.name, new.skills)
    except ValueError as error:
        raise Problem(400, "bad-request", str(error), field="agent") from None
    return AddedAgent(agent=new.agent, name=new.name, password=str(made["password"]), pin=str(made["pin"]))


async def ready(asked: Asked) -> Told:
    return await _tell(asked, AgentReady(_agent(asked)))


async def not_ready(asked: Asked) -> Told:
    return await _tell(asked, AgentNotReady(_agent(asked), _reason(asked)))


async def log_in(asked: Asked) -> Told:
    return await _tell(asked, AgentLoggedIn(_agent(asked)))


async def log_out(asked: Asked) -> Told:
    return await _tell(asked, AgentLoggedOut(_agent(asked)))


async def end_wrap_up(asked: Asked) -> Told:
    return await _tell(asked, WrapUpEnded(_agent(asked)))


async def _tell(asked: Asked, event: Event) -> Told:
    told, agent = type(event).__name__, asked.word("agent")
    await asked.request.app[DOOR].audit.note(asked.who.name, told, agent=agent)
    asked.house.tell(event)
    return Told(agent=agent, told=told)


def _known(asked: Asked) -> set[str]:
    return {str(row["agent"]) for row in asked.house.snapshot()["agents"]}


def _agent(asked: Asked) -> str:
    agent = asked.word("agent")
    if agent not in _known(asked):
        detail = f"There is no agent {agent}. `sanxiang agent list` shows those there are."
        raise Problem(404, "unknown-agent", detail, field="agent")
    return agent


def _reason(asked: Asked) -> str:
    """The reason in the house's word for it; its Chinese name and its key on the telephone are taken too."""
    said = asked.body.reason
    reasons = asked.house.config.not_ready_reasons
    for key, label in reasons.items():
        if said in (label.en, label.zh, str(key)):
            return label.en
    allowed = [label.en for label in reasons.values()]
    detail = f"That reason is unknown. Use one of: {', '.join(allowed)}."
    raise Problem(400, "unknown-reason", detail, field="reason", allowed=allowed)


_UNKNOWN = {404: "unknown-agent"}
ROUTES = [
    Route("GET", "/api/agents", agents, BOTH, "Every agent with his state", answer=Agents),
    Route(
        "POST",
        "/api/agents",
        add,
        OPERATOR,
        "Add an agent; his made password and PIN are shown this once",
        answer=AddedAgent,
        body=NewAgent,
        status=201,
        refusals={409: "already-there"},
    ),
    *(
        Route(
            "POST",
            f"/api/agents/{{agent:[0-9]{{1,6}}}}/{word}",
            handler,
            OPERATOR,
            summary,
            Told,
            status=202,
            refusals=_UNKNOWN,
        )
        for word, handler, summary in (
            ("ready", ready, "He wants calls"),
            ("log-in", log_in, "He is here; not ready yet"),
            ("log-out", log_out, "He is gone"),
            ("end-wrap-up", end_wrap_up, "His note is done"),
        )
    ),
    Route(
        "POST",
        "/api/agents/{agent:[0-9]{1,6}}/not-ready",
        not_ready,
        OPERATOR,
        "He wants no calls, and why",
        answer=Told,
        body=Reason,
        status=202,
        refusals={**_UNKNOWN, 400: "unknown-reason"},
    ),
]
