"""Warm transfers: consult, complete, take back, decline, three in one talk; who goes when; and the caller on hold."""

from typing import Any

import pytest

from acd.engine.commands import Consult, HangUp, Hold, Join, Kind, Log, Outcome, ThreeWay
from acd.engine.events import (
    AgentAnswered,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    OfferFailed,
    PbxFound,
    PbxLost,
    TimePassed,
)
from acd.engine.found import FoundCall
from acd.engine.transfer_events import (
    AttendedTransferred,
    CallHeld,
    CallRetrieved,
    CardWritten,
    ConsultBegan,
    ConsultDialled,
    ConsultEnded,
    HoldAsked,
    MuteAsked,
    RetrieveAsked,
    ThreeWayAsked,
    TransferCoded,
    TransferCompleted,
    TransferDeclined,
    TransferDialled,
    TransferExplained,
    TransferKeyed,
    TransferTakenBack,
)
from tests.engine.test_transfers import cold, desks, gone, last, states
from tests.floor import Floor


def tell(floor: Floor, *events: Any) -> list[Any]:
    """Every deed that the engine wishes for, as it wishes."""
    before = len(floor.commands)
    floor.tell(*events)
    return [command for command in floor.commands[before:] if not isinstance(command, Log)]


def consulting(floor: Floor, after_s: float = 20) -> Floor:
    """Amy has asked tom, and they have talked for so long; the caller is on hold."""
    tell(floor, cold("agent", "tom", warm=True))
    tell(floor, AgentRinging("tom", "c1", "c1-2"))
    floor.wait(seconds=5)
    tell(floor, AgentAnswered("tom", "c1", "c1-2"), ConsultBegan("c1", "tom", "c1-2"))
    floor.wait(seconds=after_s)
    return floor


def lasted(floor: Floor, agent: str) -> dict[str, float]:
    """State to the seconds that the agent was in it, as the rows tell."""
    told: dict[str, float] = {}
    for row in floor.rows(Kind.AGENT_STATE, agent=agent):
        told[str(row.detail["was"])] = told.get(str(row.detail["was"]), 0.0) + row.detail["lasted_s"]
    return told


def test_the_receiver_is_rung_and_the_caller_is_on_hold():
    floor = desks()
    assert tell(floor, cold("agent", "tom", warm=True)) == [
        Consult("c1", "amy", "c1-1", "tom", "c1-2", "billing", "13800001111")
    ]
    assert (floor.state("amy"), floor.state("tom")) == ("consult", "ringing")
    assert floor.about_call("c1")["held"] == "consult"
    consulting_now = tell(floor, AgentAnswered("tom", "c1", "c1-2"), ConsultBegan("c1", "tom", "c1-2"))
    assert (consulting_now, floor.state("tom"), floor.about_agent("tom")["consults"]) == ([], "consult", "c1")


