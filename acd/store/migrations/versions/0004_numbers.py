"""One person, one number: beside the canonical number of a caller, how the carrier had written it, and whether it is withheld.

Rows from before stay as they are: their numbers were kept as they had come, and queries look for both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("calls", sa.Column("written", sa.Text(), server_default="", nullable=False))
    op.add_column("calls", sa.Column("withheld", sa.Boolean(), server_default=sa.text("false"), nullable=False))
