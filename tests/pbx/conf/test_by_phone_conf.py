"""What telephones can reach, as it is rendered: each number by itself, nothing else, and nothing that could break a line."""

from pathlib import Path
from typing import Any

import pytest

from acd.pbx.conf.agent_extensions import addresses_here, own_hosts
from acd.pbx.conf.render import UnfitForConf, render
from acd.pbx.conf.settings import PbxAgent
from tests.pbx.support.rendered_conf import contexts, settings_in

TWO = (PbxAgent("1001", "password-1001"), PbxAgent("1002", "password-1002"))
ENDS = {"i", "t", "h"}


def reached(etc: Path, context: str) -> set[str]:
    return {extension for extension, _, _ in contexts(etc)[0][context]} - ENDS


def test_colleagues_and_the_configured_numbers_each_with_the_key_of_a_reason_or_without(tmp_path: Path):
    wanted = {"extensions": ("2001", "02166668888"), "transfer_reasons": {2: "refund", 7: "fault"}}
    etc = render(settings_in(tmp_path, agents=TWO, **wanted)).parent
    numbers = {f"{n}{key}" for n in ("1001", "1002", "2001", "02166668888") for key in ("", "*2", "*7")}
    assert reached(etc, "by-phone") == numbers
    codes = {"*11", "*12", "*13", "*14", "*141", "*15", "*16", "*17", "*18"}
    wrong = {f"_*1{code}{'X' * digits}" for code in (4, 6, 7, 8) for digits in range(1, 9)}
    assert reached(etc, "from-agents") == numbers | codes | wrong | {"95000", "+8695001"}
    by_phone = (etc / "extensions_by_phone.conf").read_text("utf-8")
    assert '",2,7," =~ ",${FILTER(0-9,${REASON})},"' in by_phone


def test_a_number_of_the_hotline_is_dialled_as_one_and_nobody_is_sent_there(tmp_path: Path):
    etc = render(settings_in(tmp_path, agents=TWO, extensions=("95000",))).parent
    assert "95000" not in reached(etc, "by-phone")
    rows = [arguments for extension, _, arguments in contexts(etc)[0]["from-agents"] if extension == "95000"]
    assert rows[-1] == "arrive,s,1"


UNFIT: list[dict[str, Any]] = [
    {"extensions": ("_X.",)},
    {"extensions": ("2001,1,Hangup()",)},
    {"extensions": ("",)},
    {"extensions": ("+861",)},
    {"transfer_reasons": {0: "none"}},
    {"transfer_reasons": {12: "none"}},
    {"names": ("a,b",)},
    {"names": ("a\nb",)},
]


@pytest.mark.parametrize("change", UNFIT, ids=str)
def test_what_could_break_a_line_is_refused_and_nothing_is_written(tmp_path: Path, change: dict[str, Any]):
    with pytest.raises(UnfitForConf):
        render(settings_in(tmp_path, **change))
    assert not (tmp_path / "run").exists()


def test_the_house_is_known_by_its_addresses_and_names(tmp_path: Path):
    bound = settings_in(tmp_path, bind="192.0.2.7", external_address="198.51.100.9", names=("hotline.example",))
    assert own_hosts(bound) == ["192.0.2.7", "198.51.100.9", "hotline.example"]
    anywhere = settings_in(tmp_path, bind="0.0.0.0")
    assert own_hosts(anywhere) == addresses_here() and "127.0.0.1" in addresses_here()


def test_transfers_and_codes_are_the_agents_alone(tmp_path: Path):
    pjsip = (render(settings_in(tmp_path)).parent / "pjsip.conf").read_text("utf-8")
    agents = pjsip[pjsip.index("[1001](an-agent)") :]
    assert (
        pjsip.count("= DYNAMIC_FEATURES")
        == agents.count("set_var = DYNAMIC_FEATURES=take-back#transfer#three-way")
        == 1
    )
    assert pjsip.count("= TRANSFER_CONTEXT") == agents.count("set_var = TRANSFER_CONTEXT=by-phone") == 1
    assert pjsip.count("\nallow_transfer = yes") == 1
    assert "allow_transfer = yes" in pjsip[pjsip.index("[an-agent](!)") : pjsip.index("[an-agent-place](!)")]
