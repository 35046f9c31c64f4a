"""The tables' history, one step per file under `versions`, run by Alembic through `acd.store.schema`."""

from pathlib import Path

HEAD = max(file.name[:4] for file in (Path(__file__).parent / "versions").glob("[0-9]*.py"))
"""The version of the tables that this program needs, as "0005". It stands here, where naming it imports no SQLAlchemy."""
