"""A caller on hold, by page and by telephone; and a matter that is gone on with when the line has dropped."""

from acd.engine.commands import Hold, Join, Kind
from acd.engine.events import (
    BridgeEnded,
    CallArrived,
    CallerHungUp,
    CallQueued,
)
from acd.engine.transfer_events import (
    CallHeld,
    CallRetrieved,
    CardWritten,
    HoldAsked,
    MuteAsked,
    RetrieveAsked,
)
from tests.engine.test_consults import lasted, tell
from tests.engine.test_transfers import desks


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
