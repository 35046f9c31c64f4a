"""A supervisor's message to one agent, to teams or to all whom they see; and who has acknowledged it."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from acd.engine.supervision.events import AgentsMessaged, MessageWithdrawn
from acd.identifiers import EXTENSION, NAME, whole
from acd.web.access.auth import DOOR
from acd.web.access.scope import Scope
from acd.web.api.supervision.told import refuse
from acd.web.server.api_model import ApiModel
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.lookups import agent_row, near_names
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

LONGEST = timedelta(hours=24)
MESSAGE_ID = r"m[0-9]{10}-[0-9]{4}"
_WRITTEN = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]*$"
"""Lines, but no other control character."""


class NewMessage(Strict):
    """The text, and to whom. With neither agents nor teams: to all agents whom you see."""

    text: Annotated[str, Field(min_length=1, max_length=500, pattern=_WRITTEN)]
    agents: list[Annotated[str, Field(pattern=whole(EXTENSION))]] = Field(default=[], max_length=1000)
    teams: list[Annotated[str, Field(pattern=whole(NAME))]] = Field(default=[], max_length=200)
    minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    """How long it is shown, also to agents who log in later."""


class ReadBy(ApiModel):
    """An agent to whom a message goes."""

    agent: str
    seen_at: datetime | None
    """Null: not acknowledged yet."""


class MessageTold(ApiModel):
    """A message, and who has acknowledged it."""

    message: str
    text: str
    by: str
    agents: list[str]
    """Empty, as `teams`: to all."""
    teams: list[str]
    at: datetime
    until: datetime
    ended_at: datetime | None
    """Null: it is shown still."""
    ended_by: str
    """Who has withdrawn it; empty: its time was over, or is not."""
    to: list[ReadBy]
    """Agents who are logged in or have acknowledged it, as far as you see them."""


class Messages(ApiModel):
    """Those that are shown and the latest that are over, newest first."""

    messages: list[MessageTold]


async def messages(asked: Asked) -> Messages:
    """Messages to agents whom you see."""
    found = [_seen(row, asked.scope) for row in asked.context.agent_messages() if _concerns(row, asked.scope)]
    return Messages.model_validate({"messages": found})


async def send(asked: Asked) -> MessageTold:
    """Shown on the agents' desks at once, until each has acknowledged it and at the longest until its end."""
    new: NewMessage = asked.body
    now = asked.context.now()
    agents, teams = _receivers(asked, new)
    name = f"m{int(now.timestamp()):010d}-{secrets.randbelow(9000) + 1000}"
    event = AgentsMessaged(
        name, new.text.strip(), now + timedelta(minutes=new.minutes), asked.who.name, tuple(agents), tuple(teams)
    )
    refuse(asked, event)
    await asked.request.app[DOOR].audit.note(
        asked.who.name, "AgentsMessaged", message=name, agents=agents, teams=teams, minutes=new.minutes
    )
    await asked.request.app[ENGINE_GATEWAY].tell(event)
    return MessageTold.model_validate(_seen(_known(asked, name), asked.scope))


async def withdraw(asked: Asked) -> MessageTold:
    """The message is shown no more."""
    name = asked.word("message")
    row = _known(asked, name)
    scope = asked.scope
    mine = row["by"] == asked.who.name
    if not scope.whole and not mine and not _within(row, scope):
        raise Problem(403, "others-see-it", "Agents outside your teams or brands see this message too. Ask its sender.")
    if row["ended_at"] is not None:
        raise Problem(409, "message-over", "This message is over already.")
    await asked.request.app[DOOR].audit.note(asked.who.name, "MessageWithdrawn", message=name)
    await asked.request.app[ENGINE_GATEWAY].tell(MessageWithdrawn(name, asked.who.name))
    return MessageTold.model_validate(_seen(_known(asked, name), scope))


def _receivers(asked: Asked, new: NewMessage) -> tuple[list[str], list[str]]:
    """Agents and teams that the message goes to. Raises Problem for those whom the sender does not see."""
    scope, config = asked.scope, asked.context.config
    agents = [str(agent_row(asked, agent)["agent"]) for agent in dict.fromkeys(new.agents)]
    visible = [team for team in config.teams if scope.teams is None or team in scope.teams]
    for team in new.teams:
        if team not in visible or (scope.brands is not None and not _brands_have(asked, team)):
            near = near_names(team, visible)
            raise Problem(
                400, "unknown-team", f"There is no team {team} for you.", field="teams", allowed=near or visible[:20]
            )
    teams = list(dict.fromkeys(new.teams))
    if agents or teams or scope.whole:
        return agents, teams
    if scope.brands is None and scope.teams:
        return [], list(scope.teams)
    mine = [agent for agent in config.agents if scope.has_agent(agent)]
    if not mine:
        raise Problem(409, "nobody", "No agent belongs to your teams or brands.")
    return mine[:1000], []


def _brands_have(asked: Asked, team: str) -> bool:
    """Whether each agent of the team is seen: else the message would go to another brand's agents."""
    config = asked.context.config
    return all(asked.scope.has_agent(agent) for agent, profile in config.agents.items() if profile.team == team)


def _known(asked: Asked, name: str) -> dict[str, Any]:
    for row in asked.context.agent_messages():
        if row["message"] == name and _concerns(row, asked.scope):
            return row
    raise Problem(404, "unknown-message", f"There is no message {name}. `sanxiang message list` shows those there are.")


def _concerns(row: dict[str, Any], scope: Scope) -> bool:
    if scope.whole or not (row["agents"] or row["teams"]):
        return True
    return (
        any(scope.has_agent(agent) for agent in row["agents"])
        or any(scope.teams is not None and team in scope.teams for team in row["teams"])
        or any(scope.has_agent(read["agent"]) for read in row["to"])
    )


def _within(row: dict[str, Any], scope: Scope) -> bool:
    """Whether nobody outside this part sees the message."""
    if not (row["agents"] or row["teams"]):
        return False
    teams = set(row["teams"]) <= set(scope.teams or ()) if row["teams"] else True
    return teams and all(scope.has_agent(agent) for agent in row["agents"])


def _seen(row: dict[str, Any], scope: Scope) -> dict[str, Any]:
    if scope.whole:
        return row
    return {
        **row,
        "agents": [agent for agent in row["agents"] if scope.has_agent(agent)],
        "teams": [team for team in row["teams"] if scope.teams is None or team in scope.teams],
        "to": [read for read in row["to"] if scope.has_agent(read["agent"])],
    }


ROUTES = [
    Route("GET", "/api/messages", messages, "floor-see", "Messages to agents, and who has acknowledged them", Messages),
    Route(
        "POST",
        "/api/messages",
        send,
        "agents-act",
        "Send a message to agents, to teams or to all",
        MessageTold,
        body=NewMessage,
        status=201,
        refusals={400: "unknown-team", 404: "unknown-agent", 409: "too-many-messages, or nobody", 503: "not-handled"},
    ),
    Route(
        "POST",
        f"/api/messages/{{message:{MESSAGE_ID}}}/withdraw",
        withdraw,
        "agents-act",
        "Take a message back: it is shown no more",
        MessageTold,
        refusals={404: "unknown-message", 409: "message-over", 503: "not-handled"},
    ),
]
