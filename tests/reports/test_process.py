"""A report's process: what it says when it can't, and that nothing of it stays. That it makes reports is shown in tests/web."""

import os
import pickle
from pathlib import Path
from typing import Any, cast

import pytest

from acd import config as configuration
from acd.config.database import read
from acd.reports import process
from acd.reports.contents import Wanted
from acd.reports.process import Job, NotMade, run
from acd.store.errors import DatabaseAway
from tests.reports.sample import MADE, WEEK

pytestmark = pytest.mark.slow
CONFIG = configuration.check(
    {
        "hotline": {"name": "三响热线", "numbers": {"95001": "zh"}},
        "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
        "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
    }
)


def job(**more: Any) -> Job:
    """A database that nobody serves: port 9 is that of "discard"."""
    plain: dict[str, Any] = {"formats": ("xlsx",), "language": "en", "stem": "x", "now": MADE}
    return Job(
        **{
            "address": read("postgresql://u:secret@127.0.0.1:9/x"),
            "config": CONFIG,
            "wanted": Wanted(WEEK),
            **plain,
            **more,
        }
    )


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


async def test_a_database_that_does_not_answer_is_told_without_its_password():
    with pytest.raises(DatabaseAway) as away:
        await run(job())
    assert "secret" not in str(away.value) and "127.0.0.1" in str(away.value)


async def test_a_process_that_falls_is_told_by_its_last_words():
    with pytest.raises(NotMade, match="ended with status 1: AttributeError"):
        await run(job(wanted=cast(Wanted, "no report")))


async def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    before = children()
    monkeypatch.setattr(process, "WITHIN_S", 0.01)
    with pytest.raises(NotMade, match="longer than"):
        await run(job())
    assert children() <= before


def test_a_job_goes_to_the_process_whole():
    one = job()
    again = pickle.loads(pickle.dumps(one))
    assert again == one and again.config.numbering.caller("13812341234") == CONFIG.numbering.caller("13812341234")
