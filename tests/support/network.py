"""Addresses of the machines that a test's Asterisk talks with; all of them are this one; and the ports of a process."""

import re
from contextlib import suppress
from pathlib import Path

TRUNK_ADDRESS = "127.0.0.2"
"""Where the carrier's calls come from, and where calls to the outside go."""


def listened_ports(pid: int) -> set[int]:
    """The TCP ports on which this process listens and the UDP ports that it has, from /proc: `ss` is not on every machine."""
    sockets = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            if found := re.fullmatch(r"socket:\[(\d+)\]", str(entry.readlink())):
                sockets.add(found[1])
    ports = set()
    for table, wanted in (("tcp", _LISTEN), ("tcp6", _LISTEN), ("udp", ""), ("udp6", "")):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if inode in sockets and wanted in ("", state):
                ports.add(int(local.rpartition(":")[2], 16))
    return ports


_LISTEN = "0A"
"""TCP_LISTEN of linux/net/tcp_states.h, as /proc/net/tcp writes it."""
