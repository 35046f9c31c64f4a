"""The second factors of the accounts: `<state>/second_factors.json`, 0600.

* The secret of an authenticator app must be read by us, with nobody there to type a key. A key beside it would protect nothing, so
  it lies there as it is, as private as the file of passwords; a back-up is encrypted as a whole.
* Recovery codes have 80 random bits, so a plain SHA-256 keeps them; each works once.
* Of a passkey there is only what is public.

A row belongs to one account: to another one of the same name, added later, it gives nothing.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from acd.errors import SanxiangError
from acd.web.access import totp
from acd.web.access.accounts import Account
from acd.web.access.private_json import PrivateJson, Rows

RECOVERY_CODES = 10
PASSKEYS = 20
"""Of an account, at most."""
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base32: no letter that is taken for a digit."""
_READ_AS = str.maketrans("oil", "011")
Verdict = Literal["right", "wrong", "used"]
FACTOR_REFUSALS = ("bad-factor", "no-factor", "passkey-there", "too-many-passkeys")
"""The codes of BadFactor; bad-factor is a wrong code of the app."""


class BadFactor(SanxiangError):
    """{problem}"""

    @property
    def code(self) -> str:
        """One of FACTOR_REFUSALS."""
        return str(self.fields.get("code", FACTOR_REFUSALS[0]))


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that a device or a password manager keeps, by what is public of it."""

    id: str
    """The credential's id, in base64url."""
    name: str
    """What its owner calls it."""
    made_at: datetime
    used_at: datetime | None
    public_key: str
    """COSE, in base64url."""
    count: int
    """Signatures it had made when it was last used; 0 where the device does not count."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account has."""

    totp_since: datetime | None = None
    """None: no authenticator app."""
    recovery_codes: int = 0
    """Those that are left."""
    passkeys: tuple[Passkey, ...] = ()

    def __bool__(self) -> bool:
        """Whether a password alone does not open the account."""
        return self.totp_since is not None or bool(self.passkeys)


