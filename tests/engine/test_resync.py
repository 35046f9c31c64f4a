"""Asterisk lost and found again, and the engine started again in the middle of a day."""

import json

import pytest

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedOut,
    AgentReady,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    ConfigChanged,
    PbxFound,
    PbxLost,
    TimePassed,
)
from acd.engine.model import Queue
from acd.engine.pbx_report import FoundCall
from acd.engine.recovery.checkpoint import CheckpointOfAnotherFormat
from tests.engine.support.floor import Back, Floor, Ring, billing_floor


def found(*calls: FoundCall, restarted: bool = False) -> PbxFound:
    return PbxFound(calls, restarted)


def ending(floor: Floor, call: str) -> str:
    (row,) = floor.rows(Kind.ENDED, call=call)
    return str(row.detail["ending"])


def test_nothing_is_offered_while_asterisk_is_lost_and_everything_when_it_is_back():
    floor = billing_floor()
    assert floor.tell(PbxLost("link cut"), CallQueued("c1", "billing"), CallQueued("c2", "billing")) == []
    assert floor.acd.snapshot(floor.now)["pbx"] is False
    floor.wait(seconds=20)
    calls = [FoundCall(name, "waiting", queue="billing", waiting_for_s=20) for name in ("c2", "c1")]
    assert floor.tell(found(*calls)) == [Ring("amy", "c1"), Ring("bob", "c2")]


def test_no_deadline_of_an_offer_runs_while_nothing_can_be_heard_of_it():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.wait(seconds=10)
    floor.tell(PbxLost("link cut"))
    assert floor.wait(seconds=60) == []
    assert floor.tell(found(FoundCall("c1", "ringing", agent="amy", offer="c1-1"))) == []
    assert floor.wait(seconds=14.9) == []
    assert floor.wait(seconds=0.1) == [Ring("bob", "c1", instead_of="amy")]


def test_an_offer_that_was_answered_meanwhile_is_a_talk():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.tell(PbxLost("link cut"), found(FoundCall("c1", "talking", agent="amy", offer="c1-1")))
    assert floor.state("amy") == "talking"
    floor.wait(seconds=9)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent"), CallerHungUp("c1"))
    assert ending(floor, "c1") == "answered"


def test_an_offer_whose_caller_is_found_waiting_is_over_and_he_is_offered_again():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.tell(PbxLost("link cut"))
    assert floor.tell(found(FoundCall("c1", "waiting", queue="billing"))) == [Ring("amy", "c1")]
    assert floor.story("c1") == ["queued", "taken back"]


def test_an_offer_just_made_is_not_undone_by_a_list_that_is_older():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    assert floor.tell(found(FoundCall("c1", "waiting", queue="billing"))) == []
    assert floor.state("amy") == "ringing"


@pytest.mark.parametrize("restarted", [False, True])
def test_calls_that_are_gone_end_as_lost_or_as_answered_if_they_talked(restarted):
    floor = billing_floor()
    floor.tell(CallArrived("c0", "unknown"), CallQueued("c1", "billing"), CallQueued("c2", "billing"))
    floor.tell(CallQueued("c3", "billing"))
    floor.answers("amy", "c1")
    floor.rings("bob", "c2")
    floor.wait(seconds=12)
    floor.tell(PbxLost("crash"))
    floor.wait(seconds=5)
    floor.tell(found(restarted=restarted))
    # A crash cuts a talk as a lost line does; of one whose end was only not heard nobody knows that it was cut.
    talked = "lost" if restarted else "answered"
    assert [ending(floor, call) for call in ("c0", "c1", "c2", "c3")] == ["lost", talked, "lost", "lost"]
    assert (floor.state("amy"), floor.state("bob")) == ("wrap-up", "idle")
    assert floor.rows(Kind.TALK_ENDED)[0].detail == {"talk_s": 12.0 if restarted else 17.0, "by": "lost"}


def test_a_call_nobody_knew_is_taken_up_with_its_place_and_its_time():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c0", "billing"), PbxLost("started again"), CallQueued("c2", "billing"))
    floor.tell(CallerHungUp("c0"))
    strange = FoundCall("c1", "waiting", "13800001111", "95001", "billing", (), "zh", waiting_for_s=40)
    assert floor.tell(found(strange, FoundCall("c2", "waiting", queue="billing"))) == [Ring("amy", "c1")]
    call = floor.about_call("c1")
    assert call is not None
    assert (call["caller"], call["waited_s"]) == ("13800001111", 40.0)


def test_who_talks_by_the_fallback_queue_is_left_and_who_waits_in_it_is_taken_up():
    floor = billing_floor()
    talks = FoundCall("c1", "fallback", queue="billing", agent="amy", waiting_for_s=50)
    waits = FoundCall("c2", "fallback", queue="billing", waiting_for_s=30)
    assert floor.tell(PbxLost("started"), found(talks, waits)) == [Ring("bob", "c2")]
    assert floor.state("amy") == "talking"
    floor.wait(seconds=30)
    floor.tell(BridgeEnded("amy", "c1", "", "agent"), CallerHungUp("c1"))
    assert ending(floor, "c1") == "answered"
    assert floor.state("amy") == "wrap-up"


