"""Callers: how a call begins, where it waits, and the one way in which it ends."""

from datetime import timedelta

import pytest

from acd.engine.commands import Kind
from acd.engine.events import (
    AgentAnswered,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    CallServed,
    CallTurnedAway,
    MenuChosen,
    OfferFailed,
    TimePassed,
)
from acd.engine.model import Queue, Rules
from tests.engine.support.floor import Floor, Ring, billing_floor


def ending(floor: Floor, call: str = "c1") -> dict[str, object]:
    (row,) = floor.rows(Kind.ENDED, call=call)
    return dict(row.detail)


def test_who_hangs_up_in_the_menu_has_abandoned_in_the_ivr():
    floor = billing_floor()
    floor.tell(CallArrived("c1", "13800001111", "95001"), MenuChosen("c1", "zh"), CallerHungUp("c1"))
    assert ending(floor) == {
        "ending": "abandoned in IVR",
        "wait_s": 0.0,
        "talk_s": 0.0,
        "asked_for_person": False,
        "within_target": False,
        "short": False,
        "callback": False,
    }


@pytest.mark.parametrize(("waited_s", "short"), [(4.9, True), (5, False)])
def test_who_hangs_up_in_the_queue_has_abandoned_in_the_queue_and_under_five_seconds_it_is_short(waited_s, short):
    floor = billing_floor()
    floor.tell(AgentNotReady("amy", "lunch"), AgentNotReady("bob", "lunch"), CallQueued("c1", "billing"))
    floor.wait(seconds=waited_s)
    floor.tell(CallerHungUp("c1"))
    assert (ending(floor)["ending"], ending(floor)["wait_s"]) == ("abandoned in queue", waited_s)
    assert ending(floor)["short"] is short


def test_who_hangs_up_while_it_rings_has_abandoned_while_ringing_and_the_agent_is_idle_at_his_old_place():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.wait(seconds=7)
    assert floor.tell(CallerHungUp("c1")) == []
    assert floor.story("c1") == ["queued", "caller left", "ended: abandoned while ringing"]
    assert floor.state("amy") == "idle"
    assert floor.tell(CallQueued("c2", "billing")) == [Ring("amy", "c2")]


def test_who_hangs_up_before_the_phone_gave_a_sign_has_abandoned_in_the_queue():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"), CallerHungUp("c1"))
    assert ending(floor)["ending"] == "abandoned in queue"


def test_who_hangs_up_between_the_answer_and_the_bridge_has_abandoned_while_ringing_and_there_is_no_wrap_up():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"), AgentAnswered("amy", "c1", "c1-1"), CallerHungUp("c1"))
    assert ending(floor)["ending"] == "abandoned while ringing"
    assert floor.state("amy") == "idle"


def test_a_bridge_of_a_moment_that_the_caller_ends_served_nobody():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=0.4)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "caller"), CallerHungUp("c1"))
    assert (ending(floor)["ending"], ending(floor)["talk_s"]) == ("abandoned while ringing", 0.4)
    assert floor.state("amy") == "idle"


def test_a_call_that_was_served_by_the_menu_says_so_when_it_hangs_up():
    floor = billing_floor()
    floor.tell(CallArrived("c1", "unknown"), CallServed("c1"), CallerHungUp("c1"))
    assert ending(floor)["ending"] == "served by menu"


def test_who_was_served_by_the_menu_may_ask_for_a_person_all_the_same():
    floor = billing_floor()
    floor.tell(CallArrived("c1", "unknown"), CallServed("c1"))
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]


def test_a_call_turned_away_leaves_the_line():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c0", "billing"), CallArrived("c1", "unknown"), CallQueued("c1", "billing"))
    floor.tell(CallTurnedAway("c1", "closed"), CallerHungUp("c0"))
    assert floor.state("amy") == "idle"
    floor.tell(CallerHungUp("c1"))
    assert ending(floor)["ending"] == "turned away"


def test_an_answered_call_knows_how_long_it_waited_and_talked():
    floor = billing_floor()
    floor.tell(CallArrived("c1", "unknown"))
    floor.wait(seconds=20)
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.wait(seconds=6)
    floor.answers("amy", "c1")
    floor.wait(seconds=90)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent"), CallerHungUp("c1"))
    assert ending(floor) == {
        "ending": "answered",
        "wait_s": 6.0,
        "talk_s": 90.0,
        "asked_for_person": True,
        "within_target": True,
        "short": False,
        "callback": False,
    }


@pytest.mark.parametrize(("waited_s", "within"), [(15, True), (15.1, False)])
def test_the_fifteen_seconds_run_from_asking_for_a_person_to_the_bridge(waited_s, within):
    floor = billing_floor()
    floor.tell(AgentNotReady("bob", "lunch"), AgentNotReady("amy", "lunch"), CallQueued("c1", "billing"))
    floor.wait(seconds=waited_s - 5)
    floor.tell(AgentReady("amy"))
    floor.rings("amy", "c1")
    floor.wait(seconds=5)
    floor.answers("amy", "c1")
    floor.wait(seconds=60)
    floor.tell(CallerHungUp("c1"))
    assert ending(floor)["within_target"] is within


def test_a_caller_whose_agents_phone_is_lost_waits_at_the_head_with_his_first_time():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=40)
    floor.tell(CallQueued("c2", "billing"))
    assert floor.tell(BridgeEnded("amy", "c1", "c1-1", "lost")) == []
    assert [c["position"] for c in floor.acd.snapshot(floor.now)["calls"]] == [1, 2]
    assert floor.state("amy") == "unreachable"
    assert floor.wait(seconds=30) == [Ring("amy", "c1")]
    assert floor.rows(Kind.RETURNED, call="c1")[0].detail["reason"] == "the agent's phone was lost"


