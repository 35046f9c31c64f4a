"""How long recordings are kept: when, by whom and why the sound of one was deleted, and which are held; calls whose caller was erased.

All columns are empty by default: a daemon of the former version goes on writing into these tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
serves_from = "0006"

_TEXTS = ("deleted_by", "deleted_why", "deleted_path", "held_by", "held_why")


def upgrade() -> None:
    for name in ("deleted_at", "held_at"):
        op.add_column("recordings", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in _TEXTS:
        op.add_column("recordings", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("calls", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("recordings_to_remove", "recordings", ["offer"], postgresql_where=sa.text("deleted_path <> ''"))


def downgrade() -> None:
    op.drop_index("recordings_to_remove", table_name="recordings")
    op.drop_column("calls", "erased_at")
    for name in ("deleted_at", "held_at", *_TEXTS):
        op.drop_column("recordings", name)
