"""Records over HTTP: the address and its headers stand in a private file, and the answer holds a record, or a list of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acd.company_systems.failure import SystemFailed
from acd.company_systems.http_system import HttpSystem, at_path
from acd.company_systems.private_file import private_lines
from acd.config.lookups import Lookup
from acd.lookups.fields import MOST, wanted

_PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))


class HttpSource:
    """One look-up of kind http."""

    def __init__(self, name: str, lookup: Lookup) -> None:
        self._lookup = lookup
        self._fields = wanted(name, lookup)
        self._system = HttpSystem()

    async def find(self, by: str, values: Sequence[str]) -> list[Mapping[str, Any]]:
        """See result.Source; the first of the values is asked for."""
        file = self._lookup.address_file
        assert file is not None, "a look-up by http has its address_file"
        url, headers = read_address(file)
        answer = await self._system.json(url, {self._lookup.by[by]: values[0]}, headers)
        rows = [] if answer is None else _rows(answer, self._lookup.records)
        if not all(isinstance(row, Mapping) for row in rows[:MOST]):
            raise SystemFailed("bad-answer", "it holds something else than records")
        records = [row for row in rows[:MOST] if row]
        words = {theirs.split(".")[0] for theirs in self._fields.values()}
        if words and any(words.isdisjoint(row) for row in records):
            raise SystemFailed("bad-answer", "it has none of the fields that are looked for")
        return [{ours: at_path(row, theirs) for ours, theirs in self._fields.items()} for row in records]

    async def close(self) -> None:
        """See result.Source."""
        await self._system.close()


def _rows(answer: Any, path: str) -> list[Any]:
    """The records at this path ("data.items"). The last word must be there: null or an empty list there is "no such record". What has
    another shape is no answer of the system that the configuration describes. Raises SystemFailed."""
    for word in path.split(".") if path else ():
        if not isinstance(answer, Mapping) or word not in answer:
            raise SystemFailed("bad-answer", f"it has no {path} (lookups.….records)")
        answer = answer[word]
    return answer if isinstance(answer, list) else [] if answer is None else [answer]


def read_address(file: Path) -> tuple[str, dict[str, str]]:
    """URL and headers in the file. Raises SystemFailed with what is wrong with it, and nothing of what stands in it."""
    lines = private_lines(file, str(file))
    url = lines[0].strip() if lines else ""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment
        _ = parts.port
    except ValueError:
        known = False
    if not known or not _PRINTABLE.issuperset(url) or " " in url:
        raise SystemFailed("bad-address", f"the first line of {file} is no address, as https://crm.example.com/orders")
    headers = {}
    for line in lines[1:]:
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip().replace("-", "").isalnum() or not _PRINTABLE.issuperset(value):
            raise SystemFailed("bad-address", f"{file} has a line that is no header, as Authorization: Bearer …")
        headers[name.strip()] = value.strip()
    return url, headers
