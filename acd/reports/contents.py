"""A report as values: sections by queue and by agent; of each the rows over the whole span, the same of each day, and the total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Literal

from acd.config import Config, Target
from acd.reports.figures import FIGURES, Figure, Value
from acd.reports.spans import Span
from acd.store.queries.agent_kpi import AgentKpi

By = Literal["queues", "agents"]
BY: tuple[By, ...] = ("queues", "agents")
"""The dimensions. A further one needs its figures (figures.py), its rows (gather.py) and its words."""
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is to hold."""

    span: Span
    by: tuple[By, ...] = ("queues",)
    queues: tuple[str, ...] = ()
    """These alone; none: all of them."""
    brands: tuple[str, ...] | None = None
    """Of the calls to the numbers of these brands alone; None: of all calls."""
    agents: frozenset[str] | None = None
    """Rows of these agents alone, and their sum; None: all of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one queue or agent, or of all together, over the span or a day."""

    name: str
    """Empty: all together."""
    label: Mapping[str, str]
    """Language to what people call it."""
    values: Mapping[str, Value]
    few: frozenset[str] = frozenset()
    """Figures made of fewer than ten calls or offers."""
    missed: frozenset[str] = frozenset()
    """Figures that miss their target."""


@dataclass(frozen=True, slots=True)
class Section:
    by: By
    rows: tuple[Row, ...]
    """Over the whole span, without the total."""
    total: Row
    days: tuple[tuple[date, Row], ...]
    """The total of each day, in order."""
    rows_by_day: tuple[tuple[date, Row], ...]
    """Each day's rows, without those of which nothing happened."""
    targets: Mapping[str, float]
    """The hotline's: figure to target."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        return FIGURES[self.by]


@dataclass(frozen=True, slots=True)
class Report:
    hotline: str
    zone: str
    span: Span
    made_at: datetime
    """By the hotline's clock."""
    whole: bool
    """The span was over when the report was made."""
    queues: tuple[Mapping[str, str], ...]
    """Labels of the brands and queues that it is about; none: all of them."""
    sections: tuple[Section, ...]


def targets_of(by: By, target: Target) -> dict[str, float]:
    """Figure to the target that it is held against."""
    return {figure.name: figure.target(target) for figure in FIGURES[by] if figure.target is not None}


def row(by: By, name: str, label: Mapping[str, str], counts: Any, target: Target | None) -> Row:
    """The row of these counts (`Kpi`, `AgentKpi`)."""
    figures = FIGURES[by]
    return Row(
        name,
        label,
        {figure.name: figure.of(counts) for figure in figures},
        frozenset(figure.name for figure in figures if figure.few(counts)),
        frozenset(figure.name for figure in figures if figure.missed(counts, target)),
    )


def queue_label(config: Config, queue: str) -> dict[str, str]:
    """What people call the queue; a queue that is no more is called by its code."""
    known = config.queues.get(queue)
    return {"en": known.label.en, "zh": known.label.zh} if known else {"en": queue, "zh": queue}


def brand_label(config: Config, brand: str) -> dict[str, str]:
    """What people call the brand; one that is no more is called by its code."""
    known = config.brands.get(brand)
    return {"en": known.name.en, "zh": known.name.zh} if known else {"en": brand, "zh": brand}


def agent_label(config: Config, agent: str) -> dict[str, str]:
    """Extension and name."""
    known = config.agents.get(agent)
    text = f"{agent} {known.name}".strip() if known else agent
    return {"en": text, "zh": text}


def added(counts: Sequence[Any]) -> Any:
    """One `Kpi` with the sums of these; at least one, all of the same span."""
    return replace(counts[0], queue="", **_sums(counts))


def added_agents(counts: Sequence[AgentKpi]) -> AgentKpi:
    """One `AgentKpi` with the sums of these."""
    return AgentKpi("", **_sums(counts))


def _sums(counts: Sequence[Any]) -> dict[str, Any]:
    names = [each.name for each in fields(counts[0])] if counts else []
    return {
        name: sum(getattr(one, name) for one in counts)
        for name in names
        if name not in ("since", "until", "queue", "agent")
    }


def anything(row: Row) -> bool:
    """Whether anything happened: some count or sum above 0."""
    return any(row.values.values())
