"""The analysis in a process of its own (acd/store/own_job.py): `python -m recordings.analysis.process`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from acd.config import Config
from acd.config.database import Address
from acd.errors import SanxiangError
from acd.store import own_job
from acd.store.store import Store
from recordings.analysis.worker import Round, analyse_due

ROUND_S = 60.0
"""So long a round goes on with new talks."""
WITHIN_S = 300.0
"""And so long it may take with the last of them; then it is ended, and the talk begun anew."""


class NotAnalysed(SanxiangError):
    """The analysis of recordings has failed ({why}). It is tried again in a minute; daemon.log has more."""


@dataclass(frozen=True, slots=True)
class Job:
    address: Address
    """Of the database."""
    config: Config
    root: Path
    """The recordings folder."""


async def run(job: Job) -> Round:
    """One round in a process of its own. Raises DatabaseAway, NotAnalysed."""
    try:
        made: Round = await own_job.run(__name__, job, WITHIN_S)
    except own_job.JobFailed as failed:
        raise NotAnalysed(why=failed.why) from None
    return made


async def _analysed(store: Store, job: Job) -> Round:
    return await analyse_due(store, job.root, job.config, lambda: datetime.now(UTC), ROUND_S)


def main() -> None:
    """One job."""
    own_job.serve(_analysed, nice=15, oom_score=600)


if __name__ == "__main__":
    # The classes by the name under which the daemon knows them, and not as __main__'s.
    from recordings.analysis import process

    process.main()
