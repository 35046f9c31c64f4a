"""The ledger of offers, and the figures of today that fall out of it."""

from datetime import timedelta

import pytest

from acd.engine.commands import Kind, Log, Offer
from acd.engine.events import (
    AgentNotReady,
    AgentReady,
    AlarmRaised,
    BridgeEnded,
    CallArrived,
    CallerHungUp,
    CallQueued,
    CallServed,
    OfferFailed,
    PhoneChanged,
    RecordingFiled,
    TimePassed,
)
from acd.engine.model import Queue, Rules
from tests.engine.support.floor import Floor, billing_floor


def test_an_offer_says_who_else_there_was_and_why_not():
    names = [f"10{n:02}" for n in range(12)]
    floor = Floor([Queue("billing", (("billing", 3),))], dict.fromkeys(names, (("billing", 5),)) | {"eve": ()})
    for name in names[:10]:
        floor.tell(AgentReady(name))
    floor.tell(AgentReady("eve"), AgentNotReady("1009", "lunch"), PhoneChanged("1008", False))
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=0.5)
    floor.tell(CallQueued("c2", "billing"))
    (row,) = floor.rows(Kind.OFFERED, call="c2")
    assert row.agent == "1001"
    assert row.detail == {
        "number": 1,
        "waited_s": 0.0,
        "rule": "longest idle of the able",
        "runners_up": ["1002", "1003", "1004", "1005", "1006"],
        "passed_over": {
            "idle for less long": 6,
            "logged out": 2,
            "not ready": 1,
            "unreachable": 1,
            "ringing": 1,
            "lacks a skill": 1,
        },
        "rows": [],
        "strategy": "longest-idle",
    }


def test_who_missed_the_call_is_told_apart_from_who_is_idle_for_less_long():
    floor = billing_floor("amy", "bob", "cat")
    floor.tell(CallQueued("c1", "billing"), OfferFailed("amy", "c1", "c1-1", "rejected"))
    row = floor.rows(Kind.OFFERED)[-1]
    assert row.agent == "bob"
    assert row.detail["runners_up"] == ["cat"]
    assert row.detail["passed_over"] == {"did not take this call before": 1, "idle for less long": 1}


def test_who_comes_free_takes_the_first_in_line_and_the_row_says_so():
    floor = billing_floor("amy")
    floor.tell(CallQueued("c1", "billing"), CallQueued("c2", "billing"))
    floor.wait(seconds=0.5)
    floor.tell(CallerHungUp("c1"))
    row = floor.rows(Kind.OFFERED)[-1]
    assert (row.call, row.detail["rule"], row.detail["waited_s"]) == (
        "c2",
        "first in line when the agent came free",
        0.5,
    )


def test_the_row_of_an_offer_comes_before_the_offer():
    floor = billing_floor()
    commands = floor.acd.handle(CallQueued("c1", "billing"), floor.now)
    offered = next(n for n, c in enumerate(commands) if isinstance(c, Log) and c.kind is Kind.OFFERED)
    assert offered < next(n for n, c in enumerate(commands) if isinstance(c, Offer))


def test_the_figures_of_a_small_day():
    floor = billing_floor("amy", "bob", wrap_up_s=20)
    floor.tell(CallArrived("c0", "unknown"), CallerHungUp("c0"))
    floor.tell(CallArrived("c1", "unknown"), CallServed("c1"), CallerHungUp("c1"))
    floor.tell(CallArrived("c2", "unknown"), CallQueued("c2", "billing"))
    floor.rings("amy", "c2")
    floor.wait(rings=3)  # amy misses it
    floor.rings("bob", "c2")
    floor.wait(seconds=4)
    floor.answers("bob", "c2")
    floor.wait(seconds=60)
    floor.tell(BridgeEnded("bob", "c2", "c2-2", "caller"), CallerHungUp("c2"))
    floor.wait(seconds=20)
    floor.tell(CallArrived("c3", "unknown"), CallQueued("c3", "billing"))
    floor.rings("bob", "c3")
    floor.wait(seconds=2)
    floor.tell(CallerHungUp("c3"))  # does not count against bob
    floor.tell(CallArrived("c4", "unknown"), CallQueued("c4", "billing"))
    floor.rings("bob", "c4")
    floor.wait(seconds=1)
    floor.answers("bob", "c4")
    floor.wait(seconds=30)
    floor.tell(CallerHungUp("c4"))
    floor.wait(seconds=20)
    counts = floor.acd.snapshot(floor.now)["counts"]["queues"]["billing"]
    assert (counts["answered"], counts["abandoned_ringing"]) == (2, 1)
    assert counts["short"] == 1
    total = floor.acd.snapshot(floor.now)["counts"]["total"]
    assert (total["arrived"], total["ended"], total["ended_asked"]) == (5, 5, 3)
    assert total["connect_rate"] == 0.6  # two answered and one served, of five
    assert total["within_15_s"] == round(1 / 3, 6)
    assert total["three_ring_rate"] == round(2 / 3, 6)
    assert total["asa_s"] == 10.0
    assert total["aht_s"] == 65.0


