"""`./sanxiang check`: style and types of Python and page, and the page's unit tests. No Asterisk, no browser, no database.

./sanxiang check            everything
./sanxiang check --python   ruff and mypy only; nothing of Node is fetched
./sanxiang check --fix      first mends what ruff, ESLint and Prettier can mend
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from acd.progress import Progress, Steps
from tests import console_checks

ROOT = Path(__file__).parent.parent


def ruff(_: Progress | None = None) -> str:
    """What ruff complains of, style and layout; empty when all is well."""
    return _output("ruff", "check", ".") + _output("ruff", "format", "--check", ".")


def mypy(_: Progress | None = None) -> str:
    """What mypy complains of; empty when all is well."""
    return _output("mypy")


PYTHON = {"ruff": ruff, "mypy": mypy}
LONGEST = "mypy"
"""Runs beside the others from the beginning, on a processor of its own, and is told last."""


def check(steps: Steps, python_only: bool = False) -> bool:
    """Whether all is well; what is not is printed to standard error under the name of the tool."""
    well = True
    tools = PYTHON if python_only else PYTHON | console_checks.CHECKS
    with ThreadPoolExecutor(max_workers=1) as beside:
        longest = beside.submit(lambda: tools[LONGEST](None))
        for tool in sorted(tools, key=LONGEST.__eq__):
            with steps.step(tool) as progress:
                said = longest.result() if tool == LONGEST else tools[tool](progress)
            if said:
                print(f"{tool}:\n{said}", file=sys.stderr)
                well = False
    return well


def fix(python_only: bool = False) -> None:
    """Mends in the checkout what the tools can mend by themselves."""
    _output("ruff", "check", "--fix", ".")
    _output("ruff", "format", ".")
    if not python_only:
        console_checks.fix_style()


def _output(tool: str, *words: str) -> str:
    """What the tool prints when it fails; empty when it is content."""
    run = subprocess.run(
        [sys.executable, "-m", tool, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )  # fmt: skip
    return "" if run.returncode == 0 else run.stdout or f"{tool} ended with status {run.returncode}\n"
