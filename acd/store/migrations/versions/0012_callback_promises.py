"""Promised callbacks: to whom, until when, whose they are, and what has become of them.

A table of its own: a daemon of the former version knows nothing of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
serves_from = "0006"

_TEXTS = (
    "number", "customer", "queue", "brand", "language", "area", "source", "by", "owner", "note", "of_call", "outcome", "ended_by",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "callback_promises",
        sa.Column("promise", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in _TEXTS),
        sa.Column("how", sa.Text(), server_default="call", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("begins", "until", "late_at", "ended_at")
        ),
        sa.Column("asked", sa.Integer(), server_default="1", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_time", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index("callback_promises_until", "callback_promises", ["until"])
    op.create_index("callback_promises_ended", "callback_promises", ["ended_at"])
    op.create_index("callback_promises_number", "callback_promises", ["number"])


def downgrade() -> None:
    op.drop_table("callback_promises")
