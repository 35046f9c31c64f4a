"""An offer's life: dialled, rung, missed, sent away, lost on the way, crossed."""

import pytest

from acd.engine.commands import Kind, Outcome
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedOut,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    OfferFailed,
    PhoneChanged,
    TimePassed,
)
from tests.engine.support.floor import Back, Deed, Floor, Ring, billing_floor


def ask(floor: Floor, call: str = "c1") -> list[Deed]:
    return floor.tell(CallArrived(call, "13800001111"), CallQueued(call, "billing"))


def test_a_call_not_answered_in_three_rings_goes_to_the_next_agent():
    floor = billing_floor()
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]
    floor.tell(AgentRinging("amy", "c1", "c1-1"))
    assert floor.wait(rings=3) == [Ring("bob", "c1", instead_of="amy")]
    floor.tell(AgentRinging("bob", "c1", "c1-2"), AgentAnswered("bob", "c1", "c1-2"))
    assert floor.story("c1") == ["queued", "ring no answer", "answered"]


def test_rings_are_counted_from_the_first_sign_of_the_phone_not_from_the_offer():
    floor = billing_floor()
    ask(floor)
    floor.wait(seconds=0.5)
    floor.tell(AgentDialled("amy", "c1", "c1-1"))
    floor.wait(seconds=1.9)
    floor.rings("amy", "c1")
    assert floor.wait(seconds=14.9) == []
    assert floor.wait(seconds=0.1) == [Ring("bob", "c1", instead_of="amy")]


def test_who_lets_a_phone_ring_out_steps_out_until_he_is_ready_again():
    floor = billing_floor("amy")
    ask(floor)
    floor.rings("amy", "c1")
    assert floor.wait(rings=3) == [Back("amy", "c1")]
    assert floor.state("amy") == "not ready"
    assert floor.about_agent("amy")["reason"] == "ring no answer"
    assert floor.wait(seconds=600) == []
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c1")]


def test_an_answer_in_the_last_instant_of_the_third_ring_is_in_time():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    floor.now += floor.rules.ring * 3
    assert floor.answers("amy", "c1") == []
    assert floor.rows(Kind.ANSWERED)[0].detail == {"ring_s": 15.0, "rings": 3}


def test_an_answer_that_comes_before_the_alarm_clock_is_believed_although_it_is_late():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    floor.now += floor.rules.ring * 4
    assert floor.answers("amy", "c1") == []
    assert floor.rows(Kind.ANSWERED)[0].detail["rings"] == 4
    assert floor.acd.snapshot(floor.now)["counts"]["total"]["offers_in_time"] == 0


@pytest.mark.parametrize(("after_s", "rings"), [(0, 1), (0.1, 1), (5, 1), (5.1, 2), (10, 2), (14.9, 3)])
def test_the_ring_of_an_answer(after_s, rings):
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    floor.wait(seconds=after_s)
    floor.answers("amy", "c1")
    assert floor.rows(Kind.ANSWERED)[0].detail == {"ring_s": after_s, "rings": rings}


def test_a_phone_that_is_picked_up_at_once_gives_no_ring_and_counts_as_the_first():
    floor = billing_floor()
    ask(floor)
    floor.tell(AgentDialled("amy", "c1", "c1-1"))
    floor.wait(seconds=1)
    floor.answers("amy", "c1")
    assert floor.rows(Kind.ANSWERED)[0].detail == {"ring_s": 0.0, "rings": 1}


def test_an_offer_that_is_not_dialled_within_a_second_goes_to_the_next():
    floor = billing_floor()
    ask(floor)
    assert floor.wait(seconds=0.9) == []
    assert floor.wait(seconds=0.1) == [Ring("bob", "c1", instead_of="amy")]
    assert floor.state("amy") == "unreachable"
    assert floor.story("c1") == ["queued", "not dialled"]


def test_no_sign_of_the_phone_within_two_seconds_is_held_against_the_phone_not_the_person():
    floor = billing_floor()
    ask(floor)
    floor.tell(AgentDialled("amy", "c1", "c1-1"))
    assert floor.wait(seconds=2) == [Ring("bob", "c1", instead_of="amy")]
    assert floor.state("amy") == "unreachable"
    assert floor.about_agent("amy")["ready"]
    assert floor.acd.snapshot(floor.now)["counts"]["total"]["offers_rang"] == 0


def test_an_unreachable_agent_is_tried_again_when_his_phone_is_seen():
    floor = billing_floor("amy")
    ask(floor)
    assert floor.tell(OfferFailed("amy", "c1", "c1-1", "unreachable", 20)) == []
    assert floor.wait(seconds=7) == []
    assert floor.tell(PhoneChanged("amy", True)) == [Ring("amy", "c1")]


