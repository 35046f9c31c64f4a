"""Keys for other people's programs: `<state>/tokens.json`, 0600, as hashes. Each has a name and one narrow role.

A key has 256 random bits, so a plain SHA-256 keeps it; it is shown when it is made and never again.
"""

import hashlib
import secrets
from pathlib import Path
from typing import Literal, get_args

from acd.errors import SanxiangError
from acd.web.access.private_json import SecretRows

TokenRole = Literal["crm"]
"""crm: reads the cards of calls, and nothing else."""
TOKEN_ROLES: tuple[TokenRole, ...] = get_args(TokenRole)


class BadToken(SanxiangError):
    """{problem}"""


class Tokens:
    def __init__(self, state: Path) -> None:
        self._rows = SecretRows(state / "tokens.json", state / "accounts.lock")

    def names(self) -> dict[str, str]:
        """Name to role."""
        return {row["name"]: row["role"] for row in self._rows.current().values()}

    def add(self, name: str, role: str) -> str:
        """The new key. Raises BadToken when the name is taken or unfit, or the role unknown."""
        if not name or len(name) > 64 or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise BadToken(problem=f"The name {name!r} won't do. Use letters, digits, dots and dashes.")
        if role not in TOKEN_ROLES:
            raise BadToken(problem=f"The role {role} won't do for a token. Use: {', '.join(TOKEN_ROLES)}.")
        token = secrets.token_urlsafe(32)
        with self._rows.changing() as rows:
            if any(row["name"] == name for row in rows.values()):
                raise BadToken(
                    problem=f"There is a token {name} already. `sanxiang account token remove {name}` first."
                )
            rows[_digest(token)] = {"name": name, "role": role}
        return token

    def remove(self, name: str) -> None:
        """Raises BadToken when there is none. It opens nothing from the next request on."""
        with self._rows.changing() as rows:
            kept = {digest: row for digest, row in rows.items() if row["name"] != name}
            if len(kept) == len(rows):
                raise BadToken(problem=f"There is no token {name}. `sanxiang account token list` shows them.")
            rows.clear()
            rows.update(kept)

    def find(self, token: str) -> tuple[str, str] | None:
        """Name and role of this key. Looked up by its hash, so the time it takes says nothing of any key."""
        row = self._rows.current().get(_digest(token))
        return None if row is None else (str(row["name"]), str(row["role"]))


def _digest(token: str) -> str:
    # A header's bytes that are no text stand in it as lone surrogates: such a token is one that nobody has.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
