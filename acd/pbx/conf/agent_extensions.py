"""The numbers that an agent's phone can reach, for the dialplan: each number by itself, no pattern.

These are the other agents' extensions, the short numbers of the configuration and the outside numbers that it allows, each also
with the key of a reason behind it ("1002*3"). The engine decides what each leads to. Beside them stand the host names of this
machine: a REFER that names another domain is refused, though Asterisk would accept it.
"""

from __future__ import annotations

import fcntl
import re
import socket
import struct

from acd.identifiers import KEYED_NUMBER
from acd.pbx.conf.fits import Fit
from acd.pbx.conf.settings import PbxSettings

_NUMBER = re.compile(KEYED_NUMBER)
_KEY = re.compile(r"[1-9]")
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_ANYWHERE = ("", "0.0.0.0", "::")
_SIOCGIFADDR = 0x8915
"""linux/sockios.h: the address of a network interface."""


def placeholders(settings: PbxSettings, fit: Fit) -> dict[str, str]:
    """The values of the @{placeholders} of extensions_by_phone.conf and extensions_agents.conf. Raises what `fit` raises."""
    own = [fit("extensions", number, _NUMBER) for number in settings.extensions]
    # A number of the hotline is left out: dialling it is a call to the hotline.
    numbers = sorted({*own, *(agent.agent for agent in settings.agents)} - set(settings.numbers))
    keys = sorted(fit("transfer_reasons", str(key), _KEY) for key in settings.transfer_reasons)
    dialled = [digits for number in numbers for digits in (number, *(f"{number}*{key}" for key in keys))]
    hosts = [fit("names", host, _HOST) for host in own_hosts(settings)]
    return {
        "by_phone": "".join(_told(digits, "handed-over") for digits in dialled).rstrip(),
        "own_dials": "".join(_told(digits, "own-dial") for digits in dialled).rstrip(),
        "transfer_reason_keys": f",{','.join(keys)},",
        "own_hosts": f",{','.join(hosts)},",
    }


def _told(digits: str, context: str) -> str:
    return f"exten => {digits},1,Set(DIGITS={digits})\n same => n,Goto({context},s,1)\n"


def own_hosts(settings: PbxSettings) -> list[str]:
    """The host names and addresses under which a phone may address this Asterisk."""
    bound = [settings.bind] if settings.bind not in _ANYWHERE else addresses_here()
    return [*bound, *([settings.external_address] if settings.external_address else []), *settings.names]


def addresses_here() -> list[str]:
    """The IPv4 addresses of this machine's interfaces."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex():
            asked = struct.pack("256s", name.encode()[:15])
            try:
                found.append(socket.inet_ntoa(fcntl.ioctl(any_socket, _SIOCGIFADDR, asked)[20:24]))
            except OSError:
                continue  # This interface has no IPv4 address.
    return found
