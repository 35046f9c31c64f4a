"""Our tables out of one snapshot, and into an empty database.

By COPY and not by pg_dump: COPY speaks to every PostgreSQL over the connection that the hotline has anyway, while pg_dump refuses a
server that is newer than itself and need not be installed at all. What is dumped are the rows of our own tables, in PostgreSQL's text
form; the tables themselves are made by the migrations, first those of the back-up's version and then forward to this one.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

import acd
from acd.backup.archive import Archive, Writer
from acd.backup.errors import Damaged, FromNewerVersion, NotEmpty
from acd.store import schema_steps
from acd.store.connection import Link, address, engine, in_words, spoken
from acd.store.errors import DatabaseAway, SchemaForeign, SchemaMissing
from acd.store.tables import Table

PART_BYTES = 4 << 20
"""A table is kept in parts of this size: so much of it is in memory at a time."""
_FORM = (
    "SET LOCAL DateStyle = 'ISO, MDY'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 3",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)
"""How values are written does not depend on the server's or the role's settings; and a large table takes its time."""
_AWAY = ("08", "28", "3D", "53", "57")
OUR_TABLES = tuple(Table.metadata.tables)


class Snapshot:
    """One moment of the database, as long as it is open. Calls go on: it locks nothing that they need."""

    def __init__(self, connection: AsyncConnection, revision: str, tables: dict[str, list[str]]) -> None:
        self._connection, self.schema, self.tables = connection, revision, tables

    @classmethod
    @contextlib.asynccontextmanager
    async def taken(cls, url: str) -> AsyncIterator["Snapshot"]:
        """Raises DatabaseAway, BadDatabaseUrl, SchemaMissing, SchemaForeign."""
        async with _connection(url) as connection:
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            for each in _FORM:
                await connection.execute(text(each))
            revision = await connection.run_sync(_revision)
            yield cls(connection, revision, await connection.run_sync(_columns))

    async def write(self, archive: Writer, told: Callable[[str], None]) -> None:
        """All rows of all tables. Raises DatabaseAway and what the archive raises."""
        raw = await _driver(self._connection)
        for table, columns in self.tables.items():
            told(table)
            parts = _Parts(archive, table)
            await raw.copy_from_query(f"SELECT {_names(columns)} FROM {_names([table])}", output=parts.take)
            parts.close()


_CARRY = "INSERT INTO spools (spool, line, parent, from_line) SELECT :new, line, :old, line + 1 FROM spools WHERE spool = :old"


async def load(
    url: str, archive: Archive, folder: Path, spools: tuple[str, str] | None, before_commit: Callable[[], None]
) -> int:
    """Puts the parts in `folder` into the empty database, all or nothing, and brings the tables to this version. The number of rows.

    `spools`: the journal's former name and its new one, where there is a journal. The new one begins at the line that the former has come to: rows that were
    shipped stay as they are, and those after them are shipped under the new name. Raises DatabaseAway, BadDatabaseUrl, NotEmpty,
    Damaged, and what `before_commit` raises.
    """
    said, rows = archive.manifest, 0
    async with _connection(url) as connection:
        await connection.run_sync(lambda plain: _clear(plain, url))
        await connection.run_sync(lambda plain: schema_steps.migrate(plain, said.schema))
        for each in _FORM:
            await connection.execute(text(each))
        raw = await _driver(connection)
        for table, columns in said.tables.items():
            try:
                done = await raw.copy_to_table(table, source=_rows_in(folder / table), columns=columns)
            except asyncpg.PostgresError as error:
                if str(error.sqlstate)[:2] not in ("22", "23", "42"):
                    raise
                why = f"the rows of {table} in it do not fit into that table"
                raise Damaged(file=archive.path, why=why) from None
            rows += int(done.rpartition(" ")[2])
        await connection.run_sync(schema_steps.migrate)
        if spools is not None:
            await connection.execute(text(_CARRY), dict(zip(("old", "new"), spools, strict=True)))
        before_commit()
    return rows


async def check_empty(url: str) -> None:
    """Silent when nothing of ours is in the database. Raises NotEmpty, DatabaseAway, BadDatabaseUrl."""
    async with _connection(url) as connection:
        await connection.run_sync(lambda plain: _refuse_if_full(plain, url))


def check_version(archive: Archive) -> None:
    """Raises FromNewerVersion when this version does not know the back-up's tables, or is older than what made it."""
    known = {step.revision for step in schema_steps.history().walk_revisions()}
    if archive.manifest.schema not in known or _numbers(archive.manifest.program) > _numbers(acd.__version__):
        raise FromNewerVersion(file=archive.path, theirs=archive.manifest.program, ours=acd.__version__)


