"""A grader's own: talks that are to be graded, without what others gave them; the score given; how well graders agree."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from acd.config.reviews.form import Form
from acd.config.types import NAME
from acd.identifiers import OFFER_ID
from acd.store.queries import reviews
from acd.store.queries.reviews import Given, Review
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store
from acd.web.api.reviews.shapes import GivenReview, ReviewForm, shown_form, shown_review
from acd.web.server.api_model import ApiModel
from acd.web.server.days import first_and_last, span
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict
from recordings.quality.agreement import cohens_kappa, krippendorffs_alpha
from recordings.quality.scores import BadAnswers, score_of

_PRINTABLE = r"^[^\x00-\x1f\x7f\u0085\u2028\u2029]*$"
_Said = Annotated[str, Field(max_length=500, pattern=_PRINTABLE)]
_Item = Annotated[str, Field(max_length=60, pattern=NAME)]
_Points = Annotated[int, Field(ge=0, le=100, strict=True)]


class PinnedComment(Strict):
    """What the grader says of a moment of the talk."""

    at_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
    """Seconds from the beginning of the recording."""
    item: _Item | Literal[""] = ""
    text: Annotated[str, Field(min_length=1, max_length=500, pattern=_PRINTABLE)]


class GiveBody(Strict):
    """The filled form."""

    answers: Annotated[dict[_Item, _Points | Literal["yes", "no", "na"]], Field(max_length=600)]
    """Every item of the form: 0 to 100, or yes, no, na."""
    comment: _Said = ""
    """Of the whole talk; the decision of an appeal needs one."""
    comments: Annotated[list[PinnedComment], Field(max_length=100)] = []


class OpenReview(ApiModel):
    """A talk that is to be graded."""

    offer: str
    number: int
    kind: Literal["first", "second", "appeal"]
    call: str
    agent: str
    queue: str
    week: str
    talked_at: datetime | None
    seconds: float | None
    """Of the recording."""
    assigned_at: datetime


class ReviewWork(ApiModel):
    """Of who asks."""

    open: list[OpenReview]
    """The longest assigned first, at most 500; talks whose sound was deleted are left out."""
    given: list[GivenReview]
    """The latest first, at most 500."""


class OneReview(ApiModel):
    """A talk to grade, or graded, by who asks."""

    review: OpenReview
    form: ReviewForm
    appeal: str
    """Why the agent appealed, where this decides it; else empty."""
    given: GivenReview | None
    """null: it is to be graded yet."""


class ReviewScore(ApiModel):
    """What the filled form is worth."""

    offer: str
    number: int
    score: float | None
    """0 to 100; null: no item applied."""
    groups: dict[str, float | None]
    fatal: list[str]
    """Fatal items answered with no: any makes the score 0."""


class AgreementQuery(Strict):
    """The days in which the second score was given; today when left out."""

    first: date | None = None
    last: date | None = None


class Agreement(ApiModel):
    """Of talks that two have graded, each without seeing the other's score. 1: full; 0: as chance would have it; null: not defined."""

    first: date
    last: date
    talks: int
    answers: int
    """To items with yes, no, na, of both graders."""
    kappa: float | None
    """Cohen's, of those answers."""
    alpha: float | None
    """Krippendorff's, of the scores (interval)."""
    difference: float | None
    """Of the two scores, in points, on the average; null: no such talk."""


async def work(asked: Asked) -> ReviewWork:
    """The talks that you are to grade, and those that you have graded. What others gave is not told."""
    async with from_store(asked.context), asked.context.store.transaction() as connection:
        to_grade = await reviews.open_of(connection, asked.who.name, asked.scope.part)
        given = await reviews.given_by(connection, asked.who.name, asked.scope.part)
    return ReviewWork(open=[_open(each) for each in to_grade], given=[shown_review(each) for each in given])


async def review(asked: Asked) -> OneReview:
    """One of your own talks to grade, with its form; and what you gave."""
    async with from_store(asked.context), asked.context.store.transaction() as connection:
        found = await _own(asked)
        body = await reviews.form(connection, found.form, found.version)
        appeals = await reviews.appeals(connection, [found.offer]) if found.kind == "appeal" else {}
    assert body is not None, f"form {found.form} version {found.version} of a review is not kept"
    reason = appeals[found.offer].reason if found.offer in appeals else ""
    given = None if found.given_at is None else shown_review(found)
    return OneReview(review=_open(found), form=shown_form(found.form, body), appeal=reason, given=given)


