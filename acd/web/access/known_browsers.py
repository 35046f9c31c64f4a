"""Browsers in which an account has logged in before: each has a cookie that says so, and tries of its own at the log-in.

Colleagues behind one address can't be told apart by it. One who guesses there has no such cookie for another's account, and shuts
that account for browsers without one alone. The cookie opens nothing: the password is asked for as ever. It carries a random id and,
for the latest accounts, a mark that only the holder of `<state>/browsers.key` can make; no account's name.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from aiohttp import web

COOKIE = "sanxiang-browser"
_BYTES = 16
_LENGTH = 22
"""Of 16 bytes in base64 without padding."""
ACCOUNTS = 16
"""A browser at a shared desk remembers so many; the one that logged in there longest ago goes first."""
KEPT_S = 180 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser's cookie says; an empty id: none of ours came."""

    id: str = ""
    marks: tuple[str, ...] = ()
    """One for each account, the latest first."""


UNKNOWN = Browser()


class KnownBrowsers:
    """Reads and writes the cookies."""

    def __init__(self, key: str, *, secure: bool) -> None:
        """`key`: the secret; another one makes every cookie void. `secure`: for https only."""
        self._key, self._secure = key.encode(), secure
        self.cookie = f"__Host-{COOKIE}" if secure else COOKIE

    def read(self, request: web.Request) -> Browser:
        """The browser that sent the request."""
        text = request.cookies.get(self.cookie, "")
        id_, *marks = text.split(".", ACCOUNTS + 2)
        well = all(len(part) == _LENGTH and part.isascii() for part in (id_, *marks)) and len(marks) >= 1
        if not well or not hmac.compare_digest(self._mark(id_), marks[0]):
            return UNKNOWN
        return Browser(id_, tuple(marks[1 : ACCOUNTS + 1]))

    def knows(self, browser: Browser, account: str) -> bool:
        """Whether the account has logged in there before."""
        mark = self._mark(browser.id, account)
        return bool(browser.id) and any(hmac.compare_digest(mark, known) for known in browser.marks)

    def remember(self, response: web.StreamResponse, browser: Browser, account: str) -> None:
        """From this answer on the browser is one in which the account has logged in."""
        id_ = browser.id or _text(secrets.token_bytes(_BYTES))
        mark = self._mark(id_, account)
        marks = [mark, *(known for known in browser.marks if known != mark)][:ACCOUNTS]
        response.set_cookie(
            self.cookie,
            ".".join((id_, self._mark(id_), *marks)),
            max_age=KEPT_S,
            httponly=True,
            samesite="Strict",
            secure=self._secure,
            path="/",
        )

    def _mark(self, id_: str, account: str = "") -> str:
        said = hmac.digest(self._key, f"{id_}\0{account}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        return _text(said[:_BYTES])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