def test_a_bridge_within_the_first_second_that_the_agent_ends_sends_the_caller_to_the_next():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=0.9)
    assert floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent")) == [Ring("bob", "c1")]
    assert floor.state("amy") == "idle"


def test_a_bridge_of_a_moment_does_not_stop_the_clock():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=0.5)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent"))
    floor.wait(seconds=20)
    floor.answers("amy", "c1")
    floor.wait(seconds=10)
    floor.tell(CallerHungUp("c1"))
    assert (ending(floor)["wait_s"], ending(floor)["within_target"]) == (20.5, False)


def test_a_hang_up_ends_the_talk_even_if_the_bridges_end_is_heard_of_later():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=30)
    floor.tell(CallerHungUp("c1"), BridgeEnded("amy", "c1", "c1-1", "caller"))
    assert floor.state("amy") == "wrap-up"
    assert len(floor.rows(Kind.TALK_ENDED)) == 1


def test_a_higher_priority_goes_first_and_then_who_asked_first():
    floor = Floor(
        [Queue("billing"), Queue("complaints", priority=10)], {"amy": ()}, Rules(priorities={"13800001111": 5})
    )
    floor.tell(CallArrived("c3", "13800001111"))
    for call, queue in [("c1", "billing"), ("c2", "billing"), ("c3", "billing"), ("c4", "complaints")]:
        floor.tell(CallQueued(call, queue))
        floor.wait(seconds=1)
    served = []
    floor.tell(AgentReady("amy"))
    while calls := [c for c in floor.acd.snapshot(floor.now)["calls"] if c["stage"] == "offered"]:
        served.append(calls[0]["call"])
        floor.tell(CallerHungUp(calls[0]["call"]))
    assert served == ["c4", "c3", "c1", "c2"]


def test_a_call_put_back_goes_before_those_who_asked_after_it():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=0.5)
    floor.tell(CallQueued("c2", "billing"), CallQueued("c3", "billing"))
    floor.tell(AgentRinging("amy", "c1", "c1-1"))
    floor.wait(rings=3)
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c1")]


def test_a_queue_that_nobody_knows_loses_no_call_and_raises_an_alarm_once():
    floor = billing_floor()
    assert floor.tell(CallQueued("c1", "biling")) == [Ring("amy", "c1")]
    floor.tell(CallQueued("c2", "biling"))
    (alarm,) = floor.rows(Kind.ALARM)
    assert alarm.detail["name"] == "no such queue"
    assert "biling" in alarm.detail["detail"]


def test_a_doubled_question_for_a_person_changes_neither_place_nor_queue():
    floor = Floor([Queue("billing"), Queue("orders")], {"amy": ()})
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=9)
    floor.tell(CallQueued("c1", "orders"))
    call = floor.about_call("c1")
    assert call is not None
    assert (call["queue"], call["waited_s"]) == ("billing", 9.0)


def test_a_question_for_a_person_that_overtakes_the_arrival_makes_the_call():
    floor = billing_floor()
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]
    floor.tell(CallArrived("c1", "13800001111", "95001"), CallerHungUp("c1"))
    assert [row.detail["caller"] for row in floor.rows(Kind.ARRIVED)] == ["unknown", "13800001111"]
    assert len(floor.rows(Kind.ENDED)) == 1


def test_a_hang_up_that_overtakes_everything_ends_the_call_all_the_same():
    floor = billing_floor()
    floor.tell(CallerHungUp("c1"), CallArrived("c1", "unknown"), CallQueued("c1", "billing"))
    assert floor.story("c1") == ["ended: abandoned in IVR"]
    assert floor.acd.snapshot(floor.now)["calls"] == []


def test_late_events_of_a_call_that_is_over_do_not_wake_it():
    floor = billing_floor()
    floor.tell(CallArrived("c1", "unknown"), CallQueued("c1", "billing"), CallerHungUp("c1"))
    floor.wait(seconds=300)
    floor.tell(
        CallArrived("c1", "unknown"),
        CallQueued("c1", "billing"),
        CallBridged("amy", "c1", "c1-1"),
        OfferFailed("amy", "c1", "c1-1", "rejected"),
    )
    assert floor.acd.snapshot(floor.now)["calls"] == []
    assert len(floor.rows(Kind.IGNORED)) == 4


def test_an_event_that_the_engine_does_not_have_is_said_aloud():
    with pytest.raises(TypeError, match="does not know 'ring'"):
        billing_floor().acd.handle("ring", billing_floor().now)  # type: ignore[arg-type]


def test_a_clock_set_back_an_hour_delays_nobody_and_makes_nothing_negative():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.now -= timedelta(hours=1)
    floor.tell(TimePassed())
    due = floor.acd.next_deadline
    assert due is not None
    assert due - floor.now == floor.rules.ring * 3
    assert floor.wait(rings=3) == [Ring("bob", "c1", instead_of="amy")]
    assert floor.about_call("c1")["waited_s"] == 15.0


def test_two_events_that_overtook_each_other_by_a_moment_set_no_clock():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.now -= timedelta(milliseconds=300)
    floor.rings("amy", "c1")
    floor.now += timedelta(milliseconds=300)
    assert floor.wait(rings=3) == [Ring("bob", "c1", instead_of="amy")]
