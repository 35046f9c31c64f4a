"""Tests that compute, in the time in which calls wait: spread among the calls, and at a lower priority.

A call on a real Asterisk waits most of its time, and what computes would have the processors to itself at the end, when nobody waits any
more. In a run on several processes both run side by side; whoever needs no Asterisk gives way, so that no call has to wait for a
processor because of it.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import TypeVar

LOWER_BY = 5
"""Of nice(2): a third of the weight of a thread that was not lowered."""
T = TypeVar("T")


def spread(few: Sequence[T], many: Sequence[T]) -> list[T]:
    """All of both in their orders: behind each of `few` its share of `many`."""
    if not few:
        return list(many)
    bounds = [round(len(many) * n / len(few)) for n in range(len(few) + 1)]
    shares = [many[begin:end] for begin, end in pairwise(bounds)]
    return [each for one, share in zip_longest(few, shares, fillvalue=()) for each in (one, *share)]


@contextmanager
def lower_priority() -> Iterator[None]:
    """This thread, and the programs that it starts, give way meanwhile; nothing is changed where the priority could not be raised again."""
    if not _may_raise():
        yield
        return
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, usual + LOWER_BY)
    try:
        yield
    finally:
        # Threads that were begun meanwhile have the lower priority, and may be used by the next tests.
        for thread in Path("/proc/self/task").iterdir():
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, int(thread.name), usual)


@cache
def _may_raise() -> bool:
    """Tried in a thread of its own, since Linux keeps the priority of each."""
    may: list[bool] = []

    def tried() -> None:
        usual = os.getpriority(os.PRIO_PROCESS, 0)
        try:
            os.setpriority(os.PRIO_PROCESS, 0, usual + 1)
            os.setpriority(os.PRIO_PROCESS, 0, usual)
        except OSError:
            return
        may.append(True)

    thread = threading.Thread(target=tried)
    thread.start()
    thread.join()
    return bool(may)
