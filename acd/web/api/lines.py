"""How well lines carried speech: the legs of a day, by trunk or agent, as a list and as a table."""

import asyncio
from datetime import date
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from acd import csv_table
from acd.web.access.auth import DOOR
from acd.web.api.calls import PAGE, LegQuality, from_store, leg_quality
from acd.web.server.api_model import ApiModel
from acd.web.server.days import today
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

_AT_MOST_IN_A_TABLE = 50_000
Problems = Literal["", "one-way", "loss", "sent-loss", "jitter", "sent-jitter", "delay", "mos", "sent-mos"]


class LineFilter(Strict):
    """Which legs' lines."""

    day: date | None = None
    """On the hotline's clock; today when left out."""
    party: Annotated[str, Field(max_length=60, pattern=r"^((trunk|agent) [A-Za-z0-9-]+|other)?$")] = ""
    """"trunk NAME" or "agent 1001"; all when left out."""
    problem: Problems = ""
    """Only lines with this problem."""
    bad: bool = False
    """Only lines with any problem."""


class LineQuery(LineFilter):
    """Filters, and where the page begins."""

    limit: Annotated[int, Field(ge=1, le=PAGE)] = 100
    offset: Annotated[int, Field(ge=0, le=_AT_MOST_IN_A_TABLE)] = 0
    """So many are passed over."""


class LegLine(LegQuality):
    """One leg's line, and the call that it belongs to."""

    call: str


class Lines(ApiModel):
    """One page of legs' lines."""

    day: date
    lines: list[LegLine]


async def lines(asked: Asked) -> Lines:
    """One page of legs' lines, the latest first."""
    query: LineQuery = asked.query
    day = query.day or today(asked.context)
    return Lines(day=day, lines=await _find(asked, query, day, query.limit, query.offset))


async def as_table(asked: Asked) -> web.StreamResponse:
    """The list under the same filter as CSV: one row for each side of a talk."""
    query: LineFilter = asked.query
    day = query.day or today(asked.context)
    found: list[LegLine] = []
    while len(found) < _AT_MOST_IN_A_TABLE:
        page = await _find(asked, query, day, PAGE, len(found))
        found += page
        if len(page) < PAGE:
            break
    chosen = query.model_dump(mode="json", exclude_defaults=True)
    await asked.request.app[DOOR].audit.note(asked.who.name, "exported line quality", rows=len(found), filter=chosen)
    columns = ["call", *(name for name in LegLine.model_fields if name != "call")]
    rows = [row.model_dump(mode="json") | {"problems": " ".join(row.problems)} for row in found]
    body = await asyncio.to_thread(csv_table.csv, columns, rows)
    headers = {"Content-Disposition": f'attachment; filename="lines-{day}.csv"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


async def _find(asked: Asked, query: LineFilter, day: date, limit: int, offset: int) -> list[LegLine]:
    if query.party and query.party != "other" and not _known(asked, query.party):
        raise Problem(
            400,
            "unknown-party",
            f'There is no {query.party} in the configuration. Write "trunk NAME" or "agent 1001" as it stands there.',
        )
    async with from_store(asked.context):
        rows = await asked.context.store.lines(
            day=day,
            party=query.party,
            problem=query.problem,
            bad=query.bad,
            limit=limit,
            offset=offset,
            part=asked.scope.part,
        )
    return [LegLine(call=row.call, **leg_quality(row).model_dump()) for row in rows]


def _known(asked: Asked, party: str) -> bool:
    kind, _, name = party.partition(" ")
    config = asked.context.config
    return name in config.trunks if kind == "trunk" else name in config.agents and asked.scope.has_agent(name)


_REFUSALS = {400: "unknown-party", 503: "store-away"}
ROUTES = [
    Route(
        "GET",
        "/api/lines",
        lines,
        "lines-see",
        "How well each leg's line carried speech, latest first",
        answer=Lines,
        query=LineQuery,
        refusals=_REFUSALS,
    ),
    Route(
        "GET",
        "/api/lines.csv",
        as_table,
        "lines-see",
        "The same list as a table, for a spreadsheet",
        query=LineFilter,
        content="text/csv",
        refusals=_REFUSALS,
    ),
]
