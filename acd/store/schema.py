"""The version of the tables: brought up to ours, or refused with what to do."""

from sqlalchemy import Connection, text

from acd.store import fitness, migrations
from acd.store.errors import SchemaMissing, SchemaTooOld

HEAD = migrations.HEAD


def check(connection: Connection) -> None:
    """Silent when the tables are of this version; else SchemaMissing, SchemaTooOld, SchemaTooNew or SchemaForeign."""
    if not _is_ours(connection):
        from acd.store import schema_steps

        schema_steps.check(connection)


def migrate(connection: Connection) -> None:
    """Brings the tables to this version. SchemaTooNew and SchemaForeign are refused and nothing is touched, as is a database that
    does not fit (fitness.py)."""
    if not _is_ours(connection):
        from acd.store import schema_steps

        fitness.check(connection)
        schema_steps.migrate(connection)


def examine(connection: Connection) -> None:
    """Silent when calls can be kept there, now or once the tables are made; else what is wrong: what `check` raises but SchemaMissing
    and SchemaTooOld, and what fitness.py raises."""
    fitness.check(connection)
    if not _is_ours(connection):
        try:
            check(connection)
        except (SchemaMissing, SchemaTooOld):
            fitness.check_rights(connection)


def present(connection: Connection) -> str:
    """The version of the tables there, as "0006"; "" where there are none of ours."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return ""
    return str(connection.execute(text("SELECT max(version_num) FROM alembic_version")).scalar() or "")


def _is_ours(connection: Connection) -> bool:
    """Whether the tables are of this version, without Alembic: it brings a template engine and its lexers, which cost a daemon a tenth of a
    second at each start."""
    return present(connection) == HEAD
