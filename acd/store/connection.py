"""Connections with an end: whatever PostgreSQL does, nobody waits for it longer than said.

A frozen server also swallows the polite way out (cancel, roll back, say good-bye), each with a wait of its own. So when
the time is up the socket is closed under the driver, and what comes after fails at once.

Of several hosts each is tried with a time of its own, the one that served last first: so a host that is dead costs a connection
attempt once, and after a switch-over the new primary is found by the next attempt or the one after it.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from acd.config.database import Address, read
from acd.store import refusals
from acd.store.errors import BadDatabaseUrl, DatabaseAway, DatabaseRefuses, SchemaMissing

POOL_WITHIN_S = 3.0
"""So long a question waits for one of the connections to be free."""
_MAY_HOLD_A_PASSWORD = re.compile(r"://[^@]*:.*@|password=")


def address(url: str) -> Address:
    """The operator's address as values. BadDatabaseUrl; its password stands in no message."""
    try:
        return read(url)
    except ValueError as why:
        raise BadDatabaseUrl("" if _MAY_HOLD_A_PASSWORD.search(url) else f"it {why}") from None


class Link:
    """Makes connections to where `address` says; another address counts from the next connection on."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._first = 0
        """Index of the host that served last."""
        self.pooled = False
        """A pooler in transaction mode has shown itself: statements are no longer kept prepared."""

    @property
    def keeps_statements(self) -> bool:
        return not (self.pooled or self.address.pooled)

    def use(self, address: Address) -> None:
        """From the next connection on."""
        self.address, self._first, self.pooled = address, 0, False

    async def connect(self, statement_within_s: float | None) -> Any:
        """A connection of asyncpg's to the first host that will do. Raises DatabaseRefuses."""
        address = self.address
        try:
            context = await asyncio.to_thread(_tls, address)
        except OSError as reason:
            raise DatabaseRefuses(await asyncio.to_thread(refusals.of_files, reason, address)) from None
        count = len(address.hosts)
        failures: list[tuple[int, BaseException]] = []
        for place in [(self._first + step) % count for step in range(count)]:
            # Before the attempt: one that is cut off from outside must not begin here the next time.
            self._first = (place + 1) % count
            try:
                connection = await self._connected(address, place, context, statement_within_s)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as reason:
                failures.append((place, reason))
                continue
            self._first = place
            return connection
        raise DatabaseRefuses(refusals.sentence(failures, address)) from failures[-1][1]

    async def _connected(self, address: Address, place: int, context: object, statement_within_s: float | None) -> Any:
        host, port = address.hosts[place]
        return await asyncpg.connect(
            host=host,
            port=port,
            # Empty rather than None, so that neither PG… variables nor ~/.pgpass of whoever starts this count.
            user=address.user,
            password=address.password,
            database=address.database,
            ssl=False if host.startswith("/") else context,
            direct_tls=address.direct_tls,
            target_session_attrs=address.session,
            timeout=address.connect_s,
            command_timeout=statement_within_s,
            statement_cache_size=100 if self.keeps_statements else 0,
            server_settings={
                "application_name": address.application_name,
                "timezone": "UTC",
                **({"options": address.options} if address.options else {}),
            },
        )


def _tls(address: Address) -> object:
    """What asyncpg takes as `ssl`. Reads the files each time: renewed ones count from the next connection on. Raises OSError."""
    if address.sslmode in ("disable", "allow", "prefer") and not address.sslcert:
        return address.sslmode
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = address.sslmode == "verify-full"
    # As libpq has it: with sslmode=require a certificate is checked where authorities are named.
    checked = address.sslmode in ("verify-ca", "verify-full") or bool(address.sslrootcert)
    context.verify_mode = ssl.CERT_REQUIRED if checked else ssl.CERT_NONE
    if checked:
        if address.sslrootcert in ("", "system"):
            context.load_default_certs()
        else:
            context.load_verify_locations(cafile=address.sslrootcert)
    if address.sslcert:
        # Never asks on the terminal for a key's passphrase.
        context.load_cert_chain(address.sslcert, address.sslkey, password=lambda: "")
    with contextlib.suppress(NotImplementedError):
        context.set_alpn_protocols(["postgresql"])
    return context


def engine(link: Link, size: int, statement_within_s: float | None) -> AsyncEngine:
    """Does not connect. `size` 0: each connection is closed after its use."""
    pool: dict[str, Any] = {"poolclass": NullPool}
    if size:
        pool = {"pool_size": size, "max_overflow": 0, "pool_timeout": POOL_WITHIN_S, "pool_recycle": 1800}
    # Statements carry callers' numbers; they are not for messages.
    made = create_async_engine("postgresql+asyncpg://", hide_parameters=True, pool_pre_ping=bool(size), **pool)

    def connect(dialect: Any, record: Any, words: object, named: object) -> object:
        kept = record.info["keeps statements"] = link.keeps_statements
        return dialect.dbapi.connect(
            async_creator_fn=lambda: link.connect(statement_within_s),
            prepared_statement_cache_size=100 if kept else 0,
            # Without a name a statement is gone with the next one: nothing is left behind in another's session.
            prepared_statement_name_func=None if kept else str,
        )

    def seen(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", "") in refusals.FROM_A_POOLER:
            link.pooled = True
            context.is_disconnect = True

    def taken(connection: object, record: Any, proxy: object) -> None:
        if record.info["keeps statements"] and not link.keeps_statements:
            raise DisconnectionError  # Made before the pooler was noticed: the pool makes another one.

    event.listen(made.sync_engine, "do_connect", connect)
    event.listen(made.sync_engine, "checkout", taken)
    event.listen(made.sync_engine, "handle_error", seen)
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
    except DBAPIError as reason:
        if sqlstate(reason) == refusals.NO_TABLE:
            raise SchemaMissing from None
        if told := refusals.BY_STATE.get(sqlstate(reason)):
            raise DatabaseRefuses(told) from None
        if isinstance(reason, InterfaceError | OperationalError):
            raise DatabaseAway(in_words(reason)) from None
        # 08 connection, 28 refused, 3D no such database, 53 out of resources, 57 shutting down or cancelled
        if reason.connection_invalidated or sqlstate(reason)[:2] in ("08", "28", "3D", "53", "57"):
            raise DatabaseAway(in_words(reason)) from None
        raise


def sqlstate(reason: DBAPIError) -> str:
    """PostgreSQL's code of the error; empty where it has none."""
    return str(getattr(reason.orig, "sqlstate", "") or "")


def in_words(reason: BaseException) -> str:
    """One line without statements or values: those may hold a caller's number."""
    if isinstance(reason, DatabaseAway) and reason.detail:
        return reason.detail
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, DBAPIError) and (told := refusals.BY_STATE.get(sqlstate(reason))):
        return told
    said = str(reason.orig if isinstance(reason, DBAPIError) else reason)
    first = (said.splitlines() or [""])[0]
    # The driver's class stands before its sentence: "<class 'asyncpg.exceptions.X'>: sentence".
    return first.partition(">: ")[2] or first or type(reason).__name__
