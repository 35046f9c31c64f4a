"""Asterisk runs out of something, or a carrier refuses: rows of the table of faults, each tried a few times in a system of its own."""

from pathlib import Path

import pytest

from tests.calls.faults.table import Entry, nothing_is_lost_to, of_group


@pytest.mark.drill
@pytest.mark.parametrize("entry", of_group("CET"), ids=lambda entry: f"{'-'.join(entry.rows)}-{entry.name}")
async def test_nothing_is_lost_to_it(entry: Entry, tmp_path: Path, whole: bool):
    async with entry.system(tmp_path) as system:
        assert await nothing_is_lost_to(entry, system, whole)