async def give(asked: Asked) -> ReviewScore:
    """Gives a talk its score, for good: the agent may appeal, and another grader decides."""
    body: GiveBody = asked.body
    async with from_store(asked.context):
        found = await _own(asked)
        if found.given_at is not None:
            raise _given_already(found)
        if not found.has_sound:
            raise Problem(409, "deleted", f"The sound of {found.offer} was deleted, so it can't be graded any more.")
        if found.kind == "appeal" and not body.comment.strip():
            detail = "The agent is told why: write a comment with the decision of an appeal."
            raise Problem(400, "no-comment", detail, field="comment")
        async with asked.context.store.transaction() as connection:
            kept = await reviews.form(connection, found.form, found.version)
    form = Form(**(kept or {}))
    items = dict(form.items())
    for place, each in enumerate(body.comments):
        if each.item and each.item not in items:
            raise Problem(400, "unknown-item", f"The form has no item {each.item}.", field=f"comments.{place}.item")
        if found.seconds is not None and each.at_s > found.seconds:
            detail = f"The recording is {found.seconds:.1f} s long. Pin the comment to a second within it."
            raise Problem(400, "beyond-the-recording", detail, field=f"comments.{place}.at_s")
    try:
        score = score_of(form, body.answers)
    except BadAnswers as bad:
        raise Problem(400, "bad-answer", str(bad), field=f"answers.{bad.item}") from None
    about = {"offer": found.offer, "call": found.call, "number": found.number}
    audited = asked.request.app[DOOR].audit.change(asked.who.name, "talk graded", **about, score=score.score)
    told = [each.model_dump() for each in body.comments]
    given = Given(asked.context.now(), score.score, body.answers, score.fatal, body.comment, told)
    async with from_store(asked.context), audited as noted, asked.context.store.transaction() as connection:
        if not await reviews.give(connection, found.offer, found.number, given):
            raise _given_already(found)
        await noted()
    return ReviewScore(
        offer=found.offer, number=found.number, score=score.score, groups=score.groups, fatal=list(score.fatal)
    )


async def agreement(asked: Asked) -> Agreement:
    """How well graders agree, of talks that two have graded. No single score is told."""
    first, last = first_and_last(asked.context, asked.query.first, asked.query.last)
    since, until = span(asked.context, first)[0], span(asked.context, last)[1]
    async with from_store(asked.context), asked.context.store.transaction() as connection:
        pairs = await reviews.graded_twice(connection, since, until, asked.scope.part)
    return agreement_of(pairs, first, last)


def agreement_of(pairs: list[tuple[Review, Review]], first: date, last: date) -> Agreement:
    """Of the two reviews of each talk."""
    answers = [
        (str(one.answers[item]), str(other.answers[item]))
        for one, other in pairs
        if one.answers and other.answers and (one.form, one.version) == (other.form, other.version)
        for item in one.answers
        if item in other.answers and isinstance(one.answers[item], str)
    ]
    scores = [(one.score, other.score) for one, other in pairs if one.score is not None and other.score is not None]
    return Agreement(
        first=first,
        last=last,
        talks=len(pairs),
        answers=len(answers),
        kappa=cohens_kappa(answers),
        alpha=krippendorffs_alpha(scores),
        difference=sum(abs(one - other) for one, other in scores) / len(scores) if scores else None,
    )


async def _own(asked: Asked) -> Review:
    """The review of the path. Raises Problem (404) where there is none, or it is another grader's."""
    async with asked.context.store.transaction() as connection:
        found = await reviews.one(connection, asked.word("offer"), int(asked.word("number")), asked.scope.part)
    if found is None or found.grader != asked.who.name:
        raise Problem(404, "unknown-review", "You have no such talk to grade. Your work list shows those there are.")
    return found


def _given_already(found: Review) -> Problem:
    detail = f"You have graded {found.offer} already. A score is not changed; the agent may appeal."
    return Problem(409, "given-already", detail)


def _open(review: Review) -> OpenReview:
    return OpenReview.model_validate({name: getattr(review, name) for name in OpenReview.model_fields})


_PATH = f"/api/reviews/{{offer:{OFFER_ID}}}/{{number:[1-9]}}"
_AWAY = {503: "store-away"}
ROUTES = [
    Route(
        "GET",
        "/api/reviews/work",
        work,
        "reviews-grade",
        "The talks that you are to grade, and those that you have graded",
        ReviewWork,
        refusals=_AWAY,
    ),
    Route(
        "GET",
        "/api/reviews/agreement",
        agreement,
        "reviews-grade",
        "How well graders agree, of talks that two have graded: Cohen's kappa and Krippendorff's alpha",
        Agreement,
        query=AgreementQuery,
        refusals={400: "narrow-the-period", **_AWAY},
    ),
    Route(
        "GET",
        _PATH,
        review,
        "reviews-grade",
        "One of your talks to grade, with its form",
        OneReview,
        refusals={404: "unknown-review", **_AWAY},
    ),
    Route(
        "POST",
        f"{_PATH}/give",
        give,
        "reviews-grade",
        "Give a talk its score, for good",
        ReviewScore,
        body=GiveBody,
        refusals={
            400: "bad-answer, unknown-item, beyond-the-recording, no-comment",
            404: "unknown-review",
            409: "given-already, deleted",
            503: "store-away, or audit-away",
        },
    ),
]
