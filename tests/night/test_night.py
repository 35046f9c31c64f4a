"""One operator's night: in each fault the first bad line of `doctor` is the right one, names what mends it, and nothing that cuts a call."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.night.fault import CUTS, Fault, verdict
from tests.night.hotline import Hotline
from tests.night.table import BEGIN, END, PAGE, TABLE, Seen, opened, page, seen

pytestmark = [pytest.mark.database, pytest.mark.slow]
FEWEST = 30
"""Faults of the drill that this suite is to play at least."""


@pytest_asyncio.fixture(scope="module")
async def hotline() -> AsyncIterator[Hotline]:
    async with opened() as made:
        yield made


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: re.sub(r"\W+", "-", fault.name))
async def test_the_first_line_is_the_right_one(hotline: Hotline, fault: Fault):
    found = await seen(hotline, fault)
    if found.not_here:
        pytest.skip(found.not_here)
    assert not found.wrong


def test_the_drill_is_as_long_as_was_asked_for():
    assert len(TABLE) >= FEWEST
    assert len({fault.name for fault in TABLE}) == len(TABLE)


def test_the_page_has_a_row_for_each_fault_and_all_are_right():
    text = PAGE.read_text("utf-8")
    table = text.partition(BEGIN)[2].partition(END)[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "what happens" not in line]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [fault.name for fault in TABLE]
    assert all(row.endswith("| right |") for row in rows), "./sanxiang bench night --write"


def told(what: str, found: str, remedy: str) -> dict[str, str]:
    return {"what": what, "found": found, "remedy": remedy}


def test_what_the_drill_calls_right():
    fault = TABLE[0]
    right = told("state folder", "only 0 MB free", "du -xsh")
    assert verdict(fault, [right]) == ""
    assert "nothing wrong" in verdict(fault, [])
    assert "should be" in verdict(fault, [told("daemon", "down: store", "du -xsh"), right])
    assert "does not name" in verdict(fault, [{**right, "remedy": "wait"}])
    assert "advises" in verdict(fault, [{**right, "remedy": "du -xsh; rm -r journal"}])
    for cut in CUTS:
        assert "cut calls" in verdict(fault, [right, told("daemon", "x", f"type {cut} 4711")])


def test_the_page_counts_what_was_played():
    found = [Seen(TABLE[0], "a"), Seen(TABLE[1], "b", wrong="it is not"), Seen(TABLE[2], not_here="no root")]
    written = page(f"# Night\n{BEGIN}\nSTALE\n{END}\nthe end\n", found)
    assert "1 of 2 faults" in written and "STALE" not in written and written.endswith(f"{END}\nthe end\n")
    assert [line.split("|")[-2].strip() for line in written.splitlines() if line.startswith("| ")][1:] == [
        "right", "WRONG", "not made here",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="nothing was written"):
        page("# Night\n", found)
