"""The state folder: secrets are made once, kept whole, and seen by nobody else."""

import stat
from pathlib import Path

import pytest

from acd.setup.installation import Installation, StateFolderUnusable

SMALL = '[queues.general]\nlabel = { zh = "人工", en = "General" }\n'


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_secrets_are_made_once_and_private(tmp_path: Path):
    house = Installation.at(tmp_path / "state")
    made = house.with_secrets_for(["1001"])
    again = house.with_secrets_for(["1001", "1002"])
    assert again["agents"]["1001"] == made["agents"]["1001"]
    assert len(again["agents"]["1001"]["password"]) >= 12
    assert again["agents"]["1001"]["password"] != again["agents"]["1002"]["password"]
    assert mode(house.state / "secrets.json") == 0o600
    assert house.token() == house.token()
    assert mode(house.token_file) == 0o600
    assert mode(house.state) == 0o700


def test_every_start_has_an_epoch_of_its_own(tmp_path: Path):
    house = Installation.at(tmp_path / "state")
    assert [house.next_epoch() for _ in range(3)] == [1, 2, 3]


def test_a_folder_that_cannot_be_made_is_told_with_the_remedy(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateFolderUnusable, match=r"give another one with --state"):
        Installation.at(tmp_path / "file" / "state")
