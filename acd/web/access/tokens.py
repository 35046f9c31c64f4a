"""Keys for other people's programs: `<state>/tokens.json`, 0600, as hashes. Each has a name, one role (a scope of `integration`), and
may have an end.

A key has 256 random bits, so a plain SHA-256 keeps it; it is shown when it is made and never again.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from acd.errors import SanxiangError
from acd.web.access.accounts import fit_brands
from acd.web.access.private_json import PrivateJson
from acd.web.access.roles import ROLES, SCOPES

TOKEN_ROLES: tuple[str, ...] = tuple(SCOPES)
SAID: Mapping[str, str] = {
    scope: ROLES[role].what.en if scope == role else f"may do whatever an {role} may" for scope, role in SCOPES.items()
}
"""Each role in words; nothing else is allowed to it. What each may is the table of acd/web/access/roles.py."""
_NOTED_EVERY = timedelta(minutes=1)
"""A key's use is written down so often at most."""


class BadToken(SanxiangError):
    """{problem}"""


@dataclass(frozen=True, slots=True)
class Token:
    """A key, without what it is."""

    name: str
    role: str
    made_at: datetime | None
    """None: before this was kept."""
    until: datetime | None
    """None: no end."""
    used_at: datetime | None
    """None: not yet. To the minute."""
    brands: frozenset[str] = frozenset()
    """It is limited to these; empty: it is not."""


class Tokens:
    """The keys of other programs; safe to use from several processes."""

    def __init__(self, state: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._rows = PrivateJson(state / "tokens.json", state / "accounts.lock")
        self._uses = PrivateJson(state / "token_uses.json", state / "accounts.lock")
        self._now = now
        self._noted: dict[str, datetime] = {}

    def all(self) -> list[Token]:
        """Each key, by name. Of one that was made anew and whose former one still works, the new one."""
        uses = self._uses.current()
        found = {}
        for row in self._rows.current().values():
            if not row.get("former"):
                used = uses.get(row["name"], {}).get("at")
                made, until = row.get("made_at"), row.get("until")
                moments = _moment(made), _moment(until), _moment(used)
                found[row["name"]] = Token(row["name"], row["role"], *moments, frozenset(row.get("brands", ())))
        return [found[name] for name in sorted(found)]

    def add(
        self,
        name: str,
        role: str,
        until: datetime | None = None,
        *,
        brands: Iterable[str] = (),
        first: Callable[[], None] = lambda: None,
    ) -> str:
        """The new key; `brands`: limited to these. `first` is called when nothing is in the way any more, before the key is there.

        Raises BadToken when the name is taken or unfit, the role unknown, or the end is over; BadAccount for what can be no brand.
        """
        limits = fit_brands(brands)
        if not name or len(name) > 64 or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise BadToken(problem=f"The name {name!r} won't do. Use letters, digits, dots and dashes.")
        if role not in TOKEN_ROLES:
            raise BadToken(problem=f"The role {role} won't do for a token. Use: {', '.join(TOKEN_ROLES)}.")
        if until is not None and until <= self._now():
            raise BadToken(problem=f"{until:%Y-%m-%d %H:%M} UTC is over. Name a later day.")
        token = secrets.token_urlsafe(32)
        with self._rows.changing() as rows:
            if any(row["name"] == name for row in rows.values()):
                raise BadToken(
                    problem=f"There is a token {name} already. `sanxiang account token rotate {name}` makes its key anew, "
                    f"`sanxiang account token remove {name}` takes it away."
                )
            first()
            rows[_digest(token)] = self._row(name, role, until, limits)
        return token

    def rotate(self, name: str, keep: timedelta = timedelta(), *, first: Callable[[], None] = lambda: None) -> str:
        """Another key of the same name, role, brands and end. The former one works for `keep` still. Raises BadToken. `first` as in `add`."""
        token = secrets.token_urlsafe(32)
        with self._rows.changing() as rows:
            was = next((digest for digest, row in rows.items() if row["name"] == name and not row.get("former")), None)
            if was is None:
                raise _no_token(name)
            until = _moment(rows[was].get("until"))
            if until is not None and until <= self._now():
                raise BadToken(problem=f"The token {name} has ended. Remove it, and add it with another end.")
            first()
            former, role = rows[was], rows[was]["role"]
            for digest in [digest for digest, row in rows.items() if row["name"] == name]:
                del rows[digest]  # also one from the rotation before
            if keep > timedelta():
                end = self._now() + keep
                rows[was] = {**former, "former": True, "until": min(end, until or end).isoformat()}
            rows[_digest(token)] = self._row(name, role, until, former.get("brands", []))
        return token

    def remove(self, name: str, *, first: Callable[[], None] = lambda: None) -> None:
        """Raises BadToken when there is none. It opens nothing from the next request on. `first` as in `add`."""
        with self._rows.changing() as rows:
            kept = {digest: row for digest, row in rows.items() if row["name"] != name}
            if len(kept) == len(rows):
                raise _no_token(name)
            first()
            rows.clear()
            rows.update(kept)

    def find(self, token: str) -> tuple[str, str, frozenset[str]] | None:
        """Name of this key, its role at the door, and the brands that it is limited to (none: it is not); None: there is none, or it has ended. Looked up by its hash, so the time it
        takes says nothing of any key."""
        row = self._rows.current().get(_digest(token))
        if row is None:
            return None
        until = _moment(row.get("until"))
        if until is not None and until <= self._now():
            return None
        return str(row["name"]), SCOPES.get(row["role"], str(row["role"])), frozenset(row.get("brands", ()))

    def use_is_due(self, name: str) -> bool:
        """Whether the use of this key is to be written down now (`note_use`): once a minute."""
        now = self._now()
        if name in self._noted and now - self._noted[name] < _NOTED_EVERY:
            return False
        self._noted[name] = now
        return True

    def note_use(self, name: str) -> None:
        """Writes down that the key is in use. Waits for the file's lock: use a thread."""
        with self._uses.changing() as rows:
            rows[name] = {"at": self._now().isoformat()}
            for gone in rows.keys() - {row["name"] for row in self._rows.current().values()}:
                del rows[gone]

    def _row(self, name: str, role: str, until: datetime | None, brands: list[str]) -> dict[str, Any]:
        ends = {} if until is None else {"until": until.isoformat()}
        limits = {"brands": brands} if brands else {}
        return {"name": name, "role": role, "made_at": self._now().isoformat(), **ends, **limits}


def _no_token(name: str) -> BadToken:
    return BadToken(problem=f"There is no token {name}. `sanxiang account token list` shows them.")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _digest(token: str) -> str:
    # A header's bytes that are no text stand in it as lone surrogates: such a token is one that nobody has.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
