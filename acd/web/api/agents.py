"""The agents: who there is, and the buttons that a supervisor or the command line presses for them.

A button becomes an event; what it changed is seen in the state, a moment later. A button for all presses nobody's who
has it pressed already: `log-out` is for those who are logged in, `not-ready` for those who are ready.
"""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from acd.engine.events import AgentLoggedIn, AgentLoggedOut, AgentMoved, AgentNotReady, AgentReady, Event, WrapUpEnded
from acd.identifiers import EXTENSION, EXTENSION_ASKED_FOR, NAME, whole
from acd.web.access.auth import DOOR
from acd.web.live.state import LiveAgent, look
from acd.web.server.lookups import QueueName, Words, agent_row, queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import BOTH, OPERATOR, Asked, Route, Strict


class Agents(BaseModel):
    agents: list[LiveAgent]


class NewAgent(Strict):
    agent: Annotated[str, Field(pattern=whole(EXTENSION))]
    """The extension, which is also the account of the telephone."""
    name: Words = ""
    skills: dict[Annotated[str, Field(pattern=whole(NAME))], Annotated[int, Field(ge=1, le=9)]] = Field(
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
    reason: Annotated[Words, Field(min_length=1)]


class HisQueues(Strict):
    queues: list[QueueName] = Field(max_length=100)
    """Empty: all that he has the skills for."""


class Told(BaseModel):
    agent: str
    told: str


class ToldMove(Told):
    note: str
    """What the operator should know of it, in one sentence; mostly empty."""


class ToldAll(BaseModel):
    agents: list[str]
    """For whom it was pressed."""
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
    agent, reason = _agent(asked), known_reason(asked)
    return await _tell(asked, AgentNotReady(agent, reason), reason=reason)


async def log_in(asked: Asked) -> Told:
    return await _tell(asked, AgentLoggedIn(_agent(asked)))


async def log_out(asked: Asked) -> Told:
    return await _tell(asked, AgentLoggedOut(_agent(asked)))


async def end_wrap_up(asked: Asked) -> Told:
    return await _tell(asked, WrapUpEnded(_agent(asked)))


async def move(asked: Asked) -> ToldMove:
    """Whose calls he takes from now on, until the configuration says otherwise of him."""
    agent, wanted = _agent(asked), tuple(dict.fromkeys(asked.body.queues))
    for queue in wanted:
        queue_row(asked, queue, status=400, field="queues")
    levels = dict(agent_row(asked, agent)["skills"])
    beyond = [queue for queue in wanted if not _able(asked, levels, queue)]
    note = (
        f"He does not reach the skills that {', '.join(beyond)} requires: those calls come to him only when a row of "
        "the queue's policy asks for less."
        if beyond
        else ""
    )
    told = await _tell(asked, AgentMoved(agent, wanted, asked.who.name), queues=list(wanted))
    return ToldMove(agent=told.agent, told=told.told, note=note)


def _able(asked: Asked, levels: dict[str, int], queue: str) -> bool:
    configured = asked.house.config.queues.get(queue)
    required = configured.skills if configured else {}
    return all(levels.get(skill, 0) >= level for skill, level in required.items())


async def log_out_all(asked: Asked) -> ToldAll:
    logged_in = [row["agent"] for row in asked.house.snapshot()["agents"] if row["logged_in"]]
    return await _tell_all(asked, [AgentLoggedOut(agent) for agent in logged_in])


async def not_ready_all(asked: Asked) -> ToldAll:
    reason = known_reason(asked)
    ready = [row["agent"] for row in asked.house.snapshot()["agents"] if row["ready"]]
    return await _tell_all(asked, [AgentNotReady(agent, reason) for agent in ready], reason=reason)


async def _tell_all(asked: Asked, events: list[AgentLoggedOut] | list[AgentNotReady], **about: Any) -> ToldAll:
    told, agents = asked.request.path.rpartition("/")[2], [event.agent for event in events]
    if events:
        told = type(events[0]).__name__
        await asked.request.app[DOOR].audit.note(asked.who.name, told, agents=agents, **about)
    for event in events:
        asked.house.tell(event)
    return ToldAll(agents=agents, told=told)


async def _tell(asked: Asked, event: Event, **about: Any) -> Told:
    told, agent = type(event).__name__, asked.word("agent")
    await asked.request.app[DOOR].audit.note(asked.who.name, told, agent=agent, **about)
    asked.house.tell(event)
    return Told(agent=agent, told=told)


def _known(asked: Asked) -> set[str]:
    return {str(row["agent"]) for row in asked.house.snapshot()["agents"]}


def _agent(asked: Asked) -> str:
    return str(agent_row(asked, asked.word("agent"))["agent"])


def known_reason(asked: Asked) -> str:
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
_PATH = f"/api/agents/{{agent:{EXTENSION_ASKED_FOR}}}"
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
            f"{_PATH}/{word}",
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
        f"{_PATH}/not-ready",
        not_ready,
        OPERATOR,
        "He wants no calls, and why",
        answer=Told,
        body=Reason,
        status=202,
        refusals={**_UNKNOWN, 400: "unknown-reason"},
    ),
    Route(
        "POST",
        f"{_PATH}/queues",
        move,
        OPERATOR,
        "Whose calls he takes from now on",
        answer=ToldMove,
        body=HisQueues,
        status=202,
        refusals={**_UNKNOWN, 400: "unknown-queue"},
    ),
    Route(
        "POST", "/api/agents/all/log-out", log_out_all, OPERATOR, "All who are logged in are gone", ToldAll, status=202
    ),
    Route(
        "POST",
        "/api/agents/all/not-ready",
        not_ready_all,
        OPERATOR,
        "All who want calls want none, and why",
        answer=ToldAll,
        body=Reason,
        status=202,
        refusals={400: "unknown-reason"},
    ),
]
