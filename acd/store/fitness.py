"""Whether a database can keep the hotline's calls: its version, its encoding, writing, and the right to make our tables."""

from sqlalchemy import Connection, text

from acd.store.errors import EncodingUnfit, MayNotMakeTables, ServerReadOnly, ServerTooOld

OLDEST = 13
"""PostgreSQL's oldest version with all that the queries need."""


def check(connection: Connection) -> None:
    """Silent when it fits; else ServerTooOld, EncodingUnfit, ServerReadOnly."""
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if number < OLDEST * 10000:
        raise ServerTooOld(f"version {connection.execute(text('SHOW server_version')).scalar_one()}")
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise EncodingUnfit(str(encoding))
    if connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on":
        raise ServerReadOnly


def check_rights(connection: Connection) -> None:
    """Silent when our tables may be made where they would be made; else MayNotMakeTables."""
    user, schema, may = connection.execute(
        text(
            "SELECT current_user, current_schema(), has_schema_privilege(current_user, current_schema(), 'CREATE')"
            " WHERE current_schema() IS NOT NULL UNION ALL SELECT current_user, NULL, false WHERE current_schema() IS NULL"
        )
    ).one()
    if not may:
        raise MayNotMakeTables(f"{user}, schema {schema or '(none)'}")
