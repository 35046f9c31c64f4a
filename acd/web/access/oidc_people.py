"""People whom the identity provider has led here: `<state>/oidc_people.json`, 0600. Their roles follow from their groups.

A person is known by the provider's `sub`, which never changes; the name is for lists and the audit log. It begins with `oidc:`, which
no local account's can, so that nobody is taken for a local account.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from acd.config import sign_in
from acd.web.access.accounts import OF_PROVIDER, Account
from acd.web.access.private_json import PrivateJson, Rows

_LONGEST = 64
_NOT_IN_NAMES = re.compile(r"[^\w.@+-]")
AT_MOST = 10_000


class OidcPeople:
    """Safe to use from several processes. What writes waits for the file's lock: use a thread."""

    def __init__(self, state: Path, table: sign_in.Oidc, now: Callable[[], datetime]) -> None:
        """`table`: the provider, which of its groups give which roles, and which lead which teams and are limited to which brands."""
        self._rows = PrivateJson(state / "oidc_people.json", state / "accounts.lock")
        self._issuer, self._groups, self._now = table.issuer, table.groups, now
        self._teams, self._brands = table.teams, table.brands

    def roles(self, groups: Sequence[str]) -> frozenset[str]:
        """What these groups give; empty: nothing."""
        return frozenset(role for group in groups for role in self._groups.get(group, ()))

    def get(self, name: str) -> Account | None:
        """The person as an account. None: unknown, another provider's, or the groups of the last log-in give nothing any more."""
        row = self._rows.current().get(name) if name.startswith(OF_PROVIDER) else None
        if row is None or row["issuer"] != self._issuer:
            return None
        roles = self.roles(row["groups"])
        if not roles:
            return None
        teams = frozenset(team for group in row["groups"] for team in self._teams.get(group, ()))
        brands = frozenset(brand for group in row["groups"] for brand in self._brands.get(group, ()))
        # With roles, teams and brands in it: other groups, or another table of groups, end the sessions.
        told = f"{' '.join(sorted(roles))}{' in ' if teams else ''}{' '.join(sorted(teams))}"
        told += f" of {' '.join(sorted(brands))}" if brands else ""
        return Account(name, roles, f"{row['stamp']} {told}", teams, brands, row["stamp"])

    def all(self) -> list[Account]:
        """Everybody whom the groups still give a role, by name."""
        found = (self.get(name) for name in sorted(self._rows.current()))
        return [person for person in found if person is not None]

    def last_log_in(self, name: str) -> datetime | None:
        """When the person has come last; None: unknown."""
        row = self._rows.current().get(name)
        return None if row is None else datetime.fromisoformat(row["at"])

    def came(self, sub: str, name: str, groups: Sequence[str]) -> Account | None:
        """The person has logged in, and is in these groups. None: they give nothing, and nobody is written down."""
        if not self.roles(groups):
            self._forget(sub)
            return None
        with self._rows.changing() as rows:
            known = self._known(rows, sub)
            called = known or self._free(rows, name)
            former = rows.pop(called, {})
            rows[called] = {
                "issuer": self._issuer,
                "sub": sub,
                "groups": [
                    group for group in groups if group in self._groups or group in self._teams or group in self._brands
                ],
                "stamp": former.get("stamp") or secrets.token_hex(8),
                "at": self._now().isoformat(),
            }
            for oldest in [*rows][: max(0, len(rows) - AT_MOST)]:
                del rows[oldest]
        return self.get(called)

    def _forget(self, sub: str) -> None:
        """Sessions that began while the person was in another group end."""
        if self._known(self._rows.current(), sub):
            with self._rows.changing() as rows:
                if name := self._known(rows, sub):
                    del rows[name]

    def _known(self, rows: Rows, sub: str) -> str:
        return next((name for name, row in rows.items() if (row["issuer"], row["sub"]) == (self._issuer, sub)), "")

    def _free(self, rows: Rows, name: str) -> str:
        """A name that nobody else has."""
        plain = OF_PROVIDER + (_NOT_IN_NAMES.sub("", name)[: _LONGEST - len(OF_PROVIDER) - 5] or "somebody")
        number, free = 1, plain
        while free in rows:
            number += 1
            free = f"{plain}-{number}"
        return free


def groups_in(claims: Mapping[str, Any], claim: str) -> list[str] | None:
    """The groups that the claim lists, a thousand at most; one alone may stand there as a text. None: there is no such claim."""
    said = claims.get(claim)
    if isinstance(said, str):
        return [said]
    if not isinstance(said, list):
        return None
    return [group for group in said[:1_000] if isinstance(group, str)]
