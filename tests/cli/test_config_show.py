"""`sanxiang config show`: what is in force, with where each value comes from."""

import json
from pathlib import Path

from acd.config.versions import Texts, Versions
from acd.setup.installation import Installation
from tests.cli.command_line import typed

TEXT = """
[hotline]
name = "三响"
[database]
url = "postgresql://sanxiang@db.example.com/sanxiang"
password_file = "{secret}"
[queues.orders]
label = {{ zh = "订单", en = "Orders" }}
skills = {{ orders = 1 }}
overflow = [
  {{ after_s = 60, do = "raise-priority", by = 1, why = "nobody waits for ever" }},
]
[agents.1001]
skills = {{ orders = 5 }}
"""
AGENTS = '[agents.1002]\nname = "added"\nskills = { orders = 3 }\n'


def shown(folder: Path, *words: str) -> dict[str, tuple[object, str]]:
    said = typed("config", "show", *words, "--json", "--state", str(folder / "state"))
    assert said.status == 0, said
    return {row["place"]: (row["value"], row["from"]) for row in json.loads(said.screen)}


def in_force(folder: Path) -> Path:
    secret = folder / "password"
    secret.write_text("never-shown-anywhere")
    file = folder / "sanxiang.toml"
    file.write_text(TEXT.format(secret=secret))
    (folder / "agents.toml").write_text(AGENTS)
    Versions(Installation.at(folder / "state").versions).take(Texts.read(file), file, "up", "up")
    return file


def test_each_value_says_where_it_comes_from(tmp_path: Path):
    file = in_force(tmp_path)
    found = shown(tmp_path)
    assert found["hotline.name"] == ("三响", f"{file}:3")
    assert found["sip.port"] == (5060, "default")
    assert found["hotline.menu"] == (None, "default")
    assert found["queues.orders.wrap_up_s"][1] == "default"
    assert found["queues.orders.overflow"][0] == [
        {"after_s": 60.0, "do": "raise-priority", "by": 1, "why": "nobody waits for ever"}
    ]
    assert found["agents.1001.skills"] == ({"orders": 5}, f"{file}:14")
    assert found["agents.1002.name"] == ("added", f"{tmp_path / 'agents.toml'}:2")
    assert set(shown(tmp_path, "--changed")) == {place for place, (_, origin) in found.items() if origin != "default"}
    assert all(place.startswith("queues.orders.") for place in shown(tmp_path, "queues.orders"))


def test_what_is_edited_is_not_in_force_and_no_password_is_shown(tmp_path: Path):
    file = in_force(tmp_path)
    file.write_text(file.read_text().replace("三响", "edited"))
    said = typed("config", "show", "--state", str(tmp_path / "state"))
    assert 'hotline.name = "三响"  # ' in said.screen
    assert "# Version 1, in force since " in said.screen
    assert "never-shown-anywhere" not in said.screen
    assert str(tmp_path / "password") in said.screen
    assert 'hotline.name = "edited"' in typed("config", "show", "--config", str(file)).screen


def test_every_line_that_is_a_value_is_toml(tmp_path: Path):
    import tomllib

    in_force(tmp_path)
    for line in typed("config", "show", "--state", str(tmp_path / "state")).screen.splitlines():
        tomllib.loads(line)


def test_before_the_first_start_it_says_so(tmp_path: Path):
    Installation.at(tmp_path / "state")
    said = typed("config", "show", "--state", str(tmp_path / "state"))
    assert (said.status, "No configuration was ever in force" in said.screen) == (1, True), said
