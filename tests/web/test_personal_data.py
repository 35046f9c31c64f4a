"""docs/personal-data.md: every table with people in it is named."""

import re

from acd.store.tables import Table
from tests.site.documents import rows, section, text

PAGE = text("personal-data.md")


def test_every_table_that_is_named_is_one_and_none_with_people_in_it_is_left_out():
    named = set(re.findall(r"`(\w+)`", " ".join(row[2] for row in rows(section(PAGE, "## What is kept")))))
    known = set(Table.metadata.tables)
    assert known - named <= {"queues", "spools"}  # names of queues, and how far the journal is in: no person is in them
    assert {
        "calls",
        "call_log",
        "offers",
        "transfers",
        "cards",
        "recordings",
        "agent_time",
        "leg_quality",
    } <= named & known
