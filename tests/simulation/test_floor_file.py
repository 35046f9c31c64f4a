"""The file of a floor: the example plays, and each mistake is a sentence that names its place and the remedy."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from acd.cli.app import app
from acd.simulation.floor_file import BadFloor, made, read

EXAMPLE = Path(__file__).parents[2] / "docs" / "floor.example.toml"


def small() -> dict[str, Any]:
    """A file that is well."""
    return {
        "day": {"begins": "09:00", "ends": "10:00", "interval_min": 30},
        "queues": {"orders": {"skills": {"orders": 1}}},
        "arrivals": {"orders": {"spans": [{"begins": "09:00", "ends": "10:00", "calls": 40}]}},
        "groups": {"all": {"count": 3, "skills": {"orders": 5}}},
    }


def test_the_example_is_well_and_plays():
    floor = read(EXAMPLE)
    assert len(floor.agents) == 18 and [queue.name for queue in floor.queues] == ["orders", "after-sales"]
    cells = floor.play(1).cells()
    day = cells["", -1].figures()
    assert 1300 < day["calls"] < 1700 and day["answered"] > 0.8 * day["calls"]
    assert {number for queue, number in cells if queue == "orders"} >= set(range(12))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"day": {"begins": "10:00", "ends": "09:00"}}, "day: ends at 09:00 and begins at 10:00"),
        ({"day": {"begins": "24:30"}}, "day.begins: '24:30' is no time of day. Write it as"),
        ({"days": {}}, 'days: unknown key (did you mean "day"?)'),
        ({"groups": {"all": {"count": 0}}}, "groups.all.count: 0 is out of range"),
        ({"arrivals": {}}, "arrivals: nobody calls. Add [arrivals.QUEUE]"),
        ({"groups": {}}, "groups: there is nobody to answer. Add [groups.NAME]"),
        ({"groups": {"all": {"count": 2, "skills": {"order": 5}}}}, 'no agent has this skill (did you mean "order"?)'),
        ({"queues": {}}, "queues: there is none. Add [queues.NAME]"),
        ({"queues": {"orders": {"wrap_up": 3}}}, "queues.orders.wrap_up: unknown key"),
        ({"configuration": "x.toml"}, "configuration: queues stand here too"),
        ({"configuration": "x.toml", "queues": {}}, "x.toml can't be read"),
        ({"arrivals": {"order": {"spans": [{"begins": "09:00", "ends": "09:30", "calls": 1}]}}},
         'arrivals.order: there is no such queue (did you mean "orders"?)'),
        ({"arrivals": {"orders": {"spans": [{"begins": "08:00", "ends": "09:30", "calls": 1}]}}},
         "08:00 to 09:30 is no part of the day"),
        ({"arrivals": {"orders": {"spans": [{"begins": "09:00", "ends": "09:30", "calls": 1}] * 2}}},
         "two of them hold 09:00"),
        ({"arrivals": {"orders": {"spans": [{"begins": "09:00", "ends": "09:30", "calls": 1}], "talk": {
            "distribution": "lognorml", "mean_s": 3}}}}, 'is not one of fixed, exponential, lognormal, uniform, empirical '
         '(did you mean "lognormal"?)'),
        ({"arrivals": {"orders": {"spans": [{"begins": "09:00", "ends": "09:30", "calls": 1}], "talk": {
            "distribution": "lognormal", "mean_s": 3}}}}, "arrivals.orders.talk: lognormal needs mean_s and cv"),
        ({"arrivals": {"orders": {"spans": [{"begins": "09:00", "ends": "09:30", "calls": 1}], "patience": -3}}},
         "must be seconds, none of them negative"),
        ({"groups": {"all": {"count": 1, "skills": {"orders": 5}, "shifts": [{"begins": "09:30", "ends": "09:10"}]}}},
         "one begins at 09:30 and ends at 09:10"),
        ({"groups": {"all": {"count": 1, "skills": {"orders": 5}, "breaks": [{"begins": "08:00", "minutes": 5}]}}},
         "nobody of the group works then"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence(change: dict[str, Any], said: str):
    with pytest.raises(BadFloor) as refused:
        made(small() | change, Path("floor.toml"))
    assert said in str(refused.value)
    assert "docs/floor.example.toml shows" in str(refused.value)


def test_all_mistakes_are_said_at_once():
    spans = [{"begins": "07:00", "ends": "08:00", "calls": 1}]
    with pytest.raises(BadFloor) as refused:
        made(small() | {"arrivals": {"nowhere": {"spans": spans}, "orders": {"spans": spans}}}, Path("floor.toml"))
    assert len(refused.value.mistakes) == 3


def test_the_operators_own_configuration_gives_rules_and_agents(tmp_path: Path):
    (tmp_path / "own.toml").write_text(
        '[queues.orders]\nlabel = { zh = "订单", en = "Orders" }\nskills = { orders = 1 }\nwrap_up_s = 7\n'
        "[agents.2001]\nskills = { orders = 3 }\n[rings]\nrings = 4\n",
        encoding="utf-8",
    )
    said = {name: part for name, part in small().items() if name in ("day", "arrivals")} | {"configuration": "own.toml"}
    floor = made(said, tmp_path / "floor.toml")
    assert [agent.agent for agent in floor.agents] == ["2001"] and floor.rules.rings == 4
    with_groups = made(said | {"groups": small()["groups"]}, tmp_path / "floor.toml")
    assert [agent.agent for agent in with_groups.agents] == ["1001", "1002", "1003"]
    assert with_groups.queues[0].wrap_up.total_seconds() == 7


def test_breaks_come_one_after_the_other():
    breaks = [{"begins": "09:10", "minutes": 10, "each_later_min": 10}]
    floor = made(small() | {"groups": {"all": {"count": 3, "skills": {"orders": 5}, "breaks": breaks}}}, Path("f.toml"))
    assert [f"{shift.breaks[0][0]:%H:%M}" for shift in floor.shifts] == ["09:10", "09:20", "09:30"]


def test_the_command_prints_the_same_figures_for_the_same_seed(tmp_path: Path):
    runner = CliRunner()
    said = [runner.invoke(app, ["simulate", str(EXAMPLE), "--seed", "3", "--runs", "2", "--json"]) for _ in range(2)]
    assert [each.exit_code for each in said] == [0, 0]
    first, second = (json.loads(each.stdout[each.stdout.index("{") :]) for each in said)
    assert first == second and first["seeds"] == [3, 4]
    whole = next(row for row in first["rows"] if row["queue"] == "" and row["interval"] == -1)
    assert whole["calls"]["half_width"] > 0 and 0 < whole["within"]["mean"] < 1
    table = runner.invoke(app, ["simulate", str(EXAMPLE)])
    assert table.exit_code == 0 and "WITHIN TARGET" in table.stdout and "after-sales" in table.stdout
    bad = tmp_path / "bad.toml"
    bad.write_text("[day\n", encoding="utf-8")
    refused = runner.invoke(app, ["simulate", str(bad)])
    assert refused.exit_code == 1 and isinstance(refused.exception, BadFloor)
