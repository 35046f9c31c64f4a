"""Who is logged in. Kept in memory on purpose: one daemon serves the pages, a session is revoked the moment it is
dropped here, and all that a restart costs is a new log-in; nothing that could be stolen lies on the disk."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from acd.web.access.accounts import Account

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
_AT_MOST = 5_000


@dataclass(slots=True)
class Session:
    """One log-in of one account."""

    id: str
    """256 random bits; a new one at each log-in."""
    account: str
    roles: frozenset[str]
    stamp: str
    began_at: datetime
    used_at: datetime


class Sessions:
    """The open sessions of this daemon."""

    def __init__(self, find: Callable[[str], Account | None], now: Callable[[], datetime]) -> None:
        """`find`: the account of this name as it is now."""
        self._find, self._now = find, now
        self._open: dict[str, Session] = {}

    def begin(self, account: Account) -> Session:
        """A new session. Of too many the one that was used longest ago ends."""
        now = self._now()
        if len(self._open) >= _AT_MOST:
            del self._open[min(self._open.values(), key=lambda one: one.used_at).id]
        session = Session(secrets.token_urlsafe(32), account.name, account.roles, account.stamp, now, now)
        self._open[session.id] = session
        return session

    def get(self, id_: str, *, touch: bool = True) -> Session | None:
        """The session while it holds: not idle too long, not too old, its account unchanged.

        `touch`: counts as use; a stream that only listens must not keep a session alive for ever.
        """
        session = self._open.get(id_)
        if session is None:
            return None
        now = self._now()
        account = self._find(session.account)
        if (
            now - session.used_at > IDLE
            or now - session.began_at > ABSOLUTE
            or account is None
            or account.stamp != session.stamp
        ):
            self.end(id_)
            return None
        if touch:
            session.used_at = now
        return session

    def end(self, id_: str) -> None:
        """Ends the session of this id; nothing when there is none."""
        self._open.pop(id_, None)

    def end_of(self, account: str) -> None:
        """Ends every session of this account."""
        for session in [one for one in self._open.values() if one.account == account]:
            self.end(session.id)

    def __len__(self) -> int:
        return len(self._open)
