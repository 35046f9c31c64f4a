"""Scores of agents' talks, with their history, for the supervisors of these agents."""

from datetime import date
from typing import Annotated

from pydantic import Field

from acd.identifiers import EXTENSION_ASKED_FOR, optional
from acd.store.queries import reviews
from acd.web.access.roles import may
from acd.web.api.calls import from_store
from acd.web.api.reviews.shapes import ReviewForm, ScoredTalk, forms_of, scored_talk
from acd.web.server.api_model import ApiModel
from acd.web.server.days import first_and_last, span
from acd.web.server.routes import Asked, Route, Strict


class ScoresQuery(Strict):
    """The days in which the first score was given; today when left out."""

    first: date | None = None
    last: date | None = None
    agent: Annotated[str, Field(pattern=optional(EXTENSION_ASKED_FOR))] = ""


class Scores(ApiModel):
    """The latest first, at most 500."""

    talks: list[ScoredTalk]
    forms: list[ReviewForm]
    """By which they were graded."""


async def scores(asked: Asked) -> Scores:
    """Talks of your teams' agents that were graded, each with every score that was given. A grader is not told of a talk that they are to
    grade yet."""
    query: ScoresQuery = asked.query
    first, last = first_and_last(asked.context, query.first, query.last)
    since, until = span(asked.context, first)[0], span(asked.context, last)[1]
    blind = asked.who.name if may(asked.who.roles, "reviews-grade") else ""
    async with from_store(asked.context):
        async with asked.context.store.transaction() as connection:
            offers = await reviews.scored_talks(
                connection, since, until, agent=query.agent, part=asked.scope.part, blind=blind
            )
            given = await reviews.of_talks(connection, offers)
            appeals = await reviews.appeals(connection, offers)
        forms = await forms_of(asked.context.store, (each for talk in given.values() for each in talk))
    return Scores(talks=[scored_talk(given[offer], appeals.get(offer)) for offer in offers], forms=forms)


ROUTES = [
    Route(
        "GET",
        "/api/reviews",
        scores,
        "reviews-see",
        "Talks of your teams' agents that were graded, with every score that was given",
        Scores,
        query=ScoresQuery,
        refusals={400: "narrow-the-period", 503: "store-away"},
    ),
]
