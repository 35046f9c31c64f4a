"""A caller who hangs up and keeps his place: called back when his turn has come."""

from datetime import timedelta
from typing import Any

from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackFailed
from acd.engine.commands import Kind
from acd.engine.events import AgentLoggedOut, AgentReady, CallArrived, CallerHungUp, CallQueued, PbxFound, PbxLost
from acd.engine.model import Overflow, Queue, Rules
from acd.engine.pbx_report import FoundCall, MissedHangup
from tests.engine.support.floor import Dial, Floor, Ring, Sent

OFFER = Overflow("offer-callback", "promised", after=timedelta(seconds=10), within=timedelta(hours=1))


def full_floor(**rules: Any) -> Floor:
    """Amy talks to c0; c1 of 139 waits and has been offered a callback."""
    floor = Floor([Queue("billing", wrap_up=timedelta(0), overflow=(OFFER,))], {"amy": ()}, Rules(**rules))
    floor.staff("amy")
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("amy", "c0")
    floor.tell(CallArrived("c1", "139", "95001"), CallQueued("c1", "billing", language="en"))
    assert floor.wait(seconds=10) == [Sent("c1", "callback")]
    return floor


def taken(**rules: Any) -> Floor:
    """c1 has accepted and hung up."""
    floor = full_floor(**rules)
    floor.tell(CallbackAccepted("c1", "13900002222"), CallerHungUp("c1"))
    return floor


def test_he_hangs_up_and_keeps_his_place_before_those_who_came_later():
    floor = taken()
    floor.tell(CallQueued("c2", "billing"))
    about = floor.about_call("c1")
    assert (about["virtual"], about["position"], about["stage"]) == (True, 1, "waiting")
    assert floor.about_call("c2")["position"] == 2
    assert floor.talk("amy", "c0", 5) == [Dial("c1", "13900002222", "amy")]
    assert floor.state("amy") == "reserved"
    floor.wait(seconds=8)
    assert floor.tell(CallbackAnswered("c1")) == [Ring("amy", "c1")]
    assert floor.talk("amy", "c1", 30) == [Ring("amy", "c2")]
    ended = floor.rows(Kind.ENDED, call="c1")[0].detail
    assert (ended["ending"], ended["callback"], ended["within_target"], ended["talk_s"]) == (
        "answered",
        True,
        False,
        30.0,
    )
    assert floor.story("c1") == [
        "queued", "offer-callback", "callback accepted", "callback calling", "callback answered", "answered",
        "ended: answered",
    ]  # fmt: skip


def test_his_wait_is_not_in_the_speed_of_answer_and_he_is_counted_as_called_back():
    floor = taken()
    floor.wait(seconds=1000)
    floor.talk("amy", "c0", 5)
    floor.tell(CallbackAnswered("c1"))
    floor.talk("amy", "c1", 30)
    total = floor.acd.snapshot(floor.now)["counts"]["total"]
    assert (total["answered"], total["called_back"], total["asa_s"], total["within_target"]) == (2, 1, 0.0, 1)


def test_who_does_not_answer_is_tried_again_after_a_pause_at_his_place_and_no_third_time():
    floor = taken()
    floor.talk("amy", "c0", 5)
    floor.tell(CallbackFailed("c1", "no answer", 19))
    assert floor.state("amy") == "idle"
    assert floor.rows(Kind.OFFER_ENDED, call="c1")[0].detail["outcome"] == "customer not reached"
    floor.tell(CallQueued("c2", "billing"))
    floor.answers("amy", "c2")
    floor.wait(seconds=280)
    assert floor.talk("amy", "c2", 25) == [Dial("c1", "13900002222", "amy")]
    floor.tell(CallbackFailed("c1", "busy", 17))
    assert floor.story("c1")[-1] == "ended: callback not reached"
    assert floor.state("amy") == "idle"


def test_an_attempt_of_which_nothing_is_heard_ends_by_itself():
    floor = taken()
    floor.talk("amy", "c0", 5)
    floor.wait(seconds=44.9)
    assert floor.state("amy") == "reserved"
    floor.wait(seconds=0.1)
    assert floor.state("amy") == "idle"
    assert floor.rows(Kind.CALLBACK)[-1].detail["reason"] == "no answer"


def test_the_reserved_agent_goes_home_and_the_customer_who_answers_gets_the_next():
    floor = taken()
    floor.talk("amy", "c0", 5)
    assert floor.tell(AgentLoggedOut("amy")) == [], "her phone does not ring yet: nothing is to be stopped"
    assert floor.tell(AgentReady("amy")) == [], "and he is not dialled twice"
    assert floor.tell(CallbackAnswered("c1")) == [Ring("amy", "c1")]


def test_an_agent_comes_free_as_he_accepts():
    floor = full_floor()
    floor.tell(CallbackAccepted("c1"))
    assert floor.talk("amy", "c0", 0) == [Ring("amy", "c1")], "he is on the line yet"
    assert floor.tell(CallerHungUp("c1")) == [Dial("c1", "139", "amy")], "now he is not, and it is his turn"


def test_a_callback_that_was_accepted_is_not_accepted_again_nor_by_a_stranger():
    floor = full_floor()
    floor.tell(CallbackAccepted("c1"), CallbackAccepted("c1", "666"), CallbackAccepted("c9", "777"))
    assert floor.about_call("c9") is None
    floor.tell(CallerHungUp("c1"), CallerHungUp("c1"))
    assert floor.talk("amy", "c0", 0) == [Dial("c1", "139", "amy")]


def test_who_withheld_his_number_and_gave_none_can_not_be_called_back():
    floor = full_floor()
    floor.tell(CallArrived("c2", "unknown"), CallQueued("c2", "billing"), CallbackAccepted("c2"), CallerHungUp("c2"))
    assert floor.rows(Kind.ENDED, call="c2")[0].detail["ending"] == "abandoned in queue"


def test_a_virtual_caller_outlives_asterisk_and_the_daemon():
    floor = taken()
    kept = floor.acd.checkpoint()
    floor.acd = type(floor.acd).restore(kept)
    floor.tell(PbxLost("crash"))
    assert floor.tell(PbxFound((), restarted=True)) == [Dial("c1", "13900002222", "amy")], "amy's call was cut"


def test_a_restart_while_he_is_dialled_neither_dials_twice_nor_loses_him():
    floor = taken()
    floor.talk("amy", "c0", 5)
    floor.tell(PbxLost("restart"))
    assert floor.tell(PbxFound((FoundCall("c1", "calling"),))) == []
    assert floor.tell(CallbackAnswered("c1")) == [Ring("amy", "c1")]
    floor = taken()
    floor.talk("amy", "c0", 5)
    floor.tell(PbxLost("restart"))
    assert floor.tell(PbxFound((FoundCall("c1", "waiting"),))) == [Ring("amy", "c1")], "he has answered meanwhile"


def test_accepted_and_hung_up_while_nothing_was_heard():
    floor = full_floor()
    floor.tell(PbxLost("restart"))
    gone = MissedHangup("c1", 3.0, "139", "95001", "billing", waiting_for_s=13.0, callback="13900002222")
    floor.tell(PbxFound((FoundCall("c0", "talking", agent="amy", offer="c0-1"),), gone=(gone,)))
    assert floor.about_call("c1")["virtual"]
    assert floor.talk("amy", "c0", 0) == [Dial("c1", "13900002222", "amy")]