def test_the_fallback_queue_may_connect_a_caller_after_the_list_was_made():
    floor = billing_floor("amy")
    floor.tell(PbxLost("started"), AgentLoggedOut("amy"))
    floor.tell(found(FoundCall("c1", "fallback", queue="billing")), CallBridged("amy", "c1", ""))
    assert floor.state("amy") == "talking"


def test_a_call_that_talks_with_somebody_unknown_is_left_alone():
    floor = billing_floor()
    assert floor.tell(PbxLost("started"), found(FoundCall("c1", "talking", queue="billing", agent="7777"))) == []
    assert floor.about_call("c1")["stage"] == "talking"
    floor.tell(CallerHungUp("c1"))
    assert ending(floor, "c1") == "answered"


def test_an_offers_number_is_not_used_twice_by_an_engine_that_has_forgotten_it():
    floor = billing_floor()
    floor.tell(PbxLost("started"))
    ringing = FoundCall("c1", "ringing", queue="billing", agent="amy", offer="c1-3")
    assert floor.tell(found(ringing)) == [Ring("amy", "c1")]
    assert floor.offers["c1-4"].supersedes == "c1-3"


def test_a_phone_that_rings_for_an_offer_we_know_to_be_over_is_stopped():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.tell(PbxLost("link cut"))
    assert floor.tell(AgentLoggedOut("amy")) == []
    assert floor.tell(found(FoundCall("c1", "ringing", agent="amy", offer="c1-1"))) == [Back("amy", "c1")]


def test_with_the_phone_up_it_is_not_stopped_by_a_list():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"), AgentAnswered("amy", "c1", "c1-1"))
    floor.wait(seconds=30)
    assert floor.tell(found(FoundCall("c1", "connecting", agent="amy", offer="c1-1"))) == []


def test_reconciling_twice_changes_nothing():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"), CallQueued("c2", "billing"), CallQueued("c3", "billing"))
    floor.answers("bob", "c2")
    floor.tell(PbxLost("link cut"))
    event = found(
        FoundCall("c1", "ringing", agent="amy", offer="c1-1"),
        FoundCall("c3", "waiting", queue="billing"),
        FoundCall("c4", "menu"),
    )
    floor.tell(event)
    before = floor.acd.snapshot(floor.now)
    assert floor.tell(event) == []
    assert floor.acd.snapshot(floor.now) == before


def test_a_call_that_is_over_is_not_woken_by_an_old_list():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"), CallerHungUp("c1"), found(FoundCall("c1", "waiting", queue="billing")))
    assert floor.about_call("c1") is None


def test_a_talk_that_ended_while_nobody_listened_ends():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=60)
    floor.tell(PbxLost("link cut"), found(FoundCall("c1", "after")))
    assert floor.state("amy") == "wrap-up"
    floor.tell(CallerHungUp("c1"))
    assert ending(floor, "c1") == "answered"


def test_a_taken_back_offer_that_talks_after_all_goes_on_under_its_own_name():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.wait(rings=3)
    floor.tell(PbxLost("link cut"))
    floor = restarted(floor)
    floor.tell(found(FoundCall("c1", "talking", queue="billing", agent="amy", offer="c1-1")))
    assert floor.state("amy") == "talking"
    assert floor.about_call("c1")["offer"] == "c1-1"


def test_an_answer_that_crosses_a_restart_is_known_for_what_it_is():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.wait(rings=3)
    floor = restarted(floor)
    floor.tell(AgentAnswered("amy", "c1", "c1-1"))
    assert floor.state("amy") == "idle"


def restarted(floor: Floor) -> Floor:
    """The same floor, its engine made anew from a checkpoint that went through a file."""
    other = Floor(floor.queues, {}, floor.rules)
    other.acd = Acd.restore(json.loads(json.dumps(floor.acd.checkpoint())))
    other.now, other.offers = floor.now, dict(floor.offers)
    return other


def test_an_engine_started_again_goes_on_where_it_was():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.wait(seconds=7)
    again = restarted(floor)
    assert again.wait(seconds=8) == [Ring("bob", "c1", instead_of="amy")]


def test_the_first_event_after_a_restart_may_be_the_list_of_calls():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"), CallQueued("c2", "billing"), CallQueued("c3", "billing"))
    floor.tell(AgentDialled("amy", "c1", "c1-1"))
    floor.answers("bob", "c2")
    again = restarted(floor)
    again.now = floor.now.replace(minute=30)
    deeds = again.tell(
        found(
            FoundCall("c1", "ringing", agent="amy", offer="c1-1"),
            FoundCall("c2", "talking", agent="bob", offer="c2-1"),
            FoundCall("c3", "waiting", queue="billing"),
        )
    )
    assert deeds == []
    assert (again.state("amy"), again.state("bob")) == ("ringing", "talking")


def test_an_agent_who_is_new_since_the_checkpoint_is_there():
    floor = Floor([Queue("billing")], {"amy": ()})
    floor.tell(TimePassed())
    kept = floor.acd.checkpoint()
    again = Floor([Queue("billing")], {"amy": (), "bob": ()})
    again.acd = Acd.restore(kept)
    again.tell(ConfigChanged(tuple(again.queues), tuple(again.profiles), again.rules), AgentReady("bob"))
    assert again.state("bob") == "idle"


def test_a_checkpoint_of_another_format_is_refused_with_what_to_do():
    with pytest.raises(CheckpointOfAnotherFormat, match="start without it"):
        Acd.restore({"format": 0})
