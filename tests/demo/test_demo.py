"""The demo's cast and verdicts; the demo itself is played by `./sanxiang demo --once` and, whole, by tests/calls."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from acd.config import check
from acd.demo.day import MISSES, PARTS, Cast, _shares, configuration, staff
from acd.demo.report import verdicts
from acd.engine.commands import Ending
from acd.store.queries.calls import Call
from ivr.menu_file import read_menus
from ivr.prompts import prompt_names
from ivr.settings import MENU

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def call(caller: str, ending: str, call: str = "c1") -> Call:
    fields: dict[str, Any] = dict.fromkeys(Call.__dataclass_fields__)
    return Call(**{**fields, "call": call, "caller": caller, "ending": ending, "arrived_at": NOW})


def group(part: int, *numbers: str) -> Cast:
    return Cast(PARTS[part], list(numbers), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [0.05, 0.5, 3, 20])
def test_the_demos_configuration_is_one_that_an_operator_could_use(rate: float):
    config = check(tomllib.loads(configuration(rate)))
    assert len(config.agents) == staff(rate) + 1
    assert MISSES in config.agents
    read_menus(MENU, queues=list(config.queues), prompts=prompt_names())


@pytest.mark.parametrize("calls", [1, 5, 12, 13, 500])
def test_every_caller_has_a_part(calls: int):
    counts = _shares(calls)
    assert sum(counts) == calls
    assert all(count >= 0 for count in counts)
    if calls == 12:
        assert counts == [part.share for part in PARTS]


def test_a_call_that_ended_as_planned_and_is_recorded_is_well():
    (verdict,) = verdicts([group(0, "138")], [call("138", Ending.ANSWERED)], {"c1"})
    assert verdict.well


@pytest.mark.parametrize(
    ("part", "calls", "recorded", "why"),
    [
        (0, [], set(), "0 rows"),
        (0, [call("138", Ending.ANSWERED), call("138", Ending.ANSWERED, "c2")], {"c1", "c2"}, "2 rows"),
        (0, [call("138", Ending.LOST.value)], set(), "ended as 'lost' instead of answered"),
        (0, [call("138", Ending.ANSWERED)], set(), "its recording is not complete"),
        (5, [call("138", Ending.ANSWERED)], {"c1"}, "instead of abandoned in IVR"),
    ],
)
def test_what_went_wrong_is_said(part: int, calls: list[Call], recorded: set[str], why: str):
    (verdict,) = verdicts([group(part, "138")], calls, recorded)
    assert not verdict.well
    assert why in verdict.why_not


def test_the_packaged_menu_is_where_the_settings_say():
    assert Path(MENU).exists()
