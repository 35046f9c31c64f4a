"""For how long threads of a test's processes wanted to run and no processor was free, as the kernel counts it.

A machine that runs other things beside a test takes the processor from it: a telephone then sends late, Asterisk's recorder drops what it could
not write. That is no fault of the product's, and a test can tell it from one: what is missing is no more than what the most delayed thread
had to wait.
"""

import os
import threading
from pathlib import Path

EVERY_S = 1.0


class ProcessorWaits:
    """Looks at this process and all below it, once a second, in a thread of its own, from `start` to `stop`."""

    def __init__(self, root: int | None = None) -> None:
        self._root = root or os.getpid()
        self._first: dict[tuple[int, str], float] = {}
        self._latest: dict[tuple[int, str], float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="processor waits", daemon=True)

    def start(self) -> None:
        self._look()
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def longest_s(self) -> float:
        """The seconds for which the thread that waited longest has waited since the start."""
        self._look()
        return max((at - self._first[thread] for thread, at in self._latest.items()), default=0.0)

    def _run(self) -> None:
        while not self._ended.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        for pid in _below(self._root):
            for task in _listed(Path(f"/proc/{pid}/task")):
                try:
                    waited_s = int((task / "schedstat").read_text().split()[1]) / 1e9
                except (OSError, IndexError, ValueError):
                    continue  # It has ended, or this kernel does not count: then nothing is excused.
                thread = (pid, task.name)
                # A process that has begun since counts from its beginning.
                self._first.setdefault(thread, waited_s if not self._thread.is_alive() else 0.0)
                self._latest[thread] = waited_s


def _below(root: int) -> list[int]:
    """The process and all that it has started, directly or not. Each thread knows those that it has started: to ask every process of the
    machine for its parent takes ten times as long."""
    found = [root]
    for pid in found:
        for task in _listed(Path(f"/proc/{pid}/task")):
            try:
                found += map(int, (task / "children").read_text().split())
            except (OSError, ValueError):
                continue  # It has ended.
    return found


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