def test_where_nothing_was_counted_there_is_no_rate():
    total = billing_floor().acd.snapshot(billing_floor().now)["counts"]["total"]
    assert (total["connect_rate"], total["asa_s"]) == (None, None)


def test_a_new_day_begins_at_the_houses_midnight():
    floor = Floor([Queue("billing")], {"amy": ()}, Rules(utc_offset=timedelta(hours=8)))
    floor.tell(CallArrived("c1", "unknown"), CallerHungUp("c1"))
    floor.now = floor.now.replace(hour=15, minute=59)
    floor.tell(TimePassed())
    assert floor.acd.snapshot(floor.now)["counts"]["total"]["ended"] == 1
    floor.now = floor.now.replace(hour=16, minute=0)
    floor.tell(TimePassed())
    counts = floor.acd.snapshot(floor.now)["counts"]
    assert (counts["day"], counts["total"]["ended"]) == ("2026-03-03", 0)


def test_alarms_and_recordings_are_logged_as_they_are_told():
    floor = billing_floor()
    floor.tell(AlarmRaised("disk", "recordings: 1 % left", "c1"))
    floor.tell(RecordingFiled("c1", "c1-1", "2026/03/02/c1-1.wav", 61.5, "ab" * 32, True))
    assert floor.rows(Kind.ALARM)[0].detail == {"name": "disk", "detail": "recordings: 1 % left"}
    assert floor.rows(Kind.RECORDED, offer="c1-1")[0].detail["seconds"] == 61.5


def test_the_floor_at_a_glance():
    floor = billing_floor("amy")
    floor.tell(CallArrived("c1", "13800001111"), CallQueued("c1", "billing"), CallQueued("c2", "billing"))
    floor.wait(seconds=0.5)
    (queue,) = floor.acd.snapshot(floor.now)["queues"]
    assert queue == {
        "name": "billing",
        "waiting": 1,
        "longest_wait_s": 0.5,
        "staffed": 1,
        "available": 0,
        "closed": False,
        "strategy": "longest-idle",
        "median_s": pytest.approx(2 * 180 * 0.8424, rel=0.001),  # the second of them, by one agent
        "p90_s": pytest.approx(2 * 180 * 1.9368, rel=0.001),
    }
    call = floor.about_call("c1")
    assert call is not None
    assert call == {
        "call": "c1",
        "caller": "13800001111",
        "trunk": "",
        "identity": "",
        "queue": "billing",
        "stage": "offered",
        "agent": "amy",
        "offer": "c1-1",
        "position": None,
        "position_in_queue": None,
        "asked_at": "2026-03-02T09:00:01+00:00",
        "waiting_since": "2026-03-02T09:00:01+00:00",
        "in_time": None,
        "waited_s": 0.5,
        "place_s": 0.5,
        "priority": 0,
        "virtual": False,
        "kept_for": None,
        "rows": [],
        "held": None,
        "held_since": None,
        "held_by": None,
        "muted": False,
        "line": {},
        "transfer": None,
        "continues": None,
    }
    assert floor.about_call("c2")["position"] == 1


def test_an_offer_whose_end_is_noticed_a_little_late_rang_three_times_not_four():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.now += timedelta(seconds=15.02)
    floor.tell(TimePassed())
    (ended,) = floor.rows(Kind.OFFER_ENDED)
    assert (ended.detail["outcome"], ended.detail["rings"]) == ("ring no answer", 3)
