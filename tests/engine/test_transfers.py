"""Handing a caller over, cold: to an agent, a queue, a skill, an outside number, and what happens when it comes to nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from acd.engine.acd import Acd
from acd.engine.callback_events import CallSentOn
from acd.engine.commands import HangUp, Kind, Offer, SendTo
from acd.engine.events import (
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    BridgeEnded,
    CallArrived,
    CallerHungUp,
    CallQueued,
    CallReturned,
    ConfigChanged,
    OfferFailed,
    WrapUpEnded,
)
from acd.engine.model import AgentProfile, Escalation, Queue, Rules
from acd.engine.transfer_events import HoldAsked, RetrieveAsked, TransferRequested
from tests.engine.support.floor import Floor, Ring, Sent

REASONS = {"1": "refund", "2": "complaint"}


def desks(wrap_up_s: float = 0, **rules: Any) -> Floor:
    """Amy and bob serve billing, tim and tom support; tim alone knows refunds. Amy talks with c1."""
    floor = Floor(
        [
            Queue("billing", (("billing", 1),), wrap_up=timedelta(seconds=wrap_up_s)),
            Queue("support", (("support", 1),), wrap_up=timedelta(seconds=wrap_up_s)),
        ],
        [
            AgentProfile("amy", "Amy", (("billing", 5),)),
            AgentProfile("bob", "Bob", (("billing", 5),)),
            AgentProfile("tim", "Tim", (("refund", 3), ("support", 5)), tier=2),
            AgentProfile("tom", "Tom", (("support", 5),)),
        ],
        Rules(transfer_reasons=REASONS, transfer_numbers=("02155550000",), **rules),
    )
    floor.staff("amy", "bob", "tim", "tom")
    floor.tell(CallArrived("c1", "13800001111", "95001"), CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=60)
    return floor


def cold(kind: Any, to: str, reason: str = "refund", agent: str = "amy", **more: Any) -> TransferRequested:
    return TransferRequested("c1", agent, kind, to, reason, **more)


def gone(floor: Floor, agent: str, offer: str = "c1-1") -> list[Any]:
    return floor.tell(BridgeEnded(agent, "c1", offer, "agent"))


def states(floor: Floor) -> list[str]:
    return [str(row.detail["state"]) for row in floor.rows(Kind.TRANSFER, call="c1")]


def last(floor: Floor) -> dict[str, Any]:
    return dict(floor.rows(Kind.TRANSFER, call="c1")[-1].detail)


def test_to_an_agent_his_phone_rings_in_the_same_instant():
    floor = desks()
    assert floor.tell(cold("agent", "tom", note="can't log in")) == [Ring("tom", "c1")]
    assert floor.state("amy") == "talking"  # for as long as her channel is there
    gone(floor, "amy")
    assert floor.state("amy") == "idle"
    floor.answers("tom", "c1")
    assert (states(floor), last(floor)["receiver"]) == (["asked", "completed"], "tom")
    assert last(floor)["note"] == "can't log in"
    floor.wait(seconds=30)
    floor.tell(CallerHungUp("c1"))
    ended = floor.rows(Kind.ENDED)[0].detail
    assert (ended["ending"], ended["wait_s"], ended["talk_s"]) == ("answered", 0.0, 90.0)
    assert [row.detail["by"] for row in floor.rows(Kind.TALK_ENDED)] == ["transfer", "caller"]


def test_the_first_agent_wraps_up_as_after_any_talk_and_then_gets_the_next_caller():
    floor = desks(wrap_up_s=30)
    floor.tell(AgentLoggedOut("bob"), CallArrived("c2", "139"), CallQueued("c2", "billing"))
    floor.tell(cold("agent", "tom"))
    floor.wait(seconds=0.002)
    assert (gone(floor, "amy"), floor.state("amy")) == ([], "wrap-up")
    floor.answers("tom", "c1")
    assert floor.wait(seconds=29) == []
    assert floor.wait(seconds=1) == [Ring("amy", "c2")]
    assert [
        row.detail["lasted_s"] for row in floor.rows(Kind.AGENT_STATE, agent="amy") if row.detail["was"] == "talking"
    ] == [60.002]


def test_a_channel_whose_end_is_not_told_frees_its_agent_all_the_same():
    floor = desks()
    floor.tell(cold("agent", "tom"))
    floor.rings("tom", "c1")
    floor.wait(seconds=2)
    assert floor.state("amy") == "idle"


def test_to_a_queue_with_somebody_free_it_is_one_redirect_and_the_place_is_kept():
    floor = desks()
    asked = floor.about_call("c1")["place_s"]
    assert floor.tell(cold("queue", "support")) == [Ring("tim", "c1")]
    assert floor.about_call("c1")["place_s"] == asked


def test_to_a_queue_where_all_are_busy_he_waits_at_his_old_place():
    floor = desks()
    for call, agent in (("c2", "tim"), ("c3", "tom")):
        floor.tell(CallArrived(call, "139"), CallQueued(call, "support"))
        floor.answers(agent, call)
    floor.tell(CallArrived("c4", "137"), CallQueued("c4", "support"))
    assert floor.tell(cold("queue", "support")) == [Sent("c1", "waiting")]
    floor.wait(seconds=10)
    assert floor.about_call("c1")["position"] == 1  # c4 came after him
    assert floor.tell(CallerHungUp("c3")) == [Ring("tom", "c1")]


def test_to_a_skill_whoever_has_it_is_asked_whatever_queue_he_serves():
    floor = desks()
    assert floor.tell(cold("skill", "refund")) == [Ring("tim", "c1")]


def test_to_an_outside_number():
    floor = desks()
    assert floor.tell(cold("number", "02155550000")) == [Sent("c1", "number", "02155550000")]
    gone(floor, "amy")
    floor.tell(CallSentOn("c1"))
    assert states(floor) == ["asked", "completed"]
    floor.tell(CallerHungUp("c1"))
    ended = floor.rows(Kind.ENDED)[0].detail
    assert (ended["ending"], ended["wait_s"], ended["within_target"]) == ("answered", 0.0, True)


def test_an_outside_number_that_does_not_answer_gives_the_caller_back_to_the_first_agent():
    floor = desks()
    floor.tell(cold("number", "02155550000"))
    gone(floor, "amy")
    assert floor.tell(CallReturned("c1", "busy")) == [Ring("amy", "c1")]
    assert (last(floor)["state"], last(floor)["why"], last(floor)["returned_to"]) == ("failed", "busy", "first agent")


def test_three_rings_in_vain_and_the_first_agent_has_him_back():
    floor = desks()
    floor.tell(cold("agent", "tom"))
    gone(floor, "amy")
    floor.rings("tom", "c1")
    assert floor.wait(rings=3) == [Ring("amy", "c1", instead_of="tom")]
    assert floor.rows(Kind.OFFERED)[-1].detail["rule"] == "the transfer came to nothing: gets his caller back"
    assert floor.about_agent("tom")["reason"] == "ring no answer"


def test_a_rejection_with_the_first_agent_busy_by_now_puts_him_at_the_head_of_his_queue():
    floor = desks()
    floor.tell(AgentLoggedOut("bob"))
    floor.tell(cold("agent", "tom"))
    floor.tell(CallArrived("c2", "139"), CallQueued("c2", "billing"))
    assert gone(floor, "amy") == [Ring("amy", "c2")]
    floor.answers("amy", "c2")
    floor.tell(CallArrived("c3", "137"), CallQueued("c3", "billing"))
    floor.tell(OfferFailed("tom", "c1", floor.offer("c1"), "rejected"))
    assert (last(floor)["returned_to"], floor.about_call("c1")["position"]) == ("queue", 1)
    assert floor.tell(CallerHungUp("c2")) == [Ring("amy", "c1")]


@pytest.mark.parametrize("told_first", ["the end of the first agent's channel", "the rejection"])
def test_a_caller_whom_the_receiver_rejects_comes_back_to_a_first_agent_who_wraps_this_call_up(told_first: str):
    floor = desks(wrap_up_s=30)
    floor.tell(AgentLoggedOut("bob"), cold("agent", "tom"))
    floor.rings("tom", "c1")
    rejected = OfferFailed("tom", "c1", floor.offer("c1"), "rejected")
    if told_first == "the rejection":
        assert floor.tell(rejected) == []
        assert gone(floor, "amy") == [Ring("amy", "c1")]
    else:
        gone(floor, "amy")
        floor.wait(seconds=5)
        assert (floor.state("amy"), floor.tell(rejected)) == ("wrap-up", [Ring("amy", "c1")])
    assert last(floor)["returned_to"] == "first agent"
    floor.answers("amy", "c1")
    floor.wait(seconds=60)
    floor.tell(CallerHungUp("c1"))
    assert floor.state("amy") == "wrap-up"


def test_the_wrap_up_of_another_call_is_not_broken_off_by_a_caller_who_comes_back():
    floor = desks(wrap_up_s=30)
    floor.tell(AgentLoggedOut("bob"), CallArrived("c2", "139"), CallQueued("c2", "billing"))
    floor.tell(cold("agent", "tom"))
    gone(floor, "amy")
    assert floor.tell(WrapUpEnded("amy")) == [Ring("amy", "c2")]
    floor.answers("amy", "c2")
    floor.wait(seconds=10)
    floor.tell(CallerHungUp("c2"))
    assert floor.state("amy") == "wrap-up"
    floor.tell(OfferFailed("tom", "c1", floor.offer("c1"), "rejected"))
    assert (last(floor)["returned_to"], floor.state("amy")) == ("queue", "wrap-up")


def test_a_queue_whose_last_agent_goes_home_gives_him_back():
    floor = desks()
    for call, agent in (("c2", "tim"), ("c3", "tom")):
        floor.tell(CallArrived(call, "139"), CallQueued(call, "support"))
        floor.answers(agent, call)
    floor.tell(cold("queue", "support"))
    gone(floor, "amy")
    for agent, call in (("tim", "c2"), ("tom", "c3")):
        floor.tell(AgentLoggedOut(agent), CallerHungUp(call))
    assert (last(floor)["state"], last(floor)["why"]) == ("failed", "nobody is staffed")
    assert floor.about_call("c1")["agent"] == "amy"


def test_a_caller_who_gives_up_meanwhile_was_answered_and_nobody_rings_on():
    floor = desks()
    floor.tell(cold("agent", "tom"))
    gone(floor, "amy")
    floor.rings("tom", "c1")
    floor.tell(CallerHungUp("c1"))
    assert (states(floor), floor.state("tom")) == (["asked", "caller left"], "idle")
    assert floor.rows(Kind.ENDED)[0].detail["ending"] == "answered"


def test_five_times_in_a_row():
    floor = desks()
    there = [("tom", "agent", "tom", "1"), ("tim", "skill", "refund", "2"), ("bob", "agent", "bob", "2")]
    first, offer = "amy", "c1-1"
    for receiver, kind, to, key in there:
        assert floor.tell(cold(kind, to, REASONS[key], first)) == [Ring(receiver, "c1")]
        gone(floor, first, offer)
        floor.answers(receiver, "c1")
        floor.wait(seconds=10)
        first, offer = receiver, floor.offer("c1")
    floor.tell(CallerHungUp("c1"))
    assert states(floor) == ["asked", "completed"] * 3
    talks = {row.agent: row.detail["talk_s"] for row in floor.rows(Kind.TALK_ENDED)}
    assert talks == {"amy": 60.0, "tom": 10.0, "tim": 10.0, "bob": 10.0}
    assert floor.rows(Kind.ENDED)[0].detail["talk_s"] == 90.0


def refused(floor: Floor, event: TransferRequested) -> str:
    found = floor.acd.refusal(event)
    assert found is not None
    assert floor.tell(event) == []
    assert (states(floor)[-1], floor.state("amy")) == ("refused", "talking")
    assert last(floor)["why"] == found.sentence
    return found.code


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (cold("agent", "tom", ""), "no-reason"),
        (cold("agent", "tom", "weather"), "unknown-reason"),
        (cold("agent", "zoe"), "unknown-target"),
        (cold("queue", "lost"), "unknown-target"),
        (cold("skill", "juggling"), "unknown-target"),
        (cold("agent", "amy"), "oneself"),
        (cold("number", "00441234"), "not-allowed"),
        (cold("agent", "tom", agent="bob"), "not-yours"),
        (replace(cold("agent", "tom"), call="c9"), "no-such-call"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(event, code):
    floor = desks()
    found = floor.acd.refusal(event)
    assert found is not None and found.code == code and found.sentence.endswith(".")
    assert floor.tell(event) == [] and floor.state("amy") == "talking"
    assert floor.rows(Kind.TRANSFER)[-1].detail["state"] == "refused"


def test_a_receiver_who_is_not_idle_an_unstaffed_queue_and_a_second_wish_are_refused():
    floor = desks()
    floor.tell(AgentLoggedOut("tom"))
    assert refused(floor, cold("agent", "tom")) == "not-available"
    floor.tell(AgentLoggedOut("tim"))
    assert refused(floor, cold("queue", "support")) == "not-staffed"
    floor.tell(AgentReady("tim"))
    floor.tell(cold("agent", "tim"))
    for wish in (cold("agent", "bob"), cold("agent", "bob", agent="")):
        found = floor.acd.refusal(wish)
        assert found is not None and found.code == "under-way"
        assert found.words == {"agent": "amy", "at": floor.now.isoformat()}


@pytest.mark.parametrize("wish", [HoldAsked("c1", "amy"), RetrieveAsked("c1", "amy")])
def test_who_is_consulted_about_is_neither_held_nor_retrieved_and_it_is_said_who_began_it(wish):
    floor = desks()
    floor.tell(replace(cold("agent", "tom"), warm=True))
    found = floor.acd.refusal(wish)
    assert found is not None and (found.code, found.words["agent"]) == ("under-way", "amy")


def test_one_call_is_shown_as_the_floor_shows_it():
    floor = desks()
    floor.tell(cold("agent", "tom"))
    assert floor.acd.call("c1", floor.now) == floor.acd.snapshot(floor.now)["calls"][0]
    assert floor.acd.call("c9", floor.now) is None


def test_back_to_who_handed_it_over_for_the_same_reason_is_a_circle():
    floor = desks()
    floor.tell(cold("agent", "tom"))
    gone(floor, "amy")
    floor.answers("tom", "c1")
    found = floor.acd.refusal(cold("agent", "amy", agent="tom"))
    assert found is not None and found.code == "circle"
    assert floor.acd.refusal(cold("agent", "amy", "complaint", agent="tom")) is None


def test_what_needs_a_tier_goes_to_that_tier_or_a_higher_one():
    floor = desks(escalations=(Escalation("refund", 2, over=50.0),))
    assert floor.acd.refusal(cold("agent", "tom", amount=50.0)) is None
    found = floor.acd.refusal(cold("agent", "tom", amount=60.0))
    assert found is not None and (found.code, found.words) == ("tier", {"needs": 2, "has": 1})
    assert floor.acd.refusal(cold("agent", "tim", amount=60.0)) is None
    unknown = floor.acd.refusal(cold("agent", "tom"))
    assert unknown is not None and unknown.code == "tier", "an amount that is not told is none that is small enough"


@pytest.mark.parametrize(("kind", "to"), [("queue", "support"), ("skill", "support")])
@pytest.mark.parametrize("warm", [False, True])
def test_a_queue_or_skill_asks_for_the_tier_too(kind: Any, to: str, warm: bool):
    floor = desks(escalations=(Escalation("refund", 2, over=50.0),))
    floor.tell(AgentNotReady("tim", "break"))
    floor.tell(cold(kind, to, amount=60.0, warm=warm))
    assert not floor.rows(Kind.OFFERED, agent="tom"), "tom is idle and may not decide it"
    if warm:
        assert last(floor)["code"] == "nobody-free"
        floor.tell(AgentReady("tim"), cold(kind, to, amount=60.0, warm=True))
    else:
        gone(floor, "amy")
        floor.tell(AgentReady("tim"))
    assert [row.agent for row in floor.rows(Kind.OFFERED, call="c1")] == ["amy", "tim"]


def test_nobody_of_the_tier_logged_in_is_said_at_once():
    floor = desks(escalations=(Escalation("refund", 2),))
    floor.tell(AgentLoggedOut("tim"))
    for kind, to in (("queue", "support"), ("skill", "support")):
        found = floor.acd.refusal(cold(kind, to))
        assert found is not None and (found.code, found.words) == ("tier", {"needs": 2, "has": 1})
    assert floor.acd.refusal(cold("queue", "support", "complaint")) is None


def test_the_tier_is_needed_until_another_transfer_and_no_longer_where_it_fails():
    floor = desks(escalations=(Escalation("refund", 2),))
    floor.tell(cold("queue", "support"))
    gone(floor, "amy")
    floor.tell(AgentLoggedOut("tim"))  # nobody who may decide it is left: the caller goes back
    assert last(floor)["state"] == "failed"
    assert {row.agent for row in floor.rows(Kind.OFFERED, call="c1")} <= {"amy", "bob", "tim"}


def test_a_checkpoint_keeps_the_tier():
    floor = desks(escalations=(Escalation("refund", 2),))
    floor.tell(AgentNotReady("tim", "break"), cold("queue", "support"))
    gone(floor, "amy")
    state = Acd.restore(json.loads(json.dumps(floor.acd.checkpoint())))._state
    assert (state.calls["c1"].handed_tier, state.calls["c1"].line.ask.tier) == (2, 2)


def test_an_outside_number_receives_what_its_tier_allows():
    floor = desks(escalations=(Escalation("refund", 3),), transfer_number_tiers={"02155550000": 2})
    found = floor.acd.refusal(cold("number", "02155550000"))
    assert found is not None and (found.code, found.words) == ("tier", {"needs": 3, "has": 2})
    higher = desks(escalations=(Escalation("refund", 2),), transfer_number_tiers={"02155550000": 2})
    assert higher.acd.refusal(cold("number", "02155550000")) is None


def test_an_agent_of_another_tier_by_configuration_serves_at_once():
    floor = desks(escalations=(Escalation("refund", 2),))
    floor.tell(AgentNotReady("tim", "break"), cold("queue", "support"))
    gone(floor, "amy")
    profiles = [replace(each, tier=2) if each.agent == "tom" else each for each in floor.profiles]
    rules = floor.acd._state.rules
    floor.tell(ConfigChanged(tuple(floor.acd._state.queues.values()), tuple(profiles), rules, 2, "operator"))
    assert floor.rows(Kind.OFFERED, call="c1")[-1].agent == "tom"


def test_who_has_the_caller_on_hold_by_page_hands_him_over_and_his_own_channel_is_hung_up():
    floor = desks()
    floor.tell(HoldAsked("c1", "amy"))
    before = len(floor.commands)
    floor.tell(cold("queue", "support"))
    deeds = [deed for deed in floor.commands[before:] if isinstance(deed, HangUp | Offer | SendTo)]
    assert [type(deed) for deed in deeds] == [HangUp, Offer]
