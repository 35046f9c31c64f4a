"""`agents.toml`: what `agent add` writes is what the configuration reads."""

from pathlib import Path
from typing import Any

import pytest

from acd.config import BadConfiguration, Config, check, merged
from acd.config.agents_file import with_agent

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
