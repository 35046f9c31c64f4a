"""Ports: free ones, and whether a wanted one is.

A port is chosen long before somebody binds it: Asterisk starts minutes after `prepare` has looked, a trunk's port may
stay unbound until the last step of a test. So a chosen port is held: by a lock on its byte of one file, which the kernel
gives back when the process that chose it ends, however it ends. Processes of one user on one machine never choose the
same port; against all others the port is bound once, on trial.
"""

import fcntl
import os
import random
import socket
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Literal

from acd.errors import SanxiangError

Kind = Literal["tcp", "udp"]

SINGLE_PORTS = range(9100, 12000)
RTP_PORTS = range(12000, 32768)
SMALL_PORTS = 2000
"""Apart, so that ranges by the hundred leave single ports over; both end below the range from which the kernel gives ports
to outgoing connections."""

LOCK_FILE = f"/tmp/sanxiang-ports-{os.geteuid()}"
"""Not in TMPDIR: it must be the same for all processes."""


class PortTaken(SanxiangError):
    """{field}: port {port}/{kind} of {host} is taken by another program. Stop it (`ss -lpn` names it), choose another
    port in the configuration, or 0 for a free one."""


class NoFreePorts(SanxiangError):
    """There is no run of {count} free ports on {host}. Stop what takes them."""


def is_free(kind: Kind, host: str, port: int) -> bool:
    """Whether this port can be bound now. SIP takes UDP and TCP: for "udp" both are tried."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for way in (socket.SOCK_STREAM,) if kind == "tcp" else (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(family, way) as probe:
            if family == socket.AF_INET6:  # "::" is IPv6 alone, as Asterisk binds it
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if way == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def can_listen(host: str) -> str:
    """Why nobody on this machine can listen on that address, as the system says it; empty when one can."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def free_port(kind: Kind, host: str = "127.0.0.1", count: int = 1) -> int:
    """The first of `count` neighbouring ports that are free, held until this process ends. Raises NoFreePorts."""
    firsts = range(SINGLE_PORTS.start, SINGLE_PORTS.stop - count + 1)
    return _chosen(kind, host, random.sample(firsts, len(firsts)), count)


def free_rtp_range(host: str, width: int) -> tuple[int, int]:
    """First (even) and last of `width` free ports, held until this process ends. Raises NoFreePorts."""
    if width > len(RTP_PORTS):
        raise NoFreePorts(count=width, host=host)
    # First where ranges of one width stand side by side, small ones apart from large ones: strewn at random, a few of each
    # would leave no gap that is wide enough for the next. Then anywhere.
    small, large = RTP_PORTS[:SMALL_PORTS], RTP_PORTS[SMALL_PORTS:]
    firsts: list[int] = []
    for part, step in ((small if width < 100 else large, width + width % 2), (RTP_PORTS, 20)):
        places = range(part.start, part.stop - width + 1, step)
        firsts += random.sample(places, len(places))
    first = _chosen("udp", host, firsts, width)
    return first, first + width - 1


@contextmanager
def given_back() -> Iterator[None]:
    """Ports that are chosen inside are held until its end instead of the end of this process."""
    before = set(_held)
    try:
        yield
    finally:
        with _one_at_a_time:
            for first, count in set(_held) - before:
                _held.remove((first, count))
                _let_go(first, count)


# --- inside ---

_held: list[tuple[int, int]] = []
"""First port and count of what this process has chosen. The file's locks say it to the other processes only."""
_one_at_a_time = threading.Lock()


def _chosen(kind: Kind, host: str, firsts: Iterable[int], count: int) -> int:
    with _one_at_a_time:
        for first in firsts:
            if not _hold(first, count):
                continue
            if all(is_free(kind, host, port) for port in range(first, first + count)):
                _held.append((first, count))
                return first
            _let_go(first, count)
    raise NoFreePorts(count=count, host=host)


def _hold(first: int, count: int) -> bool:
    """Whether nobody held one of these ports: then this process does."""
    if any(first < start + width and start < first + count for start, width in _held):
        return False
    if (file := _lock_file()) is None:
        return True
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, count, first)
    except OSError:
        return False
    return True


def _let_go(first: int, count: int) -> None:
    if (file := _lock_file()) is not None:
        fcntl.lockf(file, fcntl.LOCK_UN, count, first)


@cache
def _lock_file() -> int | None:
    """A descriptor that is never closed, since closing would give all ports back. None where this user has no such file, as
    on a read-only system: then ports are bound on trial and not held."""
    try:
        file = os.open(LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError:
        return None
    about = os.fstat(file)
    if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid():
        os.close(file)
        return None
    return file
