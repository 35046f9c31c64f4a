"""Many agents at once: in one change of the configuration all of them are in force and on the disk, or none."""

import tomllib
from typing import Any

import pytest

from acd.daemon.configuration.agent_changes import AgentChanges
from tests.daemon.configuration.test_config_reload import FIRST, MUSIC, House
from tests.daemon.configuration.test_config_reload import house as house

TEAMS = '\n[teams.sales]\nlabel = { zh = "销售组", en = "Sales" }\nqueues = ["orders"]\n'
TWO: dict[str, dict[str, Any]] = {
    "1010": {"name": "王芳", "skills": {"orders": 3}, "team": "sales"},
    "1011": {"name": "", "skills": {}},
}


@pytest.fixture
async def changes(house: House) -> AgentChanges:
    house.edits(FIRST + TEAMS)
    assert (await house.live.reload("li")).taken
    house.asterisk_heard()
    return AgentChanges(house.installation, house.live)


async def test_all_of_a_list_are_added_in_one_change(house: House, changes: AgentChanges):
    version = house.live.version.number
    made = await changes.add_all(TWO, "li")
    assert house.live.version.number == version + 1
    assert house.asterisk_heard().count(MUSIC) == 1, "Asterisk was told more than once"
    assert {agent: set(row) for agent, row in made.items()} == {agent: {"password", "pin"} for agent in TWO}
    written = tomllib.loads((house.folder / "agents.toml").read_text("utf-8"))["agents"]
    assert written == TWO
    before = house.live.config.agents["1010"]
    await changes.edit("1010", None, None, "li", "")
    after = house.live.config.agents["1010"]
    assert (before.team, after.team, after.name) == ("sales", None, "王芳")


async def test_a_dry_run_changes_nothing(house: House, changes: AgentChanges):
    version = house.live.version.number
    assert await changes.add_all(TWO, "li", dry_run=True) == {}
    assert (house.live.version.number, house.asterisk_heard()) == (version, [])
    assert not (house.folder / "agents.toml").exists()


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"1001": {"name": "", "skills": {}}}, "agents.1001: is there already."),
        (
            {"1012": {"name": "", "skills": {}, "team": "sale"}},
            "agents.1012.team: there is no team 'sale' (did you mean",
        ),
        ({"1012": {"name": "", "skills": {"orders": 12}}}, "agents.1012.skills.orders"),
        ({"1": {"name": "", "skills": {}}}, "two to six digits"),
    ],
)
async def test_with_one_mistake_none_is_added(
    house: House, changes: AgentChanges, wrong: dict[str, dict[str, Any]], said: str, dry_run: bool
):
    with pytest.raises(ValueError) as refused:
        await changes.add_all({**TWO, **wrong}, "li", dry_run=dry_run)
    assert said in str(refused.value)
    assert list(house.live.config.agents) == ["1001"]
    assert not (house.folder / "agents.toml").exists()
