"""Where a request comes from, and under which address its sender sees us, behind any chain of proxies that are trusted.

What a proxy says is believed only when it comes from a trusted one (`web.trusted_proxies`), and of X-Forwarded-For only as far as
trusted ones have written it: a client may have put anything before that.
"""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_MOST_HOPS = 20
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([0-9.]+):\d+")
"""An entry as some proxies write it, with the port."""
_PORTS = {"http": 80, "https": 443}


class Proxies:
    """The proxies in front of us; none where they are not to be believed."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._trusted = [ipaddress.ip_network(each, strict=False) for each in trusted]

    def trusts(self, address: str) -> bool:
        """Whether a request from there is believed."""
        found = _address(address)
        return found is not None and any(found in network for network in self._trusted)

    def client(self, remote: str, forwarded: Sequence[str]) -> str:
        """The address of the client: the nearest that is no trusted proxy. `forwarded`: all lines of X-Forwarded-For, in order."""
        here = str(_address(remote) or remote)
        entries = [entry.strip() for line in forwarded for entry in line.split(",")]
        for entry in reversed(entries[-_MOST_HOPS:]):
            if not self.trusts(here) or (said := _address(entry)) is None:
                break
            here = str(said)
        return here


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address; None where it is none. One of IPv4 within IPv6 is that of IPv4."""
    if found := _WITH_PORT.fullmatch(text):
        text = found[1] or found[2]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def same_place(origin: str, host: str) -> bool:
    """Whether the page at this origin (scheme://host[:port]) is at this host[:port]. Capitals and a port that the scheme has anyway
    make no difference."""
    try:
        parts, ours = urlsplit(origin), urlsplit(f"//{host}")
        usual = _PORTS.get(parts.scheme)
        return bool(parts.hostname) and (parts.hostname, parts.port or usual) == (ours.hostname, ours.port or usual)
    except ValueError:  # no address at all, as "http://["
        return False
