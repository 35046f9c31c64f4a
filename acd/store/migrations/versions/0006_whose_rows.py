"""Whose rows a spool's are: the checksum of its last line, who writes it, what it goes on from; and when a row put aside was told.

Only columns that may stay empty are added: a daemon of the former version goes on shipping into these tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
serves_from = "0005"
"""The oldest version of the tables whose programs may go on with these (schema_steps.py)."""


def upgrade() -> None:
    op.add_column("spools", sa.Column("checked_line", sa.BigInteger(), nullable=True))
    op.add_column("spools", sa.Column("checksum", sa.BigInteger(), nullable=True))
    op.add_column("spools", sa.Column("writer", sa.Text(), server_default="", nullable=False))
    op.add_column("spools", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("spools", sa.Column("parent", sa.Text(), server_default="", nullable=False))
    op.add_column("spools", sa.Column("from_line", sa.BigInteger(), nullable=True))
    op.add_column("spools", sa.Column("why", sa.Text(), server_default="", nullable=False))
    op.add_column("dead_letters", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
