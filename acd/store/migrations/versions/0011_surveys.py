"""The survey after a talk: who was asked, and what they answered; and what callers say after it, as recordings of a kind of their own.

A daemon of the former version goes on writing into the other tables; it makes no recordings of this kind.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
serves_from = "0006"


def upgrade() -> None:
    op.create_table(
        "surveys",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("way", "queue", "agent")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("sent_at", "answered_at")),
        sa.Column("satisfied", sa.Integer(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("recommend", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)
            for name in ("low", "callback")
        ),
        sa.Column("word_s", sa.Double(), nullable=True),
        sa.CheckConstraint("satisfied BETWEEN 1 AND 5", name=op.f("surveys_satisfied")),
        sa.CheckConstraint("recommend BETWEEN 0 AND 9", name=op.f("surveys_recommend")),
        sa.PrimaryKeyConstraint("call", name=op.f("surveys_pkey")),
    )
    op.create_index("surveys_asked_at", "surveys", ["asked_at"], unique=False)
    op.drop_constraint(op.f("recordings_kind"), "recordings", type_="check")
    op.create_check_constraint(op.f("recordings_kind"), "recordings", "kind IN ('talk', 'message', 'consult', 'word')")


def downgrade() -> None:
    op.execute("UPDATE recordings SET kind = 'message' WHERE kind = 'word'")
    op.drop_constraint(op.f("recordings_kind"), "recordings", type_="check")
    op.create_check_constraint(op.f("recordings_kind"), "recordings", "kind IN ('talk', 'message', 'consult')")
    op.drop_table("surveys")
