"""What callers have said of the service: in all, by queue or by agent; and an agent's own. What each means: docs/definitions.md#survey"""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from acd.store.queries.surveys import SurveyFigures
from acd.web.api.calls import Words, from_store
from acd.web.server.api_model import ApiModel
from acd.web.server.days import span, today
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

LONGEST_DAYS = 366
FEW = 5
"""An agent's figure of fewer answers is not told: one caller would make it."""


class SurveyQuery(Strict):
    """The span, and by what."""

    day: date | None = None
    """On the hotline's clock; today when left out."""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    by: Literal["queue", "agent"] = "queue"
    brand: Words = ""
    """Only of calls to the numbers of this brand."""


class OwnQuery(Strict):
    """How many days, today among them."""

    days: Annotated[int, Field(ge=1, le=366)] = 30


class SurveyFigure(ApiModel):
    """A figure, and how many answers stand behind it."""

    value: float | None
    """csat, solved, fcr, response: from 0 to 1; nps: from -1 to 1. null: nothing to count, or too few."""
    answers: int
    too_few: bool
    """Of an agent: fewer than five answers, so the figure is not told."""


class SurveyRow(ApiModel):
    """The figures of one queue, of one agent, or of all (docs/definitions.md)."""

    who: str
    """Empty: all."""
    asked: int
    answered: int
    answered_last: int
    """Of them: this agent was the call's last one, or this queue."""
    response: SurveyFigure
    csat: SurveyFigure
    nps: SurveyFigure
    solved: SurveyFigure
    """As callers say."""
    fcr: SurveyFigure
    """Solved at first contact: no second one on the matter within seven days."""
    fcr_open: int
    """First contacts whose seven days are not over."""
    low: int
    callbacks: int
    words: int


class SurveysAnswer(ApiModel):
    """Everything of the span."""

    since: datetime
    until: datetime
    by: Literal["queue", "agent"]
    all: SurveyRow
    rows: list[SurveyRow]


class OwnAnswer(ApiModel):
    """An agent's own figures."""

    since: datetime
    until: datetime
    own: SurveyRow


async def surveys(asked: Asked) -> SurveysAnswer:
    """CSAT, NPS, what callers say was solved, and what was solved at first contact. A survey counts for each agent who talked with the
    caller, and for each queue of these talks; in all it counts once."""
    query: SurveyQuery = asked.query
    since, until = span(asked.context, query.day or today(asked.context))
    since, until = query.since or since, query.until or until
    if until <= since:
        raise Problem(400, "bad-request", "until must be later than since.", field="until")
    if (until - since).days > LONGEST_DAYS:
        raise Problem(
            400, "narrow-the-period", f"At most {LONGEST_DAYS} days at once. Narrow the period.", field="since"
        )
    config, scope, brand = asked.context.config, asked.scope, query.brand
    seen = [each for each in config.brands if scope.has_brand(each)]
    if brand and brand not in seen:
        there = f"There are: {', '.join(seen)}." if seen else "This hotline has none."
        raise Problem(400, "unknown-brand", f"There is no brand {brand}. {there}", field="brand")
    brands = [brand] if brand else scope.brands
    agents = None if scope.of_teams is None else sorted(scope.of_teams.agents)
    now, store = asked.context.now(), asked.context.store
    async with from_store(asked.context):
        whole = await store.survey_figures(since, until, now, None, brands, agents)
        # A queue's figures are the queue's: whoever has the caller of it. An agent's are that agent's, in whatever queue.
        found = await store.survey_figures(since, until, now, query.by, brands)
    has = scope.has_queue if query.by == "queue" else scope.has_agent
    by_agent = query.by == "agent"
    rows = [row_of(each, by_agent) for who, each in sorted(found.items()) if has(who)]
    return SurveysAnswer(since=since, until=until, by=query.by, all=row_of(whole[""]), rows=rows)


async def own(asked: Asked) -> OwnAnswer:
    """What callers have said of your own talks in these days. Fewer than five answers are not told."""
    query: OwnQuery = asked.query
    last = today(asked.context)
    since = span(asked.context, last - timedelta(days=query.days - 1))[0]
    until = span(asked.context, last)[1]
    async with from_store(asked.context):
        found = await asked.context.store.survey_figures(
            since, until, asked.context.now(), "agent", agents=[asked.who.name]
        )
    return OwnAnswer(
        since=since, until=until, own=row_of(found.get(asked.who.name, SurveyFigures(asked.who.name)), True)
    )


def row_of(found: SurveyFigures, by_agent: bool = False) -> SurveyRow:
    """The figures as they are told; `by_agent`: those of few answers are not."""

    def told(value: float | None, answers: int) -> SurveyFigure:
        few = by_agent and answers < FEW
        return SurveyFigure(value=None if few else value, answers=answers, too_few=few)

    return SurveyRow(
        who=found.who,
        asked=found.asked,
        answered=found.answered,
        answered_last=found.answered_last,
        response=told(found.response_rate, found.asked),
        csat=told(found.csat, found.marks),
        nps=told(found.nps, found.recommends),
        solved=told(found.solved_rate, found.solved_answers),
        fcr=told(found.fcr, found.first_contacts),
        fcr_open=found.first_open,
        low=found.low,
        callbacks=found.callbacks,
        words=found.words,
    )


ROUTES = [
    Route(
        "GET",
        "/api/surveys",
        surveys,
        "figures-see",
        "What callers say of the service in a span (today when left out): in all, and by queue or agent",
        answer=SurveysAnswer,
        query=SurveyQuery,
        refusals={400: "unknown-brand, narrow-the-period", 503: "store-away"},
    ),
    Route(
        "GET",
        "/api/desk/survey",
        own,
        "desk",
        "What callers have said of your own talks",
        answer=OwnAnswer,
        query=OwnQuery,
        refusals={503: "store-away"},
    ),
]
