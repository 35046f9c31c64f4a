"""The tables' history, one step per file under `versions`, run by Alembic through `acd.store.schema`."""
