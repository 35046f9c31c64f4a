"""Processor seconds of each test, for who wants the suite cheaper: they say what the clock hides on a machine that is shared.

    SANXIANG_TEST_COSTS=FILE ./sanxiang test -p tests.processor_times PATH

Each test adds a line to FILE: its own seconds, those of the programs that it has started and that have ended, and its name; the first line
of each process is what collecting took. What a fixture of a module or session costs is counted with the test that is the first to use it
or the last.
"""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

VARIABLE = "SANXIANG_TEST_COSTS"


def _spent() -> tuple[float, float]:
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime, others.ru_utime + others.ru_stime


def _tell(own: float, others: float, name: str) -> None:
    if file := os.environ.get(VARIABLE):
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(f"{own:8.3f} {others:8.3f} {name}\n")


def pytest_collection_finish(session: pytest.Session) -> None:
    """What importing and collecting took."""
    _tell(*_spent(), f"[collection of {len(session.items)} tests]")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What this test took, with its fixtures."""
    before = _spent()
    try:
        return (yield)
    finally:
        own, others = _spent()
        _tell(own - before[0], others - before[1], item.nodeid)
