"""Many agents at once, as from a list of the personnel department: all of them, or none."""

from typing import Annotated

from pydantic import Field

from acd.errors import SanxiangError
from acd.identifiers import NAME, whole
from acd.web.access.auth import DOOR
from acd.web.api.agents import NewAgent
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

MOST = 500
"""Asterisk's files are made once for all of them."""


class ImportedAgent(NewAgent):
    """One of them."""

    team: Annotated[str, Field(pattern=whole(NAME))] | None = None


class AgentList(Strict):
    """The agents to add."""

    agents: Annotated[list[ImportedAgent], Field(min_length=1, max_length=MOST)]
    dry_run: bool = False
    """Only say whether they could be added."""


class Credentials(ApiModel):
    """Of one agent; shown this once."""

    agent: str
    password: str
    """Of the telephone."""
    pin: str


class Imported(ApiModel):
    """What was added."""

    agents: list[Credentials]
    """Empty after a dry run."""


async def add_all(asked: Asked) -> Imported:
    """Adds all of these agents to agents.toml and takes the configuration into force, once. With a mistake in one none is added."""
    wanted: AgentList = asked.body
    changes = asked.context.agent_changes
    if changes is None:
        raise Problem(404, "not-found", "This server runs without a hotline around it: its agents do not change.")
    names = [new.agent for new in wanted.agents]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Problem(400, "bad-request", f"Agent {twice[0]} stands twice. Leave one out.", field="agents")
    if not wanted.dry_run:
        await asked.request.app[DOOR].audit.note(asked.who.name, "agents imported", agents=names)
    profiles = {
        new.agent: {"name": new.name, "skills": dict(new.skills), **({} if new.team is None else {"team": new.team})}
        for new in wanted.agents
    }
    try:
        made = await changes.add_all(profiles, asked.who.name, dry_run=wanted.dry_run)
    except ValueError as error:
        raise Problem(400, "bad-request", str(error), field="agents") from None
    except SanxiangError as error:
        raise Problem(409, "not-taken", str(error)) from None
    return Imported(agents=[Credentials(agent=agent, **row) for agent, row in made.items()])


ROUTES = [
    Route(
        "POST",
        "/api/agents/import",
        add_all,
        "agents-change",
        "Add many agents, all or none; passwords and PINs are shown this once",
        answer=Imported,
        body=AgentList,
        status=201,
        refusals={404: "not-found", 409: "not-taken"},
    ),
]
