"""How much of what calls need is in use now, and how many more are taken: calls, RTP ports, CPU. For /api/capacity and /metrics.

Ports and CPU are the kernel's own counts (/proc/net/udp, /proc/stat): whatever has opened a port in the range or computes on this machine
counts, also a program that is none of ours, because it takes from calls all the same. With Asterisk in another network namespace its
ports can't be seen from here, and none is in use.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from acd.config.capacity import Capacity

EVERY_S = 5.0
_IDLE = (3, 4)
"""Columns of the line "cpu" in /proc/stat: idle, and idle while a disk is waited for (proc(5))."""


class LiveCapacity:
    """Counted anew at each `look`; `row` and `figures` tell the calls of this moment, ports and CPU of the last look."""

    def __init__(
        self,
        calls: Callable[[], Iterable[Mapping[str, Any]]],
        capacity: Callable[[], Capacity],
        rtp_ports: range,
        proc: Path = Path("/proc"),
    ) -> None:
        """`calls`: the rows of the engine's snapshot. `rtp_ports`: Asterisk's, of this start."""
        self._calls, self._capacity, self._rtp_ports, self._proc = calls, capacity, rtp_ports, proc
        self._spent = _spent(proc)
        self._pairs_used = 0
        self._cpu_busy: float | None = None

    async def look(self) -> None:
        """Counts ports and CPU. Some milliseconds, in a thread."""
        used, spent = await asyncio.to_thread(self._count)
        whole, idle = spent[0] - self._spent[0], spent[1] - self._spent[1]
        self._pairs_used = used
        if whole > 0:
            self._cpu_busy, self._spent = round(min(1.0, max(0.0, 1 - idle / whole)), 3), spent

    def row(self) -> dict[str, Any]:
        """calls, calls_limit, calls_left, rtp_pairs, rtp_pairs_used, cores, cpu_busy (0 to 1; None until CPU was counted twice)."""
        capacity = self._capacity()
        calls = sum(not each.get("virtual") for each in self._calls())
        by_ports = capacity.pairs - self._pairs_used - capacity.spare
        return {
            "calls": calls,
            "calls_limit": capacity.calls,
            "calls_left": max(0, min(capacity.calls - calls, by_ports)),
            "rtp_pairs": capacity.pairs,
            "rtp_pairs_used": self._pairs_used,
            "cores": len(os.sched_getaffinity(0)),
            "cpu_busy": self._cpu_busy,
        }

    def figures(self) -> dict[str, tuple[str, float]]:
        """The same for /metrics, but for the limit, which stands beside the refused calls (figures.py)."""
        row = self.row()
        return {
            "calls_left": ("Calls that are taken beside those of now", row["calls_left"]),
            "rtp_pairs": ("Pairs of RTP ports", row["rtp_pairs"]),
            "rtp_pairs_used": ("Pairs of RTP ports in use", row["rtp_pairs_used"]),
            "cpu_cores": ("Cores that the daemon may use", row["cores"]),
            "cpu_busy_ratio": (
                "Share of this machine's CPU that was busy, latest five seconds",
                row["cpu_busy"] or 0.0,
            ),
        }

    def _count(self) -> tuple[int, tuple[int, int]]:
        return len(set(_open_ports(self._proc, self._rtp_ports))), _spent(self._proc)


def _open_ports(proc: Path, ports: range) -> Iterable[int]:
    """The even ports of the range that are open: the first of each pair (RFC 3550, 11)."""
    for table in ("udp", "udp6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            port = int(line.split()[1].rpartition(":")[2], 16)
            if port in ports and port % 2 == 0:
                yield port


def _spent(proc: Path) -> tuple[int, int]:
    """Ticks of all CPUs since boot: in all, and idle of them. guest is part of user already. (0, 0) where /proc does not tell."""
    try:
        line = (proc / "stat").read_text().splitlines()[0].split()
        ticks = [int(each) for each in line[1:9]]
    except (OSError, ValueError, IndexError):
        return 0, 0
    return sum(ticks), sum(ticks[each] for each in _IDLE if each < len(ticks))