class SecondFactors:
    """Safe to use from several processes. What writes waits for the file's lock: use a thread.

    `first`, where it is an argument, is called when nothing is in the way any more, before anything is changed.
    """

    def __init__(self, state: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._rows = PrivateJson(state / "second_factors.json", state / "accounts.lock")
        self._now = now

    def of(self, account: Account) -> Factors:
        """What this account has now."""
        row = _own(self._rows.current(), account)
        since = row.get("totp", {}).get("since")
        return Factors(
            totp_since=None if since is None else datetime.fromisoformat(since),
            recovery_codes=len(row.get("recovery", ())),
            passkeys=tuple(_passkey(key) for key in row.get("passkeys", ())),
        )

    def set_totp(
        self, account: Account, secret: str, code: str, *, first: Callable[[], None] = lambda: None
    ) -> list[str]:
        """From now on the app with this secret is asked for; the recovery codes, where there were none so far.

        `code`: one of the app's, which shows that it has the secret; it does not log in any more. Raises BadFactor when it is wrong.
        """
        step = totp.step_of(secret, totp.plain(code), self._now())
        if step is None:
            raise BadFactor(problem="The code is not right. Look at the app, and at the clock of the telephone.")
        with self._rows.changing() as rows:
            first()
            row = _made(rows, account)
            row["totp"] = {"secret": secret, "since": self._now().isoformat(), "last_step": step}
            return _codes_where_none(row)

    def end_totp(self, account: Account, *, first: Callable[[], None] = lambda: None) -> None:
        """No app from now on. Raises BadFactor when there was none. The recovery codes go with the last factor."""
        with self._rows.changing() as rows:
            row = _own(rows, account)
            if "totp" not in row:
                raise BadFactor(problem=f"{account.name} has no authenticator app.", code="no-factor")
            first()
            del row["totp"]
            _tidy(rows, account)

    def new_recovery_codes(self, account: Account, *, first: Callable[[], None] = lambda: None) -> list[str]:
        """Ten others; the former ones work no more. Raises BadFactor where there is no factor that they could stand in for."""
        with self._rows.changing() as rows:
            row = _own(rows, account)
            if not row.get("totp") and not row.get("passkeys"):
                raise BadFactor(
                    problem=f"{account.name} has neither an authenticator app nor a passkey, so there is nothing to recover. "
                    "Set one up first.",
                    code="no-factor",
                )
            first()
            row["recovery"] = []
            return _codes_where_none(row)

    def check(self, account: Account, code: str) -> tuple[Verdict, int | None]:
        """Whether this code of the app, or this recovery code, opens the account; if so, it does not again.

        With the recovery codes that are left, where it was one of those; else None.
        """
        code = totp.plain(code)
        if not self._may_be(account, code):
            return "wrong", None  # A guess costs no write.
        with self._rows.changing() as rows:
            row = _own(rows, account)
            if totp.is_code(code):
                return _use_step(row.get("totp"), code, self._now()), None
            kept = row.get("recovery", [])
            left = [digest for digest in kept if not hmac.compare_digest(digest, _digest(code))]
            row["recovery"] = left
            return ("right" if len(left) < len(kept) else "wrong"), len(left)

    def _may_be(self, account: Account, code: str) -> bool:
        row = _own(self._rows.current(), account)
        if totp.is_code(code):
            return "totp" in row and totp.step_of(row["totp"]["secret"], code, self._now()) is not None
        return any(hmac.compare_digest(digest, _digest(code)) for digest in row.get("recovery", ()))

    def handle(self, account: Account) -> str:
        """The account's name towards passkeys: 32 random bytes in base64url, made now where there is none. Says nothing of the account."""
        if found := _own(self._rows.current(), account).get("handle"):
            return str(found)
        with self._rows.changing() as rows:
            return str(_made(rows, account)["handle"])

    def add_passkey(self, account: Account, key: Passkey, *, first: Callable[[], None] = lambda: None) -> list[str]:
        """One more; the recovery codes, where there were none so far. Raises BadFactor when it is somebody's, or one too many."""
        with self._rows.changing() as rows:
            if any(one["id"] == key.id for row in rows.values() for one in row.get("passkeys", ())):
                raise BadFactor(problem="This passkey is registered already.", code="passkey-there")
            row = _made(rows, account)
            if len(row.get("passkeys", ())) >= PASSKEYS:
                raise BadFactor(
                    problem=f"{PASSKEYS} passkeys are there already. Remove one first.", code="too-many-passkeys"
                )
            first()
            row["passkeys"] = [*row.get("passkeys", ()), _passkey_row(key)]
            return _codes_where_none(row)

    def remove_passkey(self, account: Account, id_: str, *, first: Callable[[], None] = lambda: None) -> None:
        """Raises BadFactor when there is none of this id. The recovery codes go with the last factor."""
        with self._rows.changing() as rows:
            row = _own(rows, account)
            kept = [one for one in row.get("passkeys", ()) if one["id"] != id_]
            if len(kept) == len(row.get("passkeys", ())):
                raise BadFactor(problem=f"{account.name} has no such passkey.", code="no-factor")
            first()
            row["passkeys"] = kept
            _tidy(rows, account)

    def owner(self, id_: str) -> tuple[str, str] | None:
        """The name of the account to which the passkey belongs, and the account's handle; None: to none."""
        for name, row in self._rows.current().items():
            if any(one["id"] == id_ for one in row.get("passkeys", ())):
                return name, str(row["handle"])
        return None

    def passkey_used(self, account: Account, id_: str, count: int) -> bool:
        """Writes down its use. False, and nothing is written: another use has counted so far meanwhile, or it was removed."""
        with self._rows.changing() as rows:
            for one in _own(rows, account).get("passkeys", ()):
                if one["id"] == id_ and (count > one["count"] or count == one["count"] == 0):
                    one |= {"count": count, "used": self._now().isoformat()}
                    return True
        return False


def _own(rows: Rows, account: Account) -> dict[str, Any]:
    row = rows.get(account.name)
    return row if row is not None and row["of"] == account.made else {}


def _made(rows: Rows, account: Account) -> dict[str, Any]:
    if not _own(rows, account):
        handle = secrets.token_urlsafe(32)
        rows[account.name] = {"of": account.made, "handle": handle}
    return rows[account.name]


def _tidy(rows: Rows, account: Account) -> None:
    row = rows[account.name]
    if not row.get("totp") and not row.get("passkeys"):
        row.pop("recovery", None)


def _codes_where_none(row: dict[str, Any]) -> list[str]:
    if row.get("recovery"):
        return []
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    row["recovery"] = [_digest(code) for code in codes]
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def _use_step(kept: dict[str, Any] | None, code: str, now: datetime) -> Verdict:
    """RFC 6238, 5.2: a code is taken once; so is none of a step before one that was taken."""
    step = totp.step_of(kept["secret"], code, now) if kept else None
    if kept is None or step is None:
        return "wrong"
    if step <= kept["last_step"]:
        return "used"
    kept["last_step"] = step
    return "right"


def _digest(code: str) -> str:
    return hashlib.sha256(code.translate(_READ_AS).encode("utf-8", "surrogatepass")).hexdigest()


def _passkey(row: dict[str, Any]) -> Passkey:
    used = row.get("used")
    return Passkey(
        row["id"],
        row["name"],
        datetime.fromisoformat(row["made"]),
        None if used is None else datetime.fromisoformat(used),
        row["key"],
        row["count"],
    )


def _passkey_row(key: Passkey) -> dict[str, Any]:
    return {"id": key.id, "name": key.name, "made": key.made_at.isoformat(), "key": key.public_key, "count": key.count}
