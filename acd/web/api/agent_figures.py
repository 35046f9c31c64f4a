"""Each agent's figures of today, for the live view: calls, handling time, occupancy, three-ring rate, who hung up first, line quality.

Asked of the store at most once in ten seconds for each set of brands, however many pages look.
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from aiohttp import web

from acd.store.queries.agent_kpi import AgentKpi
from acd.web.api.calls import from_store
from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.web.server.days import span, today
from acd.web.server.routes import Asked, Route

GOOD_FOR = timedelta(seconds=10)
MOST = 50
"""Sets of brands whose figures are kept."""
_Key = tuple[str, ...] | None


class AgentToday(ApiModel):
    """One agent's day so far; times in seconds, shares from 0 to 1. docs/definitions.md#agents-figures"""

    agent: str
    talks: int
    hung_up_first: int
    """Of the talks, those that the agent's side ended."""
    handling_s: float | None
    """AHT: talk, hold and wrap-up, a talk; null: there was none."""
    occupancy: float | None
    """null: the agent was neither idle nor busy."""
    three_ring_rate: float | None
    """null: nothing rang."""
    offers_rang: int
    no_answer: int
    mos: float | None
    """Mean of the latest measured legs; null: none was measured."""


class AgentsToday(ApiModel):
    """Of agents who had something to count today; others are missing."""

    day: date
    agents: list[AgentToday]


class FiguresOfToday:
    """What the store said last, for a while."""

    def __init__(self, context: WebContext) -> None:
        self._context = context
        self._found: dict[_Key, tuple[datetime, date, Mapping[str, AgentKpi]]] = {}
        self._turn = asyncio.Lock()

    async def of(self, brands: _Key) -> tuple[date, Mapping[str, AgentKpi]]:
        """The day, and agent to figures of the calls of these brands; None: of all calls. Raises StoreAway."""
        async with self._turn:  # Who comes while the store is asked gets the same answer.
            day, now = today(self._context), self._context.now()
            kept = self._found.get(brands)
            if kept is not None and kept[1] == day and abs(now - kept[0]) < GOOD_FOR:
                return day, kept[2]
            edges, rings = span(self._context, day), self._context.config.rings.rings
            async with from_store(self._context):
                (found,) = await self._context.store.agent_kpi_by_interval(edges, now, rings, brands=brands)
            self._found.pop(brands, None)
            self._found[brands] = (now, day, found)
            for old in [*self._found][:-MOST]:
                del self._found[old]
            return day, found


FIGURES: web.AppKey[FiguresOfToday] = web.AppKey("agents' figures of today", FiguresOfToday)


async def agents_today(asked: Asked) -> AgentsToday:
    """Each agent's figures of today; at most ten seconds old, besides what the database lags behind."""
    brands = asked.scope.brands
    day, found = await asked.request.app[FIGURES].of(None if brands is None else tuple(brands))
    lines = asked.context.snapshot()["lines"]
    return AgentsToday(
        day=day,
        agents=[
            AgentToday(
                agent=agent,
                talks=one.talks,
                hung_up_first=one.ended_by_agent,
                handling_s=one.handling_s,
                occupancy=one.occupancy,
                three_ring_rate=one.three_ring_rate,
                offers_rang=one.offers_rang,
                no_answer=one.no_answer,
                mos=lines.get(f"agent {agent}", {}).get("mos"),
            )
            for agent, one in found.items()
            if agent and asked.scope.has_agent(agent)
        ],
    )


ROUTES = [
    Route(
        "GET",
        "/api/agents/today",
        agents_today,
        "floor-see",
        "Each agent's figures of today: calls, handling time, occupancy, three-ring rate, who hung up first, line quality",
        answer=AgentsToday,
        refusals={503: "store-away"},
    )
]
