"""Talks graded by people: weeks that were drawn, forms, reviews and appeals.

New tables: a daemon of the former version goes on without them. What was given is not changed afterwards: PostgreSQL itself refuses it,
but for the words, which go with a caller who is erased.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
serves_from = "0006"

_STAYS = """
    CREATE OR REPLACE FUNCTION review_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'review % of % was given, and is not changed', OLD.number, OLD.offer; END
    $$
"""
_TRIGGER = """
    CREATE TRIGGER review_stays BEFORE UPDATE ON reviews FOR EACH ROW WHEN (OLD.given_at IS NOT NULL AND
        (OLD.offer, OLD.number, OLD.kind, OLD.form, OLD.version, OLD.grader, OLD.given_at, OLD.score, OLD.answers, OLD.fatal)
        IS DISTINCT FROM
        (NEW.offer, NEW.number, NEW.kind, NEW.form, NEW.version, NEW.grader, NEW.given_at, NEW.score, NEW.answers, NEW.fatal))
    EXECUTE FUNCTION review_stays()
"""


def upgrade() -> None:
    op.create_table(
        "review_weeks",
        *_texts("week", "drawn_by", "seed", "timezone", "population"),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("shifts", JSONB(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("talks", "taken")),
        sa.PrimaryKeyConstraint("week", name=op.f("review_weeks_pkey")),
    )
    op.create_table(
        "review_forms",
        *_texts("form"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("form", "version", name=op.f("review_forms_pkey")),
    )
    op.create_table(
        "reviews",
        *_texts("offer", "kind", "call", "agent", "queue", "week", "form", "grader"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("number", "version")),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("answers", JSONB(), nullable=True),
        *(sa.Column(name, JSONB(), server_default=sa.text("'[]'"), nullable=False) for name in ("fatal", "comments")),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('first', 'second', 'appeal')", name=op.f("reviews_kind")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("reviews_score")),
        sa.PrimaryKeyConstraint("offer", "number", name=op.f("reviews_pkey")),
    )
    op.create_index("reviews_open", "reviews", ["grader", "assigned_at"], postgresql_where=sa.text("given_at IS NULL"))
    op.create_index("reviews_given_at", "reviews", ["given_at"], postgresql_where=sa.text("given_at IS NOT NULL"))
    op.create_index("reviews_agent", "reviews", ["agent", "given_at"])
    op.create_index("reviews_call", "reviews", ["call"])
    op.create_table(
        "review_appeals",
        *_texts("offer", "agent", "reason"),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("offer", name=op.f("review_appeals_pkey")),
    )
    op.execute(_STAYS)
    op.execute(_TRIGGER)


def downgrade() -> None:
    for table in ("review_appeals", "reviews", "review_forms", "review_weeks"):
        op.drop_table(table)
    op.execute("DROP FUNCTION review_stays()")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
