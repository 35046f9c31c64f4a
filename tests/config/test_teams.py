"""[teams]: what may be written there, and what is said of what may not."""

import copy
import json
from typing import Any

import pytest

from acd import config as configuration
from acd.config import BadConfiguration, for_engine, warnings
from acd.config.diff import differences
from acd.engine.model import Team
from acd.store.journal.codec import event_form, event_from, to_json

LABEL = {"zh": "销售组", "en": "Sales"}
BASE: dict[str, Any] = {
    "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}, "skills": {"orders": 1}}},
    "agents": {"1001": {"skills": {"orders": 3}, "team": "sales"}},
    "teams": {"sales": {"label": LABEL, "queues": ["orders"]}},
}


def written(**sales: Any) -> dict[str, Any]:
    data = copy.deepcopy(BASE)
    data["teams"]["sales"] |= sales
    return data


def test_a_team_with_its_switches_reaches_the_engine_and_the_journal_whole():
    config = configuration.check(
        written(
            wrap_up_s=45, forced_disposition=True, hand_over_to=["queue:orders", "team:sales"], why="sales are audited"
        )
    )
    event = for_engine.config_changed(config, 7, "test")
    (team,) = event.rules.teams
    assert (team.name, team.wrap_up.total_seconds() if team.wrap_up else None) == ("sales", 45)
    assert (team.forced_disposition, team.hand_over_to) == (True, ("queue:orders", "team:sales"))
    assert event.agents[0].team == "sales"
    assert event_from(json.loads(to_json(event_form(event)))) == event


def test_without_switches_everything_is_as_the_queue_says():
    config = configuration.check(BASE)
    assert for_engine.rules(config).teams == (Team("sales", None, False, None),)
    assert [said for said in warnings(config) if "team" in said] == []


@pytest.mark.parametrize(
    ("sales", "said"),
    [
        ({"queues": ["order"]}, "teams.sales.queues: there is no queue 'order' (did you mean \"orders\"?)."),
        ({"queues": ["orders", "orders"]}, "orders stands twice. Keep one"),
        ({"wrap_up_s": 45}, "wrap_up_s is set without a reason. Add `why`"),
        ({"hand_over_to": []}, "hand_over_to is set without a reason."),
        ({"hand_over_to": ["orders"], "why": "x"}, "'orders' is no place. Write its kind before it"),
        ({"hand_over_to": ["queue:"], "why": "x"}, "'queue:' is no place."),
        (
            {"hand_over_to": ["queue:order"], "why": "x"},
            "teams.sales.hand_over_to: there is no queue 'order' (did you mean",
        ),
        ({"hand_over_to": ["agent:1002"], "why": "x"}, "there is no agent '1002'"),
        ({"hand_over_to": ["team:sale"], "why": "x"}, "there is no team 'sale' (did you mean \"sales\"?)"),
        ({"hand_over_to": ["skill:order"], "why": "x"}, "no agent has the skill 'order'"),
        ({"hand_over_to": ["number:4006009500"], "why": "x"}, "Add it under [transfers.numbers], or take it out."),
        ({"wrap_up_s": -1, "why": "x"}, "teams.sales.wrap_up_s"),
        ({"wrap_up_s": True, "why": "x"}, "Write a number without quotes"),
        ({"forced_disposition": "always", "why": "x"}, "teams.sales.forced_disposition"),
        ({"supervisors": ["chen"]}, "teams.sales.supervisors"),
        ({"label": {"zh": "销售\n组", "en": "Sales"}}, "teams.sales.label.zh"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(sales: dict[str, Any], said: str):
    with pytest.raises(BadConfiguration) as refused:
        configuration.check(written(**sales))
    assert any(said in mistake for mistake in refused.value.mistakes), refused.value.mistakes
    assert len(refused.value.mistakes) == 1, refused.value.mistakes


def test_an_agent_of_a_team_that_there_is_not_is_a_mistake():
    data = written()
    data["agents"]["1001"]["team"] = "sale"
    with pytest.raises(
        BadConfiguration, match=r"agents.1001.team: there is no team 'sale' \(did you mean \"sales\"\?\)"
    ):
        configuration.check(data)


def test_a_team_without_agents_and_agents_without_a_team_are_warned_of():
    data = written()
    data["teams"]["support"] = {"label": LABEL}
    data["agents"]["1002"] = {"skills": {"orders": 1}}
    said = warnings(configuration.check(data))
    assert any(one.startswith("teams.support: no agent names it.") for one in said)
    assert any("1002 in no team" in one for one in said)


def test_a_reload_tells_what_became_of_a_team():
    was = configuration.check(written())
    changed = configuration.check(written(wrap_up_s=45, why="x"))
    assert [one.said for one in differences(was, changed)] == [
        "team sales: wrap_up_s nothing -> 45.", "team sales: why nothing -> x.",
    ]  # fmt: skip
