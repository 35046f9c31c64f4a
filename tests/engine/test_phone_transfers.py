"""Transfers from the agent's telephone alone: REFER, a second line, feature codes."""

import pytest

from acd.engine.commands import Join, Kind
from acd.engine.events import (
    AgentAnswered,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    OfferFailed,
)
from acd.engine.model import Escalation
from acd.engine.transfer_events import (
    AttendedTransferred,
    CallHeld,
    CallRetrieved,
    ConsultBegan,
    ConsultDialled,
    RetrieveAsked,
    TransferCoded,
    TransferDialled,
    TransferExplained,
    TransferKeyed,
)
from tests.engine.test_consults import tell
from tests.engine.test_transfers import desks, gone, last


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


def test_by_telephone_the_tier_is_asked_for_as_well():
    """No amount can be keyed, so that of a small matter is not known."""
    rows = (Escalation("refund", 2, over=50.0),)
    floor = desks(escalations=rows)
    tell(floor, TransferKeyed("c1", "amy"))
    (refuse,) = tell(floor, TransferCoded("c1", "amy", "tom", "1"))
    assert refuse.why == "tier"
    floor = desks(escalations=rows)
    tell(floor, CallHeld("c1", "amy"))
    assert tell(floor, ConsultDialled("amy", "tom*1"))[0].why == "tier"
    floor = desks(escalations=rows)
    tell(floor, TransferDialled("c1", "amy", "tom*1"))
    gone(floor, "amy")
    assert (last(floor)["state"], last(floor)["returned_to"]) == ("failed", "first agent")


def test_a_transfer_that_turns_out_to_have_needed_a_tier_is_an_alarm():
    floor = desks(wrap_up_s=30, escalations=(Escalation("refund", 2),))
    tell(floor, TransferDialled("c1", "amy", "tom"))
    gone(floor, "amy")
    floor.answers("tom", "c1")
    tell(floor, TransferExplained("c1", "amy", "refund"))
    (alarm,) = floor.rows(Kind.ALARM)
    assert (alarm.detail["name"], alarm.agent) == ("transferred below the tier", "tom")


def test_a_feature_code_without_a_reason_is_refused():
    floor = desks()
    tell(floor, TransferKeyed("c1", "amy"))
    (refuse,) = tell(floor, TransferCoded("c1", "amy", "tom", "9"))
    assert refuse.why == "no-reason"
    assert tell(floor, RetrieveAsked("c1", "amy")) == [Join("c1", "amy", "c1-1", begins=False)]
