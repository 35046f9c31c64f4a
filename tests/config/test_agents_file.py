"""`agents.toml`: what `agent add` writes is what the configuration reads."""

from pathlib import Path
from typing import Any

import pytest

from acd.config import BadConfiguration, Config, check, merged
from acd.config.agents_file import with_agent, with_profile, without_agent

SMALL = '[queues.general]\nlabel = { zh = "人工", en = "General" }\n'


def house(agents: str) -> Config:
    return check(merged(SMALL, agents))


def test_agents_are_added_one_after_the_other_and_those_before_keep_all_they_have():
    text = with_agent(
        '[agents.1001]\nname = "张\\"三"\nqueues = ["general"]\nskills = { zh = 3 }\n', "1002", "Tom", {"en": 4}
    )
    agents = house(with_agent(text, "1003", "", {})).agents
    assert list(agents) == ["1001", "1002", "1003"]
    assert (agents["1001"].name, agents["1001"].queues, agents["1001"].skills) == ('张"三', ["general"], {"zh": 3})
    assert agents["1002"].skills == {"en": 4}


@pytest.mark.parametrize(
    ("agent", "name", "skills", "said"),
    [
        ("1", "", {}, "agents.1"),
        ("10\n01", "", {}, "is not written as expected"),
        ("1002", "a\nb", {}, "agents.1002.name"),
        ("1002", "", {"general": 12}, "out of range"),
        ("1002", "", {"General": 2}, "agents.1002.skills"),
        ("1002", "", {'x" = 1, "y': 2}, "agents.1002.skills"),
    ],
)
def test_an_agent_who_wont_do_is_refused_by_the_whole_configuration(
    agent: str, name: str, skills: dict[str, Any], said: str
):
    with pytest.raises(BadConfiguration, match=said):
        house(with_agent("", agent, name, skills))


def test_an_agent_who_is_there_already_and_a_file_that_is_not_toml_are_refused():
    with pytest.raises(ValueError, match="There is an agent 1001 already"):
        with_agent("[agents.1001]\n", "1001", "", {})
    with pytest.raises(ValueError, match=r"agents.toml is not TOML: .* Mend that line first"):
        with_agent("[agents", "1001", "", {})


def test_the_file_says_who_wrote_it(tmp_path: Path):
    assert with_agent("", "1001", "", {}).startswith("# Written by `./sanxiang agent add`.")


FILE = Path("/etc/sanxiang/sanxiang.toml")


def test_an_agent_is_taken_out_and_the_others_keep_all_they_have():
    text = with_agent(with_agent("[agents.1001]\ntier = 2\n", "1002", "Tom", {"en": 4}), "1003", "", {})
    assert house(without_agent(text, "1002", FILE)).agents == {
        agent: profile for agent, profile in house(text).agents.items() if agent != "1002"
    }
    assert without_agent(with_agent("", "1002", "Tom", {}), "1002", FILE) == ""


@pytest.mark.parametrize(
    ("name", "skills", "found"),
    [
        ("王芳", None, ("王芳", {"zh": 3})),
        (None, {"en": 2}, ("Li", {"en": 2})),
        ("", {}, ("", {})),
        (None, None, ("Li", {"zh": 3})),
    ],
)
def test_an_agent_is_changed_and_keeps_the_rest(
    name: str | None, skills: dict[str, int] | None, found: tuple[str, Any]
):
    text = (
        '[agents.1001]\nname = "Li"\ntier = 2\nqueues = ["general"]\nskills = { zh = 3 }\n[agents.1002]\nname = "Tom"\n'
    )
    agents = house(with_profile(text, "1001", FILE, name, skills)).agents
    assert (agents["1001"].name, agents["1001"].skills) == found
    assert (agents["1001"].tier, agents["1001"].queues, agents["1002"].name) == (2, ["general"], "Tom")


def test_whom_the_operators_own_file_holds_is_left_alone_with_the_remedy():
    told = r"stands in /etc/sanxiang/sanxiang\.toml.*`sanxiang config reload`"
    with pytest.raises(ValueError, match=told):
        without_agent("", "1001", FILE)
    with pytest.raises(ValueError, match=told):
        with_profile("[agents.1002]", "1001", FILE, "x", None)
    with pytest.raises(ValueError, match="is not TOML"):
        without_agent("[agents", "1001", FILE)


def test_no_agent_has_a_number_of_the_hotline():
    with pytest.raises(BadConfiguration, match=r"agents\.95002: is also a number of the hotline"):
        house("[agents.95002]")