def test_an_unreachable_agent_is_tried_again_after_half_a_minute():
    floor = billing_floor("amy")
    ask(floor)
    floor.tell(OfferFailed("amy", "c1", "c1-1", "unreachable", 20))
    assert floor.wait(seconds=29.9) == []
    assert floor.wait(seconds=0.1) == [Ring("amy", "c1")]


def test_a_phone_that_is_known_to_be_away_is_not_rung_before_it_is_back():
    floor = billing_floor("amy")
    floor.tell(PhoneChanged("amy", False))
    assert floor.state("amy") == "unreachable"
    assert ask(floor) == []
    assert floor.wait(seconds=120) == []
    assert floor.tell(PhoneChanged("amy", True)) == [Ring("amy", "c1")]


def test_who_sends_a_call_away_stays_ready_and_the_call_goes_to_the_next():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    assert floor.tell(OfferFailed("amy", "c1", "c1-1", "rejected", 21)) == [Ring("bob", "c1")]
    assert floor.state("amy") == "idle"
    assert ask(floor, "c2") == [Ring("amy", "c2")]


def test_who_sent_a_call_away_gets_it_again_only_after_a_pause_and_when_nobody_else_is_free():
    floor = billing_floor("amy")
    ask(floor)
    assert floor.tell(OfferFailed("amy", "c1", "c1-1", "rejected", 21)) == []
    assert floor.wait(seconds=4.9) == []
    assert floor.wait(seconds=0.1) == [Ring("amy", "c1")]
    assert floor.rows(Kind.OFFERED)[-1].detail["rule"] == "nobody else is able and free: asked again"


def test_in_the_pause_others_get_the_call_and_he_gets_others():
    floor = billing_floor("amy")
    ask(floor)
    floor.tell(OfferFailed("amy", "c1", "c1-1", "busy", 17))
    assert ask(floor, "c2") == [Ring("amy", "c2")]
    floor.wait(seconds=0.2)
    assert floor.about_call("c1")["position"] == 1


def test_nobody_is_asked_twice_in_a_row_while_another_is_able():
    floor = billing_floor("amy", "bob")
    ask(floor)
    floor.tell(OfferFailed("amy", "c1", "c1-1", "rejected"))
    assert floor.tell(OfferFailed("bob", "c1", "c1-2", "rejected")) == []
    assert floor.wait(seconds=5) == [Ring("amy", "c1")]
    assert floor.tell(OfferFailed("amy", "c1", "c1-3", "rejected")) == [Ring("bob", "c1")]


def test_who_missed_a_call_is_passed_over_when_another_comes_free_in_the_same_instant():
    """Bob's phone is given a new chance and amy's wrap-up ends, and the alarm clock was late for both."""
    floor = billing_floor("amy", "bob", wrap_up_s=40)
    ask(floor, "c0")
    ask(floor, "c1")
    floor.answers("amy", "c0")
    floor.wait(seconds=0.5)
    floor.tell(OfferFailed("bob", "c1", "c1-1", "unreachable"))
    floor.wait(seconds=5)
    floor.tell(BridgeEnded("amy", "c0", "c0-1", "agent"))
    floor.now += floor.rules.ring * 9
    assert floor.tell(TimePassed()) == [Ring("amy", "c1")]
    assert floor.state("bob") == "idle"


def test_a_taken_back_offer_and_the_next_are_one_command():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    floor.wait(rings=3)
    assert floor.offers["c1-2"].supersedes == "c1-1"


def test_an_offer_that_ended_by_itself_is_superseded_by_nothing():
    floor = billing_floor()
    ask(floor)
    floor.tell(OfferFailed("amy", "c1", "c1-1", "rejected"))
    assert floor.offers["c1-2"].supersedes == ""


def test_an_answer_that_crosses_the_taking_back_is_not_held_against_the_agent():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    floor.wait(rings=3)
    assert floor.state("amy") == "not ready"
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    assert floor.state("amy") == "idle"
    assert floor.story("c1") == ["queued", "ring no answer", "crossed"]
    assert floor.acd.snapshot(floor.now)["counts"]["total"]["offers_rang"] == 0


def test_a_crossing_answer_of_a_caller_who_has_nobody_else_is_given_a_moment_to_become_a_talk():
    floor = billing_floor("amy")
    ask(floor)
    floor.rings("amy", "c1")
    assert floor.wait(rings=3) == [Back("amy", "c1")]
    assert floor.tell(AgentAnswered("amy", "c1", "c1-1")) == []
    floor.wait(seconds=1)
    floor.tell(CallBridged("amy", "c1", "c1-1"))
    assert floor.state("amy") == "talking"
    floor.wait(seconds=30)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "caller"), CallerHungUp("c1"))
    assert floor.story("c1") == ["queued", "ring no answer", "crossed", "answered", "ended: answered"]
    assert floor.acd.snapshot(floor.now)["counts"]["total"]["offers_rang"] == 0


