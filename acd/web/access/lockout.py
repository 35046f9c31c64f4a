"""Who has failed too often: five wrong tries in fifteen minutes, counted apart per account and per source.

Unknown accounts are counted like known ones, so a lock tells nothing about who exists. A source from which this account
was opened before is not held by the account's lock, only by its own: a stranger's guessing can't keep the owner out.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

FAILS = 5
WITHIN = timedelta(minutes=15)
_REMEMBERED = 10_000
"""Names and sources kept at most: a flood of invented names must not fill the memory; the oldest go first."""


class Lockout:
    """Counts wrong tries per account and per source, and says for how long each is locked."""

    def __init__(self, now: Callable[[], datetime], fails: int = FAILS) -> None:
        self._now, self._allowed = now, fails
        self._fails: OrderedDict[tuple[str, str], list[datetime]] = OrderedDict()
        self._good: OrderedDict[tuple[str, str], None] = OrderedDict()

    def locked_for(self, account: str, source: str) -> timedelta:
        """How long this account stays shut for this source; zero when a try is allowed."""
        keys = [("source", source)]
        if (account, source) not in self._good:
            keys.append(("account", account))
        return max((self._left(key) for key in keys), default=timedelta())

    def failed(self, account: str, source: str) -> None:
        """Counts a wrong try for account and source."""
        for key in (("account", account), ("source", source)):
            tries = [*self._recent(key), self._now()]
            self._fails[key] = tries
            self._fails.move_to_end(key)
        while len(self._fails) > _REMEMBERED:
            self._fails.popitem(last=False)

    def succeeded(self, account: str, source: str) -> None:
        """Clears the counts of account and source, and remembers that the source knew the password."""
        self._fails.pop(("source", source), None)
        self._fails.pop(("account", account), None)
        self._good[(account, source)] = None
        self._good.move_to_end((account, source))
        while len(self._good) > _REMEMBERED:
            self._good.popitem(last=False)

    def _recent(self, key: tuple[str, str]) -> list[datetime]:
        since = self._now() - WITHIN
        return [at for at in self._fails.get(key, ()) if at > since]

    def _left(self, key: tuple[str, str]) -> timedelta:
        recent = self._recent(key)
        if len(recent) < self._allowed:
            return timedelta()
        return recent[-self._allowed] + WITHIN - self._now()
