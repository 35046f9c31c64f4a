"""A system that is asked in PostgreSQL: one SELECT on a connection that may only read.

The server ends each statement by itself when the limit is over, and the connection is closed under the driver when the gate's is: a
frozen server is not waited for. Both hold behind a pooler too, which takes no settings at the start of a session. At most CONNECTIONS
are kept.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from acd.company_systems.failure import SystemFailed
from acd.config.database import read
from acd.store.connection import Link
from acd.store.errors import DatabaseRefuses
from acd.store.refusals import FROM_A_POOLER

CONNECTIONS = 4
_BROKEN = (
    asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, OSError,
)  # fmt: skip
"""The connection is of no more use."""
_NOT_THERE = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InsufficientPrivilegeError)


class PostgresqlSystem:
    """Asks over kept connections."""

    def __init__(self, url: Callable[[], str], limit_s: float, application_name: str) -> None:
        """`url`: read for each question; may raise SystemFailed."""
        self._url, self._limit_s, self._name = url, limit_s, application_name
        self._link: Link | None = None
        self._link_of = ""
        """The URL for which `_link` was made."""
        self._idle: list[Any] = []
        self._room = asyncio.Semaphore(CONNECTIONS)

    async def rows(self, statement: str, values: Sequence[str]) -> list[Mapping[str, Any]]:
        """What the SELECT finds with `values` as $1. Raises SystemFailed, and TimeoutError when the driver gives up."""
        try:
            async with self._room:
                found = await self._fetched(statement, list(values))
        except _NOT_THERE as error:
            raise SystemFailed("refused", type(error).__name__) from None
        except asyncpg.QueryCanceledError:
            raise SystemFailed("slow", f"no answer within {self._limit_s:g} s") from None
        except TimeoutError:
            raise
        except DatabaseRefuses as error:
            raise SystemFailed("away", error.detail) from None
        except (*_BROKEN, asyncpg.PostgresError) as error:
            raise SystemFailed("away", type(error).__name__) from None
        return [dict(row) for row in found]

    async def close(self) -> None:
        """Ends the connections."""
        while self._idle:
            self._idle.pop().terminate()

    async def _fetched(self, statement: str, values: list[str]) -> list[Any]:
        """A connection that was kept may have ended meanwhile, or a pooler have shown itself: then once more, on another."""
        link = self._known()
        while True:
            kept = self._kept()
            connection = kept or await link.connect(self._limit_s)
            try:
                await connection.execute(
                    f"BEGIN READ ONLY; SET LOCAL statement_timeout = {max(100, int(self._limit_s * 1000))}"
                )
                rows: list[Any] = await connection.fetch(statement, values)
                await connection.execute("COMMIT")
            except BaseException as error:
                connection.terminate()
                if kept is not None and isinstance(error, _BROKEN) and not isinstance(error, TimeoutError):
                    continue
                if getattr(error, "sqlstate", "") in FROM_A_POOLER and not link.pooled:
                    link.pooled = True
                    continue
                raise
            self._idle.append(connection)
            return rows

    def _kept(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    def _known(self) -> Link:
        """Where to connect to; made anew where another address stands in the file."""
        url = self._url()
        if self._link is None or url != self._link_of:
            try:
                address = read(url)
            except ValueError:
                raise SystemFailed("bad-address", "it is no address of PostgreSQL. Write postgresql://…") from None
            while self._idle:
                self._idle.pop().terminate()
            connect_s = min(address.connect_s, self._limit_s)
            self._link = Link(replace(address, application_name=self._name, connect_s=connect_s))
            self._link_of = url
        return self._link


def quoted(name: str) -> str:
    """ "shop.orders" as PostgreSQL takes it in whatever letters."""
    return ".".join(f'"{part}"' for part in name.split("."))
