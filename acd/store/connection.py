"""Connections with an end: whatever PostgreSQL does, nobody waits for it longer than said.

A frozen server also swallows the polite way out (cancel, roll back, say good-bye), each with a wait of its own. So when
the time is up the socket is closed under the driver, and what comes after fails at once.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.event import listens_for
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from acd.store.errors import BadDatabaseUrl, DatabaseAway, DatabaseFull, DatabaseRefuses, NoSuchDatabase

CONNECT_WITHIN_S = 3.0
_REFUSALS = {"28": DatabaseRefuses, "3D": NoSuchDatabase, "53": DatabaseFull}
"""The class of PostgreSQL's code to the error: it is there, and does not take us."""


def address(url: str) -> URL:
    """The operator's address for asyncpg. BadDatabaseUrl; its password stands in no message."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadDatabaseUrl from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise BadDatabaseUrl(f"{parsed.drivername}://…")
    if not parsed.database:
        raise BadDatabaseUrl(f"{parsed.render_as_string(hide_password=True)} names no database")
    return parsed.set(drivername="postgresql+asyncpg")


def engine(url: Callable[[], URL], size: int, statement_within_s: float) -> AsyncEngine:
    """Does not connect. `url`: asked again for the password at each new connection; all else stays as it was at first."""
    made = create_async_engine(
        url(),
        pool_size=size,
        max_overflow=0,
        pool_timeout=CONNECT_WITHIN_S,
        pool_pre_ping=True,
        pool_recycle=1800,
        # Statements carry callers' numbers; they are not for messages.
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_WITHIN_S,
            "command_timeout": statement_within_s,
            "server_settings": {"application_name": "sanxiang", "timezone": "UTC"},
        },
    )

    @listens_for(made.sync_engine, "do_connect")
    def with_present_password(dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
        parameters.pop("password", None)
        if (password := url().password) is not None:
            parameters["password"] = password

    return made


@contextlib.asynccontextmanager
async def transaction(engine: AsyncEngine, within_s: float) -> AsyncIterator[AsyncConnection]:
    """Committed at the end, rolled back on any error. TimeoutError after `within_s`, and not much later."""
    async with asyncio.timeout(within_s), engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        try:
            await connection.begin()
            yield connection
            await connection.commit()
        except (TimeoutError, asyncio.CancelledError):
            raw.terminate()
            raise


@contextlib.contextmanager
def spoken() -> Iterator[None]:
    """What a database that is not there raises, as DatabaseAway."""
    try:
        yield
    except (TimeoutError, PoolTimeout):
        raise DatabaseAway("no answer in time") from None
    except OSError as reason:
        raise DatabaseAway(reason.strerror or str(reason)) from None
    except (InterfaceError, OperationalError) as reason:
        raise _REFUSALS.get(sqlstate(reason)[:2], DatabaseAway)(in_words(reason)) from None
    except DBAPIError as reason:
        # 08 connection, 57 shutting down or cancelled
        if reason.connection_invalidated or sqlstate(reason)[:2] in ("08", "57"):
            raise DatabaseAway(in_words(reason)) from None
        if kind := _REFUSALS.get(sqlstate(reason)[:2]):
            raise kind(in_words(reason)) from None
        raise


def sqlstate(reason: DBAPIError) -> str:
    """PostgreSQL's code of the error; empty where it has none."""
    return str(getattr(reason.orig, "sqlstate", "") or "")


def in_words(reason: BaseException) -> str:
    """One line without statements or values: those may hold a caller's number."""
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    said = str(reason.orig if isinstance(reason, DBAPIError) else reason)
    first = (said.splitlines() or [""])[0]
    # The driver's class stands before its sentence: "<class 'asyncpg.exceptions.X'>: sentence".
    return first.partition(">: ")[2] or first or type(reason).__name__
