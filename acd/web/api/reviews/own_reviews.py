"""An agent's own scores, and the appeal against one: another grader decides, without seeing the first score."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from acd.identifiers import OFFER_ID
from acd.store.queries import reviews
from acd.store.queries.reviews import Appeal, Assigned, RecordedTalk, Review
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store
from acd.web.api.recording_keeping import Reason
from acd.web.api.reviews.shapes import ReviewForm, ScoredTalk, forms_of, graders, scored_talk
from acd.web.server.api_model import ApiModel
from acd.web.server.days import span, today
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict
from recordings.quality.graders import next_grader

COUNTED = ("first", "appeal")
"""Kinds of reviews that an agent is told: the second one of a talk is for the agreement of graders alone."""


class OwnScoresQuery(Strict):
    """How many days, today among them."""

    days: Annotated[int, Field(ge=1, le=366)] = 30


class OwnScores(ApiModel):
    """The latest first, at most 500; without the graders' names."""

    talks: list[ScoredTalk]
    forms: list[ReviewForm]


class AppealBody(Strict):
    """Why; the grader who decides reads it."""

    reason: Reason


class Appealed(ApiModel):
    """It is noted. Another grader grades the talk anew, and that score counts."""

    offer: str
    reason: str


async def own_scores(asked: Asked) -> OwnScores:
    """Your own talks that were graded in these days, with the answers and comments."""
    last = today(asked.context)
    since, until = span(asked.context, last - timedelta(days=asked.query.days - 1))[0], span(asked.context, last)[1]
    async with from_store(asked.context):
        async with asked.context.store.transaction() as connection:
            offers = await reviews.scored_talks(connection, since, until, agent=asked.who.name)
            given = {
                offer: [each for each in told if each.kind in COUNTED]
                for offer, told in (await reviews.of_talks(connection, offers)).items()
            }
            appeals = await reviews.appeals(connection, offers)
        forms = await forms_of(asked.context.store, (each for talk in given.values() for each in talk))
    talks = [scored_talk(given[offer], appeals.get(offer), grader=False) for offer in offers]
    return OwnScores(talks=talks, forms=forms)


async def appeal(asked: Asked) -> Appealed:
    """Appeals against the score of one of your own talks, once. The grader who decides sees the reason and not the score."""
    offer, reason = asked.word("offer"), asked.body.reason
    audited = asked.request.app[DOOR].audit.change(asked.who.name, "score appealed", offer=offer, reason=reason)
    async with from_store(asked.context), audited as noted, asked.context.store.transaction() as connection:
        await reviews.in_turn(connection)
        known = await reviews.of_talk(connection, offer)
        first = next((each for each in known if each.kind == "first" and each.given_at is not None), None)
        if first is None or first.agent != asked.who.name:
            raise Problem(
                404, "unknown-review", "None of your talks was graded by this id. Your scores show those that were."
            )
        if not first.has_sound:
            raise Problem(409, "deleted", f"The sound of {offer} was deleted, so nobody can grade it anew.")
        if await reviews.appeals(connection, [offer]):
            raise Problem(409, "appealed-already", f"You have appealed against the score of {offer} already.")
        decides = await _who_decides(asked, first, known, await reviews.open_counts(connection))
        await reviews.appeal(connection, Appeal(offer, asked.who.name, asked.context.now(), reason))
        await reviews.assign(connection, decides, first, asked.context.now())
        await noted()
    return Appealed(offer=offer, reason=reason)


async def _who_decides(asked: Asked, first: Review, known: list[Review], loads: dict[str, int]) -> Assigned:
    """Not the first grader, and rather somebody who has not graded this talk. Raises Problem (409) where there is nobody."""
    row = await asked.context.store.call(first.call)
    at = first.talked_at or first.assigned_at
    talk = RecordedTalk(first.offer, first.call, first.agent, first.queue, at, row.brand if row else "")
    who = graders(asked)
    chosen = next_grader(talk, who, loads, without=[each.grader for each in known])
    chosen = chosen or next_grader(talk, who, loads, without=[first.grader])
    if not chosen:
        detail = "There is no second grader who could decide. Ask your supervisor to have another account for QA added."
        raise Problem(409, "no-second-grader", detail)
    return Assigned(talk, max(each.number for each in known) + 1, "appeal", chosen)


ROUTES = [
    Route(
        "GET",
        "/api/desk/reviews",
        own_scores,
        "desk",
        "Your own talks that were graded, with answers and comments",
        OwnScores,
        query=OwnScoresQuery,
        refusals={503: "store-away"},
    ),
    Route(
        "POST",
        f"/api/desk/reviews/{{offer:{OFFER_ID}}}/appeal",
        appeal,
        "desk",
        "Appeal against the score of one of your own talks",
        Appealed,
        body=AppealBody,
        refusals={
            404: "unknown-review",
            409: "appealed-already, deleted, no-second-grader",
            503: "store-away, or audit-away",
        },
    ),
]
