"""Checks of the page's sources (acd/web/console): types, style, unit tests. Needs Node, no browser and no Asterisk.

    python -m tests.console_checks          what is wrong, if anything
    python -m tests.console_checks --fix    first mends in the checkout what ESLint and Prettier can mend

The packages that only these checks need are fetched into a folder of their own in the cache.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from acd.progress import Progress, Silent
from acd.web.server.page_build import CONSOLE, SOURCES, page_workshop, run_npm

CHECK_SOURCES = (".prettierignore", ".prettierrc.json", "eslint.config.js", "vitest.config.ts", "tests")


def check_types(progress: Progress | None = None) -> str:
    """What vue-tsc says of the page's sources and unit tests; empty when all is well."""
    return _output(progress, "typecheck")


def check_style(progress: Progress | None = None) -> str:
    """What ESLint and Prettier complain of; empty when all is well."""
    return _output(progress, "lint", "layout")


def unit_tests(progress: Progress | None = None) -> str:
    """What vitest prints when a unit test of the page fails, or when it finds none; empty when all pass."""
    return _output(progress, "test")


CHECKS: dict[str, Callable[[Progress | None], str]] = {
    "vue-tsc": check_types,
    "ESLint, Prettier": check_style,
    "vitest": unit_tests,
}


def fix_style(progress: Progress | None = None) -> list[Path]:
    """Mends what ESLint and Prettier can mend. The files of the checkout that are changed now."""
    with page_workshop(progress or Silent(), CHECK_SOURCES) as shop:
        run_npm(shop, "run", "--silent", "lint", "--", "--fix")
        run_npm(shop, "run", "--silent", "layout", "--", "--write")
        changed = []
        for name in (*SOURCES, *CHECK_SOURCES):
            whole = CONSOLE / name
            for file in whole.rglob("*") if whole.is_dir() else [whole]:
                mended = shop / file.relative_to(CONSOLE)
                if file.is_file() and file.read_bytes() != mended.read_bytes():
                    shutil.copyfile(mended, file)
                    changed.append(file)
        return changed


def _output(progress: Progress | None, *scripts: str) -> str:
    """What those of these scripts of package.json print that fail."""
    said = ""
    with page_workshop(progress or Silent(), CHECK_SOURCES) as shop:
        for script in scripts:
            run = run_npm(shop, "run", "--silent", script)
            if run.returncode != 0:
                said += run.stdout.replace(str(shop), str(CONSOLE)) or f"{script} ended with {run.returncode}\n"
    return said


def main(arguments: list[str]) -> int:
    """The exit status: 0 when all is well."""
    if "--fix" in arguments:
        for file in fix_style():
            print(f"mended {file}")
    well = True
    for tool, check in CHECKS.items():
        said = check(None)
        well &= not said
        print(f"{tool}:\n{said}" if said else f"{tool}: well")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
