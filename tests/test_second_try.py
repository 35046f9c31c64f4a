"""Which failed tests are played again, with real runs of pytest over small files."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import second_try

TESTS = """
import pathlib

import pytest

from tests.support import second_try

HERE = pathlib.Path(__file__).parent


@pytest.fixture
def leaves_something():
    yield
    raise OSError("left behind")


@pytest.mark.browser
def test_a_page_that_was_late():
    first = not (HERE / "painted").exists()
    (HERE / "painted").touch()
    assert not first


@pytest.mark.asterisk
def test_a_call_that_was_late():
    first = not (HERE / "played").exists()
    (HERE / "played").touch()
    assert not first


@pytest.mark.asterisk
def test_a_call_that_is_wrong():
    assert False


@pytest.mark.asterisk
def test_a_call_that_leaves_something(leaves_something):
    pass


@pytest.fixture
def stopped_asterisk():
    yield
    first = not (HERE / "stopped").exists()
    (HERE / "stopped").touch()
    assert not first, f"channels are left; {second_try.ANEW}"


@pytest.mark.asterisk
def test_a_call_after_which_asterisk_stood_still(stopped_asterisk):
    pass


def test_no_call():
    assert False


def test_well():
    pass
"""
CONFTEST = """
from tests.support import second_try


def pytest_runtest_logreport(report):
    second_try.note(report)
"""
ROOT = Path(__file__).parent.parent


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], int]:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    monkeypatch.setenv(second_try.FILE, str(tmp_path / "failed"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def played(words: list[str]) -> int:
        run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), *words]
        return subprocess.run(run, cwd=tmp_path, capture_output=True, check=False).returncode

    return played


@pytest.mark.parametrize(
    ("tests", "status", "passed_alone"),
    [
        (["call_that_was_late", "well"], 0, ["call_that_was_late"]),
        (["page_that_was_late", "well"], 0, ["page_that_was_late"]),
        (["stood_still"], 0, ["stood_still"]),
        (["late", "wrong"], 1, []),
        (["leaves"], 1, []),
        (["late", "no_call"], 1, []),
        (["well"], 0, []),
        (["nothing of that name"], pytest.ExitCode.NO_TESTS_COLLECTED, []),
    ],
)
def test_only_a_call_that_passes_alone_is_well(
    play: Callable[[list[str]], int], tmp_path: Path, tests: list[str], status: int, passed_alone: list[str]
):
    first = play(["test_some.py", "-k", " or ".join(tests) if len(tests) > 1 else tests[0].replace(" ", "_")])
    failed = second_try.read(tmp_path / "failed")
    said: list[str] = []
    assert second_try.second_try(failed, first, play, said.append) == status
    named = [line for line in said if line.startswith("  ")]
    assert len(named) == len(passed_alone)
    assert all(name in line for name, line in zip(passed_alone, named, strict=True))


def test_what_is_left_behind_is_forgiven_where_a_call_of_the_same_file_has_failed_in_the_middle(tmp_path: Path):
    file = tmp_path / "failed"
    file.write_text("live a.py::one\nafter a.py::two\nafter b.py::three\nafter a.py::one\nfinal a.py::four\n")
    assert {each.test: each.again for each in second_try.read(file)} == {
        "a.py::one": True,
        "a.py::two": True,
        "b.py::three": False,
        "a.py::four": False,
    }


def test_many_failures_are_not_the_machine_s():
    failed = [second_try.Failed(f"test_{n}", True) for n in range(second_try.MOST + 1)]

    def never(tests: list[str]) -> int:
        raise AssertionError(tests)

    assert second_try.second_try(failed, 1, never, print) == 1
    assert second_try.second_try([], pytest.ExitCode.INTERRUPTED, never, print) == pytest.ExitCode.INTERRUPTED
