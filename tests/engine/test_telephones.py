"""Telephones with habits of their own: who is set not ready by one, who counts as available and as staff, and what is told."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.calls_out import CallsOut
from acd.engine.commands import Kind, PhoneTest
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedIn,
    AgentNotReady,
    AgentPickedUp,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    CallQueued,
    ConfigChanged,
    OfferFailed,
    PhoneChanged,
    PhoneRegistered,
    PhoneSilent,
    PhoneTestAsked,
    PhoneTested,
    RecordingFiled,
)
from acd.engine.model import AgentProfile, Overflow, Queue, Rules
from acd.engine.routing.telephones import BY_OUTCOME, HABITS
from tests.engine.support.floor import Back, Floor, Ring, Sent, billing_floor
from tests.support.examples import examples

REFUSALS = ["rejected", "busy", "forwarded", "failed"]


def queue(floor: Floor) -> dict[str, Any]:
    found: dict[str, Any] = floor.acd.snapshot(floor.now)["queues"][0]
    return found


def habits(floor: Floor, agent: str = "amy") -> dict[str, int]:
    found: dict[str, int] = floor.about_agent(agent)["habits"]
    return found


def refuse(floor: Floor, agent: str, call: str, reason: Any = "busy", rings: bool = False) -> list[Any]:
    offer = floor.offer(call)
    floor.tell(AgentDialled(agent, call, offer))
    if rings:
        floor.tell(AgentRinging(agent, call, offer))
    return floor.tell(OfferFailed(agent, call, offer, reason, 17))


def refuse_three_calls(floor: Floor, reason: Any = "busy", rings: bool = False) -> None:
    for number in (1, 2, 3):
        floor.tell(CallQueued(f"r{number}", "billing"))
        refuse(floor, "amy", f"r{number}", reason, rings)
        floor.tell(CallerHungUp(f"r{number}"))


@pytest.mark.parametrize("reason", REFUSALS)
def test_three_refusals_in_a_row_set_the_agent_not_ready(reason: str):
    floor = billing_floor("amy")
    refuse_three_calls(floor, reason)
    assert (floor.state("amy"), floor.about_agent("amy")["reason"]) == ("not ready", "phone-refuses")
    assert floor.tell(CallQueued("c1", "billing")) == []
    [alarm] = [row for row in floor.rows(Kind.ALARM) if row.detail["name"] == "telephone refuses"]
    assert (alarm.agent, alarm.detail["times"]) == ("amy", 3)
    assert alarm.detail["habit"] in HABITS
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c1")]
    assert habits(floor) == {}


@pytest.mark.parametrize(
    ("reason", "rings", "habit"),
    [
        ("forwarded", False, "forwards"),
        ("busy", False, "do-not-disturb"),
        ("rejected", False, "do-not-disturb"),
        ("busy", True, "declines"),
        ("rejected", True, "declines"),
        ("failed", False, "fails"),
        ("unreachable", False, "no-sign"),
    ],
)
def test_each_habit_is_told_by_its_name_from_the_first_time_on(reason: str, rings: bool, habit: str):
    floor = billing_floor("amy", "bob")
    floor.tell(CallQueued("c1", "billing"))
    assert refuse(floor, "amy", "c1", reason, rings) == [Ring("bob", "c1")]
    assert habits(floor) == {habit: 1}
    told = [row.detail for row in floor.rows(Kind.PHONE, agent="amy") if row.detail.get("habit")]
    assert [(row["habit"], row["times"]) for row in told] == [(habit, 1)]


def test_who_has_refused_once_is_rung_again_and_counts_as_available_no_more():
    floor = billing_floor("amy")
    assert (queue(floor)["staffed"], queue(floor)["available"]) == (1, 1)
    floor.tell(CallQueued("c1", "billing"))
    refuse(floor, "amy", "c1")
    assert (queue(floor)["staffed"], queue(floor)["available"]) == (1, 0)
    assert queue(floor)["median_s"] > 0
    assert floor.wait(seconds=5) == [Ring("amy", "c1")]
    floor.answers("amy", "c1")
    floor.wait(seconds=10)
    floor.tell(CallerHungUp("c1"))
    floor.wait(seconds=30)
    assert (queue(floor)["staffed"], queue(floor)["available"]) == (1, 1)
    assert habits(floor) == {}


def test_an_answered_call_between_two_refusals_begins_the_count_anew():
    floor = billing_floor("amy", wrap_up_s=0)
    for call in ("c1", "c2", "c3", "c4"):
        floor.tell(CallQueued(call, "billing"))
        refuse(floor, "amy", call)
        floor.wait(seconds=5)
        refuse(floor, "amy", call)
        floor.wait(seconds=5)
        floor.talk("amy", call)
    assert floor.state("amy") == "idle"
    assert not floor.rows(Kind.ALARM)


def test_a_telephone_that_rings_out_is_not_refusing():
    floor = billing_floor("amy")
    for number in range(4):
        floor.tell(CallQueued(f"c{number}", "billing"))
        floor.rings("amy", f"c{number}")
        floor.wait(rings=3)
        assert floor.about_agent("amy")["reason"] == "ring no answer"
        floor.tell(CallerHungUp(f"c{number}"), AgentReady("amy"))
    assert habits(floor) == {}


@pytest.mark.parametrize("refusals", [0, 1, 2, 5])
def test_how_many_in_a_row_is_configured_and_0_is_never(refusals: int):
    floor = billing_floor("amy", refusals=refusals)
    for number in range(1, 7):
        floor.tell(CallQueued(f"c{number}", "billing"))
        if floor.state("amy") == "not ready":
            break
        refuse(floor, "amy", f"c{number}")
        floor.tell(CallerHungUp(f"c{number}"))
    assert (floor.state("amy") == "not ready") == (refusals > 0)
    assert number == (refusals + 1 if refusals else 6)


def test_a_break_asked_for_meanwhile_keeps_its_own_reason():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"))
    for _ in range(2):
        refuse(floor, "amy", "c1")
        floor.wait(seconds=5)
    floor.tell(AgentNotReady("amy", "lunch"))
    refuse(floor, "amy", "c1")
    assert floor.about_agent("amy")["reason"] == "lunch"
    assert not floor.rows(Kind.ALARM)


POLICY = (
    Overflow("voicemail", "nobody can be rung", when="unstaffed"),
    Overflow(
        "offer-callback", "it takes long", when="wait-over", wait=timedelta(seconds=60), within=timedelta(hours=2)
    ),
)


def floor_with(*rows: Overflow, agents: tuple[str, ...] = ("amy",)) -> Floor:
    floor = Floor([Queue("billing", (("billing", 1),), overflow=rows)], dict.fromkeys(agents, (("billing", 5),)))
    floor.staff(*agents)
    return floor


def test_the_row_for_unstaffed_applies_to_those_who_wait_when_the_last_telephone_refuses():
    floor = floor_with(POLICY[0])
    floor.tell(CallQueued("c1", "billing"))
    refuse(floor, "amy", "c1")
    floor.wait(seconds=5)
    refuse(floor, "amy", "c1")
    floor.wait(seconds=5)
    assert refuse(floor, "amy", "c1") == [Sent("c1", "voicemail")]
    assert (queue(floor)["staffed"], queue(floor)["available"]) == (0, 0)
    assert floor.tell(CallQueued("c2", "billing")) == [Sent("c2", "voicemail")]
    assert floor.tell(AgentReady("amy"), CallQueued("c3", "billing")) == [Ring("amy", "c3")]


def test_the_row_for_a_long_wait_does_not_take_a_refusing_telephone_for_a_free_agent():
    floor = floor_with(POLICY[1])
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]
    refuse(floor, "amy", "c1")
    assert Sent("c2", "callback") in floor.tell(CallQueued("c2", "billing"))


def test_a_colleague_with_a_good_telephone_keeps_the_queue_staffed():
    floor = floor_with(POLICY[0], agents=("amy", "bob"))
    floor.tell(AgentNotReady("bob", "lunch"))
    refuse_three_calls(floor)
    assert queue(floor)["staffed"] == 1
    assert floor.tell(CallQueued("c1", "billing")) == []


def test_a_dead_telephone_is_no_staff_after_a_short_while_and_staff_again_when_it_is_seen():
    floor = floor_with(POLICY[0])
    floor.tell(PhoneChanged("amy", False), CallQueued("c1", "billing"))
    assert (queue(floor)["staffed"], queue(floor)["available"]) == (1, 0)  # a hiccup sends nobody to voicemail
    assert floor.wait(seconds=10) == [Sent("c1", "voicemail")]
    assert queue(floor)["staffed"] == 0
    floor.tell(PhoneChanged("amy", True))
    assert (queue(floor)["staffed"], queue(floor)["available"]) == (1, 1)


def test_a_dead_telephone_of_an_agent_at_lunch_is_no_staff_either():
    floor = floor_with(POLICY[0])
    floor.tell(AgentNotReady("amy", "lunch"), PhoneChanged("amy", False))
    floor.wait(seconds=10)
    assert queue(floor)["staffed"] == 0


def test_an_agent_in_a_talk_is_staff_whatever_was_seen_of_the_telephone():
    floor = floor_with(POLICY[0])
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.tell(PhoneChanged("amy", False), CallQueued("c2", "billing"))
    assert floor.wait(seconds=60) == []
    assert queue(floor)["staffed"] == 1


def test_three_calls_without_a_sign_of_a_telephone_that_answers_options_step_its_agent_out():
    floor = billing_floor("amy")
    for number in (1, 2, 3):
        floor.tell(CallQueued(f"c{number}", "billing"))
        floor.tell(AgentDialled("amy", f"c{number}", floor.offer(f"c{number}")))
        assert floor.wait(seconds=2)[:1] == [Back("amy", f"c{number}")]
        floor.tell(CallerHungUp(f"c{number}"), PhoneChanged("amy", True))
    assert (floor.state("amy"), floor.about_agent("amy")["reason"]) == ("not ready", "phone-refuses")
    assert habits(floor) == {"no-sign": 3}


def test_a_refusal_leaves_the_telephone_reachable():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"))
    refuse(floor, "amy", "c1", "failed")  # 404
    assert floor.about_agent("amy")["reachable"]
    assert floor.state("amy") == "idle"


def test_a_talk_that_ends_for_want_of_sound_counts_against_a_telephone_that_is_there():
    floor = billing_floor("amy", "bob")
    floor.tell(AgentNotReady("bob", "lunch"))
    for number in (1, 2, 3):
        floor.tell(CallQueued(f"c{number}", "billing"))
        floor.answers("amy", f"c{number}")
        floor.wait(seconds=20)
        floor.tell(BridgeEnded("amy", f"c{number}", floor.offer(f"c{number}"), "lost"), CallerHungUp(f"c{number}"))
        floor.wait(seconds=31)
    assert habits(floor) == {"no-sound": 3}
    assert floor.about_agent("amy")["reason"] == "phone-refuses"


def test_a_telephone_that_is_gone_is_not_said_to_be_silent():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=5)
    floor.tell(PhoneChanged("amy", False))
    floor.wait(seconds=15)
    floor.tell(BridgeEnded("amy", "c1", floor.offer("c1"), "lost"))
    assert habits(floor) == {}


def test_an_agent_whose_telephone_is_away_for_half_an_hour_is_logged_out_and_told_why():
    floor = billing_floor("amy")
    floor.tell(PhoneChanged("amy", False))
    floor.wait(seconds=1799)
    assert floor.state("amy") == "unreachable"
    floor.wait(seconds=1)
    assert (floor.state("amy"), floor.about_agent("amy")["reason"]) == ("logged out", "phone-gone")
    assert [row.detail["name"] for row in floor.rows(Kind.ALARM)] == ["agent logged out"]
    floor.tell(PhoneChanged("amy", True), AgentReady("amy"))
    assert (floor.state("amy"), floor.about_agent("amy")["reason"]) == ("idle", "")


@pytest.mark.parametrize("minutes", [0, 5])
def test_the_time_until_then_is_configured_and_0_is_never(minutes: int):
    floor = billing_floor("amy", log_out_unreachable=timedelta(minutes=minutes))
    floor.tell(PhoneChanged("amy", False))
    floor.wait(seconds=299)
    assert floor.state("amy") == "unreachable"
    floor.wait(seconds=86400)
    assert floor.state("amy") == ("logged out" if minutes else "unreachable")


def test_the_time_counts_anew_when_the_telephone_was_seen_and_from_the_log_in():
    floor = billing_floor("amy")
    for _ in range(5):
        floor.tell(PhoneChanged("amy", False))
        floor.wait(seconds=1500)
        floor.tell(PhoneChanged("amy", True))
    assert floor.state("amy") == "idle"
    floor = Floor([Queue("billing")], {"amy": ()})
    floor.tell(PhoneChanged("amy", False))
    floor.wait(seconds=5000)
    floor.tell(AgentLoggedIn("amy"))
    floor.wait(seconds=1799)
    assert floor.state("amy") == "not ready"
    floor.wait(seconds=1)
    assert floor.state("amy") == "logged out"


def test_nobody_is_logged_out_in_the_middle_of_a_talk():
    floor = billing_floor("amy", wrap_up_s=0)
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.tell(PhoneChanged("amy", False))
    floor.wait(seconds=4000)
    assert floor.state("amy") == "talking"
    floor.tell(CallerHungUp("c1"))
    floor.wait(seconds=60)
    assert floor.state("amy") == "logged out"


def test_a_shorter_time_of_a_new_configuration_holds_for_those_who_are_away_already():
    floor = billing_floor("amy")
    floor.tell(PhoneChanged("amy", False))
    rules = Rules(log_out_unreachable=timedelta(minutes=1))
    floor.tell(ConfigChanged(tuple(floor.queues), tuple(floor.profiles), rules))
    floor.wait(seconds=60)
    assert floor.state("amy") == "logged out"


def test_an_answered_test_call_brings_the_agent_back():
    floor = billing_floor("amy")
    refuse_three_calls(floor)
    floor.tell(CallQueued("c1", "billing"))
    floor.tell(PhoneTestAsked("amy"))
    assert PhoneTest("amy") in floor.commands
    assert (floor.state("amy"), floor.rows(Kind.AGENT_STATE)[-1].detail["reason"]) == ("not ready", "phone-test")
    assert floor.tell(PhoneTested("amy", "answered")) == [Ring("amy", "c1")]
    assert floor.about_agent("amy")["phone_test"] == "answered"


@pytest.mark.parametrize("result", [*REFUSALS, "unreachable", "ring no answer"])
def test_a_test_call_that_fails_leaves_the_agent_where_they_were(result: Any):
    floor = billing_floor("amy")
    refuse_three_calls(floor)
    floor.tell(PhoneTestAsked("amy"), PhoneTested("amy", result))
    assert (floor.state("amy"), floor.about_agent("amy")["reason"]) == ("not ready", "phone-refuses")
    assert floor.about_agent("amy")["phone_test"] == result


def test_a_test_call_of_which_nothing_is_heard_ends_by_itself():
    floor = billing_floor("amy")
    floor.tell(PhoneTestAsked("amy"), CallQueued("c1", "billing"))
    assert floor.state("amy") == "not ready"
    assert floor.wait(seconds=40) == [Ring("amy", "c1")]
    assert floor.about_agent("amy")["phone_test"] == "failed"


def test_no_test_rings_into_a_call():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"), PhoneTestAsked("amy"))
    floor.answers("amy", "c1")
    floor.tell(PhoneTestAsked("amy"))
    assert PhoneTest("amy") not in floor.commands


def test_an_answered_test_call_ends_no_break():
    floor = billing_floor("amy")
    floor.tell(AgentNotReady("amy", "lunch"), PhoneTestAsked("amy"), PhoneTested("amy", "answered"))
    assert (floor.state("amy"), floor.about_agent("amy")["reason"]) == ("not ready", "lunch")


def test_two_telephones_of_one_account_are_told_once_with_both_addresses():
    floor = billing_floor("amy")
    for number in range(12):
        floor.tell(PhoneRegistered("amy", ["10.0.0.5", "10.0.0.9"][number % 2]))
        floor.wait(seconds=50)
    [alarm] = floor.rows(Kind.ALARM)
    assert alarm.detail["name"] == "telephone two-places"
    assert alarm.detail["places"] == ["10.0.0.5", "10.0.0.9"]
    assert habits(floor) == {"two-places": 12}
    floor.wait(seconds=600)
    assert habits(floor) == {}


def test_one_telephone_that_moves_is_not_two():
    floor = billing_floor("amy")
    for place in ("10.0.0.5", "10.0.0.9", "10.0.0.5", "10.0.0.7", "10.0.0.8", "10.0.0.8"):
        floor.tell(PhoneRegistered("amy", place))
        floor.wait(seconds=60)
    assert habits(floor) == {}


def test_three_answers_sooner_than_a_person_can_are_told_and_change_nothing():
    floor = billing_floor("amy", wrap_up_s=0)
    for number in (1, 2, 3, 4):
        call = f"c{number}"
        assert floor.tell(CallQueued(call, "billing")) == [Ring("amy", call)]
        floor.tell(AgentDialled("amy", call, floor.offer(call)))
        floor.wait(seconds=1.0 if number == 4 else 0.1)
        assert habits(floor) == ({"answers-itself": 3} if number == 4 else {})
        floor.talk("amy", call)
    assert habits(floor) == {}
    assert not floor.rows(Kind.ALARM)


def test_a_telephone_that_is_told_to_answer_by_itself_has_no_habit_for_doing_so():
    floor = billing_floor("amy", wrap_up_s=0, auto_answer=("amy",))
    for number in (1, 2, 3, 4):
        call = f"c{number}"
        assert floor.tell(CallQueued(call, "billing")) == [Ring("amy", call)]
        floor.tell(AgentDialled("amy", call, floor.offer(call)))
        floor.wait(seconds=0.1)
        floor.talk("amy", call)
    assert habits(floor) == {}


def test_two_talks_in_a_row_in_which_the_agent_is_not_heard_are_told():
    floor = billing_floor("amy", wrap_up_s=0)
    for number, silent in enumerate(("agent", "", "both", "agent", "")):
        call = f"c{number}"
        floor.tell(CallQueued(call, "billing"))
        offer = floor.offer(call)
        floor.talk("amy", call)
        floor.tell(RecordingFiled(call, offer, "x.wav", 60, "0", True, "", silent))
        assert habits(floor) == ({"no-voice": 2} if number == 3 else {})
    assert [row.detail["name"] for row in floor.rows(Kind.ALARM)] == ["telephone no-voice"]


def test_a_muted_telephone_is_told_until_it_is_heard_or_the_talk_ends_and_the_talk_goes_on():
    floor = billing_floor("amy", wrap_up_s=0)
    floor.tell(PhoneSilent("amy", True))
    assert habits(floor) == {}
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=20)
    for silent in (True, True, False, True):
        assert floor.tell(PhoneSilent("amy", silent)) == []
        assert habits(floor) == ({"muted": 1} if silent else {})
    assert floor.state("amy") == "talking"
    floor.tell(CallerHungUp("c1"))
    assert (floor.state("amy"), habits(floor)) == ("idle", {})


def outside_floor() -> Floor:
    floor = Floor(
        [Queue("billing", wrap_up=timedelta(0))], [AgentProfile("amy", outside="13900002222"), AgentProfile("bob")]
    )
    floor.staff("amy")
    return floor


def test_a_mobile_may_take_ten_seconds_to_ring_and_then_has_its_three_rings():
    floor = outside_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.tell(AgentDialled("amy", "c1", floor.offer("c1")))
    assert floor.wait(seconds=9) == []
    floor.rings("amy", "c1")
    assert floor.wait(seconds=14.9) == []
    assert floor.wait(seconds=0.2) == [Back("amy", "c1")]
    assert floor.about_agent("amy")["reason"] == "ring no answer"


def test_a_mobile_that_is_answered_counts_once_the_key_was_pressed():
    floor = outside_floor()
    floor.tell(CallQueued("c1", "billing"))
    offer = floor.offer("c1")
    floor.tell(AgentDialled("amy", "c1", offer), AgentRinging("amy", "c1", offer))
    floor.wait(seconds=14)
    floor.tell(AgentPickedUp("amy", "c1", offer))
    floor.wait(seconds=6)
    floor.tell(AgentAnswered("amy", "c1", offer), CallBridged("amy", "c1", offer))
    [answered] = floor.rows(Kind.ANSWERED)
    assert (answered.detail["ring_s"], answered.detail["rings"]) == (14, 3)
    assert floor.rows(Kind.CONNECTED)[0].detail["wait_s"] == 20
    assert floor.acd.snapshot(floor.now)["counts"]["total"]["three_ring_rate"] in (1.0, None, 100.0)


def test_a_mailbox_presses_no_key_and_is_a_ring_no_answer():
    floor = outside_floor()
    floor.staff("bob")
    floor.tell(CallQueued("c1", "billing"))
    offer = floor.offer("c1")
    floor.tell(AgentDialled("amy", "c1", offer), AgentRinging("amy", "c1", offer), AgentPickedUp("amy", "c1", offer))
    assert floor.wait(seconds=12) == [Ring("bob", "c1", instead_of="amy")]
    assert floor.about_agent("amy")["reason"] == "ring no answer"
    assert floor.rows(Kind.OFFER_ENDED)[0].detail["outcome"] == "ring no answer"


@pytest.mark.parametrize("limit", ["per_hour", "per_day", "at_a_time"])
def test_a_call_to_a_mobile_counts_among_the_calls_out_and_is_held_by_their_limits(limit: str):
    wall: Any = {"numbers": ("13900002222", "13900003333"), limit: 1}
    rules = Rules(calls_out=CallsOut(**wall))
    agents = [AgentProfile("amy", outside="13900002222"), AgentProfile("bob", outside="13900003333")]
    floor = Floor([Queue("billing", wrap_up=timedelta(0))], agents, rules)
    floor.staff("amy", "bob")
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]
    floor.answers("amy", "c1")
    floor.tell(CallQueued("c2", "billing"))
    first, second = floor.offers.values()
    assert (first.barred, second.barred) == ("", limit.replace("_", "-"))
    assert [row.detail["name"] for row in floor.rows(Kind.ALARM)] == ["limit of calls out"]
    floor.tell(OfferFailed("bob", "c2", second.offer, "not dialled"))
    assert habits(floor, "bob") == {}


def test_a_mobile_that_the_wall_forbids_is_never_dialled():
    floor = Floor([Queue("billing")], [AgentProfile("amy", outside="110")], Rules(calls_out=CallsOut(numbers=("110",))))
    floor.staff("amy")
    floor.tell(CallQueued("c1", "billing"))
    [offer] = floor.offers.values()
    assert offer.barred == "emergency"


def test_the_table_names_only_habits_that_there_are():
    assert set(BY_OUTCOME.values()) <= set(HABITS)
    assert {habit for habit in BY_OUTCOME.values() if not HABITS[habit].refuses} == set()


STEPS = st.lists(
    st.sampled_from(
        ["busy", "rejected", "forwarded", "failed", "declined", "answer", "ring out", "ready", "test", "left"]
    ),
    max_size=40,
)


@given(STEPS, st.integers(0, 4))
@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_an_agent_is_out_exactly_after_so_many_refusals_in_a_row(steps: list[str], refusals: int):
    """A model of one agent: how many calls in a row the telephone has refused, and whether it has set them not ready."""
    floor = billing_floor("amy", wrap_up_s=0, refusals=refusals)
    in_a_row, ready, reason = 0, True, ""
    for number, step in enumerate(steps):
        call = f"c{number}"
        if step == "ready":
            floor.tell(AgentReady("amy"))
            in_a_row, ready, reason = (0, True, "") if not ready else (in_a_row, ready, reason)
        elif step == "test":
            floor.tell(PhoneTestAsked("amy"), PhoneTested("amy", "answered"))
            in_a_row = 0
            ready, reason = (True, "") if reason == "phone-refuses" else (ready, reason)
        else:
            rung = floor.tell(CallQueued(call, "billing"))
            assert rung == ([Ring("amy", call)] if ready else [])
            if ready and step == "answer":
                floor.talk("amy", call, 10)
                in_a_row = 0
            elif ready and step == "ring out":
                floor.rings("amy", call)
                floor.wait(rings=3)
                ready, reason = False, "ring no answer"
            elif ready and step == "left":
                floor.rings("amy", call)
            elif ready:
                refuse(floor, "amy", call, "rejected" if step == "declined" else step, rings=step == "declined")
                in_a_row += 1
                if refusals and in_a_row >= refusals:
                    ready, reason = False, "phone-refuses"
            floor.tell(CallerHungUp(call))
        about, figures = floor.about_agent("amy"), queue(floor)
        assert (about["ready"], about["reason"]) == (ready, reason), steps[: number + 1]
        assert figures["available"] == int(ready and in_a_row == 0), steps[: number + 1]
        assert figures["staffed"] == int(reason != "phone-refuses"), steps[: number + 1]
