"""The figures of a span against their targets. What each means stands above its query in the store."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from acd.web.calls import from_store
from acd.web.days import span, today
from acd.web.problems import Problem
from acd.web.routes import BOTH, Asked, Route, Strict

LONGEST_DAYS = 366
AMBER = 0.7
"""A share that reaches 70 % of its target is amber, below red; a time may be over its target by as much."""

Light = Literal["green", "amber", "red", "none"]


class KpiQuery(Strict):
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class Figure(BaseModel):
    value: float | None
    """null: nothing to count yet."""
    target: float
    unit: Literal["share", "s"]
    light: Light


class KpiAnswer(BaseModel):
    since: datetime
    until: datetime
    calls: int
    answered: int
    connect_rate: Figure
    within_15_s: Figure
    three_ring_rate: Figure
    asa_s: Figure
    aht_s: Figure


async def kpi(asked: Asked) -> KpiAnswer:
    since, until = span(asked.house, today(asked.house))
    since, until = asked.query.since or since, asked.query.until or until
    if until <= since:
        raise Problem(400, "bad-request", "until must be later than since.", field="until")
    if (until - since).days > LONGEST_DAYS:
        raise Problem(
            400, "narrow-the-period", f"At most {LONGEST_DAYS} days at once. Narrow the period.", field="since"
        )
    async with from_store(asked.house):
        found = await asked.house.store.kpi(since, until)
    target = asked.house.config.target
    return KpiAnswer(
        since=since,
        until=until,
        calls=found.calls,
        answered=found.answered,
        connect_rate=_share(found.connect_rate, target.connect_share),
        within_15_s=_share(found.within_15_s, target.within_share),
        three_ring_rate=_share(found.three_ring_rate, target.three_ring_share),
        asa_s=_time(found.asa_s, target.answer_within_s),
        aht_s=_time(found.aht_s, target.aht_s),
    )


def _share(value: float | None, target: float) -> Figure:
    if value is None:
        return Figure(value=None, target=target, unit="share", light="none")
    light: Light = "green" if value >= target else "amber" if value >= target * AMBER else "red"
    return Figure(value=value, target=target, unit="share", light=light)


def _time(value: float | None, target: float) -> Figure:
    if value is None:
        return Figure(value=None, target=target, unit="s", light="none")
    light: Light = "green" if value <= target else "amber" if value * AMBER <= target else "red"
    return Figure(value=value, target=target, unit="s", light=light)


ROUTES = [
    Route(
        "GET",
        "/api/kpi",
        kpi,
        BOTH,
        "The figures of a span (today when left out) against their targets",
        answer=KpiAnswer,
        query=KpiQuery,
        refusals={503: "store-away"},
    )
]
