"""Brands: of which brand a call was, and which call a wrap-up belongs to. Of earlier calls neither is known.

Both columns have a value by default: a daemon of the former version goes on writing into these tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
serves_from = "0006"


def upgrade() -> None:
    op.add_column("calls", sa.Column("brand", sa.Text(), server_default="", nullable=False))
    op.add_column("agent_time", sa.Column("call", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("agent_time", "call")
    op.drop_column("calls", "brand")
