"""How well each leg's line carried speech. Earlier legs were not measured: nothing can be worked out for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "leg_quality",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("codec", sa.Text(), server_default="", nullable=False),
        sa.Column("packets", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("loss_percent", sa.Double(), nullable=False),
        sa.Column("jitter_ms", sa.Double(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("sent_lost", sa.Integer(), nullable=True),
        sa.Column("sent_loss_percent", sa.Double(), nullable=True),
        sa.Column("sent_jitter_ms", sa.Double(), nullable=True),
        sa.Column("round_trip_ms", sa.Double(), nullable=True),
        sa.Column("mos", sa.Double(), nullable=False),
        sa.Column("sent_mos", sa.Double(), nullable=True),
        sa.Column("one_way", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("unheard_s", sa.Double(), server_default="0", nullable=False),
        sa.Column("problems", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("side IN ('caller', 'agent')", name=op.f("leg_quality_side")),
        sa.PrimaryKeyConstraint("call", "offer", "side", name=op.f("leg_quality_pkey")),
    )
    op.create_index("leg_quality_offer", "leg_quality", ["offer"], postgresql_where=sa.text("offer <> ''"))
    op.create_index("leg_quality_measured_at", "leg_quality", ["measured_at"])
    op.create_index("leg_quality_party", "leg_quality", ["party", "measured_at"])
