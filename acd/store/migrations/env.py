"""How Alembic runs here: on the connection that `acd.store.schema` hands over, one migration at a time."""

from alembic import context
from sqlalchemy import text

from acd.store.tables import Table

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Table.metadata)
with context.begin_transaction():
    # Two daemons started at once would both create the tables; the second waits here and finds them made.
    connection.execute(text("SELECT pg_advisory_xact_lock(727200301)"))
    context.run_migrations()
