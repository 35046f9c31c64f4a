"""Forms and reviews as they are told, and who may grade."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from acd.config.reviews.form import Form
from acd.store.queries import reviews
from acd.store.queries.reviews import Appeal, Review
from acd.store.store import Store
from acd.web.access.auth import DOOR
from acd.web.access.roles import may
from acd.web.server.api_model import ApiModel
from acd.web.server.routes import Asked


class ReviewItem(ApiModel):
    """One question of a form."""

    name: str
    zh: str
    en: str
    kind: Literal["points", "yes-no"]
    """points: 0 to 100; yes-no: yes, no or na."""
    weight: int
    """Of its group, in per cent."""
    fatal: bool
    """A "no" makes the whole score 0."""
    guide_zh: str
    guide_en: str


class ReviewGroup(ApiModel):
    """Items of one theme."""

    name: str
    zh: str
    en: str
    weight: int
    """Of the form, in per cent."""
    items: list[ReviewItem]


class ReviewForm(ApiModel):
    """A form in one of its versions."""

    name: str
    version: int
    zh: str
    en: str
    groups: list[ReviewGroup]


class ReviewComment(ApiModel):
    """What a grader says of a moment of the talk."""

    at_s: float
    """Seconds from the beginning of the recording."""
    item: str
    """Of the form; empty: of none."""
    text: str


class GivenReview(ApiModel):
    """What one grader has given."""

    offer: str
    number: int
    kind: Literal["first", "second", "appeal"]
    """first; second: of a talk that is graded twice, for the agreement alone; appeal: the decision of an appeal."""
    grader: str
    """The account; empty where an agent looks at their own."""
    form: str
    version: int
    given_at: datetime
    score: float | None
    """0 to 100; null: no item applied."""
    fatal: list[str]
    """Fatal items answered with no."""
    answers: dict[str, int | str]
    comment: str
    comments: list[ReviewComment]


class ReviewAppeal(ApiModel):
    """An agent's appeal against the first score."""

    appealed_at: datetime
    reason: str
    decided_at: datetime | None
    """When another grader has given the score that counts; null: not yet."""


class ScoredTalk(ApiModel):
    """A talk with its score."""

    offer: str
    call: str
    agent: str
    queue: str
    week: str
    talked_at: datetime | None
    score: float | None
    """That counts: the appeal's where one was decided, else the first; null: no item applied."""
    fatal: list[str]
    appeal: ReviewAppeal | None
    history: list[GivenReview]
    """Every score that was given, in order. None is ever changed."""


def shown_form(name: str, body: Mapping[str, Any]) -> ReviewForm:
    """A form as it was kept with the reviews."""
    form = Form(**body)
    groups = [
        ReviewGroup(
            name=key,
            zh=group.label.zh,
            en=group.label.en,
            weight=group.weight,
            items=[
                ReviewItem(
                    name=item,
                    zh=each.label.zh,
                    en=each.label.en,
                    kind=each.kind,
                    weight=each.weight,
                    fatal=each.fatal,
                    guide_zh=each.guide.zh,
                    guide_en=each.guide.en,
                )
                for item, each in group.items.items()
            ],
        )
        for key, group in form.groups.items()
    ]
    return ReviewForm(name=name, version=form.version, zh=form.label.zh, en=form.label.en, groups=groups)


async def forms_of(store: Store, given: Iterable[Review]) -> list[ReviewForm]:
    """The forms by which these were given."""
    found = []
    async with store.transaction() as connection:
        for name, version in sorted({(each.form, each.version) for each in given}):
            body = await reviews.form(connection, name, version)
            if body is not None:
                found.append(shown_form(name, body))
    return found


def shown_review(review: Review, *, grader: bool = True) -> GivenReview:
    """A review that was given. `grader`: with the name of who gave it."""
    told: dict[str, Any] = {name: getattr(review, name) for name in GivenReview.model_fields}
    return GivenReview.model_validate(told | ({} if grader else {"grader": ""}))


def scored_talk(given: Sequence[Review], appeal: Appeal | None, *, grader: bool = True) -> ScoredTalk:
    """A talk by its reviews that were given, the first one's among them."""
    first = next(each for each in given if each.kind == "first")
    decision = next((each for each in given if each.kind == "appeal"), None)
    counts = decision or first
    told: dict[str, Any] = {
        name: getattr(first, name) for name in ("offer", "call", "agent", "queue", "week", "talked_at")
    }
    shown = None
    if appeal is not None:
        decided_at = decision.given_at if decision else None
        shown = ReviewAppeal(appealed_at=appeal.appealed_at, reason=appeal.reason, decided_at=decided_at)
    return ScoredTalk(
        **told,
        score=counts.score,
        fatal=counts.fatal,
        appeal=shown,
        history=[shown_review(each, grader=grader) for each in given],
    )


def graders(asked: Asked) -> dict[str, frozenset[str]]:
    """Every account that may grade, to the brands to which it is limited; none: it is not."""
    door = asked.request.app[DOOR]
    people = [*door.accounts.all(), *(door.oidc.people.all() if door.oidc else ())]
    return {each.name: each.brands for each in people if may(each.roles, "reviews-grade")}
