"""[breaks]: what may be written there, and what is said of what may not."""

import json
from datetime import timedelta
from typing import Any

import pytest

from acd import config as configuration
from acd.config import BadConfiguration, for_engine
from acd.engine.model import BreakRules
from acd.engine.supervision.break_rules import BreakKind, BreakLimit, BreakPlan
from acd.store.journal.codec import event_form, event_from, to_json
from tests.config.test_teams import BASE


def with_breaks(**breaks: Any) -> dict[str, Any]:
    return BASE | {"breaks": breaks}


def test_the_table_reaches_the_engine_and_the_journal_whole():
    config = configuration.check(
        with_breaks(
            kinds={"break": {"minutes": 10}, "meal": {"leave": True}},
            limits=[
                {"at_once": 2, "team": "sales", "queue": "orders", "begin": "11:30", "end": "13:00"},
                {"at_once": 9},
            ],
            plans=[{"team": "sales", "reason": "meal", "begin": "22:00", "end": "02:00", "minutes": 45}],
            longest_work_min=90,
        )
    )
    event = for_engine.config_changed(config, 7, "test")
    assert event.rules.breaks == BreakRules(
        (BreakKind("break", timedelta(minutes=10)), BreakKind("meal", leave=True)),
        (BreakLimit(2, "sales", "orders", 690, 780), BreakLimit(9)),
        (BreakPlan("sales", "meal", 1320, 120, timedelta(minutes=45)),),
        timedelta(minutes=90),
    )
    assert event_from(json.loads(to_json(event_form(event)))) == event


def test_without_kinds_there_are_no_breaks():
    assert for_engine.rules(configuration.check(BASE)).breaks is None


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        ({"kinds": {"lunch": {}}}, "breaks.kinds.lunch: there is no such reason"),
        ({"kinds": {"meal": {}}, "limits": [{"at_once": 1, "team": "sale"}]}, "there is no team 'sale'"),
        ({"kinds": {"meal": {}}, "limits": [{"at_once": 1, "queue": "order"}]}, "there is no queue 'order'"),
        ({"kinds": {"meal": {}}, "limits": [{"at_once": 1, "begin": "9:00"}]}, "'9:00' is no time of day"),
        ({"kinds": {"meal": {}}, "limits": [{"at_once": 1, "begin": "09:00", "end": "09:00"}]}, "at the same time"),
        ({"kinds": {"meal": {}}, "plans": [{"team": "sales", "reason": "break"}]}, "is no kind of break"),
        ({"limits": [{"at_once": 1}]}, "has limits or plans and no kinds"),
        ({"kinds": {"meal": {"minutes": 0}}}, "breaks.kinds.meal.minutes"),
    ],
)
def test_what_can_not_be_is_told_with_its_place(breaks: dict[str, Any], said: str):
    with pytest.raises(BadConfiguration) as refused:
        configuration.check(with_breaks(**breaks))
    assert said in str(refused.value)
