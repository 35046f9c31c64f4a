"""Free ports, and whether a given port is free."""

import random
import socket
from typing import Literal

from acd.errors import SanxiangError

Kind = Literal["tcp", "udp"]


class PortTaken(SanxiangError):
    """{field}: port {port}/{kind} of {host} is taken by another program. Stop it (`ss -lpn` names it), choose another
    port in the configuration, or 0 for a free one."""


class NoFreePorts(SanxiangError):
    """There is no run of {count} free UDP ports on {host}. Stop what takes them."""


def is_free(kind: str, host: str, port: int) -> bool:
    """Whether this port can be bound now. SIP uses UDP and TCP: for "udp" both are tried."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for way in (socket.SOCK_STREAM,) if kind == "tcp" else (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(family, way) as probe:
            if way == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def free_port(kind: str, host: str = "127.0.0.1") -> int:
    """A port that is free now, below the range from which the kernel takes ports for outgoing connections. Raises NoFreePorts."""
    for port in random.sample(range(12000, 30000), 2000):
        if is_free(kind, host, port):
            return port
    raise NoFreePorts(count=1, host=host)


def free_rtp_range(host: str, width: int) -> tuple[int, int]:
    """First (even) and last of `width` UDP ports; both ends and some between were free just now. Raises NoFreePorts."""
    for _ in range(200):
        first = random.randrange(12000, 32000 - width, 2)
        if all(is_free("udp", host, port) for port in range(first, first + width, max(2, width // 16))):
            return first, first + width - 1
    raise NoFreePorts(count=width, host=host)
