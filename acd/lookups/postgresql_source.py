"""Records in a table or view of PostgreSQL: the company's own, or the hotline's database."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from acd.company_systems.postgresql_system import PostgresqlSystem, quoted
from acd.company_systems.private_file import private_lines
from acd.config.lookups import Lookup
from acd.lookups.fields import MOST, wanted


class PostgresqlSource:
    """One look-up of kind postgresql."""

    def __init__(self, name: str, lookup: Lookup, own_database: Callable[[], str]) -> None:
        """`own_database`: the URL of the hotline's own, where the look-up names none."""
        self._lookup = lookup
        self._fields = wanted(name, lookup)
        self._own_database = own_database
        self._system = PostgresqlSystem(self._url, lookup.limit_s, "sanxiang look-ups")

    async def find(self, by: str, values: Sequence[str]) -> list[Mapping[str, Any]]:
        """See result.Source."""
        return await self._system.rows(self._statement(by), values)

    async def close(self) -> None:
        """See result.Source."""
        await self._system.close()

    def _url(self) -> str:
        file = self._lookup.address_file
        return self._own_database() if file is None else "".join(private_lines(file, str(file))[:1]).strip()

    def _statement(self, by: str) -> str:
        """Names are the configuration's, checked there; what a caller has keyed is a parameter."""
        columns = ", ".join(f'{quoted(theirs)} AS "{ours}"' for ours, theirs in self._fields.items())
        newest = f" ORDER BY {quoted(self._lookup.newest)} DESC NULLS LAST" if self._lookup.newest else ""
        key = quoted(self._lookup.by[by])
        return f"SELECT {columns} FROM {quoted(self._lookup.table)} WHERE {key}::text = ANY($1::text[]){newest} LIMIT {MOST}"
