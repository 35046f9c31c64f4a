"""The company's customers as a table or view in its own PostgreSQL: one question with the number in all its writings."""

from collections.abc import Mapping
from typing import Any

from acd.company_systems.failure import SystemFailed
from acd.company_systems.postgresql_system import PostgresqlSystem, quoted
from acd.company_systems.private_file import private_lines
from acd.config.customers import CustomerView
from acd.telephone_numbers import writings

_FILE = "customers.view.url_file"


class ViewCrm:
    """As crm.Crm."""

    def __init__(self, table: CustomerView, country: str, within_s: float) -> None:
        self._table, self._country = table, country
        self._system = PostgresqlSystem(self._url, within_s, "sanxiang customers")
        columns = ", ".join(f"{quoted(column)} AS {quoted(field)}" for field, column in table.columns.items())
        self._query = f"SELECT {columns} FROM {quoted(table.table)} WHERE CAST({quoted(table.number)} AS text) = ANY($1::text[]) LIMIT 1"

    async def ask(self, number: str) -> Mapping[str, Any] | None:
        """As Crm.ask."""
        rows = await self._system.rows(self._query, writings(number, self._country))
        return rows[0] if rows else None

    async def close(self) -> None:
        """Ends the connections."""
        await self._system.close()

    def _url(self) -> str:
        url = "".join(private_lines(self._table.url_file, _FILE)[:1]).strip()
        if not url:
            why = f"{_FILE} holds no address. Write postgresql://user:password@host/name there"
            raise SystemFailed("bad-address", why)
        return url