def test_completed_the_receiver_has_the_caller_and_all_times_add_up():
    floor = consulting(desks())
    assert tell(floor, TransferCompleted("c1")) == [Join("c1", "tom", "c1-2", begins=True)]
    tell(floor, CallBridged("tom", "c1", "c1-2"), BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert (floor.state("amy"), floor.state("tom")) == ("idle", "talking")
    floor.wait(seconds=30)
    tell(floor, CallerHungUp("c1"))
    amy, tom = (row.detail for row in floor.rows(Kind.TALK_ENDED))
    assert (amy["talk_s"], amy["consult_s"], amy["hold_s"], amy["recorded_s"]) == (60.0, 25.0, 0.0, 60.0)
    assert amy["spans"] == [{"kind": "consult", "from_s": 60.0, "to_s": 60.0, "lasted_s": 25.0}]
    assert tom["talk_s"] == 30.0
    assert lasted(floor, "amy")["consult"] == 25.0 and lasted(floor, "tom") == {
        "logged out": 3.0,
        "idle": 61.0,
        "ringing": 5.0,
        "consult": 20.0,
        "talking": 30.0,
    }
    assert states(floor) == ["asked", "consulting", "completed"]


def test_completed_while_the_phone_still_rings_it_is_a_cold_one():
    floor = desks()
    tell(floor, cold("agent", "tom", warm=True), AgentRinging("tom", "c1", "c1-2"))
    assert [type(deed).__name__ for deed in tell(floor, TransferCompleted("c1"))] == ["HangUp", "Offer"]
    gone(floor, "amy")
    floor.answers("tom", "c1")
    assert (states(floor), floor.state("amy")) == (["asked", "sent on", "completed"], "idle")


def test_taken_back_the_first_agent_goes_on_and_her_leg_too():
    floor = consulting(desks())
    assert tell(floor, TransferTakenBack("c1")) == [
        HangUp("c1", "tom", "c1-2"),
        Join("c1", "amy", "c1-1", begins=False),
    ]
    tell(floor, CallRetrieved("c1", "amy"), BridgeEnded("tom", "c1", "c1-2", "agent"))
    assert (floor.state("amy"), floor.state("tom")) == ("talking", "idle")
    floor.wait(seconds=10)
    tell(floor, CallerHungUp("c1"))
    (amy,) = (row.detail for row in floor.rows(Kind.TALK_ENDED))
    assert (amy["talk_s"], amy["recorded_s"], states(floor)[-1]) == (70.0, 70.0, "taken back")
    assert floor.rows(Kind.OFFER_ENDED, agent="tom")[0].detail["outcome"] == Outcome.CONSULTED
    assert floor.rows(Kind.CONSULT_ENDED)[0].detail == {"first": "amy", "consult_s": 20.0, "recorded_s": 20.0}


def test_declined_with_a_reason():
    floor = consulting(desks())
    assert floor.acd.refusal(TransferDeclined("c1", "tim", "no")) is not None
    tell(floor, TransferDeclined("c1", "tom", "not mine"), CallRetrieved("c1", "amy"))
    assert (last(floor)["state"], last(floor)["why"], last(floor)["returned_to"]) == (
        "declined",
        "not mine",
        "first agent",
    )


@pytest.mark.parametrize("reason", ["rejected", "busy", "unreachable"])
def test_a_receiver_who_does_not_take_it(reason):
    floor = desks()
    tell(floor, cold("agent", "tom", warm=True))
    assert tell(floor, OfferFailed("tom", "c1", "c1-2", reason)) == [Join("c1", "amy", "c1-1", begins=False)]
    tell(floor, CallRetrieved("c1", "amy"))
    assert (floor.state("amy"), last(floor)["why"]) == ("talking", reason)


def test_a_receiver_who_is_silent_for_three_rings():
    floor = desks()
    tell(floor, cold("agent", "tom", warm=True), AgentRinging("tom", "c1", "c1-2"))
    before = len(floor.commands)
    floor.wait(rings=3)
    assert Join("c1", "amy", "c1-1", begins=False) in floor.commands[before:]
    assert floor.about_agent("tom")["reason"] == "ring no answer"


def test_three_in_one_talk_and_the_first_agent_goes():
    floor = consulting(desks())
    assert tell(floor, ThreeWayAsked("c1")) == [ThreeWay("c1", "amy", "c1-1", "tom", "c1-2")]
    tell(floor, CallRetrieved("c1", "amy"))
    assert (floor.state("amy"), floor.state("tom"), floor.about_call("c1")["held"]) == (
        "talking",
        "consult",
        "three-way",
    )
    floor.wait(seconds=15)
    assert Join("c1", "tom", "c1-2", begins=True) in tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert floor.state("amy") == "idle"
    tell(floor, CallBridged("tom", "c1", "c1-2"))
    amy = floor.rows(Kind.TALK_ENDED)[0].detail
    assert (amy["talk_s"], [span["kind"] for span in amy["spans"]]) == (75.0, ["consult", "three-way"])
    assert states(floor) == ["asked", "consulting", "three-way", "completed"]


def test_three_in_one_talk_and_the_receiver_goes():
    floor = consulting(desks())
    tell(floor, ThreeWayAsked("c1"), CallRetrieved("c1", "amy"))
    floor.wait(seconds=15)
    assert tell(floor, BridgeEnded("tom", "c1", "c1-2", "agent")) == [Join("c1", "amy", "c1-1", begins=False)]
    tell(floor, CallRetrieved("c1", "amy"))
    assert (floor.state("amy"), floor.state("tom"), floor.about_call("c1")["held"]) == ("talking", "idle", None)


def test_the_first_agent_hangs_up_in_the_consult_that_is_handing_over():
    floor = consulting(desks())
    assert tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent")) == [Join("c1", "tom", "c1-2", begins=True)]
    assert floor.state("amy") == "idle"
    tell(floor, CallBridged("tom", "c1", "c1-2"))
    assert floor.state("tom") == "talking"


def test_the_first_agent_hangs_up_while_the_receivers_phone_rings():
    floor = desks()
    tell(floor, cold("agent", "tom", warm=True), AgentRinging("tom", "c1", "c1-2"))
    deeds = tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert [type(deed).__name__ for deed in deeds] == ["HangUp", "Offer"]
    floor.answers("tom", "c1")
    assert (floor.state("tom"), last(floor)["state"]) == ("talking", "completed")


def test_the_caller_hangs_up_in_the_consult():
    floor = consulting(desks(wrap_up_s=30))
    assert tell(floor, CallerHungUp("c1")) == [HangUp("c1", "tom", "c1-2"), HangUp("c1", "amy", "c1-1")]
    assert (floor.state("amy"), floor.state("tom"), states(floor)[-1]) == ("wrap-up", "idle", "caller left")


def test_the_caller_hangs_up_in_the_instant_of_completion():
    floor = consulting(desks())
    tell(floor, TransferCompleted("c1"), CallerHungUp("c1"))
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"), BridgeEnded("tom", "c1", "c1-2", "agent"))
    assert (floor.state("amy"), floor.state("tom"), floor.about_call("c1")) == ("idle", "idle", None)


def test_a_join_that_never_happens_puts_the_caller_to_the_head_of_the_queue():
    floor = consulting(desks())
    tell(floor, TransferCompleted("c1"))
    floor.wait(seconds=3)
    assert floor.about_call("c1")["stage"] in ("waiting", "offered") and last(floor)["state"] == "failed"


def test_an_outside_number_is_consulted_and_gets_the_caller():
    floor = desks()
    (consult,) = tell(floor, cold("number", "02155550000", warm=True))
    assert consult == Consult("c1", "amy", "c1-1", number="02155550000")
    tell(floor, ConsultBegan("c1"))
    deeds = tell(floor, TransferCompleted("c1"))
    assert Join("c1", "", "", begins=True) in deeds
    assert floor.about_call("c1")["stage"] == "elsewhere"


def test_an_outside_number_that_is_busy():
    floor = desks()
    tell(floor, cold("number", "02155550000", warm=True))
    assert tell(floor, ConsultEnded("c1", "busy")) == [Join("c1", "amy", "c1-1", begins=False)]


# -- hold --------------------------------------------------------------------------------------------------------------


def test_hold_by_page_is_seen_timed_and_bounded():
    floor = desks()
    assert tell(floor, HoldAsked("c1", "amy")) == [Hold("c1", "amy", "c1-1")]
    assert floor.acd.refusal(HoldAsked("c1", "amy")) is not None
    floor.wait(seconds=45)
    assert [row.detail["state"] for row in floor.rows(Kind.HOLD)] == ["held", "reminder"]
    floor.wait(seconds=75)
    assert floor.rows(Kind.ALARM)[-1].detail["name"] == "caller forgotten on hold"
    assert tell(floor, RetrieveAsked("c1", "amy")) == [Join("c1", "amy", "c1-1", begins=False)]
    tell(floor, CallRetrieved("c1", "amy"))
    floor.wait(seconds=10)
    tell(floor, CallerHungUp("c1"))
    amy = floor.rows(Kind.TALK_ENDED)[0].detail
    assert (amy["talk_s"], amy["hold_s"], amy["recorded_s"]) == (70.0, 120.0, 70.0)
    assert lasted(floor, "amy")["hold"] == 120.0


def test_hold_by_telephone_stays_in_the_recording():
    floor = desks()
    tell(floor, CallHeld("c1", "amy"))
    floor.wait(seconds=10)
    assert floor.state("amy") == "hold"
    refused = floor.acd.refusal(RetrieveAsked("c1", "amy"))
    assert refused is not None and refused.code == "held-by-telephone"
    tell(floor, CallRetrieved("c1", "amy"))
    floor.wait(seconds=5)
    tell(floor, CallerHungUp("c1"))
    amy = floor.rows(Kind.TALK_ENDED)[0].detail
    assert (amy["talk_s"], amy["hold_s"], amy["recorded_s"]) == (65.0, 10.0, 75.0)
    assert amy["spans"] == [{"kind": "hold", "from_s": 60.0, "to_s": 70.0, "lasted_s": 10.0}]


def test_an_agent_who_leaves_a_caller_on_hold_puts_him_to_the_head_of_the_queue():
    floor = desks()
    tell(floor, HoldAsked("c1", "amy"))
    assert [type(deed).__name__ for deed in tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"))] == ["Offer"]
    assert floor.about_call("c1")["agent"] == "bob"


def test_mute_is_told_and_done():
    floor = desks()
    (mute,) = tell(floor, MuteAsked("c1", "amy", True))
    assert (mute.muted, floor.about_call("c1")["muted"]) == (True, True)


# -- by telephone alone ------------------------------------------------------------------------------------------------


def test_a_blind_refer_with_the_key_of_a_reason():
    floor = desks()
    assert tell(floor, TransferDialled("c1", "amy", "tom*1"))[0].agent == "tom"
    gone(floor, "amy")
    assert (last(floor)["reason"], floor.state("amy")) == ("refund", "idle")


def test_a_blind_refer_without_one_is_explained_in_the_wrap_up():
    floor = desks(wrap_up_s=30)
    tell(floor, TransferDialled("c1", "amy", "tom"))
    gone(floor, "amy")
    assert (last(floor)["reason"], floor.state("amy")) == ("by telephone", "wrap-up")
    assert floor.about_agent("amy")["to_explain"] == "c1"
    tell(floor, TransferExplained("c1", "amy", "refund", "was in a hurry"))
    assert (last(floor)["state"], last(floor)["reason"]) == ("explained", "refund")
    assert floor.acd.refusal(TransferExplained("c1", "amy", "refund")) is not None


@pytest.mark.parametrize("digits", ["", "4711", "amy", "amy*1"])
def test_a_refer_to_nowhere_gives_the_caller_back(digits):
    floor = desks()
    tell(floor, TransferDialled("c1", "amy", digits))
    deeds = tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert [(deed.agent, deed.call) for deed in deeds] == [("amy", "c1")]
    assert (last(floor)["state"], last(floor)["returned_to"]) == ("failed", "first agent")


def test_a_second_line_and_an_attended_refer():
    floor = desks()
    tell(floor, CallHeld("c1", "amy"))
    floor.wait(seconds=3)
    (consult,) = tell(floor, ConsultDialled("amy", "tom*2"))
    assert (consult.second_line, consult.agent) == (True, "tom")
    tell(floor, AgentAnswered("tom", "c1", "c1-2"), ConsultBegan("c1", "tom", "c1-2"))
    floor.wait(seconds=7)
    assert tell(floor, AttendedTransferred("c1", "amy", "c1-2")) == [Join("c1", "tom", "c1-2", begins=True)]
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"), CallBridged("tom", "c1", "c1-2"))
    amy = floor.rows(Kind.TALK_ENDED)[0].detail
    assert (amy["hold_s"], amy["consult_s"], amy["recorded_s"]) == (3.0, 7.0, 70.0)
    assert (last(floor)["reason"], floor.state("amy"), floor.state("tom")) == ("complaint", "idle", "talking")


def test_a_second_line_that_comes_to_nothing_leaves_the_caller_on_hold():
    floor = desks()
    tell(floor, CallHeld("c1", "amy"), ConsultDialled("amy", "tom"))
    assert tell(floor, OfferFailed("tom", "c1", "c1-2", "busy")) == []
    assert (floor.state("amy"), floor.about_call("c1")["held"]) == ("hold", "hold")
    tell(floor, CallRetrieved("c1", "amy"))
    assert floor.state("amy") == "talking"


def test_an_attended_refer_while_the_receiver_still_rings():
    floor = desks()
    tell(floor, CallHeld("c1", "amy"), ConsultDialled("amy", "tom"), AgentRinging("tom", "c1", "c1-2"))
    deeds = tell(floor, AttendedTransferred("c1", "amy", "c1-2"))
    assert [type(deed).__name__ for deed in deeds] == ["HangUp", "Offer"]


@pytest.mark.parametrize("digits", ["4711", "amy", "zoe"])
def test_what_an_agent_cannot_dial_is_refused_at_his_telephone(digits):
    floor = desks()
    assert tell(floor, ConsultDialled("amy", "tom"))[0].why == "no-caller"
    tell(floor, CallHeld("c1", "amy"))
    assert [type(deed).__name__ for deed in tell(floor, ConsultDialled("amy", digits))] == ["Refuse"]


def test_a_feature_code_asks_for_target_and_reason():
    floor = desks()
    assert type(tell(floor, TransferKeyed("c1", "amy"))[0]).__name__ == "AskTransfer"
    assert floor.state("amy") == "hold"
    deeds = tell(floor, TransferCoded("c1", "amy", "tom", "1"))
    assert [type(deed).__name__ for deed in deeds] == ["HangUp", "Offer"]
    gone(floor, "amy")
    assert (last(floor)["how"], last(floor)["reason"], floor.state("amy")) == ("code", "refund", "idle")


def test_a_feature_code_without_a_reason_is_refused():
    floor = desks()
    tell(floor, TransferKeyed("c1", "amy"))
    (refuse,) = tell(floor, TransferCoded("c1", "amy", "tom", "9"))
    assert refuse.why == "no-reason"
    assert tell(floor, RetrieveAsked("c1", "amy")) == [Join("c1", "amy", "c1-1", begins=False)]


# -- the matter --------------------------------------------------------------------------------------------------------


def test_a_caller_whose_line_dropped_is_offered_to_the_same_agent_first():
    from datetime import timedelta

    floor = desks(dropped_within=timedelta(minutes=10))
    floor.tell(CallerHungUp("c1", 41))
    floor.wait(seconds=60)
    floor.tell(CallArrived("c2", "13800001111", "95001"), CallQueued("c2", "billing"))
    assert floor.rows(Kind.QUEUED, call="c2")[0].detail["continues"] == "c1"
    assert floor.about_call("c2")["agent"] == "amy"


def test_a_matter_that_is_closed_is_not_gone_on_with():
    from datetime import timedelta

    floor = desks(dropped_within=timedelta(minutes=10))
    floor.tell(CallerHungUp("c1"), CardWritten("c1", "amy", "disposition", {"code": "solved"}))
    floor.tell(CallArrived("c2", "13800001111", "95001"), CallQueued("c2", "billing"))
    assert "continues" not in floor.rows(Kind.QUEUED, call="c2")[0].detail
    assert floor.rows(Kind.CARD)[0].detail == {"by": "amy", "what": "disposition", "code": "solved"}


# -- what resync finds -------------------------------------------------------------------------------------------------


def after_a_gap(floor: Floor, **found: Any) -> list[Any]:
    """The daemon was away; this is how it finds the caller of c1."""
    tell(floor, PbxLost("killed"))
    floor.wait(seconds=1)
    place = found.pop("place", "held")
    facts = {"caller": "13800001111", "queue": "billing", "waiting_for_s": 90.0, **found}
    return tell(floor, PbxFound((FoundCall("c1", place, **facts),)))


def test_found_in_the_consult_nothing_is_done_and_it_goes_on():
    floor = consulting(desks())
    assert after_a_gap(floor, agent="amy", offer="c1-1", consulted="tom", consult_offer="c1-2", consult_up=True) == []
    assert tell(floor, TransferCompleted("c1")) == [Join("c1", "tom", "c1-2", begins=True)]


def test_found_answered_while_we_thought_that_it_rings():
    floor = desks()
    tell(floor, cold("agent", "tom", warm=True), AgentRinging("tom", "c1", "c1-2"))
    after_a_gap(floor, agent="amy", offer="c1-1", consulted="tom", consult_offer="c1-2", consult_up=True)
    assert (floor.state("tom"), states(floor)[-1]) == ("consult", "consulting")


def test_found_on_hold_with_the_receiver_gone_the_first_agent_goes_on():
    floor = consulting(desks())
    assert Join("c1", "amy", "c1-1", begins=False) in after_a_gap(floor, agent="amy", offer="c1-1")
    assert (floor.state("tom"), last(floor)["state"]) == ("idle", "failed")


def test_found_on_hold_with_the_first_agent_gone_the_receiver_gets_him():
    floor = consulting(desks())
    deeds = after_a_gap(floor, consulted="tom", consult_offer="c1-2", consult_up=True)
    assert (deeds, floor.state("amy")) == ([Join("c1", "tom", "c1-2", begins=True)], "idle")


def test_found_on_hold_with_everybody_gone_he_is_first_in_his_queue():
    floor = consulting(desks())
    after_a_gap(floor)
    assert floor.about_call("c1")["stage"] == "offered"


def test_found_with_the_receiver_it_was_completed():
    floor = consulting(desks())
    assert after_a_gap(floor, place="talking", agent="tom", offer="c1-2") == []
    assert (floor.state("amy"), floor.state("tom"), states(floor)[-1]) == ("idle", "talking", "completed")


def test_found_with_the_first_agent_it_was_taken_back():
    floor = consulting(desks())
    assert after_a_gap(floor, place="talking", agent="amy", offer="c1-1") == []
    assert (floor.state("amy"), floor.state("tom"), floor.about_call("c1")["transfer"]) == ("talking", "idle", None)


def test_found_with_the_first_agent_though_handed_over_it_was_not_carried_out():
    floor = desks()
    for call, agent in (("c2", "tim"), ("c3", "tom")):
        floor.tell(CallArrived(call, "139"), CallQueued(call, "support"))
        floor.answers(agent, call)
    tell(floor, cold("queue", "support"), PbxLost("killed"))
    found = [
        FoundCall("c1", "talking", "13800001111", agent="amy", offer="c1-1"),
        FoundCall("c2", "talking", agent="tim", offer="c2-1"),
        FoundCall("c3", "talking", agent="tom", offer="c3-1"),
    ]
    tell(floor, PbxFound(tuple(found)))
    floor.wait(seconds=5)
    assert (floor.state("amy"), last(floor)["state"], floor.about_call("c1")["stage"]) == (
        "talking",
        "failed",
        "talking",
    )


def test_found_twice_is_found_once():
    floor = consulting(desks())
    after_a_gap(floor)
    before = len(floor.commands)
    tell(floor, TimePassed())
    assert floor.commands[before:] == []


def test_a_checkpoint_in_mid_consult_gives_the_same_engine_again():
    import json

    from acd.engine.acd import Acd

    floor = consulting(desks())
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    again = Acd.restore(kept)
    assert again.checkpoint() == floor.acd.checkpoint()
    event = TransferCompleted("c1")
    assert again.handle(event, floor.now) == floor.acd.handle(event, floor.now)
    assert json.loads(json.dumps(again.checkpoint())) == json.loads(json.dumps(floor.acd.checkpoint()))
