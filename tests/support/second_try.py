"""Tests of real calls and of real pages that failed are played once more, alone, at the end of a whole `./sanxiang test`.

A call takes real seconds: SIPp and Asterisk send a packet every 20 ms, a telephone rings for three seconds. With four files side by side
on a machine that others use as well, a processor may be away for longer than that, and what failed then says nothing about the product.
What fails alone as well does. A browser that gets no processor paints late in the same way. Any other test, one that left something
behind where all went well, and the process of tests that crashed get no second try, nor does anybody when many have failed: that is not the machine.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

FILE = "SANXIANG_FAILED"
"""Environment variable: the file to which each failure is written, as it happens: whether it gets a second try, and the test's id."""
MOST = 24
"""So many failed tests are played again; more than that (one of 600) have another cause than a busy machine."""
_LIVE = "live"
_AFTER = "after"
"""It left something behind: forgiven where a test of the same file has failed in the middle, which is where that comes from."""
_FINAL = "final"
ANEW = "Asterisk was started anew"
"""In what a test of a shared Asterisk says that stopped taking calls: the next ones have another, and this one is played again."""


@dataclass(frozen=True, slots=True)
class Failed:
    test: str
    """Its id."""
    again: bool
    """It plays calls or pages, and failed while it was made ready or played."""


def note(report: pytest.TestReport) -> None:
    """Writes down that a test failed, where `./sanxiang test` wants to know."""
    if report.failed and (file := os.environ.get(FILE)):
        live = {"asterisk", "browser"} & set(report.keywords)
        kind = {"setup": _LIVE, "call": _LIVE, "teardown": _AFTER}.get(report.when, _FINAL) if live else _FINAL
        if kind == _AFTER and ANEW in report.longreprtext:
            kind = _LIVE
        with Path(file).open("a", encoding="utf-8") as failures:
            failures.write(f"{kind} {report.nodeid}\n")


def read(file: Path) -> list[Failed]:
    """Each test that failed, once; none where the file is missing."""
    lines = [line.partition(" ")[::2] for line in (file.read_text("utf-8").splitlines() if file.exists() else ())]
    left_in_the_middle = {test.partition("::")[0] for kind, test in lines if kind == _LIVE}
    again: dict[str, bool] = {}
    for kind, test in lines:
        forgiven = kind == _LIVE or (kind == _AFTER and test.partition("::")[0] in left_in_the_middle)
        again[test] = again.get(test, True) and forgiven
    return [Failed(test, live) for test, live in again.items()]


def second_try(
    failed: Sequence[Failed], status: int, play: Callable[[list[str]], int], say: Callable[[str], None]
) -> int:
    """The status of the run: 0 when each test that failed may be played again by `play`, and passes then.

    `play` gets pytest's words and returns its status. `say` gets each sentence to print.
    """
    if status != pytest.ExitCode.TESTS_FAILED or not failed:
        return status
    if len(failed) > MOST or not all(each.again for each in failed):
        return status
    tests = [each.test for each in failed]
    say(f"{len(tests)} of the tests with real calls or pages failed beside others. They are played once more, alone:")
    again = play(tests)
    if again == 0:
        say("Passed only when played alone, so look at them when you have changed what they try:")
        for test in tests:
            say(f"  {test}")
    return again
