"""Callers on hold and on their way to somebody else, as resync finds them; a checkpoint in mid-consult."""

from typing import Any

from acd.engine.commands import Join, Kind
from acd.engine.events import (
    AgentRinging,
    CallArrived,
    CallQueued,
    PbxFound,
    PbxLost,
    TimePassed,
)
from acd.engine.pbx_report import FoundCall, Talk
from acd.engine.transfer_events import HoldAsked, TransferCompleted
from tests.engine.support.floor import Floor
from tests.engine.test_consults import consulting, tell
from tests.engine.test_transfers import cold, desks, last, states


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


def test_a_hold_that_the_dialplan_ended_lasted_until_then_and_not_until_somebody_looked():
    floor = desks()
    tell(floor, HoldAsked("c1", "amy"), PbxLost("killed"))
    floor.wait(seconds=30)
    talk = Talk("amy", "c1-1", began_s=95.0, again_s=18.0)
    tell(floor, PbxFound((FoundCall("c1", "talking", "13800001111", agent="amy", offer="c1-1", talk=talk),)))
    assert (floor.state("amy"), floor.rows(Kind.HOLD)[-1].detail["held_s"]) == ("talking", 12.0)


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
