"""Tables of another version: brought up to ours, or refused with what to do. By Alembic; `schema` imports this where it is needed."""

import logging
import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from acd.store.errors import SchemaForeign, SchemaMissing, SchemaTooNew, SchemaTooOld
from acd.store.tables import Table

logger = logging.getLogger("acd.store")

_one_at_a_time = threading.Lock()
"""Alembic keeps its context in a module: two of its runs in one process take it from each other."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def history() -> ScriptDirectory:
    """The steps from one version of the tables to the next."""
    return ScriptDirectory.from_config(_config())


def check(connection: Connection) -> None:
    """Silent when the tables are of this version; else SchemaMissing, SchemaTooOld, SchemaTooNew or SchemaForeign."""
    present = MigrationContext.configure(connection).get_current_revision()
    steps = history()
    if present is None:
        ours = set(Table.metadata.tables) & set(inspect(connection).get_table_names())
        if ours:
            raise SchemaForeign(", ".join(sorted(ours)))
        raise SchemaMissing
    if present == steps.get_current_head():
        return
    if any(step.revision == present for step in steps.walk_revisions()):
        raise SchemaTooOld(f"version {present}, this version needs {steps.get_current_head()}")
    raise SchemaTooNew(f"version {present}")


def migrate(connection: Connection, version: str = "head") -> None:
    """Brings the tables to this version, or to an older one. SchemaTooNew and SchemaForeign are refused and nothing is
    touched."""
    with _one_at_a_time:
        # Of two daemons started at once the second waits here, and finds the tables made.
        connection.execute(text("SELECT pg_advisory_xact_lock(727200301)"))
        try:
            check(connection)
        except SchemaMissing:
            logger.info("making the tables")
        except SchemaTooOld as reason:
            logger.info("bringing the tables up to date (%s)", str(reason).split(":", 1)[0])
        else:
            return
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, version)
