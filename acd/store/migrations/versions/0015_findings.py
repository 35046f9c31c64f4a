"""What the automatic checks found in talks. Talks that there are were filed before, and are not analysed afterwards.

The new column has a value by default: a daemon of the former version goes on writing into the table.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
serves_from = "0006"


def upgrade() -> None:
    # With this default PostgreSQL does not write the rows that there are; the second one is for those to come.
    op.add_column("recordings", sa.Column("analysis", sa.Text(), server_default="before", nullable=False))
    op.alter_column("recordings", "analysis", server_default="")
    op.create_index(
        "recordings_to_analyse",
        "recordings",
        ["filed_at"],
        postgresql_where=sa.text("analysis = '' AND kind = 'talk' AND path <> ''"),
    )
    op.create_table(
        "analyses",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("offer", "call", "state")),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="1", nullable=False),
        sa.Column("analysed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("facts", JSONB(), nullable=True),
        sa.CheckConstraint("state IN ('begun', 'done', 'no-sound', 'failed')", name=op.f("analyses_state")),
        sa.PrimaryKeyConstraint("offer", name=op.f("analyses_pkey")),
    )
    op.create_index("analyses_call", "analyses", ["call"])
    op.create_index("analyses_with_facts", "analyses", ["analysed_at"], postgresql_where=sa.text("facts IS NOT NULL"))
    op.create_table(
        "findings",
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), server_default="", nullable=False),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("from_s", "to_s", "value", "bound")),
        sa.PrimaryKeyConstraint("offer", "number", name=op.f("findings_pkey")),
    )
    op.create_index("findings_kind", "findings", ["kind", "offer"])


def downgrade() -> None:
    op.drop_table("findings")
    op.drop_table("analyses")
    op.drop_index("recordings_to_analyse", table_name="recordings")
    op.drop_column("recordings", "analysis")
