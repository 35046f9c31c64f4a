"""The table of faults in docs/faults.md: what was measured now replaces its own rows, and nothing else."""

import pytest

from tests.bench.faults import BEGIN, END, FAULTS_PAGE, merged, run
from tests.calls.faults.figures import Figures
from tests.calls.faults.table import TABLE, of_group


def test_rows_measured_now_take_the_place_of_the_old_ones_and_the_others_stay_in_order():
    a2 = Figures("A2", "daemon killed while it rings", 3, 9, 0, [0.2, 2.04, 1.0], "in step again")
    b10 = Figures("B10", "answers lost", 10, 10, 0, note="3 lost")
    before = f"# House\n\n{BEGIN}\n{END}\n\nthe end\n"
    once = merged(before, [b10, a2])
    assert once.splitlines()[2:] == [
        BEGIN,
        "| | fault | tries | calls | lost | recovered in | |",
        "|---|---|---|---|---|---|---|",
        "| A2 | daemon killed while it rings | 3 | 9 | 0 | 1.0 s, worst 2.0 s (in step again) |  |",
        "| B10 | answers lost | 10 | 10 | 0 | - | 3 lost |",
        END,
        "",
        "the end",
    ]
    again = merged(once, [Figures("A2", "daemon killed while it rings", 100, 300, 0, [0.02])])
    assert "| A2 | daemon killed while it rings | 100 | 300 | 0 | 20 ms |  |" in again
    assert again.count("\n| A2 |") == 1 and "| B10 | answers lost |" in again


def test_a_page_without_a_place_for_it_is_left_alone():
    with pytest.raises(ValueError, match="nothing was written"):
        merged("# House\n", [Figures("A2", "", 1)])
    merged(FAULTS_PAGE.read_text("utf-8"), [])


def test_a_row_that_nobody_tries_is_named():
    with pytest.raises(ValueError, match="No scenario for Z9; there are A1, A2"):
        run(only=["A1", "Z9"], say=lambda line: None)


def test_every_row_of_the_issue_is_tried():
    wanted = {f"A{n}" for n in range(1, 11)} | {f"B{n}" for n in (1, 2, 3, 4, 5, 8, 9, 10, 11)}
    wanted |= {f"F{n}" for n in (1, 2, 3, 4, 5, 9)} | {f"G{n}" for n in range(1, 9)}
    wanted |= {"C7", "M1", "M4", "T2", "T3"}
    alone = {"B8", "C6", "E2", "M2", "M3", "M5", "M6", "T1"}
    wanted |= alone
    assert {row for entry in TABLE for row in entry.rows} == wanted  # B6 and B7 need no house: see table.py
    assert {row for entry in of_group("ABCEFGMT") for row in entry.rows} == wanted - alone  # the bench's alone
