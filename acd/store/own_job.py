"""Work that asks PostgreSQL, done in a process of its own: the job on its standard input, what came of it on its standard output, both
pickled. So no work, however large, keeps the daemon's interpreter busy; a thread did, by up to 0.4 s at a time.

A module that has such work ends with `own_job.serve(…)` under `if __name__ == "__main__"`, where it calls its own main by the name under
which the daemon knows it, so that classes are not `__main__`'s.
"""

import asyncio
import os
import pickle
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from acd import own_process
from acd.config import Config
from acd.config.database import Address
from acd.errors import SanxiangError
from acd.store.errors import DatabaseAway
from acd.store.store import Store

COMPLAINT = 2000
"""Characters of what a failed process has said that are looked through for its last line."""


class Job(Protocol):
    """What every job says."""

    @property
    def address(self) -> Address:
        """Of the database."""

    @property
    def config(self) -> Config: ...


J = TypeVar("J", bound=Job)


class JobFailed(Exception):
    """`why`, in words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a job."""

    result: Any = None
    why: str = ""
    """Not empty: it failed."""
    away: bool = False
    """Because PostgreSQL does not answer."""


async def run(module: str, job: Job, within_s: float) -> Any:
    """What came of the job in a process of `python -m module`. Raises DatabaseAway, JobFailed."""
    try:
        ended = await own_process.run(sys.executable, "-m", module, within_s=within_s, data=pickle.dumps(job))
    except TimeoutError:
        raise JobFailed(f"it took longer than {within_s:g} s") from None
    if ended.status != 0:
        last = ended.complaint.decode(errors="replace")[-COMPLAINT:].strip().rpartition("\n")[2]
        raise JobFailed(f"its process ended with status {ended.status}: {last}")
    outcome: Outcome = pickle.loads(ended.said)
    if outcome.why:
        raise DatabaseAway(outcome.why) if outcome.away else JobFailed(outcome.why)
    return outcome.result


def serve(work: Callable[[Store, J], Awaitable[object]], *, nice: int, oom_score: int) -> None:
    """Does the one job on standard input. It gives way to calls: a lower priority (`nice`), and the kernel ends it early when memory is short
    (`oom_score`, up to 1000)."""
    with suppress(OSError):
        os.nice(nice)
        Path("/proc/self/oom_score_adj").write_text(str(oom_score), encoding="ascii")
    job: J = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(pickle.dumps(asyncio.run(_outcome(work, job))))


async def _outcome(work: Callable[[Store, J], Awaitable[object]], job: J) -> Outcome:
    store = Store(job.address, ZoneInfo(job.config.hotline.timezone))
    try:
        return Outcome(await work(store, job))
    except SanxiangError as error:
        return Outcome(
            why=getattr(error, "detail", "") or str(error) or type(error).__name__, away=isinstance(error, DatabaseAway)
        )
    finally:
        await store.close()
