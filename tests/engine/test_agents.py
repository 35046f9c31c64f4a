"""Agents: coming, going, breaks, wrap-up, phones, and times that tile."""

import json
from datetime import datetime

import pytest

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    AgentsChanged,
    BridgeEnded,
    CallerHungUp,
    CallQueued,
    OfferFailed,
    PhoneChanged,
    WrapUpEnded,
    WrapUpExtended,
)
from acd.engine.model import AgentProfile, Queue
from tests.engine.support.floor import Floor, Ring, billing_floor
from tests.engine.support.observer import total_s


def talk(floor: Floor, agent: str = "amy", call: str = "c1") -> None:
    floor.tell(CallQueued(call, "billing"))
    floor.rings(agent, call)
    floor.wait(seconds=3)
    floor.answers(agent, call)
    floor.wait(seconds=60)


def test_who_logs_in_is_not_ready_until_he_says_so():
    floor = Floor([Queue("billing")], {"amy": ()})
    floor.tell(CallQueued("c1", "billing"))
    assert floor.tell(AgentLoggedIn("amy")) == []
    assert floor.state("amy") == "not ready"
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c1")]


def test_ready_logs_in_who_was_not():
    floor = Floor([Queue("billing")], {"amy": ()})
    floor.tell(AgentReady("amy"))
    assert floor.about_agent("amy")["logged_in"]
    assert floor.state("amy") == "idle"


def test_a_break_has_its_reason_and_another_break_another():
    floor = billing_floor("amy")
    floor.tell(AgentNotReady("amy", "lunch"))
    floor.wait(seconds=60)
    floor.tell(AgentNotReady("amy", "training"))
    rows = floor.rows(Kind.AGENT_STATE, agent="amy")
    assert [(row.detail["state"], row.detail["reason"]) for row in rows[-2:]] == [
        ("not ready", "lunch"),
        ("not ready", "training"),
    ]
    assert (rows[-1].detail["was_reason"], rows[-1].detail["lasted_s"]) == ("lunch", 60.0)


def test_a_break_asked_for_in_mid_call_begins_after_wrap_up():
    floor = billing_floor("amy", wrap_up_s=20)
    talk(floor)
    floor.tell(AgentNotReady("amy", "lunch"))
    assert floor.state("amy") == "talking"
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert floor.state("amy") == "wrap-up"
    floor.wait(seconds=20)
    assert (floor.state("amy"), floor.about_agent("amy")["reason"]) == ("not ready", "lunch")


