"""The state folder: secrets are made once, kept whole, and seen by nobody else."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from acd.setup import installation
from acd.setup.installation import Installation, NoSecrets, StateFolderUnusable

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


def test_secrets_of_who_is_gone_are_forgotten_and_a_mistake_costs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    house = Installation.at(tmp_path / "state")
    made = house.with_secrets_for(["1001", "1002"])["agents"]
    house.with_secrets_for(["1002"])
    house.with_secrets_for(["1002"])
    assert house.with_secrets_for(["1001", "1002"])["agents"] == made, "taken out by mistake, and put back"
    house.with_secrets_for(["1002"])
    monkeypatch.setattr(installation, "FORGOTTEN_AFTER", timedelta(0))
    assert list(house.with_secrets_for(["1002"])["agents"]) == ["1002"]
    again = house.with_secrets_for(["1001", "1002"])["agents"]
    assert again["1002"] == made["1002"]
    assert again["1001"]["password"] != made["1001"]["password"]


def test_one_secret_is_made_anew_or_all_of_an_agent_are_forgotten(tmp_path: Path):
    house = Installation.at(tmp_path / "state")
    made = house.with_secrets_for(["1001", "1002"])["agents"]
    password = house.new_secret_for("1001", "password")
    found = house.secrets()["agents"]
    assert found["1001"] == {"password": password, "pin": made["1001"]["pin"]} and password != made["1001"]["password"]
    pin = house.new_secret_for("1001", "pin")
    assert house.secrets()["agents"]["1001"] == {"password": password, "pin": pin} and len(pin) == 6
    house.forget_secrets_of("1001")
    house.forget_secrets_of("4711")
    assert house.secrets()["agents"] == {"1002": made["1002"]}
    with pytest.raises(NoSecrets, match="Agent 1001 has no password"):
        house.new_secret_for("1001", "pin")
    assert mode(house.state / "secrets.json") == 0o600


def test_two_processes_that_change_secrets_at_once_lose_none(tmp_path: Path):
    house = Installation.at(tmp_path / "state")
    agents = [f"{1000 + n}" for n in range(20)]
    house.with_secrets_for(agents)
    with ThreadPoolExecutor(8) as threads:
        made = dict(zip(agents, threads.map(lambda agent: house.new_secret_for(agent, "pin"), agents), strict=True))
    assert {agent: row["pin"] for agent, row in house.secrets()["agents"].items()} == made


def test_every_start_has_an_epoch_of_its_own(tmp_path: Path):
    house = Installation.at(tmp_path / "state")
    assert [house.next_epoch() for _ in range(3)] == [1, 2, 3]


def test_a_folder_that_cannot_be_made_is_told_with_the_remedy(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateFolderUnusable, match=r"give another one with --state"):
        Installation.at(tmp_path / "file" / "state")
