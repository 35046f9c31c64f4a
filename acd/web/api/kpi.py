"""The figures of a span against their targets, in total and of each queue, and how true the expected waits were.
What each means: docs/definitions.md."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from acd.config import Target
from acd.config.brands import brand_of_queue
from acd.config.floor import FloorTable
from acd.store.queries.kpi import Kpi, edges_of, together
from acd.web.api.calls import Words, from_store
from acd.web.server.api_model import ApiModel
from acd.web.server.days import span, today
from acd.web.server.lookups import queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

LONGEST_DAYS = 366
LONGEST_TABLE_DAYS = 31
MOST_INTERVALS = 3000

Light = Literal["green", "amber", "red", "none"]
STEPS = {
    "15": timedelta(minutes=15),
    "30": timedelta(minutes=30),
    "60": timedelta(hours=1),
    "day": timedelta(days=1),
}


class KpiQuery(Strict):
    """The span, the queue and the interval."""

    day: date | None = None
    """On the hotline's clock; today when left out."""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    queue: Words = ""
    """Only the figures of this queue."""
    brand: Words = ""
    """Only of calls to the numbers of this brand, against the brand's targets."""
    interval: Literal["", "15", "30", "60", "day"] = ""
    """Minutes, or days: the same figures besides for each such part of the span."""


class WaitsQuery(Strict):
    """The days."""

    day: date | None = None
    """The last day, on the hotline's clock; today when left out."""
    days: Annotated[int, Field(ge=1, le=LONGEST_TABLE_DAYS)] = 1


class Figure(ApiModel):
    """A figure against its target."""

    value: float | None
    """null: nothing to count yet."""
    target: float
    unit: Literal["share", "s"]
    light: Light
    """amber: near the target, as [floor] says; none: counted from too few, or from nothing."""
    reached: bool | None
    of: int
    """What it was counted from: the divisor."""


class Counts(ApiModel):
    """The counts behind the figures (docs/definitions.md); sums of time in seconds."""

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
    promises: int
    promises_in_time: int
    offers: int
    offers_rang: int
    offers_in_time: int
    wait_s: float
    talk_s: float
    wrap_up_s: float


class Figures(ApiModel):
    """The figures of one queue, or of all, over one span (docs/definitions.md)."""

    queue: str
    """Empty: all queues together."""
    calls: int
    """Calls that ended in the span."""
    answered: int
    connect_rate: Figure
    within_15_s: Figure
    """Within the target, which a queue may have of its own."""
    three_ring_rate: Figure
    promises_kept_rate: Figure
    """Promised callbacks kept within the promised time."""
    asa_s: Figure
    aht_s: Figure
    counts: Counts


class Interval(ApiModel):
    """One part of the span."""

    since: datetime
    until: datetime
    figures: Figures


class KpiAnswer(Figures):
    """The figures of the whole span, of each queue, and of each interval."""

    since: datetime
    until: datetime
    queues: list[Figures]
    intervals: list[Interval]
    """Of the queue that was named, else of all together."""


class KeptWaits(ApiModel):
    """How true the expected waits of one queue were on one day; shares from 0 to 1."""

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


class WaitsAnswer(ApiModel):
    """One row for each day and queue."""

    waits: list[KeptWaits]


async def kpi(asked: Asked) -> KpiAnswer:
    """Figures from the stored calls (docs/definitions.md). Shares are from 0 to 1, times in seconds."""
    query: KpiQuery = asked.query
    since, until = span(asked.context, query.day or today(asked.context))
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
    config, brand = asked.context.config, query.brand
    seen = [each for each in config.brands if asked.scope.has_brand(each)]
    if brand and brand not in seen:
        there = f"There are: {', '.join(seen)}." if seen else "This hotline has none."
        raise Problem(400, "unknown-brand", f"There is no brand {brand}. {there}", field="brand")
    owners = {name: brand_of_queue(config.brands, name) for name in config.queues}
    known = [name for name, owner in owners.items() if not brand or owner in ("", brand)]
    brands = [brand] if brand else asked.scope.brands
    rings = asked.context.config.rings.rings
    async with from_store(asked.context):
        (found,) = await asked.context.store.kpi_by_interval((since, until), rings, brands)
        unknown = query.queue not in config.queues and query.queue not in found
        if query.queue and (unknown or not asked.scope.has_queue(query.queue)):
            queue_row(asked, query.queue, status=400)
        parts = []
        if step is not None:
            parts = await asked.context.store.kpi_by_interval(edges_of(since, until, step), rings, brands)
    found, parts = _seen(asked, found), [_seen(asked, part) for part in parts]
    wanted = [query.queue] if query.queue else [*known, *(each for each in found if each and each not in known)]
    wanted = [each for each in wanted if asked.scope.has_queue(each)]
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
    """How many callers waited no longer than the median and the 90 % wait that they were told, by day and queue."""
    query: WaitsQuery = asked.query
    last = query.day or today(asked.context)
    first = last - timedelta(days=query.days - 1)
    edges = edges_of(span(asked.context, first)[0], span(asked.context, last)[1], timedelta(days=1))
    async with from_store(asked.context):
        found = await asked.context.store.waits(edges, asked.scope.brands)
    return WaitsAnswer(waits=[KeptWaits.model_validate(each) for each in found if asked.scope.has_queue(each.queue)])