@pytest.mark.parametrize("told", [True, False])
def test_a_crossing_answer_that_came_too_late_is_nobodys_fault(told):
    floor = billing_floor("amy")
    ask(floor)
    floor.rings("amy", "c1")
    floor.wait(rings=3)
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    if told:
        assert floor.tell(BridgeEnded("amy", "c1", "c1-1", "lost")) == [Ring("amy", "c1")]
    else:
        assert floor.wait(seconds=2) == [Ring("amy", "c1", instead_of="amy")]
    assert floor.story("c1") == ["queued", "ring no answer", "crossed", "answered", "taken back"]


def test_a_crossing_answer_does_not_undo_a_break_asked_for_since():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    floor.wait(rings=3)
    floor.tell(AgentLoggedOut("amy"))
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    assert floor.state("amy") == "logged out"


def test_who_logs_out_while_it_rings_is_relieved_and_the_next_is_rung():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    assert floor.tell(AgentLoggedOut("amy")) == [Ring("bob", "c1", instead_of="amy")]
    assert floor.state("amy") == "logged out"
    assert floor.story("c1") == ["queued", "taken back"]


def test_with_the_phone_up_nothing_is_taken_back_even_if_no_bridge_is_ever_heard_of():
    floor = billing_floor("amy")
    ask(floor)
    floor.rings("amy", "c1")
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    assert floor.wait(seconds=30) == []
    assert floor.story("c1") == ["queued", "answered", "lost"]
    assert floor.about_call("c1")["stage"] == "waiting"


def test_an_offer_given_up_with_the_phone_up_is_superseded_by_the_next():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    assert floor.wait(seconds=30) == [Ring("bob", "c1", instead_of="amy")]


def test_a_bridge_heard_of_late_is_believed_while_the_caller_has_nobody_else():
    floor = billing_floor("amy")
    ask(floor)
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    floor.wait(seconds=40)
    floor.tell(CallBridged("amy", "c1", "c1-1"))
    assert floor.state("amy") == "talking"
    floor.wait(seconds=60)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent"), CallerHungUp("c1"))
    assert floor.story("c1")[-1] == "ended: answered"


def test_a_call_that_reaches_no_phone_twice_in_a_row_is_blamed_itself_and_rests():
    """Else a channel that is gone without a word would make every agent of the floor unreachable, one a second."""
    floor = billing_floor("amy", "bob", "cat")
    ask(floor)
    assert floor.wait(seconds=1) == [Ring("bob", "c1", instead_of="amy")]
    assert floor.wait(seconds=1) == [Back("bob", "c1")]
    assert floor.state("bob") == "idle"
    assert floor.rows(Kind.ALARM)[0].detail["name"] == "call cannot be connected"
    assert ask(floor, "c2") == [Ring("bob", "c2")]
    assert floor.wait(seconds=5)[-1] == Ring("cat", "c1")


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("rejected", Outcome.REJECTED),
        ("busy", Outcome.BUSY),
        ("failed", Outcome.FAILED),
        ("unreachable", Outcome.UNREACHABLE),
        ("not dialled", Outcome.NOT_DIALLED),
        ("ring no answer", Outcome.RING_NO_ANSWER),
    ],
)
def test_each_failure_has_its_word_and_its_cause(reason, outcome):
    floor = billing_floor()
    ask(floor)
    floor.tell(OfferFailed("amy", "c1", "c1-1", reason, 38))
    row = floor.rows(Kind.OFFER_ENDED)[0]
    assert (row.detail["outcome"], row.detail["cause"], row.agent, row.offer) == (outcome, 38, "amy", "c1-1")


def test_who_hangs_up_before_the_bridge_has_sent_the_caller_away():
    floor = billing_floor()
    ask(floor)
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    assert floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent")) == [Ring("bob", "c1")]
    assert (floor.state("amy"), floor.story("c1")[-1]) == ("idle", "lost")


def test_a_phone_that_vanishes_before_the_bridge_is_left_alone_for_a_while():
    floor = billing_floor()
    ask(floor)
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    assert floor.tell(BridgeEnded("amy", "c1", "c1-1", "lost")) == [Ring("bob", "c1")]
    assert floor.state("amy") == "unreachable"


def test_events_of_a_step_that_is_passed_are_ignored_in_one_row():
    floor = billing_floor()
    ask(floor)
    floor.rings("amy", "c1")
    rows = len(floor.log)
    assert floor.tell(AgentDialled("amy", "c1", "c1-1")) == []
    assert floor.log[rows:][0][1].kind is Kind.IGNORED
    assert len(floor.log) == rows + 1