def test_ready_pressed_again_in_mid_call_takes_the_break_back():
    floor = billing_floor("amy", wrap_up_s=0)
    talk(floor)
    floor.tell(AgentNotReady("amy", "lunch"), AgentReady("amy"), BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert floor.state("amy") == "idle"


def test_a_break_asked_for_while_it_rings_begins_when_the_offer_is_over():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    assert floor.tell(AgentNotReady("amy", "lunch")) == []
    assert floor.state("amy") == "ringing"
    floor.tell(CallerHungUp("c1"))
    assert (floor.state("amy"), floor.about_agent("amy")["reason"]) == ("not ready", "lunch")


def test_a_break_asked_for_while_it_rings_out_keeps_its_own_reason():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.tell(AgentNotReady("amy", "lunch"))
    floor.wait(rings=3)
    assert floor.about_agent("amy")["reason"] == "lunch"


def test_who_logs_out_in_mid_call_is_gone_after_wrap_up():
    floor = billing_floor("amy", wrap_up_s=20)
    talk(floor)
    floor.tell(AgentLoggedOut("amy"))
    assert floor.state("amy") == "talking"
    floor.tell(CallerHungUp("c1"))
    assert floor.state("amy") == "wrap-up"
    floor.wait(seconds=20)
    assert floor.day_of("amy") == ["idle", "ringing", "talking", "wrap-up", "logged out"]


def test_who_logs_out_in_wrap_up_is_gone_at_once():
    floor = billing_floor("amy")
    talk(floor)
    floor.tell(CallerHungUp("c1"), AgentLoggedOut("amy"))
    assert floor.state("amy") == "logged out"


def test_wrap_up_lasts_as_long_as_the_calls_queue_allows():
    floor = billing_floor("amy", wrap_up_s=20)
    talk(floor)
    floor.tell(CallerHungUp("c1"), CallQueued("c2", "billing"))
    assert floor.wait(seconds=19.9) == []
    assert floor.wait(seconds=0.1) == [Ring("amy", "c2")]


def test_wrap_up_ends_when_the_agent_says_so():
    floor = billing_floor("amy")
    talk(floor)
    floor.tell(CallerHungUp("c1"), CallQueued("c2", "billing"))
    assert floor.tell(WrapUpEnded("amy")) == [Ring("amy", "c2")]


def test_wrap_up_ends_when_the_agent_is_ready():
    """Also of an agent who had asked for a break in mid-call; once more, and there is nothing to be ended."""
    floor = billing_floor("amy")
    talk(floor)
    floor.tell(CallerHungUp("c1"), CallQueued("c2", "billing"))
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c2")]
    assert floor.state("amy") == "ringing"
    floor = billing_floor("amy")
    talk(floor)
    floor.tell(AgentNotReady("amy", "break"), CallerHungUp("c1"), CallQueued("c2", "billing"))
    assert floor.state("amy") == "wrap-up"
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c2")]


def test_without_wrap_up_the_next_call_rings_in_the_same_instant():
    floor = billing_floor("amy", wrap_up_s=0)
    talk(floor)
    floor.tell(CallQueued("c2", "billing"))
    assert floor.tell(BridgeEnded("amy", "c1", "c1-1", "caller")) == [Ring("amy", "c2")]


def test_the_longest_idle_is_rung_first():
    floor = billing_floor("amy", "bob", "cat")
    talk(floor, "amy")
    floor.tell(CallerHungUp("c1"))
    floor.wait(seconds=30)
    deeds = [floor.tell(CallQueued(f"c{n}", "billing")) for n in (2, 3, 4)]
    assert deeds == [[Ring("bob", "c2")], [Ring("cat", "c3")], [Ring("amy", "c4")]]


@pytest.mark.parametrize("level", [4, 5, 6])
def test_only_who_has_every_skill_at_the_level_asked_for_is_rung(level):
    floor = Floor([Queue("billing", (("billing", 3),))], {"amy": (("billing", 3),), "bob": (("billing", 5), ("en", 2))})
    floor.tell(AgentReady("amy"), AgentReady("bob"))
    rung = floor.tell(CallQueued("c1", "billing", (("billing", level),)))
    assert rung == ([Ring("bob", "c1")] if level <= 5 else [])
    assert floor.tell(CallQueued("c2", "billing", (("en", 3),))) == []
    assert floor.tell(CallQueued("c3", "billing", (("billing", 1),))) == [Ring("amy", "c3")]


def test_an_agents_times_tile_his_day_to_the_second():
    floor = billing_floor("amy", wrap_up_s=20)
    began = floor.told[0][0]
    floor.wait(seconds=100)
    talk(floor)
    floor.tell(CallerHungUp("c1"))
    floor.wait(seconds=50)
    floor.tell(PhoneChanged("amy", False))
    floor.wait(seconds=5)
    floor.tell(PhoneChanged("amy", True), AgentNotReady("amy", "lunch"))
    floor.wait(seconds=1800)
    floor.tell(AgentLoggedOut("amy"))
    rows = floor.rows(Kind.AGENT_STATE, agent="amy")
    assert [(row.detail["was"], row.detail["lasted_s"]) for row in rows] == [
        ("logged out", 0.0),
        ("idle", 101.0),
        ("ringing", 3.0),
        ("talking", 60.0),
        ("wrap-up", 20.0),
        ("idle", 30.0),
        ("unreachable", 5.0),
        ("idle", 0.0),
        ("not ready", 1800.0),
    ]
    assert total_s(rows) == (floor.now - began).total_seconds()


def test_unreachable_is_shown_only_of_who_wants_calls():
    floor = billing_floor("amy")
    floor.tell(PhoneChanged("amy", False), AgentNotReady("amy", "lunch"))
    assert floor.state("amy") == "not ready"
    assert not floor.about_agent("amy")["reachable"]
    floor.tell(AgentReady("amy"))
    assert floor.state("amy") == "unreachable"


def test_a_phone_that_goes_in_mid_call_shows_after_it():
    floor = billing_floor("amy", wrap_up_s=0)
    talk(floor)
    floor.tell(PhoneChanged("amy", False))
    assert floor.state("amy") == "talking"
    floor.tell(CallerHungUp("c1"))
    assert floor.state("amy") == "unreachable"


def test_a_phone_that_is_known_to_be_gone_is_not_believed_back_by_waiting():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"), OfferFailed("amy", "c1", "c1-1", "unreachable"), PhoneChanged("amy", False))
    assert floor.wait(seconds=60) == []
    assert floor.state("amy") == "unreachable"


def test_a_new_agent_can_log_in_and_be_rung():
    floor = billing_floor("amy")
    profile = AgentProfile("cat", "Cat", (("billing", 2),))
    floor.tell(AgentsChanged((*floor.profiles, profile)), CallQueued("c0", "billing"), CallQueued("c1", "billing"))
    assert floor.tell(AgentReady("cat")) == [Ring("cat", "c1")]


def test_an_agent_who_is_missing_from_the_configuration_is_forgotten_once_he_is_free():
    floor = billing_floor("amy", "bob", wrap_up_s=20)
    talk(floor)
    floor.tell(AgentsChanged((floor.profiles[1],)))
    assert floor.state("amy") == "talking"
    floor.tell(AgentReady("amy"))  # he is shown the door
    floor.tell(CallerHungUp("c1"))
    assert [agent["agent"] for agent in floor.acd.snapshot(floor.now)["agents"]] == ["bob"]
    assert floor.day_of("amy")[-1] == "logged out"


def test_a_newly_learnt_skill_brings_a_waiting_call_at_once():
    floor = Floor([Queue("billing", (("billing", 3),))], {"amy": ()})
    floor.tell(AgentReady("amy"))
    assert floor.tell(CallQueued("c1", "billing")) == []
    assert floor.tell(AgentsChanged((AgentProfile("amy", "Amy", (("billing", 3),)),))) == [Ring("amy", "c1")]


@pytest.mark.parametrize(
    "event",
    [AgentReady("nobody"), AgentLoggedIn("nobody"), AgentLoggedOut("nobody"), AgentNotReady("nobody", "x"),
     WrapUpEnded("nobody"), PhoneChanged("nobody", False), AgentReady("amy"), AgentLoggedIn("amy"),
     WrapUpEnded("amy"), PhoneChanged("amy", True)],
)  # fmt: skip
def test_what_is_known_or_of_nobody_is_ignored_in_one_row(event):
    floor = billing_floor("amy")
    rows = len(floor.log)
    floor.tell(event)
    assert [row.kind for _, row in floor.log[rows:]] == [Kind.IGNORED]


def test_an_agent_extends_a_wrap_up_three_times_and_no_more():
    floor = billing_floor("amy")
    talk(floor)
    floor.tell(WrapUpExtended("amy"))  # she talks still
    floor.tell(CallerHungUp("c1"))
    ends = [floor.about_agent("amy")["wrap_up_ends_at"]]
    for more in (3, 2, 1, 0, 0):
        assert floor.about_agent("amy")["wrap_up_extensions"] == more
        floor.tell(WrapUpExtended("amy"))
        ends.append(floor.about_agent("amy")["wrap_up_ends_at"])
    at = [datetime.fromisoformat(each) for each in ends]
    assert [(one - at[0]).total_seconds() for one in at] == [0, 60, 120, 180, 180, 180]
    floor.tell(WrapUpEnded("amy"))
    assert (floor.state("amy"), floor.about_agent("amy")["wrap_up_extensions"]) == ("idle", 0)


def test_a_supervisor_who_signs_an_agent_out_is_named_until_the_agent_comes_back():
    floor = billing_floor("amy")
    floor.tell(AgentNotReady("amy", "meal", "chen"))
    assert floor.about_agent("amy")["set_by"] == "chen"
    floor.tell(AgentNotReady("amy", "break"))
    assert floor.about_agent("amy")["set_by"] == ""
    floor.tell(AgentLoggedOut("amy", "chen"))
    assert floor.about_agent("amy")["set_by"] == "chen"
    floor.acd = Acd.restore(json.loads(json.dumps(floor.acd.checkpoint())))
    assert floor.about_agent("amy")["set_by"] == "chen"
    floor.tell(AgentLoggedIn("amy"))
    assert floor.about_agent("amy")["set_by"] == ""
