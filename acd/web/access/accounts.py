"""The people who may log in: `<state>/accounts.json`, 0600, passwords as argon2id. There is no account at first.

The file is the truth and may be changed by the command line while the daemon runs: it is read again when it has changed,
and every session carries its account's `stamp`, which a new password, new roles or a removal make void at once.
One-time log-in tokens (the demo's link) lie beside it as hashes; whoever redeems one, in whatever process, is the only one.
"""

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from acd.errors import SanxiangError
from acd.identifiers import is_extension, is_name, made_password
from acd.web.access.private_json import PrivateJson, Rows
from acd.web.access.roles import ROLES as TABLE

ROLES: tuple[str, ...] = tuple(role.code for role in TABLE.values() if role.kind == "account")
"""Roles that an account may have: acd/web/access/roles.py says what each may."""
MOST_TEAMS = 50
MOST_BRANDS = 200
OF_PROVIDER = "oidc:"
"""What the names of people begin with whom the identity provider has led here; no local account's can."""
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

    @property
    def code(self) -> str:
        """For programs and translations: "not-taken" where there is no other."""
        return str(self.fields.get("code", "not-taken"))


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the page as it is now, without its password."""

    name: str
    roles: frozenset[str]
    stamp: str
    """Changes with the password, the roles, the teams and the brands."""
    teams: frozenset[str] = frozenset()
    """Those that a supervisor leads, by their names in the configuration."""
    brands: frozenset[str] = frozenset()
    """It is limited to these, by their names in the configuration; empty: it is not."""
    made: str = ""
    """Another one for another account of the same name; empty: made before this was kept."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be added."""

    name: str
    roles: tuple[str, ...]
    teams: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()


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
        if row is None:
            return None
        teams, brands = frozenset(row.get("teams", ())), frozenset(row.get("brands", ()))
        return Account(name, frozenset(row["roles"]), row["stamp"], teams, brands, row.get("made", ""))

    def all(self) -> list[Account]:
        """Every account, by name."""
        return [account for name in self.names() if (account := self.get(name)) is not None]

    def existing(self, name: str) -> Account:
        """The account of this name. Raises BadAccount when there is none."""
        _row_of(self._rows.current(), name)
        found = self.get(name)
        assert found is not None
        return found

    def add(
        self,
        name: str,
        roles: Iterable[str],
        password: str | None = None,
        *,
        by_link_only: bool = False,
        teams: Iterable[str] = (),
        brands: Iterable[str] = (),
        first: Callable[[], None] = _nothing,
    ) -> str:
        """Adds an account; the password comes back (a made one when none is given, empty when by link only).

        `first` is called when nothing is in the way any more, before the account is there. Raises BadAccount when the name is taken
        or unfit, a role unknown, the password too short.
        """
        known, led, limits = _fit_roles(roles), _fit_teams(teams), fit_brands(brands)
        _refuse_limited_administrator(known, limits)
        check_name(name)
        made = "" if by_link_only else (password or made_password())
        row = _new_row(known, led, limits, None if by_link_only else _hashed(made))
        with self._rows.changing() as rows:
            if name in rows:
                raise BadAccount(
                    problem=f"The account {name} is already there. "
                    f"`sanxiang account password {name}` gives it another password.",
                    code="account-there",
                )
            first()
            rows[name] = row
        return made

    def add_all(self, new: Sequence[NewAccount], *, first: Callable[[], None] = _nothing) -> dict[str, str]:
        """Adds all of these accounts or none; name to the password that was made. `first` as in `add`. Raises BadAccount."""
        made = {one.name: made_password() for one in new}
        rows_to_add = {}
        for one in new:
            check_name(one.name)
            known, limits = _fit_roles(one.roles), fit_brands(one.brands)
            _refuse_limited_administrator(known, limits)
            rows_to_add[one.name] = _new_row(known, _fit_teams(one.teams), limits, _hashed(made[one.name]))
        with self._rows.changing() as rows:
            if taken := sorted(rows.keys() & rows_to_add.keys()):
                raise BadAccount(
                    problem=f"Already there: {', '.join(taken)}. Nothing is added. Take them out of the list."
                )
            first()
            rows.update(rows_to_add)
        return made

    def remove(self, name: str, *, by: str = "", first: Callable[[], None] = _nothing) -> None:
        """Raises BadAccount when there is none. Its sessions end with the next request. `first` as in `add`.

        `by`: the account that asks through the page; it can't take away the only administrator, be it itself."""
        with self._rows.changing() as rows:
            _row_of(rows, name)
            if by:
                _keep_an_administrator(rows, name, ())
            first()
            del rows[name]

    def set_password(self, name: str, password: str | None = None, *, first: Callable[[], None] = _nothing) -> str:
        """The new password (a made one when none is given). Its sessions end with the next request. `first` as in `add`."""
        made = password or made_password()
        hashed = _hashed(made)
        with self._rows.changing() as rows:
            row = _row_of(rows, name)
            first()
            row |= {"password": hashed, "stamp": secrets.token_hex(8)}
        return made

    def set_roles(
        self,
        name: str,
        roles: Iterable[str],
        teams: Iterable[str] | None = None,
        brands: Iterable[str] | None = None,
        *,
        by: str = "",
        first: Callable[[], None] = _nothing,
    ) -> None:
        """From now on the account has these roles alone, and these teams and brands; None: as before. Its sessions end with the next
        request.

        `first` as in `add`. Raises BadAccount, and for `by` as in `remove`.
        """
        known, led = _fit_roles(roles), None if teams is None else _fit_teams(teams)
        limits = None if brands is None else fit_brands(brands)
        with self._rows.changing() as rows:
            row = _row_of(rows, name)
            if by:
                _keep_an_administrator(rows, name, known)
            given = {"teams": led, "brands": limits}
            _refuse_limited_administrator(known, row.get("brands", []) if limits is None else limits)
            first()
            changed = {word: names for word, names in given.items() if names is not None}
            row |= {"roles": known, "stamp": secrets.token_hex(8), **changed}

    def end_sessions(self, name: str) -> None:
        """The account's sessions end with the next request. Raises BadAccount when there is none."""
        with self._rows.changing() as rows:
            _row_of(rows, name)["stamp"] = secrets.token_hex(8)

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