def _seen(asked: Asked, found: dict[str, Kpi]) -> dict[str, Kpi]:
    """The figures of the queues that are seen, and as "" all of them together."""
    if asked.scope.teams is None:
        return found  # The question was about the calls of the brands alone, and those without a queue are theirs, too.
    queues = {name: one for name, one in found.items() if name and asked.scope.has_queue(name)}
    return {**queues, "": together(found[""].since, found[""].until, queues.values())}


def _of(asked: Asked, found: Mapping[str, Kpi], queue: str, since: datetime, until: datetime) -> Figures:
    """Of this queue against its own targets, all queues ("") against the brand's or the hotline's; all zero where nothing happened."""
    config = asked.context.config
    only = asked.scope.brands[0] if asked.scope.brands is not None and len(asked.scope.brands) == 1 else ""
    target = config.target_of(queue) if queue else config.target_of_brand(asked.query.brand or only)
    return figures(found.get(queue, Kpi(since, until, queue)), target, config.floor)


def figures(found: Kpi, target: Target, floor: FloorTable) -> Figures:
    """The figures of these counts, each with its light against the target."""

    def share(value: float | None, goal: float, of: int) -> Figure:
        reached = None if value is None else value >= goal
        near = value is not None and value >= goal - floor.near_points / 100
        return Figure(
            value=value, target=goal, unit="share", light=_light(reached, near, of, floor), reached=reached, of=of
        )

    def time(value: float | None, goal: float, of: int) -> Figure:
        reached = None if value is None else value <= goal
        near = value is not None and value <= goal * (1 + floor.near_percent / 100)
        return Figure(
            value=value, target=goal, unit="s", light=_light(reached, near, of, floor), reached=reached, of=of
        )

    return Figures(
        queue=found.queue,
        calls=found.ended,
        answered=found.answered,
        connect_rate=share(found.connect_rate, target.connect_share, found.ended),
        within_15_s=share(found.within_15_s, target.within_share, found.ended_asked),
        three_ring_rate=share(found.three_ring_rate, target.three_ring_share, found.offers_rang),
        promises_kept_rate=share(found.promises_kept_rate, target.promises_share, found.promises),
        asa_s=time(found.asa_s, target.answer_within_s, found.answered - found.called_back),
        aht_s=time(found.aht_s, target.aht_s, found.answered),
        counts=Counts.model_validate(found),
    )


def _light(reached: bool | None, near: bool, of: int, floor: FloorTable) -> Light:
    if reached is None or of < floor.few:
        return "none"
    return "green" if reached else "amber" if near else "red"


ROUTES = [
    Route(
        "GET",
        "/api/kpi",
        kpi,
        "figures-see",
        "The figures of a span (today when left out) against their targets: in all, of each queue, by interval",
        answer=KpiAnswer,
        query=KpiQuery,
        refusals={400: "unknown-queue, unknown-brand", 503: "store-away"},
    ),
    Route(
        "GET",
        "/api/wall/kpi",
        kpi,
        "wall-see",
        "The same figures for a wall",
        answer=KpiAnswer,
        query=KpiQuery,
        refusals={400: "unknown-queue, unknown-brand", 503: "store-away"},
    ),
    Route(
        "GET",
        "/api/kpi/waits",
        waits,
        "figures-see",
        "Accuracy of the expected waits, by day and queue",
        answer=WaitsAnswer,
        query=WaitsQuery,
        refusals={503: "store-away"},
    ),
]
