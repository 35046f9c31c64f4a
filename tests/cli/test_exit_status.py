"""The exit status is what docs/commands.md says; 3 beside a hotline that runs is in tests/web/test_operators_commands.py."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.command_line import typed
from tests.daemon.configuration.test_config_reload import FIRST

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
TABLE = PAGE.partition("## Exit status")[2].partition("\n#")[0]
ROWS = {
    int(row[1]): re.findall(r"`sanxiang ([^`]+)`", row[3])
    for row in re.finditer(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", TABLE, re.M)
}
RUN_BY_ITSELF = [(status, words) for status in (0, 1, 2) for words in ROWS.get(status, [])]


def test_the_table_has_every_status_with_examples():
    assert sorted(ROWS) == [0, 1, 2, 3]
    assert all(ROWS.values())
    assert len(RUN_BY_ITSELF) >= 8


@pytest.mark.parametrize(("status", "words"), RUN_BY_ITSELF)
def test_an_example_ends_as_it_says(status: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SANXIANG_STATE", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(FIRST, "utf-8")
    said = typed(*shlex.split(words))
    assert said.status == status, said
