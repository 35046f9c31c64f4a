"""Addresses, networks and host names in the configuration: what can't be one is refused with a sentence.

Asterisk throws a whole section of pjsip.conf away for one address that it can't read, and says so only in its log: the trunk is
then a stranger to it, and each of its calls is answered 401. So nothing gets that far.
"""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_BRACKETS = re.compile(r"\[[^\[\]]+\](:[^:]*)?")
_NUMERIC = re.compile(r"[0-9.]+")
SMALLEST_PREFIX = {4: 8, 6: 16}
"""IP version to the length of a prefix at least: a trunk's calls need no password, and a wider network is half the world."""


def network(text: str) -> str:
    """The address or network as it was written. Raises ValueError with a sentence."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text!r} is neither an address nor a network. Write it as 192.0.2.10, 192.0.2.0/24 or 2001:db8::10"
        ) from None
    if "%" in text:
        raise ValueError(f"{text!r} names an interface. Write the address without what follows the %")
    if found.prefixlen < SMALLEST_PREFIX[found.version]:
        raise ValueError(
            f"{text!r} is too wide: every address in it could call as this trunk without a password. Write the "
            f"carrier's own networks, /{SMALLEST_PREFIX[found.version]} or narrower"
        )
    if found.is_unspecified or found.is_multicast:
        raise ValueError(f"{text!r} is no address that calls come from. Write the carrier's, as 192.0.2.10")
    return text


def host(text: str) -> str:
    """The host, or host:port, as it was written; empty stays empty. Raises ValueError with a sentence."""
    if not text:
        return text
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in ("sip", "sips", "http", "https"):
        raise ValueError(
            f"{text!r} begins with {scheme}:. Write the host alone, as {rest.strip('/') or 'sip.example.net'}"
        )
    name, port = split_port(text)
    remedy = "Write a host, or host:port, as sip.example.net:5080, 192.0.2.10 or [2001:db8::10]"
    if port is not None and (not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535):
        raise ValueError(f"{text!r} has no port from 1 to 65535 behind its colon. {remedy}")
    address = _address(name)
    if text.startswith("[") and (not _BRACKETS.fullmatch(text) or address is None or address.version != 6):
        raise ValueError(f"{text!r} has brackets, in which an address of IPv6 stands. {remedy}")
    if address is not None:
        if address.is_unspecified or address.is_multicast:
            raise ValueError(f"{text!r} is no address that calls can be sent to. {remedy}")
        if address.version == 6 and not text.startswith("["):
            raise ValueError(f"{text!r} is an address of IPv6, which stands in brackets here: [{name}]")
        return text
    if _NUMERIC.fullmatch(name):
        raise ValueError(f"{text!r} is no address. {remedy}")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.removesuffix(".").split(".")):
        raise ValueError(f"{text!r} is no host. {remedy}")
    return text


def split_port(text: str) -> tuple[str, str | None]:
    """Host without brackets, and what stands behind the colon of a port; None: no port is written."""
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        return name, (rest[1:] if rest.startswith(":") else rest) if rest else None
    if text.count(":") == 1:
        name, _, port = text.partition(":")
        return name, port
    return text, None


def is_name(text: str) -> bool:
    """Whether this host, or host:port, is a name that must be resolved."""
    return bool(text) and _address(split_port(text)[0]) is None


def overlap(one: str, other: str) -> bool:
    """Whether two of `network` have an address in common."""
    first, second = ipaddress.ip_network(one, strict=False), ipaddress.ip_network(other, strict=False)
    return first.version == second.version and first.overlaps(second)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


Network = Annotated[str, AfterValidator(network)]
"""An address or a network from which calls come."""
Host = Annotated[str, AfterValidator(host)]
"""A host, or host:port, to which requests are sent."""
