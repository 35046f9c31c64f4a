"""The figures of a span against their targets, in total and of each queue, and how true the expected waits were.
What each means: docs/definitions.md."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from acd.config import Target
from acd.store.kpi import Kpi, edges_of
from acd.web.api.calls import Words, from_store
from acd.web.server.days import span, today
from acd.web.server.lookups import queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import BOTH, Asked, Route, Strict

LONGEST_DAYS = 366
LONGEST_TABLE_DAYS = 31
MOST_INTERVALS = 3000
AMBER = 0.7
"""A share that reaches 70 % of its target is amber, below red; a time may be over its target by as much."""

Light = Literal["green", "amber", "red", "none"]
STEPS = {
    "15": timedelta(minutes=15),
    "30": timedelta(minutes=30),
    "60": timedelta(hours=1),
    "day": timedelta(days=1),
}


class KpiQuery(Strict):
    day: date | None = None
    """On the hotline's clock; today when left out."""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    queue: Words = ""
    """Only the figures of this queue."""
    interval: Literal["", "15", "30", "60", "day"] = ""
    """Minutes, or days: the same figures besides for each such part of the span."""


class WaitsQuery(Strict):
    day: date | None = None
    """The last day, on the hotline's clock; today when left out."""
    days: Annotated[int, Field(ge=1, le=LONGEST_TABLE_DAYS)] = 1


class Figure(BaseModel):
    value: float | None
    """null: nothing to count yet."""
    target: float
    unit: Literal["share", "s"]
    light: Light
    reached: bool | None


class Counts(BaseModel):
    """As in the store's Kpi."""

    model_config = ConfigDict(from_attributes=True)
    arrived: int
    live: int
    asked: int
    ended: int
    ended_asked: int
    answered: int
    called_back: int
    within_target: int
    served: int
    turned_away: int
    abandoned_ivr: int
    abandoned_queue: int
    abandoned_ringing: int
    sent_on: int
    message: int
    withdrawn: int
    not_reached: int
    lost: int
    short: int
    callbacks: int
    offers: int
    offers_rang: int
    offers_in_time: int
    wait_s: float
    talk_s: float
    wrap_up_s: float


class Figures(BaseModel):
    queue: str
    """Empty: the whole house."""
    calls: int
    """Calls that ended in the span."""
    answered: int
    connect_rate: Figure
    within_15_s: Figure
    """Within the target, which a queue may have of its own."""
    three_ring_rate: Figure
    asa_s: Figure
    aht_s: Figure
    counts: Counts


class Interval(BaseModel):
    since: datetime
    until: datetime
    figures: Figures


class KpiAnswer(Figures):
    since: datetime
    until: datetime
    queues: list[Figures]
    intervals: list[Interval]
    """Of the queue that was named, else of the whole house."""


class KeptWaits(BaseModel):
    """As in the store's waits."""

    model_config = ConfigDict(from_attributes=True)
    since: datetime
    until: datetime
    queue: str
    callers: int
    served: int
    left_early: int
    under_median: float | None
    under_p90: float | None
    wait_to_median: float | None


class WaitsAnswer(BaseModel):
    waits: list[KeptWaits]


async def kpi(asked: Asked) -> KpiAnswer:
    query: KpiQuery = asked.query
    since, until = span(asked.house, query.day or today(asked.house))
    since, until = query.since or since, query.until or until
    if until <= since:
        raise Problem(400, "bad-request", "until must be later than since.", field="until")
    if (until - since).days > LONGEST_DAYS:
        raise Problem(
            400, "narrow-the-period", f"At most {LONGEST_DAYS} days at once. Narrow the period.", field="since"
        )
    step = STEPS.get(query.interval)
    if step is not None and (until - since) / step > MOST_INTERVALS:
        raise Problem(
            400,
            "narrow-the-period",
            "So many intervals fit on no page. Widen them or narrow the period.",
            field="since",
        )
    known = asked.house.config.queues
    rings = asked.house.config.rings.rings
    async with from_store(asked.house):
        (found,) = await asked.house.store.kpi_by_interval((since, until), rings)
        if query.queue and query.queue not in known and query.queue not in found:
            queue_row(asked, query.queue, status=400)
        parts = []
        if step is not None:
            parts = await asked.house.store.kpi_by_interval(edges_of(since, until, step), rings)
    wanted = [query.queue] if query.queue else [*known, *(each for each in found if each and each not in known)]
    named = _of(asked, found, query.queue, since, until)
    return KpiAnswer(
        since=since,
        until=until,
        queues=[_of(asked, found, each, since, until) for each in wanted],
        intervals=[
            Interval(since=begin, until=end, figures=_of(asked, part, query.queue, begin, end))
            for part in parts
            for begin, end in [(part[""].since, part[""].until)]
        ],
        **{name: getattr(named, name) for name in Figures.model_fields},
    )


async def waits(asked: Asked) -> WaitsAnswer:
    query: WaitsQuery = asked.query
    last = query.day or today(asked.house)
    first = last - timedelta(days=query.days - 1)
    edges = edges_of(span(asked.house, first)[0], span(asked.house, last)[1], timedelta(days=1))
    async with from_store(asked.house):
        found = await asked.house.store.waits(edges)
    return WaitsAnswer(waits=[KeptWaits.model_validate(each) for each in found])


def _of(asked: Asked, found: Mapping[str, Kpi], queue: str, since: datetime, until: datetime) -> Figures:
    """Of this queue against its own targets, of the house ("") against the house's; all zero where nothing happened."""
    config = asked.house.config
    return figures(found.get(queue, Kpi(since, until, queue)), config.target_of(queue) if queue else config.target)


def figures(found: Kpi, target: Target) -> Figures:
    return Figures(
        queue=found.queue,
        calls=found.ended,
        answered=found.answered,
        connect_rate=_share(found.connect_rate, target.connect_share),
        within_15_s=_share(found.within_15_s, target.within_share),
        three_ring_rate=_share(found.three_ring_rate, target.three_ring_share),
        asa_s=_time(found.asa_s, target.answer_within_s),
        aht_s=_time(found.aht_s, target.aht_s),
        counts=Counts.model_validate(found),
    )


def _share(value: float | None, target: float) -> Figure:
    if value is None:
        return Figure(value=None, target=target, unit="share", light="none", reached=None)
    light: Light = "green" if value >= target else "amber" if value >= target * AMBER else "red"
    return Figure(value=value, target=target, unit="share", light=light, reached=value >= target)


def _time(value: float | None, target: float) -> Figure:
    if value is None:
        return Figure(value=None, target=target, unit="s", light="none", reached=None)
    light: Light = "green" if value <= target else "amber" if value * AMBER <= target else "red"
    return Figure(value=value, target=target, unit="s", light=light, reached=value <= target)


ROUTES = [
    Route(
        "GET",
        "/api/kpi",
        kpi,
        BOTH,
        "The figures of a span (today when left out) against their targets: of the house, of each queue, by interval",
        answer=KpiAnswer,
        query=KpiQuery,
        refusals={400: "unknown-queue", 503: "store-away"},
    ),
    Route(
        "GET",
        "/api/kpi/waits",
        waits,
        BOTH,
        "How true the wait was that callers were to expect, by day and queue",
        answer=WaitsAnswer,
        query=WaitsQuery,
        refusals={503: "store-away"},
    ),
]
