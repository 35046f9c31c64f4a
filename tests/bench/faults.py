"""What each fault costs: every scenario of tests/calls/faults/, in a system of its own, as often as is asked for.

./sanxiang bench faults                         each a few times, as the tests do
./sanxiang bench faults --full                  as often as the table of faults wants; hours
./sanxiang bench faults --only A2 --only G1     these rows
./sanxiang bench faults --seed 7                the random moments of that seed again
./sanxiang bench faults --write                 docs/faults.md gets these figures; rows not measured now stay

A scenario that fails is told with its seed; the others are measured all the same, and the exit status is 1.
"""

import asyncio
import random
import re
import tempfile
import time
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from acd.pbx.install.ports import given_back
from tests.calls.faults.figures import HEAD, Figures
from tests.calls.faults.table import TABLE, Entry

FAULTS_PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- faults: written by ./sanxiang bench faults --write -->", "<!-- end of faults -->"


def run(
    *,
    full: bool = False,
    only: Collection[str] = (),
    write: bool = False,
    seed: int | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """The figures, and the scenarios that failed. Raises ValueError for a row that nobody tries."""
    wanted = [entry for entry in TABLE if not only or set(only) & set(entry.rows)]
    if missing := set(only) - {row for entry in wanted for row in entry.rows}:
        raise ValueError(f"No scenario for {', '.join(sorted(missing))}; there are {_rows()}.")
    seed = random.randrange(10**6) if seed is None else seed
    say(f"seed {seed}")
    found, failed = asyncio.run(_run(wanted, full, seed, say))
    table = "\n".join([HEAD, *(figures.as_row() for figures in found)])
    say(table)
    if write:
        FAULTS_PAGE.write_text(merged(FAULTS_PAGE.read_text("utf-8"), found), "utf-8")
    return {
        "seed": seed,
        "full": full,
        "rows": [{"row": figures.row, **figures.as_json()} for figures in found],
        "failed": failed,
    }


def _rows() -> str:
    return ", ".join(dict.fromkeys(row for entry in TABLE for row in entry.rows))


async def _run(
    wanted: list[Entry], full: bool, seed: int, say: Callable[[str], None]
) -> tuple[list[Figures], dict[str, str]]:
    found: list[Figures] = []
    failed: dict[str, str] = {}
    for entry in wanted:
        began = time.monotonic()
        try:
            with given_back(), tempfile.TemporaryDirectory(prefix="sx-", ignore_cleanup_errors=True) as folder:
                async with entry.system(Path(folder)) as system:
                    figures = await entry.scenario(system, entry.many if full else max(1, entry.few), seed)
        except Exception as error:
            failed[entry.name] = f"seed {seed}: {str(error)[:1000] or type(error).__name__}"
            say(f"{entry.name} failed (seed {seed}):\n{traceback.format_exc()}")
            continue
        found += figures
        say(f"{entry.name}: {time.monotonic() - began:.0f} s")
        for each in figures:
            say(each.as_row())
    return found, failed


def merged(page: str, found: list[Figures]) -> str:
    """The page with these rows in its table, in the table's order. Raises ValueError when it has no place for them."""
    before, begin, rest = page.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/faults.md has no lines {BEGIN!r} and {END!r}: nothing was written.")
    rows = [line for line in old.splitlines() if re.match(r"\| [A-Z]\d+ \|", line)]
    measured = {_fault(figures.as_row()) for figures in found}
    rows = [line for line in rows if _fault(line) not in measured] + [figures.as_row() for figures in found]
    rows.sort(key=lambda line: (_of(line)[0], int(_of(line)[1:])))
    return before + BEGIN + "\n" + "\n".join([HEAD, *rows]) + "\n" + END + after


def _fault(line: str) -> tuple[str, ...]:
    """What tells a row from others: a fault of the table may be two, and their counts differ from run to run."""
    return _of(line), *re.findall(r"[a-z]+", line.split("|")[2].lower())[:3]


def _of(line: str) -> str:
    return line.split("|")[1].strip()
