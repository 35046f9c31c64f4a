"""The first tables: the log, and what is worked out of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "agent_time",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("to_at IS NULL OR to_at >= from_at", name=op.f("agent_time_forwards")),
        sa.PrimaryKeyConstraint("agent", "from_at", name=op.f("agent_time_pkey")),
    )
    op.create_index("agent_time_from_at", "agent_time", ["from_at"], unique=False)
    op.create_index("agent_time_open", "agent_time", ["agent"], unique=True, postgresql_where=sa.text("to_at IS NULL"))
    op.create_table(
        "agents",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("agent", name=op.f("agents_pkey")),
    )
    op.create_table(
        "call_log",
        sa.Column("spool", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("spool", "line", "idx", name=op.f("call_log_pkey")),
    )
    op.create_index(
        "call_log_agent", "call_log", ["agent", "at"], unique=False, postgresql_where=sa.text("agent <> ''")
    )
    op.create_index("call_log_at", "call_log", ["at"], unique=False)
    op.create_index("call_log_call", "call_log", ["call", "at"], unique=False, postgresql_where=sa.text("call <> ''"))
    op.create_table(
        "calls",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("dialled", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("menu_path", sa.Text(), server_default="", nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("offers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wait_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("asked_for_person", sa.Boolean(), nullable=True),
        sa.Column("within_target", sa.Boolean(), nullable=True),
        sa.Column("short", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("call", name=op.f("calls_pkey")),
    )
    op.create_index("calls_arrived_at", "calls", ["arrived_at", "call"], unique=False)
    op.create_index("calls_caller", "calls", ["caller", sa.literal_column("arrived_at DESC")], unique=False)
    op.create_index("calls_live", "calls", ["call"], unique=False, postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "dead_letters",
        sa.Column("spool", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("spool", "line", "idx", name=op.f("dead_letters_pkey")),
    )
    op.create_table(
        "offers",
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ringing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("crossed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ring_s", sa.Double(), nullable=True),
        sa.Column("rings", sa.Integer(), nullable=True),
        sa.Column("wait_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column(
            "explanation", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        postgresql.ExcludeConstraint(
            (sa.column("agent"), "="),
            where=sa.text("connected_at IS NOT NULL AND talk_s IS NULL"),
            deferrable=True,
            initially="DEFERRED",
            using="btree",
            name="agent_in_one_live_call",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("call"), "="),
            where=sa.text("connected_at IS NOT NULL AND talk_s IS NULL"),
            deferrable=True,
            initially="DEFERRED",
            using="btree",
            name="call_with_one_live_agent",
        ),
        sa.PrimaryKeyConstraint("offer", name=op.f("offers_pkey")),
    )
    op.create_index("offers_agent", "offers", ["agent", "offered_at"], unique=False)
    op.create_index("offers_call", "offers", ["call", "number"], unique=False)
    op.create_index("offers_offered_at", "offers", ["offered_at"], unique=False)
    op.create_table(
        "queues",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("queues_pkey")),
    )
    op.create_table(
        "recordings",
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), server_default="", nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("talk_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("silent", sa.Text(), server_default="", nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('expected', 'none', 'complete', 'incomplete')", name=op.f("recordings_state")),
        sa.PrimaryKeyConstraint("offer", name=op.f("recordings_pkey")),
    )
    op.create_index("recordings_call", "recordings", ["call"], unique=False)
    op.create_index(
        "recordings_due", "recordings", ["offered_at"], unique=False, postgresql_where=sa.text("state = 'expected'")
    )
    op.create_index("recordings_offered_at", "recordings", ["offered_at"], unique=False)
    op.create_table(
        "spools",
        sa.Column("spool", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("spool", name=op.f("spools_pkey")),
    )
