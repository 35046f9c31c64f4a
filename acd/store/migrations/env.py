"""How Alembic runs here: on the connection, and in the transaction, that `acd.store.schema` hands over."""

from alembic import context

from acd.store.tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
with context.begin_transaction():
    context.run_migrations()
