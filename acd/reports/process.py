"""A report, made in a process of its own (acd/store/own_job.py): `python -m acd.reports.process`."""

from dataclasses import dataclass, replace
from datetime import datetime

from acd.config import Config
from acd.config.database import Address
from acd.errors import SanxiangError
from acd.reports.contents import Language, Report, Wanted
from acd.reports.files import File, Format, files
from acd.reports.gather import gather
from acd.store import own_job
from acd.store.store import Store

WITHIN_S = 180.0


class NotMade(SanxiangError):
    """The report could not be made ({why}). Try again; if it stays so, narrow the span."""


@dataclass(frozen=True, slots=True)
class Job:
    address: Address
    """Of the database."""
    config: Config
    wanted: Wanted
    formats: tuple[Format, ...]
    language: Language
    stem: str
    now: datetime


async def run(job: Job) -> tuple[Report, list[File]]:
    """The report, without its rows by day, which only files need, and its files. Raises DatabaseAway, NotMade."""
    try:
        made: tuple[Report, list[File]] = await own_job.run(__name__, job, WITHIN_S)
    except own_job.JobFailed as failed:
        raise NotMade(why=failed.why) from None
    return made


async def _made(store: Store, job: Job) -> tuple[Report, list[File]]:
    report = await gather(store, job.config, job.wanted, job.now)
    made = files(report, job.formats, job.language, job.stem)
    return replace(report, sections=tuple(replace(section, rows_by_day=()) for section in report.sections)), [*made]


def main() -> None:
    """One job."""
    own_job.serve(_made, nice=10, oom_score=500)


if __name__ == "__main__":
    # The classes by the name under which the daemon knows them, and not as __main__'s.
    from acd.reports import process

    process.main()
