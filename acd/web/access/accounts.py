"""The people who may log in: `<state>/accounts.json`, 0600, passwords as argon2id. There is no account at first.

The file is the truth and may be changed by the command line while the daemon runs: it is read again when it has changed,
and every session carries its account's `stamp`, which a new password, new roles or a removal make void at once.
One-time log-in tokens (the demo's link) lie beside it as hashes; whoever redeems one, in whatever process, is the only one.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from acd.errors import SanxiangError
from acd.identifiers import is_extension
from acd.web.access.private_json import PrivateJson, Rows

Role = Literal["operator", "qa"]
ROLES: tuple[Role, ...] = get_args(Role)
TOKEN_LIFETIME = timedelta(hours=1)
SHORTEST_PASSWORD = 12

_HASHER = PasswordHasher()


@cache
def _of_nobody() -> str:
    """Verified against when the account is unknown, so that the answer takes as long. A hash takes a tenth of a second to make."""
    return _HASHER.hash(secrets.token_hex(16))


def _nothing() -> None:
    """What is done first where nothing is to be."""


class BadAccount(SanxiangError):
    """{problem}"""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the page as it is now, without its password."""

    name: str
    roles: frozenset[str]
    stamp: str
    """Changes with the password and the roles."""


class Accounts:
    """Safe to use from several processes: each change is made under a lock and lands whole."""

    def __init__(self, state: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        lock = state / "accounts.lock"
        self._rows, self._tokens, self._log_ins = (
            PrivateJson(state / "accounts.json", lock),
            PrivateJson(state / "log_in_tokens.json", lock),
            PrivateJson(state / "last_log_ins.json", lock),
        )
        self._now = now

    def names(self) -> list[str]:
        """The names of all accounts, sorted."""
        return sorted(self._rows.current())

    def get(self, name: str) -> Account | None:
        """The account of this name, or None."""
        row = self._rows.current().get(name)
        return None if row is None else Account(name, frozenset(row["roles"]), row["stamp"])

    def add(
        self,
        name: str,
        roles: Iterable[str],
        password: str | None = None,
        *,
        by_link_only: bool = False,
        first: Callable[[], None] = _nothing,
    ) -> str:
        """Adds an account; the password comes back (a made one when none is given, empty when by link only).

        `first` is called when nothing is in the way any more, before the account is there. Raises BadAccount when the name is taken
        or unfit, a role unknown, the password too short.
        """
        known = _fit_roles(roles)
        if not name or len(name) > 64 or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise BadAccount(problem=f"The account name {name!r} won't do. Use letters, digits, dots and dashes.")
        if is_extension(name):  # agents log in with their extension and PIN, and have no account
            raise BadAccount(
                problem=f"{name} is written as an extension: with it agents log in. Use a letter in the name."
            )
        made = "" if by_link_only else (password or secrets.token_urlsafe(12))
        row = {"roles": known, "password": None if by_link_only else _hashed(made), "stamp": secrets.token_hex(8)}
        with self._rows.changing() as rows:
            if name in rows:
                raise BadAccount(
                    problem=f"The account {name} is already there. "
                    f"`sanxiang account password {name}` gives it another password."
                )
            first()
            rows[name] = row
        return made

    def remove(self, name: str, *, first: Callable[[], None] = _nothing) -> None:
        """Raises BadAccount when there is none. Its sessions end with the next request. `first` as in `add`."""
        with self._rows.changing() as rows:
            _row_of(rows, name)
            first()
            del rows[name]

    def set_password(self, name: str, password: str | None = None, *, first: Callable[[], None] = _nothing) -> str:
        """The new password (a made one when none is given). Its sessions end with the next request. `first` as in `add`."""
        made = password or secrets.token_urlsafe(12)
        hashed = _hashed(made)
        with self._rows.changing() as rows:
            row = _row_of(rows, name)
            first()
            row |= {"password": hashed, "stamp": secrets.token_hex(8)}
        return made

    def set_roles(self, name: str, roles: Iterable[str], *, first: Callable[[], None] = _nothing) -> None:
        """From now on the account has these roles alone. Its sessions end with the next request. `first` as in `add`."""
        known = _fit_roles(roles)
        with self._rows.changing() as rows:
            row = _row_of(rows, name)
            first()
            row |= {"roles": known, "stamp": secrets.token_hex(8)}

    def logged_in(self, name: str) -> None:
        """Writes down when. Waits for the file's lock: use a thread."""
        with self._log_ins.changing() as rows:
            rows[name] = {"at": self._now().isoformat()}
            for gone in rows.keys() - self._rows.current().keys():
                del rows[gone]

    def last_log_in(self, name: str) -> datetime | None:
        """When the account has logged in last; None: not yet."""
        row = self._log_ins.current().get(name)
        return None if row is None else datetime.fromisoformat(row["at"])

    def verify(self, name: str, password: str) -> Account | None:
        """The account when the password is its own. Takes about as long for an unknown name. Blocks: use a thread."""
        row = self._rows.current().get(name)
        nobody = _of_nobody()  # always, so that the first one to be made tells nothing either
        hashed = (row or {}).get("password") or nobody
        try:
            _HASHER.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return None
        return self.get(name) if row and row["password"] else None

    def issue_token(self, name: str, lifetime: timedelta = TOKEN_LIFETIME) -> str:
        """A token that logs `name` in once, for `/log-in?token=`. Raises BadAccount when there is no such account."""
        if name not in self._rows.current():
            raise BadAccount(problem=f"There is no account {name}.")
        token = secrets.token_urlsafe(32)
        with self._tokens.changing() as rows:
            rows[_digest(token)] = {"account": name, "until": (self._now() + lifetime).isoformat()}
        return token

    def redeem(self, token: str) -> Account | None:
        """The account of an unspent token; from now on it is spent. Waits for the file's lock, for a token that there is: use a thread."""
        if _digest(token) not in self._tokens.current():
            return None  # Strangers send those: they must not cost a write.
        with self._tokens.changing() as rows:
            row = rows.pop(_digest(token), None)
            for digest in [key for key, other in rows.items() if self._over(other)]:
                del rows[digest]
        return None if row is None or self._over(row) else self.get(row["account"])

    def _over(self, row: dict[str, Any]) -> bool:
        return datetime.fromisoformat(row["until"]) <= self._now()


def _fit_roles(roles: Iterable[str]) -> list[str]:
    """Sorted, each once. Raises BadAccount for one that is unknown, and when there is none."""
    fit = sorted(set(roles))
    if not fit or not set(fit) <= set(ROLES):
        raise BadAccount(problem=f"The roles {fit} won't do. Use one or more of: {', '.join(ROLES)}.")
    return fit


def _row_of(rows: Rows, name: str) -> dict[str, Any]:
    if name not in rows:
        raise BadAccount(problem=f"There is no account {name}. `sanxiang account list` shows the accounts.")
    return rows[name]


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise BadAccount(problem=f"The password is too short. Use at least {SHORTEST_PASSWORD} characters.")
    return _HASHER.hash(password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
