"""`./sanxiang test`: style, types, the page, and then every test. pytest's closing line is the last one printed.

./sanxiang test                 everything
./sanxiang test tests/engine    only these tests, without what stands before them
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from acd.errors import SanxiangError
from acd.pbx.install.runtime import ensure_pbx
from acd.progress import Steps
from acd.web.server.page_build import build_page
from tests.browser import ensure_browser
from tests.console_checks import check_style, check_types, unit_tests

ROOT = Path(__file__).parent.parent
SIDE_BY_SIDE = ["-n", "3", "--dist", "loadfile"]
"""Three files at a time: calls on a real Asterisk wait most of the time."""


def main(arguments: list[str]) -> int:
    """The exit status: 0 when all is well."""
    steps = Steps(total=8)
    well = True
    with steps.step("Asterisk 22 and the tools of the tests") as progress:
        ensure_pbx(progress)
    with steps.step("A browser for the pages") as progress:
        ensure_browser(progress)
    with steps.step("The page") as progress:
        build_page(progress)
    if not arguments:
        with steps.step("Types of the page") as progress:
            said = check_types(progress)
        well &= _told("vue-tsc", said)
        with steps.step("Style of the page (ESLint, Prettier)") as progress:
            said = check_style(progress)
        well &= _told("ESLint, Prettier", said)
        with steps.step("Unit tests of the page (vitest)") as progress:
            said = unit_tests(progress)
        well &= _told("vitest", said)
        with steps.step("Style (ruff)"):
            said = _output("ruff", "check", ".") + _output("ruff", "format", "--check", ".")
        well &= _told("ruff", said)
        with steps.step("Types (mypy)"):
            said = _output("mypy")
        well &= _told("mypy", said)
    # A short folder: Asterisk's control socket may have 107 bytes, and pytest's own temporary names are long.
    with tempfile.TemporaryDirectory(prefix="sx-", ignore_cleanup_errors=True) as folder:
        words = [*(arguments or SIDE_BY_SIDE), "--basetemp", f"{folder}/t"]
        run = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, check=False)
    return run.returncode if well else run.returncode or 1


def _output(tool: str, *words: str) -> str:
    """What the tool complains of; empty when it is content."""
    run = subprocess.run(
        [sys.executable, "-m", tool, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )  # fmt: skip
    return "" if run.returncode == 0 else run.stdout


def _told(tool: str, said: str) -> bool:
    if said:
        print(f"{tool}:\n{said}", file=sys.stderr)
    return not said


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SanxiangError as error:
        print(f"sanxiang: {error}", file=sys.stderr)
        sys.exit(1)
