"""The names of the trunks, resolved: the last good answer of each, kept in a file so that a start needs no name server.

Asterisk itself resolves a trunk's name only while it reads its files, and a name that can't be resolved then closes the trunk. So the
daemon resolves them (acd/daemon/watchdogs/trunks.py), and Asterisk's files hold addresses only.
"""

import ipaddress
import json
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from acd.files import write_private

MOST = 32
"""Addresses of one name that are taken."""


class TrunkNames:
    """Name to its last good addresses."""

    def __init__(self, file: Path) -> None:
        """What the file holds; a file that is not there, or is not ours, holds nothing."""
        self._file = file
        self._known = _read(file)

    def addresses(self, names: Iterable[str]) -> tuple[str, ...]:
        """The last good addresses of these names, each once, in order."""
        return tuple(dict.fromkeys(address for name in names for address in self._known.get(name.lower(), ())))

    def learn(
        self, found: Mapping[str, Iterable[str]], wanted: Iterable[str], in_part: Container[str] = frozenset()
    ) -> bool:
        """Takes these answers over and forgets names that are not wanted any more. Whether anything is different now; it is
        then written to the file. An empty answer changes nothing, and one that is known `in_part` only takes nothing away.
        Raises OSError."""
        keep = {name.lower() for name in wanted}
        known = {name: addresses for name, addresses in self._known.items() if name in keep}
        for name, addresses in found.items():
            before = known.get(name.lower(), ()) if name in in_part else ()
            if fit := usable(addresses):
                known[name.lower()] = usable((*fit, *(each for each in before if each not in fit)))
        if known == self._known:
            return False
        self._known = known
        write_private(self._file, json.dumps(known, indent=1))
        return True


def usable(addresses: Iterable[str]) -> tuple[str, ...]:
    """Those that a carrier can have, sorted: an answer in another order is the same answer."""
    found = set()
    for each in addresses:
        try:
            address = ipaddress.ip_address(each)
        except ValueError:
            continue
        if not (address.is_unspecified or address.is_multicast or "%" in each):
            found.add(str(address))
    return tuple(sorted(found))[:MOST]


def _read(file: Path) -> dict[str, tuple[str, ...]]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): usable(map(str, addresses)) for name, addresses in kept.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
