"""Customers: their records and numbers, and whose call each call was. Of earlier calls it is not known.

All columns have a value by default: a daemon of the former version goes on writing into these tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
serves_from = "0006"

_WORDS = ("name", "customer_class", "language", "last_order", "area")
_MORE = ("consent", "complaint_ticket", "complaint_owner")


def upgrade() -> None:
    def words(names: tuple[str, ...]) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]

    op.create_table(
        "customers",
        sa.Column("id", sa.Text(), nullable=False),
        *words(_WORDS),
        sa.Column("do_not_call", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *words(_MORE),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *words(("updated_by",)),
        sa.PrimaryKeyConstraint("id", name=op.f("customers_pkey")),
    )
    op.create_table(
        "customer_numbers",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("customer_numbers_pkey")),
    )
    op.create_index("customer_numbers_customer", "customer_numbers", ["customer", "place"], unique=False)
    for column in words(("customer", "customer_name", "customer_class")):
        op.add_column("calls", column)
    op.create_index(
        "calls_customer",
        "calls",
        ["customer", sa.text("arrived_at DESC")],
        unique=False,
        postgresql_where=sa.text("customer <> ''"),
    )


def downgrade() -> None:
    op.drop_index("calls_customer", "calls")
    for name in ("customer_class", "customer_name", "customer"):
        op.drop_column("calls", name)
    op.drop_table("customer_numbers")
    op.drop_table("customers")