def _new_row(roles: list[str], teams: list[str], brands: list[str], hashed: str | None) -> dict[str, Any]:
    row = {"roles": roles, "password": hashed, "stamp": secrets.token_hex(8), "made": secrets.token_hex(8)}
    return {**row, **({"teams": teams} if teams else {}), **({"brands": brands} if brands else {})}


def _fit_roles(roles: Iterable[str]) -> list[str]:
    """Sorted, each once. Raises BadAccount for one that is unknown, and when there is none."""
    fit = sorted(set(roles))
    if not fit or not set(fit) <= set(ROLES):
        raise BadAccount(
            problem=f"The roles {', '.join(fit) or 'none'} won't do. Use one or more of: {', '.join(ROLES)}.",
            code="unknown-role",
        )
    return fit


def _fit_teams(teams: Iterable[str]) -> list[str]:
    """Sorted, each once. Raises BadAccount for what can be no team's name, and for too many."""
    fit = sorted(set(teams))
    if bad := [team for team in fit if not is_name(team)]:
        raise BadAccount(problem=f"{bad[0]!r} can't be a team. Use its name in the configuration, as after-sales.")
    if len(fit) > MOST_TEAMS:
        raise BadAccount(problem=f"{len(fit)} teams are too many for one account. Name {MOST_TEAMS} at most.")
    return fit


def fit_brands(brands: Iterable[str]) -> list[str]:
    """Sorted, each once. Raises BadAccount for what can be no brand's name, and for too many."""
    fit = sorted(set(brands))
    if bad := [brand for brand in fit if not is_name(brand)]:
        raise BadAccount(problem=f"{bad[0]!r} can't be a brand. Use its name in the configuration, as acme.")
    if len(fit) > MOST_BRANDS:
        raise BadAccount(problem=f"{len(fit)} brands are too many for one account. Name {MOST_BRANDS} at most.")
    return fit


def _refuse_limited_administrator(roles: Collection[str], brands: Collection[str]) -> None:
    """Raises BadAccount: who manages accounts could take the limit away."""
    if brands and "administrator" in roles:
        raise BadAccount(
            problem="An administrator can't be limited to brands: accounts are the whole hotline's. Leave the brands away, or the role.",
            code="limited-administrator",
        )


def check_name(name: str) -> None:
    """Raises BadAccount when no account can have this name."""
    if not name or len(name) > 64 or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise BadAccount(
            problem=f"The account name {name!r} won't do. Use letters, digits, dots and dashes.",
            code="bad-account-name",
        )
    if is_extension(name):  # agents log in with their extension and PIN, and have no account
        raise BadAccount(
            problem=f"{name} is written as an extension: with it agents log in. Use a letter in the name.",
            code="account-is-extension",
        )


def _keep_an_administrator(rows: Rows, name: str, roles: Collection[str]) -> None:
    """Raises BadAccount when this account is the only administrator and would be it no more."""
    others = [other for other, row in rows.items() if other != name and "administrator" in row["roles"]]
    if "administrator" in rows[name]["roles"] and "administrator" not in roles and not others:
        raise BadAccount(
            problem=f"{name} is the only administrator, and nobody could manage accounts any more. Give the role to somebody else first.",
            code="last-administrator",
        )


def _row_of(rows: Rows, name: str) -> dict[str, Any]:
    if name not in rows and name.startswith(OF_PROVIDER):
        raise BadAccount(
            problem=f"{name} comes by the identity provider: its groups there say what it may, and it has no password here. Its sessions "
            "are ended on the page, under Accounts.",
            code="providers-account",
        )
    if name not in rows:
        raise BadAccount(problem=f"There is no account {name}. `sanxiang account list` shows the accounts.")
    return rows[name]


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise BadAccount(problem=f"The password is too short. Use at least {SHORTEST_PASSWORD} characters.")
    return _HASHER.hash(password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
