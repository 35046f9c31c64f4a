"""The state folder: secrets are made once, kept whole, and seen by nobody else."""

import stat
from pathlib import Path

import pytest

from acd.agents_file import with_agent
from acd.config import BadConfiguration, load
from acd.installation import Installation, StateFolderUnusable

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


def test_an_agent_is_added_beside_the_operators_file(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text(SMALL, encoding="utf-8")
    with_agent(file, "1001", '张"三', {"general": 3})
    config = with_agent(file, "1002", "", {})
    assert list(config.agents) == ["1001", "1002"]
    assert load(file) == config
    assert load(file).agents["1001"].name == '张"三'


@pytest.mark.parametrize(
    ("agent", "name", "skills", "said"),
    [
        ("1", "", {}, "agents.1"),
        ("10\n01", "", {}, "is not written as expected"),
        ("1002", "a\nb", {}, "agents.1002.name"),
        ("1002", "", {"general": 12}, "out of range"),
        ("1002", "", {"General": 2}, "agents.1002.skills"),
    ],
)
def test_an_agent_who_wont_do_is_refused_and_nothing_is_written(
    tmp_path: Path, agent: str, name: str, skills: dict[str, int], said: str
):
    file = tmp_path / "sanxiang.toml"
    file.write_text(SMALL, encoding="utf-8")
    with pytest.raises(BadConfiguration, match=said):
        with_agent(file, agent, name, skills)
    assert not (tmp_path / "agents.toml").exists()


def test_an_agent_who_is_there_already_is_refused(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text(SMALL + "[agents.1001]\n", encoding="utf-8")
    with pytest.raises(ValueError, match="There is an agent 1001 already"):
        with_agent(file, "1001", "", {})
