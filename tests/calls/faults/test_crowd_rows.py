"""More calls than can be served, and slow ones: rows of the table of faults, each tried for some seconds."""

import pytest

from tests.calls.faults.table import Entry, nothing_is_lost_to, of_group
from tests.calls.support.fault_table_system import FaultTableSystem


@pytest.mark.drill
@pytest.mark.parametrize("entry", of_group("M"), ids=lambda entry: "-".join(entry.rows))
async def test_nothing_is_lost_to_it(system: FaultTableSystem, entry: Entry, whole: bool):
    assert await nothing_is_lost_to(entry, system, whole)
