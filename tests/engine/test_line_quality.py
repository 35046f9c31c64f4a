"""Lines that carry speech badly: what is told of them, and who is alarmed about."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import AgentAnswered, AgentRinging, CallBridged, CallerHungUp, CallQueued
from acd.engine.line_events import LegMeasured, LineChanged, LineFigures, Side
from acd.engine.line_verdict import PROBLEMS, verdict
from acd.engine.model import LineRules
from tests.engine.support.floor import MORNING, Floor, billing_floor

GOOD = LineFigures(60.0, "alaw", 3000, 0, 3000, 2.0, 3000, 0, 3000, 2.0, 30.0)
RULES = LineRules()


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, ()),
        ({"lost": 90}, ()),  # 3 % is the limit itself
        ({"lost": 120}, ("loss",)),
        ({"lost": 450}, ("loss", "mos")),
        ({"sent_lost": 120}, ("sent-loss",)),
        ({"sent_lost": 450}, ("sent-loss", "sent-mos")),
        ({"jitter_ms": 31.0}, ("jitter",)),
        ({"jitter_ms": 90.0}, ("jitter", "mos")),
        ({"sent_jitter_ms": 31.0}, ("sent-jitter",)),
        ({"round_trip_ms": 301.0}, ("delay",)),
        ({"round_trip_ms": 700.0}, ("delay", "mos", "sent-mos")),
        ({"unheard_s": 4.9}, ()),
        ({"unheard_s": 5.0}, ("one-way",)),
        ({"packets": 0, "lost": 0, "lost_of": 0, "unheard_s": 60.0, "jitter_ms": 0.0}, ("one-way",)),
        ({"sent_lost": None, "sent_jitter_ms": None, "round_trip_ms": None}, ()),
        ({"lost": 450, "sent_lost": None, "sent_jitter_ms": None, "round_trip_ms": None}, ("loss", "mos")),
    ],
)
def test_a_line_is_bad_in_the_ways_in_which_it_is(changed: dict[str, float], problems: tuple[str, ...]):
    found = verdict(replace(GOOD, **changed), RULES)  # type: ignore[arg-type]
    assert found.problems == problems
    assert set(problems) <= set(PROBLEMS)


def test_a_short_leg_that_is_silent_throughout_is_one_way_and_a_moment_is_not_judged():
    silent = LineFigures(3.5, "alaw", unheard_s=3.5)
    assert verdict(silent, RULES).problems == ("one-way",)
    assert verdict(silent, RULES).mos == 1.0
    assert verdict(replace(silent, seconds=2.9, unheard_s=2.9), RULES).problems == ()


def test_an_empty_line_divides_nothing_by_nothing():
    found = verdict(LineFigures(0.0), RULES)
    assert (found.loss_percent, found.sent_loss_percent, found.problems) == (0.0, None, ())


def talk(floor: Floor, call: str = "c1", agent: str = "amy") -> str:
    floor.tell(CallQueued(call, "billing"))
    offer = f"{call}-1"
    for event in (AgentRinging, AgentAnswered, CallBridged):
        floor.tell(event(agent, call, offer))
    return offer


def measured(
    call: str, figures: LineFigures = GOOD, side: Side = "caller", party: str = "trunk carrier"
) -> LegMeasured:
    return LegMeasured(call, f"{call}-1", side, party, "amy", figures)


BAD = replace(GOOD, lost=450)


def test_a_leg_is_logged_with_its_figures_and_the_verdict_also_when_the_call_is_over():
    floor = billing_floor("amy")
    talk(floor)
    floor.wait(seconds=60)
    floor.tell(CallerHungUp("c1"), measured("c1", BAD), measured("c1", GOOD, "agent", "agent amy"))
    caller, agent = floor.rows(Kind.LEG_QUALITY)
    assert (caller.call, caller.offer, caller.agent) == ("c1", "c1-1", "amy")
    assert (caller.detail["side"], caller.detail["party"]) == ("caller", "trunk carrier")
    assert (caller.detail["loss_percent"], caller.detail["problems"]) == (15.0, ["loss", "mos"])
    assert 2.5 < caller.detail["mos"] < 3.3
    assert (agent.detail["problems"], agent.detail["round_trip_ms"]) == ([], 30.0)
    json.dumps([row.detail for row in (caller, agent)])


def test_the_agents_page_shows_a_bad_line_until_it_is_good_again_or_the_talk_is_over():
    floor = billing_floor("amy")
    offer = talk(floor)
    bad = LineChanged("c1", offer, "caller", "trunk carrier", "amy", BAD, ("loss", "mos"))
    floor.tell(bad)
    assert floor.about_call("c1")["line"] == {"caller": ["loss", "mos"]}
    floor.tell(LineChanged("c1", offer, "agent", "agent amy", "amy", BAD, ("one-way",)))
    assert floor.about_call("c1")["line"] == {"caller": ["loss", "mos"], "agent": ["one-way"]}
    floor.tell(replace(bad, figures=GOOD, problems=()))
    assert floor.about_call("c1")["line"] == {"agent": ["one-way"]}
    assert [row.detail["problems"] for row in floor.rows(Kind.LINE)] == [["loss", "mos"], ["one-way"], []]
    floor.tell(replace(bad, figures=GOOD, problems=()))  # said twice
    assert len(floor.rows(Kind.LINE)) == 3


@pytest.mark.parametrize("call", ["c1", "nobody"])
def test_of_a_talk_that_is_over_or_was_never_there_a_change_is_ignored(call: str):
    floor = billing_floor("amy")
    offer = talk(floor)
    floor.wait(seconds=5)
    floor.tell(CallerHungUp("c1"))
    floor.tell(LineChanged(call, offer, "caller", "trunk carrier", "amy", BAD, ("loss",)))
    assert floor.rows(Kind.LINE) == []
    assert floor.rows(Kind.IGNORED)[-1].detail == {"event": "LineChanged", "why": "no such offer goes on"}


def alarms(floor: Floor) -> list[str]:
    return [row.detail["detail"] for row in floor.rows(Kind.ALARM) if row.detail["name"] == "bad line"]


def test_five_bad_legs_of_twenty_alarm_once_by_trunk_and_again_only_after_it_had_got_better():
    floor = billing_floor("amy", line=LineRules(bad_legs=3, of_legs=6))
    for number in range(2):
        floor.tell(measured(f"c{number}", BAD))
    for number in range(2, 5):
        floor.tell(measured(f"c{number}"))
    assert alarms(floor) == []
    floor.tell(measured("c5", replace(GOOD, round_trip_ms=500.0, sent_lost=450)))
    (said,) = alarms(floor)
    assert said.startswith("trunk carrier: 3 of the latest 6 legs were bad (loss in 2, mos in 2")
    floor.tell(measured("c6", BAD), measured("c7", BAD))
    assert len(alarms(floor)) == 1
    for number in range(8, 14):
        floor.tell(measured(f"c{number}"))
    for number in range(14, 17):
        floor.tell(measured(f"c{number}", BAD))
    assert len(alarms(floor)) == 2


def test_a_trunk_and_each_agent_are_counted_apart_and_a_guest_not_at_all():
    floor = billing_floor("amy", "bob", line=LineRules(bad_legs=2, of_legs=5))
    for number in range(4):
        floor.tell(measured(f"c{number}", GOOD), measured(f"c{number}", BAD, party="other"))
    floor.tell(measured("c1", BAD, "agent", "agent 1001"), measured("c2", BAD, "agent", "agent 1002"))
    assert alarms(floor) == []
    floor.tell(measured("c3", BAD, "agent", "agent 1001"))
    (said,) = alarms(floor)
    assert said.startswith("agent 1001: 2 of the latest 2 legs were bad")
    lines = floor.acd.snapshot(floor.now)["lines"]
    assert sorted(lines) == ["agent 1001", "agent 1002", "trunk carrier"]
    assert (lines["trunk carrier"]["measured"], lines["trunk carrier"]["bad"]) == (4.0, 0.0)
    assert lines["agent 1001"]["loss_percent"] == 15.0


def test_with_no_number_of_bad_legs_nobody_is_alarmed_about_and_moments_do_not_count():
    floor = billing_floor("amy", line=LineRules(bad_legs=0, of_legs=5))
    for number in range(9):
        floor.tell(measured(f"c{number}", BAD))
    assert alarms(floor) == []
    strict = billing_floor("amy", line=LineRules(bad_legs=1, of_legs=1))
    strict.tell(measured("c1", replace(BAD, seconds=2.0)))
    assert alarms(strict) == []
    assert strict.acd.snapshot(strict.now)["lines"] == {}


def test_a_checkpoint_keeps_what_is_known_of_lines_and_an_older_one_has_none():
    floor = billing_floor("amy", line=LineRules(bad_legs=2, of_legs=4, mos=3.0))
    offer = talk(floor)
    floor.tell(LineChanged("c1", offer, "caller", "trunk carrier", "amy", BAD, ("loss",)), measured("c0", BAD))
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    again = Acd.restore(kept)
    later = MORNING + timedelta(hours=1)
    assert again.call("c1", later)["line"] == {"caller": ["loss"]}  # type: ignore[index]
    assert again.snapshot(later)["lines"] == floor.acd.snapshot(later)["lines"]
    rows = again.handle(measured("c2", BAD), later)
    assert [row.detail["name"] for row in rows if row.kind is Kind.ALARM] == ["bad line"]  # type: ignore[union-attr]
    del kept["lines"], kept["rules"]["line"]
    for call in kept["calls"]:
        del call["offer"]["line"]
    older = Acd.restore(kept)
    assert older.snapshot(later)["lines"] == {}
    assert older.call("c1", later)["line"] == {}  # type: ignore[index]
