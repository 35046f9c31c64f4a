"""A week's sample is drawn, once, and its talks are given to the graders in turn."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from acd.reports.spans import Span, span_with
from acd.store.queries import reviews
from acd.store.queries.reviews import DrawnWeek, RecordedTalk
from acd.web.access.auth import DOOR
from acd.web.api.calls import all_written, from_store
from acd.web.api.reviews.shapes import graders
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict
from recordings.quality.graders import assigned
from recordings.quality.sampling import Draw, drawn

SETTLED = timedelta(hours=6)
"""So long after a week its last talks may still go on, or be filed."""


class DrawBody(Strict):
    """Which week."""

    week: Annotated[str, Field(pattern=r"^([0-9]{4}-W[0-9]{2})?$")] = ""
    """As 2026-W48; empty: the last one that can be drawn."""


class WeekDrawn(ApiModel):
    """By what it was drawn, and how much there is to grade."""

    week: str
    seed: str
    share: float
    shifts: list[str]
    timezone: str
    form: str
    version: int
    talks: int
    """Of the week."""
    taken: int
    twice: int
    """Of those that are taken, so many are graded by two."""
    graders: int
    not_assigned: int
    """Taken, but no grader may grade them: each is limited to other brands."""
    population: str
    """SHA-256 of the ids of the week's talks, sorted, each followed by a line feed."""


async def draw(asked: Asked) -> WeekDrawn:
    """Draws a week, as `sanxiang review sample` shows it, and gives its talks to the accounts that may grade, in turn. A week is drawn once."""
    context, table = asked.context, asked.context.config.reviews
    zone = ZoneInfo(context.config.hotline.timezone)
    span = _week(asked.body.week, context.now(), zone)
    named, form = f"{span.first:%G-W%V}", table.form_in_force
    who = graders(asked)
    if not who:
        detail = "No account may grade talks. Add one: `sanxiang account add NAME --role qa`."
        raise Problem(409, "no-grader", detail)
    await all_written(asked)
    by = Draw(named, table.seed, table.share, tuple(table.shifts), zone)
    edges = span.edges(zone)
    audited = asked.request.app[DOOR].audit.change(
        asked.who.name, "week drawn for grading", week=named, form=table.form
    )
    async with from_store(context), audited as noted, context.store.transaction() as connection:
        await reviews.in_turn(connection)
        if (before := await reviews.week(connection, named)) is not None:
            detail = f"Week {named} was drawn already, by {before.drawn_by}. A week is drawn once."
            raise Problem(409, "drawn-already", detail)
        talks = await reviews.recorded_talks(connection, edges[0], edges[-1])
        if not await reviews.keep_form(connection, table.form, form.version, form.model_dump(mode="json")):
            detail = f"Form {table.form} was changed after talks were graded by its version {form.version}. Raise its version."
            raise Problem(409, "form-changed", detail)
        found = drawn(by, talks)
        work = assigned(by, found, table.twice, who)
        taken = sum(each.taken for each in found)
        told = DrawnWeek(
            named, context.now(), asked.who.name, table.seed, table.share, list(table.shifts), zone.key, len(talks), taken,
            population(talks),
        )  # fmt: skip
        await reviews.save_week(connection, told, table.form, form.version, work)
        await noted()
    twice = sum(each.kind == "second" for each in work)
    of_week = {name: getattr(told, name) for name in WeekDrawn.model_fields if hasattr(told, name)}
    return WeekDrawn(
        **of_week,
        form=table.form,
        version=form.version,
        twice=twice,
        graders=len(who),
        not_assigned=taken - (len(work) - twice),
    )


def population(talks: Iterable[RecordedTalk]) -> str:
    """SHA-256 of the talks' ids, sorted, each followed by a line feed."""
    return hashlib.sha256("".join(f"{offer}\n" for offer in sorted(each.offer for each in talks)).encode()).hexdigest()


def _week(typed: str, now: datetime, zone: ZoneInfo) -> Span:
    """Raises Problem: there is no such week (400), or it can't be drawn yet (409)."""
    last = span_with("weekly", (now - SETTLED - timedelta(days=7)).astimezone(zone).date())
    if not typed:
        return last
    try:
        span = span_with("weekly", date.fromisocalendar(int(typed[:4]), int(typed[6:]), 1))
        span.edges(zone)
    except (ValueError, OverflowError):
        raise Problem(400, "unknown-week", f"There is no week {typed}. Write it as 2026-W48.", field="week") from None
    if span.first > last.first:
        detail = f"Week {typed} is drawn six hours after its end at the earliest, when its last talks are filed."
        raise Problem(409, "week-not-over", detail)
    return span


ROUTES = [
    Route(
        "POST",
        "/api/reviews/draw",
        draw,
        "reviews-draw",
        "Draw a week's talks that are to be graded, and give them to the graders in turn",
        WeekDrawn,
        body=DrawBody,
        refusals={
            400: "unknown-week",
            409: "week-not-over, drawn-already, no-grader, form-changed",
            503: "store-away, not-written-yet, or audit-away",
        },
    ),
]
