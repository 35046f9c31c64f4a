"""The agent who knows the caller first, and not for long."""

from datetime import timedelta
from typing import Any

from acd.engine.commands import Kind
from acd.engine.events import AgentLoggedOut, AgentNotReady, CallArrived, CallerHungUp, CallQueued, OfferFailed
from acd.engine.model import Queue, Rules
from tests.engine.support.floor import Floor, Ring


def knowing_floor(**rules: Any) -> Floor:
    """Amy, then bob have served caller 139; both are idle, cat longest."""
    floor = Floor(
        [Queue("billing", wrap_up=timedelta(0))],
        dict.fromkeys(("amy", "bob", "cat"), ()),
        Rules(**{"same_agent": "last", **rules}),
    )
    for name in ("amy", "bob"):
        floor.staff(name)
        floor.tell(CallArrived(f"with {name}", "139"), CallQueued(f"with {name}", "billing"))
        floor.talk(name, f"with {name}")
        floor.tell(AgentNotReady(name, "break"))
    floor.staff("cat", "amy", "bob")
    return floor


def asks(floor: Floor, call: str, caller: str = "139", wanted: str = "") -> list[Any]:
    floor.tell(CallArrived(call, caller))
    return floor.tell(CallQueued(call, "billing", wanted=wanted))


def busy(floor: Floor, agent: str) -> None:
    """He talks to somebody whom he owns."""
    assert asks(floor, "other", "140", wanted=agent) == [Ring(agent, "other")]
    floor.answers(agent, "other")


def test_who_served_him_last_is_rung_although_others_are_idle_longer():
    floor = knowing_floor()
    assert asks(floor, "c1") == [Ring("bob", "c1")]
    row = floor.rows(Kind.OFFERED)[-1]
    assert row.detail["rule"] == "served this caller last: asked first"
    assert row.detail["passed_over"] == {"does not know the caller": 2}


def test_who_served_him_first_where_the_rules_say_so():
    assert asks(knowing_floor(same_agent="first"), "c1") == [Ring("amy", "c1")]


def test_who_owns_the_matter_outranks_who_served_him_last():
    floor = knowing_floor()
    assert asks(floor, "c1", wanted="cat") == [Ring("cat", "c1")]
    assert floor.rows(Kind.OFFERED)[-1].detail["rule"] == "owns the matter: asked first"


def test_a_stranger_and_a_caller_of_long_ago_get_the_longest_idle():
    assert asks(knowing_floor(), "c1", "unknown") == [Ring("cat", "c1")]
    floor = knowing_floor(same_agent_within=timedelta(hours=1))
    floor.wait(seconds=3601)
    assert asks(floor, "c1") == [Ring("cat", "c1")]


def test_busy_he_is_waited_for_and_gets_the_call_before_all_others():
    floor = knowing_floor()
    busy(floor, "bob")
    assert asks(floor, "c1") == []
    assert floor.rows(Kind.KEPT)[-1].detail == {"why": "last agent", "for_s": 10.0}
    assert floor.about_call("c1")["kept_for"] == "bob"
    floor.wait(seconds=5)
    assert floor.talk("bob", "other", 1) == [Ring("bob", "c1")]


def test_after_the_hold_it_stands_in_line_at_its_place():
    floor = knowing_floor()
    busy(floor, "bob")
    asks(floor, "c1")
    assert floor.wait(seconds=9.9) == []
    assert floor.wait(seconds=0.1) == [Ring("cat", "c1")]
    assert floor.rows(Kind.OFFERED)[-1].detail["waited_s"] == 10.0


def test_nobody_waits_for_an_agent_who_is_gone_or_goes_or_will_go():
    floor = knowing_floor()
    floor.tell(AgentNotReady("bob", "meal"))
    assert asks(floor, "c1") == [Ring("cat", "c1")]
    floor = knowing_floor()
    busy(floor, "bob")
    floor.tell(AgentNotReady("bob", "meal"))
    assert asks(floor, "c1") == [Ring("cat", "c1")], "he is off when this talk is over"
    floor = knowing_floor()
    busy(floor, "bob")
    asks(floor, "c1")
    floor.tell(AgentLoggedOut("bob"))
    assert floor.talk("bob", "other", 1) == [Ring("cat", "c1")]


def test_without_a_hold_he_is_asked_only_if_he_is_idle():
    floor = knowing_floor(same_agent_hold=timedelta(0))
    assert asks(floor, "c1") == [Ring("bob", "c1")]
    assert asks(floor, "c2") == [Ring("cat", "c2")]


def test_who_sends_a_caller_away_is_not_waited_for():
    floor = knowing_floor()
    asks(floor, "c1")
    assert floor.tell(OfferFailed("bob", "c1", floor.offer("c1"), "rejected")) == [Ring("cat", "c1")]


def test_a_kept_caller_may_give_up():
    floor = knowing_floor()
    busy(floor, "bob")
    asks(floor, "c1")
    floor.tell(CallerHungUp("c1"))
    assert floor.rows(Kind.ENDED, call="c1")[0].detail["ending"] == "abandoned in queue"
    assert floor.talk("bob", "other", 1) == []
