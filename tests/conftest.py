"""What each test needs: markers, from the fixtures that it uses or the folder in which it lies.

`asterisk`  Asterisk 22 and what comes with it (SIPp, baresip, espeak-ng)
`database`  a PostgreSQL server; the embedded one comes with the Python packages
`browser`   a Chromium and the built page
`site`      what makes the documents into a site: MkDocs, in an environment of its own
`voice`     the better voice's packages, in an environment of their own
`drill`     has a long form, which `./sanxiang drill` plays; in the suite the test takes some seconds

`./sanxiang test PATH` prepares what the chosen tests are marked with; `--fast` leaves out whatever has a mark.
A test that asks for something without the mark fails and says which mark is missing. Every test gives the ports back that it chose.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from acd.pbx.install import runtime
from acd.pbx.install.ports import given_back
from acd.site import build as site
from acd.store.embedded import EmbeddedPostgres
from tests.needs import MARKS, NEEDS_FILE
from tests.support import browser, copied_postgres, open_files, passwords, second_try
from tests.support.giving_way import lower_priority, spread

FIXTURES = {
    "open_house": "asterisk",
    "own_house": "asterisk",
    "asking": "asterisk",
    "house_out": "asterisk",
    "all_trunks": "asterisk",
    "announcing": "asterisk",
    "exchange": "asterisk",
    "wired": "asterisk",
    "sounds": "asterisk",
    "postgres": "database",
    "server": "database",
    "browser": "browser",
    "built_site": "site",
}
"""Fixture to the mark of every test that uses it, directly or by another fixture."""

FOLDERS = {"calls": ("asterisk", "database")}
"""Folder below tests/ to the marks of all tests in it."""

# What the command line is expected to say is English, whatever language this machine speaks.
os.environ["SANXIANG_LANGUAGE"] = "en"
# espeak-ng alone speaks: no test waits for the better voice, or leaves a process that makes it. Those about it say so.
os.environ["SANXIANG_VOICE"] = "espeak"
HERE = Path(__file__).parent
# What is imported and collected stays until the end: to look through it for garbage again and again took a tenth of the collecting.
gc.disable()
WORKER = "PYTEST_XDIST_WORKER"
"""Set by xdist in each of several processes."""
_running: list[pytest.Item] = []
_give_way: set[Path] = set()
"""Files whose tests run at a lower priority."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives the marks, and puts first what waits longest: the calls, then whatever else needs Asterisk, then the database.

    On several processes what needs no Asterisk is spread among what does (tests/support/giving_way.py).
    """
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        used = getattr(item, "fixturenames", ())
        for mark in {*FOLDERS.get(folder, ()), *(FIXTURES[name] for name in used if name in FIXTURES)}:
            item.add_marker(mark)
    items.sort(key=_turn)
    if WORKER in os.environ:
        files: dict[Path, list[pytest.Item]] = {}
        for item in items:
            files.setdefault(item.path, []).append(item)
        on_calls = {item.path for item in items if item.get_closest_marker("asterisk")}
        order = spread([path for path in files if path in on_calls], [path for path in files if path not in on_calls])
        items[:] = [item for path in order for item in files[path]]
        if on_calls:  # A page has its own patience: a browser is not slowed down further.
            _give_way.update(path for path in files.keys() - on_calls if not any(map(_in_browser, files[path])))


def _in_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


def _turn(item: pytest.Item) -> int:
    """Lower is earlier."""
    if item.path.relative_to(HERE).parts[0] in FOLDERS:
        return 0
    return next((turn for turn, mark in enumerate(MARKS, 1) if item.get_closest_marker(mark)), len(MARKS) + 1)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tells `./sanxiang test PATH` what to prepare."""
    gc.freeze()
    gc.enable()
    if file := os.environ.get(NEEDS_FILE):
        marks = {mark for mark in MARKS for item in session.items if item.get_closest_marker(mark)}
        Path(file).write_text(" ".join(sorted(marks)), encoding="utf-8")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if WORKER not in os.environ:  # the process that the others report to
        second_try.note(report)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="play the tests marked `drill` in their long form")


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether a test marked `drill` is to play its long form."""
    return bool(request.config.getoption("--whole"))


@pytest.fixture(autouse=True, scope="module")
def priority_of_the_module(request: pytest.FixtureRequest) -> Iterator[None]:
    """Beside calls on a real Asterisk, a file that needs none gives way to them."""
    with lower_priority() if request.path in _give_way else nullcontext():
        yield


@pytest.fixture(autouse=True, scope="module")
def files_of_the_module() -> Iterator[None]:
    """A module that leaves many open fails: in the end others would, which is much harder to understand."""
    with open_files.given_back():
        yield


@pytest.fixture(autouse=True, scope="module")
def ports_of_the_module(files_of_the_module: None) -> Iterator[None]:
    """A worker runs hundreds of tests in one process, and a port is held until its process ends."""
    with given_back():
        yield


@pytest.fixture(autouse=True)
def ports_of_the_test(ports_of_the_module: None) -> Iterator[None]:
    """The same for what this test alone has chosen: its fixtures of the module keep theirs."""
    with given_back():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.remove(item)


def _only_for(mark: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which fails in a test that has no such mark: `./sanxiang test` would not have prepared for it."""

    def guarded(*arguments: Any, **named: Any) -> Any:
        if _running and _running[-1].get_closest_marker(mark) is None:
            pytest.fail(f"{_running[-1].nodeid} needs @pytest.mark.{mark} (tests/conftest.py says how marks are given)")
        return function(*arguments, **named)

    return guarded


passwords.made_cheap()
copied_postgres.made_cheap()
# Before any test module imports them by name: this file is the first that pytest reads.
runtime.ensure_pbx = _only_for("asterisk", runtime.ensure_pbx)
browser.ensure_browser = _only_for("browser", browser.ensure_browser)
site.ensure_site_tools = _only_for("site", site.ensure_site_tools)
EmbeddedPostgres.start = _only_for("database", EmbeddedPostgres.start)  # type: ignore[method-assign]
