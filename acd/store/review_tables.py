"""Talks graded by people: the weeks that were drawn, the forms they were graded by, the reviews, and agents' appeals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from acd.store.table_base import Table


class ReviewWeekRow(Table):
    """A week whose sample was drawn: by what, from how many talks."""

    __tablename__ = "review_weeks"

    week: Mapped[str] = mapped_column(primary_key=True)
    """As 2026-W48."""
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[str]
    seed: Mapped[str]
    share: Mapped[float]
    shifts: Mapped[list[Any]] = mapped_column(JSONB())
    timezone: Mapped[str]
    talks: Mapped[int]
    """Of the week."""
    taken: Mapped[int]
    population: Mapped[str]
    """SHA-256 of the talks' ids, sorted, each followed by a line feed."""


class ReviewFormRow(Table):
    """A form as it was when talks were first to be graded by this version of it."""

    __tablename__ = "review_forms"

    form: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON())
    """Not JSONB, which does not keep the order of groups and items."""


class ReviewRow(Table):
    """One talk that one grader is to grade, or has graded. Once given, PostgreSQL refuses another score (migration 0017)."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("kind IN ('first', 'second', 'appeal')", name="reviews_kind"),
        CheckConstraint("score BETWEEN 0 AND 100", name="reviews_score"),
        Index("reviews_open", "grader", "assigned_at", postgresql_where=text("given_at IS NULL")),
        Index("reviews_given_at", "given_at", postgresql_where=text("given_at IS NOT NULL")),
        Index("reviews_agent", "agent", "given_at"),
        Index("reviews_call", "call"),
    )

    offer: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """1: the first grader's; each further one of the talk is one more."""
    kind: Mapped[str]
    """first; second: of a talk that is graded twice, for the agreement alone; appeal: the decision of an appeal."""
    call: Mapped[str]
    agent: Mapped[str]
    queue: Mapped[str]
    week: Mapped[str]
    form: Mapped[str]
    version: Mapped[int]
    grader: Mapped[str]
    """The account."""
    assigned_at: Mapped[datetime]
    given_at: Mapped[datetime | None]
    """Empty: it is to be graded yet."""
    score: Mapped[float | None]
    """0 to 100; empty: not given, or no item applied."""
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Item to 0 to 100, yes, no or na."""
    fatal: Mapped[list[Any]] = mapped_column(JSONB(), server_default=text("'[]'"))
    """Fatal items answered with no."""
    comment: Mapped[str] = mapped_column(server_default="")
    """Of the whole talk."""
    comments: Mapped[list[Any]] = mapped_column(JSONB(), server_default=text("'[]'"))
    """Pinned to seconds of the recording: {at_s, item, text}."""


class ReviewAppealRow(Table):
    """An agent's appeal against the first score of a talk. Its decision is the review of the kind appeal."""

    __tablename__ = "review_appeals"

    offer: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    appealed_at: Mapped[datetime]
    reason: Mapped[str]
