"""Asks the store for a report's figures: the queries of `sanxiang kpi`, by day and over the whole span."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from acd.config import Config
from acd.config.brands import brand_of_queue
from acd.reports.contents import (
    By,
    Report,
    Row,
    Section,
    Wanted,
    added,
    added_agents,
    agent_label,
    anything,
    brand_label,
    queue_label,
    row,
    targets_of,
)
from acd.store.queries.agent_kpi import AgentKpi
from acd.store.queries.kpi import Kpi
from acd.store.store import Store
from acd.words.reports import WORDS


async def gather(store: Store, config: Config, wanted: Wanted, now: datetime) -> Report:
    """The report as it is known now. Raises DatabaseAway and other errors of the store."""
    zone = ZoneInfo(config.hotline.timezone)
    edges = wanted.span.edges(zone)
    sections = [await _SECTIONS[by](store, config, wanted, edges, now) for by in wanted.by]
    return Report(
        hotline=config.hotline.name,
        zone=config.hotline.timezone,
        span=wanted.span,
        made_at=now.astimezone(zone),
        whole=edges[-1] <= now,
        queues=(
            *(brand_label(config, brand) for brand in wanted.brands or ()),
            *(queue_label(config, queue) for queue in wanted.queues),
        ),
        sections=tuple(sections),
    )


async def _by_queue(store: Store, config: Config, wanted: Wanted, edges: list[datetime], now: datetime) -> Section:
    rings = config.rings.rings
    (whole,) = await store.kpi_by_interval((edges[0], edges[-1]), rings, wanted.brands)
    days = await store.kpi_by_interval(edges, rings, wanted.brands)
    asked = list(wanted.queues) or [
        *(queue for queue in config.queues if _may_hold(config, queue, wanted) or queue in whole),
        *sorted(each for each in whole if each and each not in config.queues),
    ]
    only = wanted.brands[0] if wanted.brands is not None and len(wanted.brands) == 1 else ""
    target = config.target_of_brand(only)

    def one(found: Mapping[str, Kpi], queue: str) -> Row:
        counts = found.get(queue, Kpi(edges[0], edges[-1], queue))
        return row("queues", queue, queue_label(config, queue), counts, config.target_of(queue))

    def total(found: Mapping[str, Kpi]) -> Row:
        label = WORDS["these-queues" if wanted.queues else "all-queues"]
        counts = (
            added([found.get(each, Kpi(edges[0], edges[-1])) for each in wanted.queues]) if wanted.queues else found[""]
        )
        return row("queues", "", label, counts, target)

    return _section("queues", config, wanted, asked, whole, days, one, total)


def _may_hold(config: Config, queue: str, wanted: Wanted) -> bool:
    """Whether calls of these brands may stand in this queue."""
    return wanted.brands is None or brand_of_queue(config.brands, queue) in ("", *wanted.brands)


async def _by_agent(store: Store, config: Config, wanted: Wanted, edges: list[datetime], now: datetime) -> Section:
    how: dict[str, Any] = {
        "now": now,
        "rings": config.rings.rings,
        "queues": wanted.queues or None,
        "brands": wanted.brands,
    }
    (whole,) = await store.agent_kpi_by_interval((edges[0], edges[-1]), **how)
    days = await store.agent_kpi_by_interval(edges, **how)
    asked = sorted({*config.agents, *(each for each in whole if each)})
    if wanted.agents is not None:
        asked = [agent for agent in asked if agent in wanted.agents]

    def one(found: Mapping[str, AgentKpi], agent: str) -> Row:
        return row("agents", agent, agent_label(config, agent), found.get(agent, AgentKpi(agent)), config.target)

    def total(found: Mapping[str, AgentKpi]) -> Row:
        counts = found[""]
        if wanted.agents is not None:
            counts = added_agents([found[agent] for agent in asked if agent in found])
        return row("agents", "", WORDS["all-agents"], counts, config.target)

    return _section("agents", config, wanted, asked, whole, days, one, total)


def _section(
    by: By, config: Config, wanted: Wanted, asked: list[str], whole: Any, days: list[Any], one: Any, total: Any
) -> Section:
    rows = [one(whole, name) for name in asked]
    by_day: list[tuple[date, Row]] = []
    for day, found in zip(wanted.span, days, strict=True):
        by_day += [(day, made) for name in asked if name in found and anything(made := one(found, name))]
    return Section(
        by=by,
        # A queue of the configuration has its row also where nothing happened; an agent only who was there.
        rows=tuple(each for each in rows if by == "queues" or anything(each)),
        total=total(whole),
        days=tuple((day, total(found)) for day, found in zip(wanted.span, days, strict=True)),
        rows_by_day=tuple(by_day),
        targets=targets_of(by, config.target),
    )


_SECTIONS = {"queues": _by_queue, "agents": _by_agent}
