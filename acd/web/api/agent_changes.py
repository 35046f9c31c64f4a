"""An agent is removed or changed. What agents.toml holds is changed here; what the operator's own file holds, there."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

from pydantic import Field

from acd.errors import SanxiangError
from acd.identifiers import EXTENSION_ASKED_FOR, NAME, optional, whole
from acd.web.access.auth import DOOR
from acd.web.server.api_model import ApiModel
from acd.web.server.context import AgentChanges
from acd.web.server.lookups import Words, agent_row
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

Made = TypeVar("Made")
AT_REST = ("logged out", "not ready", "unreachable", "idle")


class AgentEdit(Strict):
    """What becomes another; what is left out stays."""

    name: Words | None = None
    skills: Annotated[
        dict[Annotated[str, Field(pattern=whole(NAME))], Annotated[int, Field(ge=1, le=9)]] | None, Field(max_length=50)
    ] = None
    """All of the agent's skills, with levels from 1 to 9."""
    team: Annotated[str, Field(pattern=optional(NAME))] | None = None
    """One of the configuration's; empty: none."""


class ChangedAgent(ApiModel):
    """The agent, and what the operator should know."""

    agent: str
    note: str
    """One sentence; mostly empty."""


class NewPin(ChangedAgent):
    """The agent's new PIN."""

    pin: str
    """Shown this once."""


class NewPassword(ChangedAgent):
    """The new password of the agent's telephone."""

    password: str
    """Shown this once."""


async def remove(asked: Asked) -> ChangedAgent:
    """The agent's telephone, PIN and page session work no more; a talk goes on, and the agent is logged out after it."""
    agent, changes = await _noted(asked, "agent removed")
    note = _note(asked, agent, "The agent is logged out when it is over.")
    await _done(changes.remove(agent, asked.who.name))
    asked.request.app[DOOR].sessions.end_of(agent)
    return ChangedAgent(agent=agent, note=note)


async def edit(asked: Asked) -> ChangedAgent:
    """Another name, other skills or another team, from now on."""
    if asked.body.name is None and asked.body.skills is None and asked.body.team is None:
        raise Problem(400, "bad-request", "Nothing is to be changed. Send name, skills or team.")
    agent, changes = await _noted(asked, "agent changed")
    await _done(changes.edit(agent, asked.body.name, asked.body.skills, asked.who.name, asked.body.team))
    return ChangedAgent(agent=agent, note="")


async def new_pin(asked: Asked) -> NewPin:
    """A new PIN, shown this once. The former one is void, and the agent's page session ends."""
    agent, changes = await _noted(asked, "new PIN")
    pin = await _done(changes.new_pin(agent))
    asked.request.app[DOOR].sessions.end_of(agent)
    return NewPin(agent=agent, note="", pin=pin)


async def new_password(asked: Asked) -> NewPassword:
    """A new password of the telephone, shown this once. The telephone is not registered until it has that."""
    agent, changes = await _noted(asked, "new password of a telephone")
    note = _note(asked, agent, "No other call comes to the telephone until it has the new password.")
    return NewPassword(agent=agent, note=note, password=await _done(changes.new_password(agent)))


async def _noted(asked: Asked, action: str) -> tuple[str, AgentChanges]:
    """The agent in the path, and who changes agents; the audit log has its line. Raises Problem."""
    agent = str(agent_row(asked, asked.word("agent"))["agent"])
    if asked.context.agent_changes is None:
        raise Problem(404, "not-found", "This server runs without a hotline around it: its agents do not change.")
    await asked.request.app[DOOR].audit.note(asked.who.name, action, agent=agent)
    return agent, asked.context.agent_changes


def _note(asked: Asked, agent: str, consequence: str) -> str:
    """Where the agent rings, talks or wraps up: that it goes on, and what comes then."""
    state = agent_row(asked, agent)["state"]
    return "" if state in AT_REST else f"Agent {agent} has work under way ({state}), which goes on. {consequence}"


async def _done(change: Awaitable[Made]) -> Made:
    try:
        return await change
    except (ValueError, SanxiangError) as error:
        raise Problem(409, "not-taken", str(error)) from None


ROUTES = [
    Route(
        "POST",
        f"/api/agents/{{agent:{EXTENSION_ASKED_FOR}}}/{word}",
        handler,
        "agents-change",
        summary,
        answer,
        body=body,
        refusals={404: "unknown-agent", 409: "not-taken"},
    )
    for word, handler, summary, answer, body in (
        ("remove", remove, "Remove an agent; nothing of the agent's works any more", ChangedAgent, None),
        ("edit", edit, "Give an agent another name, other skills or another team", ChangedAgent, AgentEdit),
        ("new-pin", new_pin, "Give an agent a new PIN; it is shown this once", NewPin, None),
        (
            "new-password",
            new_password,
            "Give an agent's telephone a new password; it is shown this once",
            NewPassword,
            None,
        ),
    )
]
