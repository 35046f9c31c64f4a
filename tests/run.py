"""`./sanxiang test`, `check` and `drill`. Each prepares what its tests need, and nothing else.

./sanxiang test                     style, types, the page, and every test
./sanxiang test --fast              only what needs neither Asterisk nor database nor browser
./sanxiang test tests/engine        only these tests; any argument of pytest may stand here
./sanxiang drill [PATH]             the tests that have a long form, in their long form
./sanxiang check [--python] [--fix] style and types alone

Tests with real calls or pages that failed in a whole run are played once more, alone (tests/support/second_try.py).
pytest's closing line is the last one printed, but for the names of those that passed only then. The exit status is 0 when all is well, 2 for words that are not known.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from acd.cache import cache_folder
from acd.errors import SanxiangError
from acd.pbx.install.runtime import ensure_pbx
from acd.progress import Progress, Steps
from acd.site.build import ensure_site_tools
from acd.voices.environment import ensure_voice
from acd.web.server.page_build import build_page
from tests.check import PYTHON, check, fix
from tests.console_checks import CHECKS
from tests.needs import NEEDS_FILE
from tests.support import second_try
from tests.support.browser import ensure_browser

ROOT = Path(__file__).parent.parent
SIDE_BY_SIDE = ["-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
"""Four files at a time, in the order of tests/conftest.py. With six on two cores 21 of 13,041 tests failed for want of a processor, sound that came
late most of all; with eight, 49. xdist's own order would put the files with the fewest tests last, and those are the calls."""
FAST = [
    "-n",
    "3",
    "--dist",
    "worksteal",
    "-m",
    "not (asterisk or database or browser or site or voice or drill or slow)",
]
"""More processes than the two cores: a third of the time these tests wait. No more than that, since each reads all the tests first. Who
has nothing left takes over tests from the others."""
FEW_EXAMPLES = "SANXIANG_FEW_EXAMPLES"
"""Environment variable, set for --fast: each property of the engine is tried with a twentieth of its stories, the same each time."""

PREPARATIONS: dict[str, tuple[tuple[str, Callable[[Progress], object]], ...]] = {
    "asterisk": (("Asterisk 22 and the tools of the tests", ensure_pbx),),
    "browser": (("A browser for the pages", ensure_browser), ("The page", build_page)),
    "site": (("What makes the site", ensure_site_tools),),
    "voice": (("The better voice", ensure_voice),),
}
"""Mark to what is prepared for it. The database is a Python package, which the launcher has installed."""


def test(arguments: list[str]) -> int:
    """Runs the tests. The exit status: pytest's, or 1 when only style or types are not well."""
    well, whole = True, not arguments
    if "--fast" in arguments:
        words = [*FAST, *(word for word in arguments if word != "--fast")]
        os.environ[FEW_EXAMPLES] = "1"
    elif arguments:
        words = arguments
        prepare(Steps(total=5), needs(arguments))
    else:
        words = SIDE_BY_SIDE
        steps = Steps(total=len(PYTHON) + len(CHECKS) + 5)
        prepare(steps, set(PREPARATIONS))
        well = check(steps)
    status = whole_run(words) if whole else pytest(words)
    return status if well else status or 1


def whole_run(words: list[str]) -> int:
    """pytest's exit status, after the second try of what may have one."""
    with tempfile.TemporaryDirectory(prefix="sx-") as folder:
        failures = Path(folder) / "failed"
        os.environ[second_try.FILE] = str(failures)
        status = pytest(words)
        del os.environ[second_try.FILE]
        return second_try.second_try(second_try.read(failures), status, pytest, lambda text: print(text, flush=True))


def drill(arguments: list[str]) -> int:
    """Runs the tests marked `drill` in their long form, one after the other. The exit status is pytest's."""
    # The time limit is against hanging only, and a long form may take hours.
    words = ["-m", "drill", "--whole", "--timeout", "0", *(arguments or ["tests"])]
    prepare(Steps(total=5), needs(words))
    return pytest(words)


def prepare(steps: Steps, wanted: set[str]) -> None:
    """Fetches and builds what tests with these marks need. Raises SanxiangError with the remedy."""
    for mark, parts in PREPARATIONS.items():
        for what, ensure in parts if mark in wanted else ():
            with steps.step(what) as progress:
                ensure(progress)


def needs(arguments: list[str]) -> set[str]:
    """The marks of the tests that pytest would run with these arguments; none when there are none, which pytest itself then says."""
    with tempfile.TemporaryDirectory(prefix="sx-") as folder:
        file = Path(folder) / "needs"
        subprocess.run(
            [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments],
            cwd=ROOT,
            env={**environment(), NEEDS_FILE: str(file)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return set(file.read_text().split()) if file.exists() else set()


def environment() -> dict[str, str]:
    """What pytest's processes run with. Each reads all the tests and rewrites their assertions: seconds, unless an earlier run has left
    the bytecode."""
    variables = {**os.environ, "PYTHONPYCACHEPREFIX": str(cache_folder() / "bytecode")}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return variables


def read_once() -> None:
    """Reads all the tests in one process, where this checkout's were never read: their bytecode and that of the packages is made then.

    Processes that begin at the same time would all make it, each for itself: three times what reading takes, in each of them.
    """
    made = cache_folder() / "bytecode" / ROOT.relative_to("/") / "tests"
    if not any(made.glob("conftest.*")):
        subprocess.run(
            [sys.executable, "-m", "pytest", "--collect-only", "-q"],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


def pytest(words: list[str]) -> int:
    """pytest's exit status."""
    if "-n" in words:
        read_once()
    # A short folder: Asterisk's control socket may have 107 bytes, and pytest's own temporary names are long.
    with tempfile.TemporaryDirectory(prefix="sx-", ignore_cleanup_errors=True) as folder:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *words, "--basetemp", f"{folder}/t"],
            cwd=ROOT,
            env=environment(),
            check=False,
        )
    return run.returncode


def checks(arguments: list[str]) -> int:
    """Style and types. The exit status: 0 when all is well, 2 for an option that is not known."""
    if unknown := set(arguments) - {"--python", "--fix"}:
        print(
            f"sanxiang check: no such option: {' '.join(sorted(unknown))}. It takes --python and --fix.",
            file=sys.stderr,
        )
        return 2
    python_only = "--python" in arguments
    if "--fix" in arguments:
        fix(python_only)
    well = check(Steps(total=len(PYTHON) + (0 if python_only else len(CHECKS))), python_only)
    return 0 if well else 1


COMMANDS = {"test": test, "drill": drill, "check": checks}

if __name__ == "__main__":
    try:
        if {"-h", "--help"} & set(sys.argv):
            print(__doc__)
        else:
            sys.exit(COMMANDS[sys.argv[1]](sys.argv[2:]))
    except SanxiangError as error:
        print(f"sanxiang: {error}", file=sys.stderr)
        sys.exit(1)
