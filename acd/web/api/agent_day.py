"""One agent: skills, queues, state, and one day: the time in each state without gaps, and the day's figures. The stretches also as a file."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from aiohttp import web

from acd.config.types import Reason
from acd.identifiers import EXTENSION_ASKED_FOR
from acd.reports.table_file import CONTENT, Column, Format, Value
from acd.store.queries.agent_kpi import AgentKpi
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store
from acd.web.live.state import LiveAgent
from acd.web.server.api_model import ApiModel
from acd.web.server.days import span, today
from acd.web.server.exports import asked_format, sent_file, table_file
from acd.web.server.lookups import agent_row
from acd.web.server.routes import Asked, Route, Strict
from acd.words import word
from acd.words.call_tables import heading


class DayQuery(Strict):
    """Which day."""

    day: date | None = None
    """On the hotline's clock; today when left out."""


class Stretch(ApiModel):
    """A stretch of time that the agent spent in one state, for one reason."""

    from_at: datetime
    to_at: datetime | None
    """null: it lasts still."""
    state: str
    reason: str
    seconds: float
    """Until now, or the end of the day, where it lasts still."""


class Share(ApiModel):
    """All the stretches of one state and reason."""

    state: str
    reason: str
    times: int
    seconds: float


class DayFileQuery(DayQuery):
    """Which day, and in which language it is written."""

    language: Literal["en", "zh"] = "en"


class AgentFigures(ApiModel):
    """Of one agent on one day; definitions: docs/definitions.md, "Agents' figures". Durations in seconds, shares from 0 to 1."""

    offers: int
    three_ring_rate: float | None
    """null, here and below: there is nothing to divide by."""
    no_answer: int
    """Rang out: the agent was set not ready."""
    talks: int
    talk_s: float
    hold_s: float
    wrap_up_s: float
    handling_s: float | None
    """Talk, hold and wrap-up of a talk, on average."""
    logged_in_s: float
    idle_s: float
    busy_s: float
    not_ready_s: float
    occupancy: float | None


class OneAgent(ApiModel):
    """An agent as now, and the time in each state on one day."""

    agent: LiveAgent
    skills: dict[str, int]
    queues: list[str]
    """The queues whose calls the agent takes; empty: all that match the skills."""
    day: date
    stretches: list[Stretch]
    """In order; each begins where the one before it ended."""
    times: list[Share]
    """The longest first."""
    figures: AgentFigures


async def one(asked: Asked) -> OneAgent:
    """The agent's state now, and how the day was spent, in stretches without a gap and summed by state and reason, in seconds."""
    row = agent_row(asked, asked.word("agent"))
    query: DayQuery = asked.query
    day = query.day or today(asked.context)
    stretches = await _stretches(asked, row["agent"], day)
    begin, end = span(asked.context, day)
    async with from_store(asked.context):
        [figures] = await asked.context.store.agent_kpi_by_interval(
            [begin, end], asked.context.now(), asked.context.config.rings.rings, brands=asked.scope.brands
        )
    return OneAgent(
        agent=LiveAgent.model_validate(row),
        skills=dict(row["skills"]),
        queues=list(row.get("queues", ())),
        day=day,
        stretches=stretches,
        times=_summed(stretches),
        figures=_figures(figures.get(row["agent"], AgentKpi())),
    )


async def as_file(asked: Asked) -> web.StreamResponse:
    """The day's stretches as CSV or a workbook. Written to the audit log."""
    row = agent_row(asked, asked.word("agent"))
    query: DayFileQuery = asked.query
    form, language, day = asked_format(asked), query.language, query.day or today(asked.context)
    found = await _stretches(asked, row["agent"], day)
    reasons = {label.en: label for label in asked.context.config.not_ready_reasons.values()}

    async def pages() -> AsyncIterator[Sequence[Sequence[Value]]]:
        yield [
            [
                each.from_at,
                each.to_at,
                word("state", each.state, language),
                _reason(reasons, each.reason, language),
                each.seconds,
            ]
            for each in found
        ]

    columns = [Column(heading(name, language), kind, width) for name, kind, width in _COLUMNS]
    body, rows = await table_file(asked, form, heading("agent-day", language), columns, pages())
    await asked.request.app[DOOR].audit.note(
        asked.who.name, "exported an agent's day", agent=row["agent"], day=day.isoformat(), rows=rows, format=form
    )
    return sent_file(f"agent-{row['agent']}-{day}", form, body)


_COLUMNS: list[tuple[str, Literal["text", "seconds", "moment"], int]] = [
    *(("from_at", "moment", 20), ("to_at", "moment", 20), ("state", "text", 14)),
    *(("reason", "text", 18), ("lasted_s", "seconds", 10)),
]


async def _stretches(asked: Asked, agent: str, day: date) -> list[Stretch]:
    begin, end = span(asked.context, day)
    now = min(asked.context.now(), end)
    async with from_store(asked.context):
        found = await asked.context.store.agent_time(day, agent)
    return [
        Stretch(
            from_at=each.from_at,
            to_at=each.to_at,
            state=each.state,
            reason=each.reason,
            seconds=max(0.0, ((each.to_at or now) - max(each.from_at, begin)).total_seconds()),
        )
        for each in found
    ]


def _figures(found: AgentKpi) -> AgentFigures:
    return AgentFigures(**{name: getattr(found, name) for name in AgentFigures.model_fields})


def _reason(known: Mapping[str, Reason], reason: str, language: str) -> str:
    """The reason as the configuration names it."""
    label = known.get(reason)
    return reason if label is None else label.zh if language == "zh" else label.en


def _summed(stretches: list[Stretch]) -> list[Share]:
    shares: dict[tuple[str, str], Share] = {}
    for each in stretches:
        share = shares.setdefault(
            (each.state, each.reason), Share(state=each.state, reason=each.reason, times=0, seconds=0.0)
        )
        share.times += 1
        share.seconds += each.seconds
    return sorted(shares.values(), key=lambda share: -share.seconds)


_FORMATS: dict[Format, str] = {"csv": "CSV", "xlsx": "a workbook (XLSX)"}
ROUTES = [
    Route(
        "GET",
        f"/api/agents/{{agent:{EXTENSION_ASKED_FOR}}}",
        one,
        "floor-see",
        "One agent: skills, queues, state, and the day in stretches",
        answer=OneAgent,
        query=DayQuery,
        refusals={404: "unknown-agent", 503: "store-away"},
    ),
    *(
        Route(
            "GET",
            f"/api/agents/{{agent:{EXTENSION_ASKED_FOR}}}/day.{form}",
            as_file,
            "floor-see",
            f"The day of an agent in stretches, as {what}",
            query=DayFileQuery,
            content=CONTENT[form],
            refusals={404: "unknown-agent", 429: "exports-busy", 503: "store-away"},
        )
        for form, what in _FORMATS.items()
    ),
]
