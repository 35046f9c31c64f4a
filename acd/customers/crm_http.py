"""The company's customer system over HTTP: one GET with the caller's number, one JSON object back. The address stands in the
configuration: of a call only the number is sent, as a word of the query."""

from collections.abc import Mapping
from typing import Any

from acd.company_systems.failure import SystemFailed
from acd.company_systems.http_system import HttpSystem, at_path
from acd.company_systems.private_file import private_word
from acd.config.customers import CustomerHttp
from acd.telephone_numbers import dialled_as

_OWN_NAMES = (
    "id", "name", "class", "language", "last_order", "area", "do_not_call", "complaint_ticket", "complaint_owner",
)  # fmt: skip


class HttpCrm:
    """As crm.Crm."""

    def __init__(self, table: CustomerHttp, country: str) -> None:
        self._table, self._country = table, country
        self._system = HttpSystem(table.ca_file)

    async def ask(self, number: str) -> Mapping[str, Any] | None:
        """As Crm.ask."""
        query = {self._table.number_in: dialled_as(self._table.number_as, number, self._country)}
        headers = {}
        if self._table.token_file is not None:
            headers["Authorization"] = f"Bearer {private_word(self._table.token_file, 'customers.http.token_file')}"
        answer = await self._system.json(self._table.url, query, headers, empty_is_nobody=True)
        if answer is None:
            return None
        if not isinstance(answer, dict):
            raise SystemFailed("bad-answer", "it is no JSON object")
        paths: Mapping[str, str] = {name: name for name in _OWN_NAMES} | dict(self._table.fields)
        return {name: found for name, path in paths.items() if (found := at_path(answer, path)) is not None}

    async def close(self) -> None:
        """Ends the connections."""
        await self._system.close()