class _Parts:
    """What COPY gives, cut into files of the archive."""

    def __init__(self, archive: Writer, table: str) -> None:
        self._archive, self._table, self._number = archive, table, 0
        self._waiting = bytearray()

    async def take(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) >= PART_BYTES:
            self._put(bytes(self._waiting[:PART_BYTES]))
            del self._waiting[:PART_BYTES]

    def close(self) -> None:
        if self._waiting:
            self._put(bytes(self._waiting))

    def _put(self, data: bytes) -> None:
        self._number += 1
        self._archive.add_bytes(f"database/{self._table}/{self._number:06d}", data)


async def _rows_in(folder: Path) -> AsyncIterator[bytes]:
    for part in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield part.read_bytes()


@contextlib.asynccontextmanager
async def _connection(url: str) -> AsyncIterator[AsyncConnection]:
    """In a transaction, with no deadline for a statement: a large table takes minutes."""
    alone = engine(Link(replace(address(url), application_name="sanxiang back-up")), 0, None)
    try:
        with spoken():
            async with alone.begin() as connection:
                yield connection
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # COPY goes past SQLAlchemy, and so do its errors.
        if isinstance(error, asyncpg.InterfaceError) or str(error.sqlstate)[:2] in _AWAY:
            raise DatabaseAway(in_words(error)) from None
        raise
    finally:
        await alone.dispose()


async def _driver(connection: AsyncConnection) -> Any:
    """asyncpg's own connection, which can COPY; its transaction is the one that SQLAlchemy has begun."""
    return (await connection.get_raw_connection()).driver_connection


def _revision(connection: Connection) -> str:
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        if set(OUR_TABLES) & set(inspect(connection).get_table_names()):
            raise SchemaForeign
        raise SchemaMissing
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _columns(connection: Connection) -> dict[str, list[str]]:
    """Of each of our tables that there is, all but those that PostgreSQL works out itself."""
    found = connection.execute(
        text(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE c.oid = ANY(SELECT to_regclass(quote_ident(name)) FROM unnest(CAST(:names AS text[])) AS name)"
            " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum"
        ),
        {"names": list(OUR_TABLES)},
    )
    tables: dict[str, list[str]] = {}
    for table, column in found:
        tables.setdefault(table, []).append(column)
    return tables


def _refuse_if_full(connection: Connection, url: str) -> list[str]:
    """Our tables that are there, all empty. Raises NotEmpty."""
    present = sorted({*OUR_TABLES, "alembic_version"} & set(inspect(connection).get_table_names()))
    for table in present:
        if table != "alembic_version" and connection.execute(text(f"SELECT 1 FROM {_names([table])} LIMIT 1")).scalar():
            place = f"postgresql://{address(url)}"
            remedy = "make an empty database (`createdb`) and name it in the configuration's `database.url`"
            raise NotEmpty(place=f"The database {place}", what=f"its table {table} has rows", remedy=remedy)
    return present


def _clear(connection: Connection, url: str) -> None:
    """Takes empty tables away, which an earlier start has made."""
    for table in _refuse_if_full(connection, url):
        connection.execute(text(f"DROP TABLE {_names([table])}"))


def _names(names: Iterable[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:3])
