"""Warm transfers: consult, complete, take back, decline, three in one talk; who goes when; and the caller on hold."""

from typing import Any

import pytest

from acd.engine.commands import Consult, HangUp, Join, Kind, Log, Outcome, ThreeWay
from acd.engine.events import (
    AgentAnswered,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    OfferFailed,
)
from acd.engine.transfer_events import (
    CallRetrieved,
    ConsultBegan,
    ConsultEnded,
    ThreeWayAsked,
    TransferCompleted,
    TransferDeclined,
    TransferTakenBack,
)
from tests.engine.support.floor import Floor
from tests.engine.test_transfers import cold, desks, gone, last, states


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
    tell(floor, TransferCompleted("c1"))
    hung_up = [(deed.agent, deed.offer) for deed in tell(floor, CallerHungUp("c1")) if isinstance(deed, HangUp)]
    assert sorted(hung_up) == [("amy", "c1-1"), ("tom", "c1-2")]
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
