"""Proxies that pass requests on and are not named in `web.trusted_proxies`: an alarm for each, once an hour.

Without it the operator sees only what follows: all people behind such a proxy count as one address, and log-ins are refused as from
another page. A stranger who writes X-Forwarded-For can raise it too, with the own address in it; so few are remembered.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from acd.engine.events import AlarmRaised, Event

AGAIN_AFTER = timedelta(hours=1)
MOST = 5


class UntrustedProxies:
    """Looks at where requests come from that somebody has passed on."""

    def __init__(self, tell: Callable[[Event], None], now: Callable[[], datetime]) -> None:
        self._tell, self._now = tell, now
        self._told: dict[str, datetime] = {}

    def saw(self, address: str) -> None:
        """A request with X-Forwarded-For has come from this address, which is no trusted proxy."""
        now = self._now()
        self._told = {each: at for each, at in self._told.items() if now - at < AGAIN_AFTER}
        if address in self._told or len(self._told) >= MOST:
            return
        self._told[address] = now
        self._tell(AlarmRaised("proxy not trusted", f"{address} passes requests on", subject=address))
