"""Customers of some brands: whose record it is. Records that there were are of no brand.

The column has a value by default: a daemon of the former version goes on writing into this table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
serves_from = "0006"


def upgrade() -> None:
    op.add_column("customers", sa.Column("brands", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("customers", "brands")
