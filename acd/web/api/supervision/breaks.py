"""Breaks for supervisors: who is away, who asks, how many may be; grant, decline, withdraw; figures of a day."""

from datetime import date, datetime
from typing import Any

from acd.engine.supervision.events import BreakDeclined, BreakGranted, BreakWithdrawn
from acd.identifiers import EXTENSION_ASKED_FOR
from acd.web.api.calls import from_store
from acd.web.api.supervision.told import tell
from acd.web.live.not_ready import Told
from acd.web.server.api_model import ApiModel
from acd.web.server.days import today
from acd.web.server.lookups import Words, agent_row
from acd.web.server.routes import Asked, Route, Strict


class BreakOf(ApiModel):
    """An agent's break: asked for, granted, or begun."""

    agent: str
    name: str
    team: str
    reason: str
    state: str
    """asked, granted (begins after the call), on"""
    since: datetime
    """When it was asked for, or began."""
    ends_at: datetime | None
    overdue: bool
    leave: bool
    """False: it was begun though there was no room."""
    waits: str = ""
    """Of one that is asked for: full, later (planned for another time), leave (a supervisor grants it)."""
    place: int | None = None
    """From 1: among those who wait for the same room."""


class WorkOf(ApiModel):
    """An agent who has worked for too long without a rest."""

    agent: str
    name: str
    worked_since: datetime


class LimitNow(ApiModel):
    """A limit, and how many of those whom it counts are away."""

    team: str
    queue: str
    at_once: int
    away: int
    now: bool
    """It holds at this time of the day."""
    begin: str
    end: str


class BreakBoard(ApiModel):
    """The breaks of this moment, as far as you see the agents."""

    planned: bool
    """False: [breaks] has no kinds."""
    breaks: list[BreakOf]
    """Those asked for first, in their order; then those that go on, the longest first."""
    long: list[WorkOf]
    limits: list[LimitNow]


class BreaksDay(Strict):
    """Which day."""

    day: date | None = None
    """By the hotline's clock; left out: today."""


class DayTold(ApiModel):
    """An agent's breaks of a day. Durations in seconds."""

    agent: str
    breaks: int
    """Those that began on the day."""
    break_s: float
    """Of those that ended on it."""
    overdue: int
    over_s: float
    without_leave: int
    asked: int
    declined: int
    waited_s: float
    """From asking to the grant, of all that were granted."""
    long_work: int
    """How often the agent had worked for too long without a rest."""


class DaysTold(ApiModel):
    """A day's breaks by agent; only agents who had any."""

    day: date
    agents: list[DayTold]


class WhyDeclined(Strict):
    """Why it is declined."""

    reason: Words = ""


async def board(asked: Asked) -> BreakBoard:
    """Who is away or asks, in the order of asking; who has worked too long; the limits."""
    rows = [row for row in asked.context.snapshot()["agents"] if asked.scope.has_agent(row["agent"])]
    who = {row["agent"]: {name: row[name] for name in ("agent", "name", "team")} for row in rows}
    breaks = [{**who[row["agent"]], **row["break"]} for row in rows if "break" in row]
    breaks.sort(key=lambda one: (one["state"] != "asked", one["since"]))
    long = [{**who[row["agent"]], "worked_since": row["worked_since"]} for row in rows if row.get("worked_long")]
    told = asked.context.break_board()
    limits = [limit for limit in told["limits"] if _sees(asked, limit)]
    return BreakBoard.model_validate({"planned": told["planned"], "breaks": breaks, "long": long, "limits": limits})


def _sees(asked: Asked, limit: dict[str, Any]) -> bool:
    scope = asked.scope
    if limit["team"] and scope.teams is not None:
        return limit["team"] in scope.teams
    return scope.whole or bool(limit["queue"] and scope.has_queue(limit["queue"]))


async def grant(asked: Asked) -> Told:
    """Grants the break that the agent waits for, whatever the limits are. It begins after the agent's call."""
    agent = _agent(asked)
    return await tell(asked, BreakGranted(agent, asked.who.name), agent)


async def decline(asked: Asked) -> Told:
    """Declines the break that the agent waits for."""
    agent, why = _agent(asked), asked.body.reason
    return await tell(asked, BreakDeclined(agent, asked.who.name, why), agent, why=why)


async def withdraw(asked: Asked) -> Told:
    """Takes back a break that has not begun: the agent goes on taking calls."""
    agent = _agent(asked)
    return await tell(asked, BreakWithdrawn(agent, asked.who.name), agent)


async def day(asked: Asked) -> DaysTold:
    """The breaks of a day, by agent."""
    wanted = asked.query.day or today(asked.context)
    async with from_store(asked.context):
        found = await asked.context.store.breaks_of_day(wanted)
    rows = [
        {name: getattr(row, name) for name in DayTold.model_fields} for row in found if asked.scope.has_agent(row.agent)
    ]
    return DaysTold.model_validate({"day": wanted, "agents": rows})


def _agent(asked: Asked) -> str:
    return str(agent_row(asked, asked.word("agent"))["agent"])


_PATH = f"/api/agents/{{agent:{EXTENSION_ASKED_FOR}}}/break"
_REFUSALS = {404: "unknown-agent", 409: "no-break-open, or granted-already", 503: "not-handled"}
ROUTES = [
    Route("GET", "/api/breaks", board, "floor-see", "Breaks now: who is away, who asks, the limits", BreakBoard),
    Route("GET", "/api/breaks/day", day, "floor-see", "Breaks of a day by agent", DaysTold, BreaksDay),
    Route("POST", f"{_PATH}/grant", grant, "agents-act", "Grant an agent's break", Told, refusals=_REFUSALS),
    Route(
        "POST",
        f"{_PATH}/decline",
        decline,
        "agents-act",
        "Decline an agent's break",
        Told,
        body=WhyDeclined,
        refusals=_REFUSALS,
    ),
    Route("POST", f"{_PATH}/withdraw", withdraw, "agents-act", "Take back an agent's break", Told, refusals=_REFUSALS),
]
