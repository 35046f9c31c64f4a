"""What routing tells of a call: expectation, policy, callbacks, operators' deeds; and what the figures are counted by.

Rows that are there already are filled from the call log, so that the figures of the days before stay what they were.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _calls()
    _offers()
    _agent_time()
    _recordings()
    op.create_index(
        "call_log_asked", "call_log", ["at", "queue"], unique=False, postgresql_where=sa.text("kind = 'queued'")
    )
    op.create_table(
        "operator_deeds",
        sa.Column("spool", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("spool", "line", "idx", name=op.f("operator_deeds_pkey")),
    )
    op.create_index("operator_deeds_at", "operator_deeds", ["at"], unique=False)
    op.create_index(
        "operator_deeds_call", "operator_deeds", ["call"], unique=False, postgresql_where=sa.text("call <> ''")
    )


def _calls() -> None:
    # Events that fitted nowhere made rows of calls that never were.
    op.execute(
        "DELETE FROM calls WHERE ending IS NULL AND EXISTS (SELECT FROM call_log WHERE call_log.call = calls.call)"
        " AND NOT EXISTS (SELECT FROM call_log WHERE call_log.call = calls.call"
        "                 AND kind NOT IN ('ignored', 'alarm', 'crossed', 'recorded'))"
    )
    for column in (
        sa.Column("asked_queue", sa.Text(), server_default="", nullable=False),
        sa.Column("skills", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("returned_s", sa.Double(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("median_s", sa.Double(), nullable=True),
        sa.Column("p90_s", sa.Double(), nullable=True),
        sa.Column("kept_for", sa.Text(), server_default="", nullable=False),
        sa.Column("kept_why", sa.Text(), server_default="", nullable=False),
        sa.Column("policy", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("called_back", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("callback_state", sa.Text(), server_default="", nullable=False),
        sa.Column("callback_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_to", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("calls", column)
    op.execute(
        "UPDATE calls SET asked_queue = asked.queue, skills = COALESCE(asked.detail->'skills', '{}'),"
        " priority = COALESCE(CAST(asked.detail->>'priority' AS integer), 0)"
        " FROM (SELECT DISTINCT ON (call) call, queue, detail FROM call_log WHERE kind = 'queued' AND call <> ''"
        "       ORDER BY call, at, line, idx) AS asked WHERE asked.call = calls.call"
    )
    op.create_index("calls_ended_at", "calls", ["ended_at"], unique=False)
    op.create_index("calls_asked_at", "calls", ["asked_at"], unique=False)


def _offers() -> None:
    op.add_column("offers", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offers", sa.Column("rang", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("offers", sa.Column("closed_answered", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("offers", sa.Column("closed_rings", sa.Integer(), nullable=True))
    op.add_column("offers", sa.Column("talk_ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE offers SET closed_at = closed.at,"
        " rang = closed.rings > 0 AND closed.outcome <> 'caller left', closed_rings = closed.rings,"
        " closed_answered = EXISTS (SELECT FROM call_log AS up WHERE up.call = offers.call"
        "   AND up.offer = offers.offer AND up.kind = 'answered'"
        "   AND (up.at, up.line, up.idx) < (closed.at, closed.line, closed.idx))"
        " FROM (SELECT DISTINCT ON (offer) offer, at, line, idx, detail->>'outcome' AS outcome,"
        "       COALESCE(CAST(detail->>'rings' AS integer), 0) AS rings"
        "       FROM call_log WHERE kind = 'offer ended' AND offer <> '' ORDER BY offer, at, line, idx) AS closed"
        " WHERE closed.offer = offers.offer"
    )
    op.execute(
        "UPDATE offers SET talk_ended_at = ended.at"
        " FROM (SELECT offer, max(at) AS at FROM call_log WHERE kind = 'talk ended' GROUP BY offer) AS ended"
        " WHERE ended.offer = offers.offer"
    )
    op.create_index("offers_closed_at", "offers", ["closed_at"], unique=False)
    op.create_index("offers_talk_ended_at", "offers", ["talk_ended_at"], unique=False)


def _agent_time() -> None:
    op.add_column("agent_time", sa.Column("queue", sa.Text(), server_default="", nullable=False))
    op.add_column("agent_time", sa.Column("lasted_s", sa.Double(), nullable=True))
    op.execute("UPDATE agent_time SET lasted_s = EXTRACT(EPOCH FROM to_at - from_at) WHERE to_at IS NOT NULL")
    op.execute(
        "UPDATE agent_time SET queue = offers.queue FROM offers WHERE agent_time.state = 'wrap-up'"
        " AND offers.agent = agent_time.agent AND offers.talk_ended_at = agent_time.from_at"
    )
    op.create_index(
        "agent_time_wrap_up", "agent_time", ["to_at"], unique=False, postgresql_where=sa.text("state = 'wrap-up'")
    )


def _recordings() -> None:
    op.add_column("recordings", sa.Column("kind", sa.Text(), server_default="talk", nullable=False))
    op.create_check_constraint(op.f("recordings_kind"), "recordings", "kind IN ('talk', 'message')")
