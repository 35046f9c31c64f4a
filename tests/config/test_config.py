"""The operator's file: what is right is taken, what is wrong is told with its place and remedy, all at once."""

import re
from pathlib import Path
from typing import Any

import pytest

from acd.config import BadConfiguration, check, load, warnings
from acd.config.arrivals import TrunkIn
from acd.config.schema import Trunk

EXAMPLE = Path(__file__).parents[2] / "docs" / "sanxiang.example.toml"


def small(**changes: Any) -> dict[str, Any]:
    return {
        "queues": {"billing": {"label": {"zh": "账单", "en": "Billing"}, "skills": {"billing": 2}}},
        "agents": {"1001": {"skills": {"billing": 5}}},
        **changes,
    }


def mistakes(data: dict[str, Any]) -> list[str]:
    with pytest.raises(BadConfiguration) as caught:
        check(data)
    return caught.value.mistakes


def test_the_example_is_taken_as_it_stands():
    config = load(EXAMPLE)
    assert list(config.queues) == ["orders", "after-sales", "complaints", "general"]
    assert config.hotline.numbers["95001"] == "zh"


def test_what_is_left_out_has_the_defaults_that_the_example_shows():
    bare, example = check(small()), load(EXAMPLE)
    for part in ("rings", "target", "routing", "log", "not_ready_reasons", "web", "limits", "nuisance", "sip"):
        assert getattr(bare, part) == getattr(example, part), part
    plain = Trunk(addresses=["192.0.2.1"])
    for key in TrunkIn.model_fields:
        assert getattr(example.trunks["carrier"], key) == getattr(plain, key), key
    shown_as_examples: dict[str, object] = {"escalation": [], "numbers": {}, "extensions": {}}
    assert bare.transfers == example.transfers.model_copy(update=shown_as_examples)
    assert bare.agents["1001"].tier == example.agents["1001"].tier == 1
    assert bare.whisper == example.whisper
    assert bare.whispers_to("1001") == example.whispers_to("1002") == "without-page"
    assert not bare.whispers_name("billing") and not example.whispers_name("orders")
    assert warnings(example) == []


def test_values_references_and_files_are_told_at_once(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text(
        """
[hotline]
timezone = "Asia/Shangai"
menu = "/nowhere/menu.toml"
[sip]
port = 99999
[queues.billing]
label = { zh = "账单", en = "Billing" }
wrap_up_s = -3
[agents.1001]
queues = ["biling"]
skills = { billing = 12 }
"""
    )
    with pytest.raises(BadConfiguration) as caught:
        load(file, lambda config: [f"hotline.menu: {config.hotline.menu} is not there."])
    lines = str(caught.value).splitlines()[:-1]
    assert [line.removeprefix(f"{file}:").split(": ")[:2] for line in lines] == [
        ["6", "sip.port"],
        ["9", "queues.billing.wrap_up_s"],
        ["12", "agents.1001.skills.billing"],
        ["3", "hotline.timezone"],
        ["4", "hotline.menu"],
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"agents": {"1001": {"skills": {"billing": "much"}}}},  # the skill that `billing` requires is left away with it
        {"queues": {"billing": 5}, "agents": {"1001": {"queues": ["billing"]}}},
        {"queues": {"billing": {"skills": {"billing": 2}}}},  # its label is missing
    ],
)
def test_nothing_is_said_that_only_seems_wrong_because_a_value_is_left_away(wrong: dict[str, Any]):
    assert len(mistakes(small(**wrong))) == 1


@pytest.mark.parametrize(
    "url",
    ["postgresql://sanxiang:secret@db/sanxiang", "postgresql://db/sanxiang?password=secret", "postgresql://u:@db/n"],
)
def test_a_password_in_the_address_of_the_database_is_refused_and_not_repeated(url: str):
    [told] = mistakes(small(database={"url": url}))
    assert told.startswith("database.url: holds a password")
    assert "secret" not in told


def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text("[sip]\nport = 5060\nport = 5061\n")
    with pytest.raises(BadConfiguration) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}:3: is not TOML: ")


def test_all_mistakes_are_told_at_once_each_with_its_place():
    told = mistakes(
        {
            "hotline": {"number": {"95001": "zh"}},
            "queues": {"billing": {"label": {"zh": "账单", "en": "Billing"}, "wrap_up_s": -3, "wrapup": 3}},
            "agents": {"1001": {"skills": {"billing": 12}}, "bob": {}},
            "sip": {"port": 99999},
        }
    )
    assert [line.split(":")[0] for line in told] == [
        "hotline.number",
        "sip.port",
        "queues.billing.wrap_up_s",
        "queues.billing.wrapup",
        "agents.1001.skills.billing",
        "agents.bob",
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"queus": {}}, r'queus: unknown key \(did you mean "queues"\?\)'),
        ({"rings": {"rings": 0}}, r"rings.rings: 0 is out of range"),
        ({"hotline": {"numbers": {}}}, r"hotline.numbers: there is none, so no call can come in"),
        ({"hotline": {"hours": ["mon-fri 20:00-20:00"]}}, r"hotline.hours: .* begins when it ends"),
        ({"hotline": {"hours": ["mo 08:00-09:00"]}}, r"hotline.hours: .* is not a span"),
        ({"hotline": {"timezone": "Asia/Beijin"}}, r"hotline.timezone: 'Asia/Beijin' is unknown"),
        ({"agents": {"1001": {"skills": {"biling": 5}}}}, r'no agent has this skill \(did you mean "biling"\?\)'),
        ({"agents": {"1001": {"skills": {"billing": 1}}}}, r"no agent reaches level 2"),
        ({"trunks": {"carrier": {}}}, r"trunks.carrier: a trunk needs `addresses`"),
        ({"sip": {"rtp_start": 10000, "rtp_end": 10004}}, r"sip: rtp_end must be at least 8 above"),
        ({"database": {"url": "mysql://x"}}, r"database.url: is not written as expected"),
        ({"hotline": {"name": "a\nb"}}, r"hotline.name: .* is not written as expected"),
        ({"queues": {}}, r"queues: there is none"),
        ({"hotline": {"numbers": {"95000": "fr"}}}, r"hotline.numbers.95000: 'fr' is not one of"),
        ({"not_ready_reasons": {1: {"zh": "休", "en": "a,b"}}}, r"not_ready_reasons.1.en: 'a,b' is not written"),
    ],
)
def test_a_mistake_says_where_why_and_what_to_do(change: dict[str, Any], sentence: str):
    told = mistakes(small(**change))
    assert any(re.search(sentence, line) for line in told), told


def test_a_file_that_is_not_toml_is_told_with_its_line(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text("[hotline\n", encoding="utf-8")
    with pytest.raises(BadConfiguration, match=r"is not TOML: .*line 1"):
        load(file)


def test_a_missing_file_is_told_with_the_remedy(tmp_path: Path):
    with pytest.raises(BadConfiguration, match="Name the file with --config"):
        load(tmp_path / "none.toml")


def test_agents_beside_the_file_are_taken_and_a_double_is_refused(tmp_path: Path):
    file, beside = tmp_path / "sanxiang.toml", tmp_path / "agents.toml"
    file.write_text('[queues.general]\nlabel = { zh = "人工", en = "General" }\n', encoding="utf-8")
    beside.write_text('[agents.1002]\nname = "Agent 1002"\n', encoding="utf-8")
    assert load(file).agents["1002"].name == "Agent 1002"
    file.write_text(file.read_text(encoding="utf-8") + "[agents.1002]\n", encoding="utf-8")
    with pytest.raises(BadConfiguration, match=r"agents.1002: also in .*agents.toml"):
        load(file)
