"""Classes of retention that people gave to calls, and calls that are held as a whole.

One new table: a daemon of the former version goes on without it. While such a daemon runs, it knows no holds of calls.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
serves_from = "0006"


def upgrade() -> None:
    texts = ("class_by", "class_name", "class_why", "held_by", "held_why")
    op.create_table(
        "call_retention",
        sa.Column("call", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in texts),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("class_at", "held_at")),
        sa.PrimaryKeyConstraint("call", name=op.f("call_retention_pkey")),
    )
    op.create_index(
        "call_retention_held", "call_retention", ["held_at", "call"], postgresql_where=sa.text("held_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("call_retention")
