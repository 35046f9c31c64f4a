"""Who is logged in. A session outlives a restart of the daemon: `<state>/sessions.json`, 0600, keeps it under the hash of its id,
so that nothing there opens a page. It ends with its time, at a log-out, and with any change of its account: password, PIN, roles.

An account has so many sessions at most, and so has an address; of too many the one that was used longest ago ends.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import structlog

from acd.files import write_private
from acd.web.access.accounts import Account

log = structlog.get_logger(__name__)

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
OF_A_WALL = timedelta(days=366)
"""A session of an account that has the role wall and no other: it sees no caller and no agent, and nobody stands before it to log in."""
OF_AN_ACCOUNT = 10
OF_AN_ADDRESS = 1_000
_AT_MOST = 5_000
_WRITE_EVERY_S = 30.0
How = Literal["password", "code", "recovery code", "passkey", "link", "oidc"]
"""By what a session was begun; a code and a recovery code came behind a password or a link."""


@dataclass(slots=True)
class Session:
    """One log-in of one account."""

    key: str
    """The hash of its id."""
    account: str
    roles: frozenset[str]
    stamp: str
    began_at: datetime
    used_at: datetime
    source: str
    """The address of the log-in."""
    how: str = "password"
    """One of `How`."""
    id: str = ""
    """256 random bits, a new one at each log-in; empty when the session was read from the disk, which does not have it."""


def lasts(roles: frozenset[str]) -> tuple[timedelta, timedelta]:
    """How long a session of these roles lasts without use, and at all."""
    return (OF_A_WALL, OF_A_WALL) if roles == {"wall"} else (IDLE, ABSOLUTE)


class Sessions:
    """The open sessions."""

    def __init__(self, find: Callable[[str], Account | None], now: Callable[[], datetime], file: Path) -> None:
        """`find`: the account of this name as it is now. `file`: where the sessions are kept; what is in it is open again."""
        self._find, self._now, self._file = find, now, file
        self._open: dict[str, Session] = {}
        self._changed = False
        self._writing = asyncio.Lock()
        for session in _read(file):
            self._open[session.key] = session
        for key in [*self._open]:
            self._valid(key)

    def begin(self, account: Account, source: str, how: How = "password") -> Session:
        """A new session."""
        now, id_ = self._now(), secrets.token_urlsafe(32)
        self._make_room((one for one in self._open.values() if one.account == account.name), OF_AN_ACCOUNT)
        self._make_room((one for one in self._open.values() if one.source == source), OF_AN_ADDRESS)
        self._make_room(self._open.values(), _AT_MOST)
        session = Session(_hash(id_), account.name, account.roles, account.stamp, now, now, source, how, id_)
        self._open[session.key] = session
        self._changed = True
        return session

    def get(self, id_: str) -> Session | None:
        """The session while it holds: not idle too long, not too old, its account unchanged. Counts as use."""
        return self.by_key(_hash(id_)) if id_ else None

    def by_key(self, key: str, *, touch: bool = True) -> Session | None:
        """As `get`, by the hash of the id.

        `touch`: counts as use; a stream that only listens must not keep a session alive for ever.
        """
        session = self._valid(key)
        if session is not None and touch:
            session.used_at = self._now()
            self._changed = True
        return session

    def end(self, id_: str) -> None:
        """Ends the session of this id; nothing when there is none."""
        self.end_by_key(_hash(id_))

    def end_by_key(self, key: str) -> None:
        """Ends the session of this hash; nothing when there is none."""
        self._changed = self._open.pop(key, None) is not None or self._changed

    def end_of(self, account: str, but: str = "") -> None:
        """Ends every session of this account, but the one of this key."""
        for session in [one for one in self._open.values() if one.account == account and one.key != but]:
            self.end_by_key(session.key)

    def sources(self) -> set[str]:
        """The addresses of their log-ins."""
        return {session.source for session in self._open.values()}

    async def save(self) -> None:
        """The sessions as they are now are on the disk, where it can be written: else they end with the daemon, as is logged."""
        async with self._writing:
            if not self._changed:
                return
            self._changed = False
            text = json.dumps([_as_row(session) for session in self._open.values()], ensure_ascii=False)
            try:
                await asyncio.to_thread(write_private, self._file, text)
            except OSError as error:
                self._changed = True
                log.warning("the sessions could not be written down", why=error.strerror)

    async def run(self) -> None:
        """Writes down every half minute when sessions were last used, until cancelled."""
        while True:
            await asyncio.sleep(_WRITE_EVERY_S)
            await self.save()

    def __len__(self) -> int:
        return len(self._open)

    def _valid(self, key: str) -> Session | None:
        session = self._open.get(key)
        if session is None:
            return None
        now, account = self._now(), self._find(session.account)
        idle, absolute = lasts(session.roles)
        if (
            now - session.used_at > idle
            or now - session.began_at > absolute
            or account is None
            or account.stamp != session.stamp
        ):
            self.end_by_key(key)
            return None
        return session

    def _make_room(self, sessions: Iterable[Session], most: int) -> None:
        found = sorted(sessions, key=lambda one: one.used_at)
        for session in found[: max(0, len(found) - most + 1)]:
            self.end_by_key(session.key)


def _hash(id_: str) -> str:
    return hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()


def _as_row(session: Session) -> dict[str, Any]:
    moments = {name: getattr(session, name).isoformat() for name in ("began_at", "used_at")}
    return {**asdict(session), **moments, "roles": sorted(session.roles), "id": ""}


def _read(file: Path) -> list[Session]:
    """None when the file is not there, or not as it was written: then everybody logs in anew."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        return [
            Session(
                **{name: str(row[name]) for name in ("key", "account", "stamp", "source")},
                how=str(row.get("how", "password")),
                roles=frozenset(row["roles"]),
                began_at=datetime.fromisoformat(row["began_at"]).astimezone(UTC),
                used_at=datetime.fromisoformat(row["used_at"]).astimezone(UTC),
            )
            for row in rows
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.warning("the sessions could not be read; everybody logs in anew", why=type(error).__name__)
        return []
