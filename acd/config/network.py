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
    """The address, or the network with the length of its prefix. Raises ValueError with a sentence.

    One writing alone goes to Asterisk, which reads others in its own way: it takes 192.0.2.0/0.0.0.255 for every address in
    the world that ends in 0.
    """
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text!r} is neither an address nor a network. Write it as 192.0.2.10, 192.0.2.0/24 or 2001:db8::10"
        ) from None
    if "%" in text:
        raise ValueError(f"{text!r} names an interface. Write the address without what follows the %")
    if (mapped := _mapped(found.network_address)) and found.prefixlen >= 96:
        meant = ipaddress.ip_network(f"{mapped}/{found.prefixlen - 96}", strict=False)
        raise ValueError(f"{text!r} is an address of IPv4 in a writing of IPv6. Write it as {_shortest(meant)}")
    if found.prefixlen < SMALLEST_PREFIX[found.version]:
        raise ValueError(
            f"{text!r} is too wide: every address in it could call as this trunk without a password. Write the "
            f"carrier's own networks, /{SMALLEST_PREFIX[found.version]} or narrower"
        )
    if found.is_multicast or (found.num_addresses == 1 and _nobodys(found.network_address)):
        raise ValueError(f"{text!r} is no address that calls come from. Write the carrier's, as 192.0.2.10")
    return _shortest(found)


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
        if _nobodys(address):
            raise ValueError(f"{text!r} is no address that calls can be sent to. {remedy}")
        if "%" in name:
            raise ValueError(f"{text!r} names an interface. Write the address without what follows the %")
        if mapped := _mapped(address):
            raise ValueError(f"{text!r} is an address of IPv4 in a writing of IPv6. Write it as {mapped}")
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


def is_address(text: str) -> bool:
    """Whether this is an address, without brackets and port."""
    return _address(text) is not None


def overlap(one: str, other: str) -> bool:
    """Whether two of `network` have an address in common."""
    first, second = ipaddress.ip_network(one, strict=False), ipaddress.ip_network(other, strict=False)
    return first.version == second.version and first.overlaps(second)


def own_address(text: str) -> str:
    """The address under which this machine is, or is reached, as it is written shortest. Raises ValueError with a sentence."""
    address = ipaddress.ip_address(text)
    if mapped := _mapped(address):
        raise ValueError(f"{text!r} is an address of IPv4 in a writing of IPv6. Write it as {mapped}")
    if _nobodys(address) and not address.is_unspecified:
        raise ValueError(f"{text!r} is no address of a machine. Write one, as 192.0.2.10 or 2001:db8::10")
    return str(address)


_BROADCAST = ipaddress.ip_address("255.255.255.255")


def _nobodys(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether no machine has this address."""
    return address.is_unspecified or address.is_multicast or address == _BROADCAST


def _mapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None


def _shortest(found: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    return str(found.network_address) if found.num_addresses == 1 else str(found)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def local_network(text: str) -> str:
    """The network with the length of its prefix. Raises ValueError with a sentence."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise ValueError(f"{error}. Write networks as 192.168.0.0/16") from None


Networks = Annotated[
    list[Annotated[str, AfterValidator(network)]], AfterValidator(lambda found: list(dict.fromkeys(found)))
]
"""Addresses and networks from which calls come, each once."""
LocalNetwork = Annotated[str, AfterValidator(local_network)]
Host = Annotated[str, AfterValidator(host)]
"""A host, or host:port, to which requests are sent."""
