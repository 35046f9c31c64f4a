"""Whether the threads of a process run, as the kernel counts it: no answer of the process itself is needed.

A thread that carries sound wakes fifty times a second, with each packet of 20 ms; a process that is stopped or stuck in all its
threads wakes never. And a thread that is ready and gets no CPU is not to be blamed for being late.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

AT_WORK_PER_S = 20
"""A thread that waits and wakes so often in a second carries sound, or serves requests one after the other."""


@dataclass(frozen=True, slots=True)
class Threads:
    """All threads of one process, at one moment."""

    at: float
    """Seconds of the monotonic clock."""
    wakes: dict[int, int]
    """Thread id to how often it has waited for something and been woken, since it began."""
    unserved_ns: dict[int, int]
    """Thread id to the nanoseconds for which it was ready to run and had no CPU; empty where the kernel does not count that."""

    @classmethod
    def of(cls, pid: int) -> Threads:
        """Those of this process now; no thread where there is no such process. Takes some 20 µs a thread."""
        wakes, unserved = dict[int, int](), dict[int, int]()
        for folder in Path(f"/proc/{pid}/task").glob("*"):
            try:
                status = (folder / "status").read_text()
                wakes[int(folder.name)] = int(status.rpartition("\nvoluntary_ctxt_switches:")[2].split()[0])
                unserved[int(folder.name)] = int((folder / "schedstat").read_text().split()[1])
            except (OSError, ValueError, IndexError):
                continue  # It ended meanwhile, or the kernel counts no schedstat.
        return cls(time.monotonic(), wakes, unserved)

    def at_work_since(self, before: Threads) -> set[int]:
        """Threads that woke so often since `before` that they carry sound or serve; a thread that is new counts from its start."""
        least = AT_WORK_PER_S * max(0.1, self.at - before.at)
        return {thread for thread, wakes in self.wakes.items() if wakes - before.wakes.get(thread, 0) >= least}

    def starved_since(self, before: Threads) -> float:
        """Seconds since `before` for which the thread that fared worst was ready and had no CPU."""
        grown = [ns - before.unserved_ns.get(thread, ns) for thread, ns in self.unserved_ns.items()]
        return max(grown, default=0) / 1e9
