"""What is begun at a log-in and must be ended soon: kept in memory, each once, so many at most, under a key that can't be guessed."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")
AT_MOST = 10_000


class ShortLived(Generic[T]):
    """Values with an end. A daemon that is started anew knows none of them: the log-in is begun again."""

    def __init__(self, now: Callable[[], datetime], lifetime: timedelta, most: int = AT_MOST) -> None:
        self._now, self._lifetime, self._most = now, lifetime, most
        self._kept: OrderedDict[str, tuple[T, datetime]] = OrderedDict()

    def put(self, value: T, key: str = "") -> str:
        """The key under which the value is kept, a made one of 256 bits when none is given. Of too many the oldest goes."""
        key = key or secrets.token_urlsafe(32)
        self._kept.pop(key, None)
        self._kept[key] = (value, self._now() + self._lifetime)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return key

    def look(self, key: str) -> T | None:
        """The value of this key; None: there is none, or its time is over."""
        found = self._kept.get(key)
        return None if found is None or found[1] <= self._now() else found[0]

    def take(self, key: str) -> T | None:
        """As `look`; nobody gets it again."""
        found = self.look(key)
        self._kept.pop(key, None)
        return found

    def __len__(self) -> int:
        return len(self._kept)
