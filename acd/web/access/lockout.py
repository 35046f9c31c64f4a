"""Who has guessed too often: five wrong tries in a quarter of an hour, counted for each account and each place it is tried from.

A place is one of three: a browser in which this account has logged in before (known_browsers.py), an address at which somebody
has logged in, or everywhere else, which counts as one place. So whoever guesses shuts an account for that place alone: the
owner comes in with the own browser, and an office stays open while strangers guess from outside. Unknown accounts are counted
like known ones: a shut account tells nothing about who exists.

An address is shut only after far more wrong tries than its people could make, and never for known browsers. An IPv6 address
counts with its /64, for one machine has all of that.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

FAILS = 5
WITHIN = timedelta(minutes=15)
FAILS_OF_AN_ADDRESS = 500
"""Of all accounts together: five wrong tries each of a hundred people."""
_REMEMBERED = 10_000
"""Entries of a kind at most: a flood of invented names must not fill the memory; the oldest go first."""
_REMEMBERED_KNOWN = 50_000
"""Of accounts that exist. Apart from the others, so that invented names push none of these out."""
_ELSEWHERE = "elsewhere"


class Lockout:
    """Counts tries before they are evaluated, and says for how long one is refused."""

    def __init__(
        self,
        now: Callable[[], datetime],
        fails: int = FAILS,
        *,
        exists: Callable[[str], bool] = lambda account: False,
        of_an_address: Callable[[], int] = lambda: FAILS_OF_AN_ADDRESS,
    ) -> None:
        """`fails`: tries that are evaluated in a quarter of an hour; `exists`: whether there is such an account;
        `of_an_address`: the same bound for an address and all accounts."""
        self._now, self._allowed, self._exists, self._of_an_address = now, fails, exists, of_an_address
        self._known: OrderedDict[tuple[str, str], list[datetime]] = OrderedDict()
        self._invented: OrderedDict[tuple[str, str], list[datetime]] = OrderedDict()
        self._addresses: OrderedDict[str, tuple[float, datetime]] = OrderedDict()
        self._homes: OrderedDict[str, None] = OrderedDict()
        """Addresses at which somebody has logged in."""

    def begin(self, account: str, source: str, browser: str = "") -> timedelta:
        """Zero: this try is counted as a wrong one, and may be evaluated. Else for how long it is refused, and nothing is counted.

        `browser`: the id of the browser, when this account has logged in there before; else empty.
        """
        address = network_of(source)
        left = self._left(account, self._place(address, browser))
        if not browser:
            left = max(left, self._address_left(address))
        if left:
            return left
        self._count(account, self._place(address, browser))
        if not browser:
            self._count_address(address, 1.0)
        return timedelta()

    def succeeded(self, account: str, source: str, browser: str = "") -> None:
        """The try that was begun was right: it counts no more. Of a known browser the earlier ones count no more either.

        Those of an address stay: somebody else there may have made them.
        """
        address = network_of(source)
        place = self._place(address, browser)
        kept = [] if browser else self._recent(account, place)[:-1]
        entries, key = self._entries(account), (account, place)
        if kept:
            entries[key] = kept
        else:
            entries.pop(key, None)
        if not browser:
            self._count_address(address, -1.0)
        self.at_home(source)

    def right_so_far(self, account: str, source: str, browser: str = "") -> None:
        """The password of the try that was begun was right, and a second factor is asked for: the try counts no more. What was wrong
        before counts still, in a known browser too: else each right password would give five codes more to guess."""
        place = self._place(network_of(source), browser)
        entries, key = self._entries(account), (account, place)
        if kept := self._recent(account, place)[:-1]:
            entries[key] = kept
        else:
            entries.pop(key, None)
        if not browser:
            self._count_address(network_of(source), -1.0)

    def at_home(self, source: str) -> None:
        """Somebody has logged in at this address: from now on it is a place of its own."""
        address = network_of(source)
        self._homes[address] = None
        self._homes.move_to_end(address)
        while len(self._homes) > _REMEMBERED:
            self._homes.popitem(last=False)

    def __len__(self) -> int:
        """Entries in memory."""
        return len(self._known) + len(self._invented) + len(self._addresses) + len(self._homes)

    def _place(self, address: str, browser: str) -> str:
        if browser:
            return f"browser {browser}"
        return address if address in self._homes else _ELSEWHERE

    def _entries(self, account: str) -> OrderedDict[tuple[str, str], list[datetime]]:
        return self._known if self._exists(account) else self._invented

    def _recent(self, account: str, place: str) -> list[datetime]:
        since = self._now() - WITHIN
        return [at for at in self._entries(account).get((account, place), ()) if at > since]

    def _left(self, account: str, place: str) -> timedelta:
        recent = self._recent(account, place)
        if len(recent) < self._allowed:
            return timedelta()
        return recent[-self._allowed] + WITHIN - self._now()

    def _count(self, account: str, place: str) -> None:
        entries, key = self._entries(account), (account, place)
        entries[key] = [*self._recent(account, place), self._now()]
        entries.move_to_end(key)
        most = _REMEMBERED_KNOWN if entries is self._known else _REMEMBERED
        while len(entries) > most:
            entries.popitem(last=False)

    def _level(self, address: str) -> float:
        """Wrong tries of an address that count still: they are forgotten evenly, all of them within a quarter of an hour."""
        level, at = self._addresses.get(address, (0.0, self._now()))
        return max(0.0, level - (self._now() - at) / WITHIN * self._of_an_address())

    def _address_left(self, address: str) -> timedelta:
        beyond = self._level(address) + 1 - self._of_an_address()
        return WITHIN * (beyond / self._of_an_address()) if beyond > 0 else timedelta()

    def _count_address(self, address: str, tries: float) -> None:
        self._addresses[address] = (max(0.0, self._level(address) + tries), self._now())
        self._addresses.move_to_end(address)
        while len(self._addresses) > _REMEMBERED:
            self._addresses.popitem(last=False)


def network_of(source: str) -> str:
    """The address that counts for a source: of IPv6 its /64; one of IPv4 that is written as IPv6 is that of IPv4."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
