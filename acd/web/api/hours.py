"""Opening hours: of the coming days, whether calls are taken now, and what an operator sets in their place for today."""

import datetime as days
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from acd.config.brands import brand_of_number
from acd.config.hours.calendar import OpeningHours, clock
from acd.config.hours.open_now import open_now, words_prompt
from acd.engine.operator_events import HoursSet
from acd.identifiers import NAME, NUMBER, optional
from acd.web.access.auth import DOOR
from acd.web.server.api_model import ApiModel
from acd.web.server.lookups import queue_row, refuse_shared
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

MOST_DAYS = 366


class HoursQuery(Strict):
    """Whose hours, and of which days."""

    queue: Annotated[str, Field(pattern=optional(NAME))] = ""
    number: Annotated[str, Field(pattern=optional(NUMBER))] = ""
    """One of our numbers: its own hours hold beside the queue's."""
    date: days.date | None = None
    """The first day; left out: today, by the hotline's clock."""
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 7


class DayHours(ApiModel):
    """One day."""

    date: days.date
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours: list[str]
    """As "08:00-20:00", "22:00-06:00" where it ends on the next day; empty: closed."""
    why: Literal["", "holiday", "working weekend", "corrected"]
    name: str
    """Of the holiday."""


class SetHours(ApiModel):
    """What an operator has set in the place of the hours."""

    queue: str
    """Empty: the whole hotline."""
    open: bool
    until: datetime
    zh: str
    en: str
    by: str


class HoursAnswer(ApiModel):
    """Opening hours."""

    open: bool
    """Now."""
    next_open: datetime | None
    """When it opens, where it is closed and opens within 400 days."""
    always: bool
    """Open at all times, holidays too."""
    days: list[DayHours]
    set: list[SetHours]


class TodayBody(Strict):
    """What an operator sets."""

    state: Literal["open", "closed", "as planned"]
    """As planned: ends what was set."""
    queue: Annotated[str, Field(pattern=optional(NAME))] = ""
    """Empty: the whole hotline."""
    until: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)?$")] = ""
    """By the hotline's clock, as "14:00"; empty: to the end of today."""
    zh: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """What callers hear then, in place of the usual sentence. In one language alone, callers of the other hear the usual one."""
    en: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class TodayAnswer(ApiModel):
    """What was set."""

    queue: str
    state: str
    until: datetime | None
    faults: list[str]
    """A sentence for each language in which the words could not be spoken: its callers hear the usual ones."""


async def hours(asked: Asked) -> HoursAnswer:
    """The hours of the hotline, of a queue, or of a number, day by day."""
    context, query = asked.context, asked.query
    if query.queue:
        queue_row(asked, query.queue)
    numbers = [number for number in context.config.numbers if _is_seen(asked, number)]
    if query.number and query.number not in numbers:
        known = ", ".join(numbers)
        raise Problem(404, "unknown-number", f"{query.number} is none of our numbers. Numbers: {known}.")
    now = context.now()
    openings = context.config.openings(query.queue, query.number)
    first = query.date or now.astimezone(ZoneInfo(context.config.hotline.timezone)).date()
    told = context.hours_set()
    state = open_now(context.config, told, now, query.queue, query.number)
    return HoursAnswer(
        open=state.open,
        next_open=state.next_open,
        always=all(each.always for each in openings),
        days=[_day(openings, first + timedelta(days=number)) for number in range(query.days)],
        set=[
            SetHours.model_validate({"queue": queue, **row})
            for queue, row in told.items()
            if not queue or asked.scope.has_queue(queue)
        ],
    )


def _is_seen(asked: Asked, number: str) -> bool:
    """For an account that is limited to brands their numbers."""
    return asked.scope.brands is None or brand_of_number(asked.context.config.brands, number) in asked.scope.brands


def _day(openings: tuple[OpeningHours, ...], day: days.date) -> DayHours:
    what = openings[0].calendar.day(day)
    spans = openings[0].spans(day)
    for other in openings[1:]:  # a queue's own and a number's own hold both
        spans = tuple((max(a, c), min(b, d)) for a, b in spans for c, d in other.spans(day) if max(a, c) < min(b, d))
    always = all(each.always for each in openings)
    return DayHours(
        date=day,
        weekday=("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()],
        hours=[f"{clock(begin)}-{clock(end)}" for begin, end in spans],
        why="" if always else what.why,
        name="" if always else what.name,
    )


async def today(asked: Asked) -> TodayAnswer:
    """Opens or closes the hotline, or a queue, for some hours, whatever its hours are; callers who wait already are served."""
    context, body = asked.context, asked.body
    if body.queue:
        refuse_shared(asked, body.queue)
    elif not asked.scope.whole:
        raise Problem(
            403, "not-allowed", "The whole hotline is not yours alone. Name one of your queues.", field="queue"
        )
    until = None if body.state == "as planned" else _until(asked, body.until)
    faults: list[str] = []
    if until is not None and body.state == "closed" and (body.zh or body.en) and context.speak is not None:
        texts = {"zh": body.zh, "en": body.en}
        faults = list(await context.speak(words_prompt(body.zh, body.en), texts))
    await asked.request.app[DOOR].audit.note(asked.who.name, "HoursSet", queue=body.queue, state=body.state)
    context.tell(HoursSet(body.queue, body.state == "open", until, body.zh, body.en, asked.who.name))
    return TodayAnswer(queue=body.queue, state=body.state, until=until, faults=faults)


def _until(asked: Asked, text: str) -> datetime:
    """The moment, aware. Raises Problem for one that is past."""
    now = asked.context.now().astimezone(ZoneInfo(asked.context.config.hotline.timezone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    hour, minute = map(int, (text or "24:00").split(":"))
    until = (midnight + timedelta(hours=hour, minutes=minute)).replace(tzinfo=now.tzinfo)
    if until <= now:
        raise Problem(
            400,
            "until-past",
            f"{text} is past: it is {now:%H:%M} at the hotline. Write a later time, 24:00 at the latest.",
        )
    return until


ROUTES = [
    Route(
        "GET", "/api/hours", hours, "floor-see", "Opening hours of the coming days", HoursAnswer, HoursQuery,
        refusals={404: "unknown-queue"},
    ),
    Route(
        "POST", "/api/hours/today", today, "queues-act", "Open or close the hotline, or a queue, for some hours of today", TodayAnswer,
        body=TodayBody, status=202, refusals={400: "until-past", 404: "unknown-queue"},
    ),
]  # fmt: skip
