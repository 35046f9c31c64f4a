"""Tables of another version: brought up to ours, or refused with what to do. By Alembic; `schema` imports this where it is needed."""

import logging
import re
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
    if not _serve(connection, str(steps.get_current_head())):
        raise SchemaTooNew(f"version {present}")


def steps_since(present: str) -> list[tuple[str, str]]:
    """The steps that `migrate` would do on tables of this version ("" for none), in their order: version, and the first line of what
    it says about itself. Empty for a version that is not known here."""
    all_steps = list(reversed(list(history().walk_revisions())))
    versions = [step.revision for step in all_steps]
    if present and present not in versions:
        return []
    begin = versions.index(present) + 1 if present else 0
    return [(step.revision, (step.module.__doc__ or "").strip().splitlines()[0]) for step in all_steps[begin:]]


def serves_from(version: str) -> str:
    """The oldest version whose programs may go on with tables of this version: since that one, steps have only added what may be left
    out. Each step says `serves_from`; the greatest of those up to `version` counts."""
    steps = [step for step in history().walk_revisions() if step.revision <= version]
    return max(str(getattr(step.module, "serves_from", step.revision)) for step in steps)


def _serve(connection: Connection, ours: str) -> bool:
    """Whether tables of a version that is not known here serve programs of ours: the newer program has left word with them."""
    word = connection.execute(text("SELECT obj_description('alembic_version'::regclass)")).scalar() or ""
    found = re.fullmatch(r"serves programs from (\d{4})", word)
    return found is not None and found[1] <= ours


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
        now = MigrationContext.configure(connection).get_current_revision()
        oldest = serves_from(str(now))
        # A comment, not a column: a program that knows nothing of it is not disturbed.
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS 'serves programs from {oldest}'"))
