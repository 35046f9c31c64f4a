"""Handing over: transfers, context cards, what of a talk was hold and what was consult.

Cards of calls that are over already are not made: whoever asks for one has it folded from the call log.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "cards",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("call", name=op.f("cards_pkey")),
    )
    op.create_index("cards_caller", "cards", ["caller"], unique=False)
    op.create_index("cards_contact", "cards", ["contact"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first", sa.Text(), server_default="", nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("to", sa.Text(), server_default="", nullable=False),
        sa.Column("receiver", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("warm", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("how", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("amount", sa.Double(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("returned_to", sa.Text(), server_default="", nullable=False),
        sa.Column("consult_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("call", "number", name=op.f("transfers_pkey")),
    )
    op.create_index("transfers_asked_at", "transfers", ["asked_at"], unique=False)
    op.create_index("transfers_first", "transfers", ["first", "asked_at"], unique=False)
    for name in ("hold_s", "consult_s", "consulted_s"):
        op.add_column("offers", sa.Column(name, sa.Double(), server_default="0", nullable=False))
    op.add_column("offers", sa.Column("recorded_s", sa.Double(), nullable=True))
    op.add_column("recordings", sa.Column("recorded_s", sa.Double(), nullable=True))
    op.add_column("recordings", sa.Column("first", sa.Text(), server_default="", nullable=False))
    op.add_column("recordings", sa.Column("spans", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.drop_constraint(op.f("recordings_kind"), "recordings", type_="check")
    op.create_check_constraint(op.f("recordings_kind"), "recordings", "kind IN ('talk', 'message', 'consult')")
