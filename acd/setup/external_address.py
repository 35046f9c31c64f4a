"""The public address of a machine behind NAT, where the configuration names it by a name.

Asterisk resolves the name when it starts, and every five minutes again (dnsmgr.conf). With a name that can't be resolved just then it
tells carriers its private address, and callers hear nothing: so the last address that the name had is given to it instead.
"""

import ipaddress
import socket

from acd.errors import SanxiangError
from acd.files import write_private
from acd.setup.installation import Installation


class NoExternalAddress(SanxiangError):
    """sip.external_address: {name} can't be resolved ({why}). Write the address itself, as 203.0.113.7, or mend the name."""


def known_address(installation: Installation, name: str) -> str:
    """What Asterisk is given: an address or a name as it stands; of a name that can't be resolved now, its last address.

    Raises NoExternalAddress where that was never known. May wait for the resolver for some seconds.
    """
    if not name or is_address(name):
        return name
    kept = installation.state / "external-address"
    try:
        address = resolved(name)
    except OSError as error:
        before = kept.read_text().split() if kept.exists() else []
        if before[:1] == [name]:
            return before[1]
        raise NoExternalAddress(name=name, why=error.strerror or error) from None
    write_private(kept, f"{name} {address}\n")
    return name


def resolved(name: str) -> str:
    """The first IPv4 address of the name, else its first of any kind. Raises OSError."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return str(found[0][4][0])


def is_address(name: str) -> bool:
    """Whether this is a numeric address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
