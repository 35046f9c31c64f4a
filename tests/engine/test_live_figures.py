"""What the live view shows of a moment: positions by queue, waits that begin anew, the last half hour, who has closed a queue."""

import json
from datetime import timedelta
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import BridgeEnded, CallerHungUp, CallQueued
from acd.engine.model import Queue, Rules
from acd.engine.operator_events import CallPrioritised, QueueClosed, QueueOpened
from acd.engine.transfer_events import HoldAsked
from tests.engine.support.floor import Floor
from tests.engine.test_transfers import desks


def recent(floor: Floor) -> list[dict[str, Any]]:
    return list(floor.acd.snapshot(floor.now)["counts"]["recent"])


def restarted(floor: Floor) -> None:
    floor.acd = Acd.restore(json.loads(json.dumps(floor.acd.checkpoint())))


def test_a_position_is_counted_within_the_callers_own_queue():
    floor = Floor([Queue("a"), Queue("b")], {"amy": ()})
    for number, queue in enumerate("abab"):
        floor.tell(CallQueued(f"c{number}", queue))
    assert [floor.about_call(f"c{number}")["position_in_queue"] for number in range(4)] == [1, 1, 2, 2]
    standing = floor.acd.queue_position("c3", floor.now)
    assert standing is not None and standing["position"] == 2, "what the caller is told"
    floor.tell(CallPrioritised("c3", 50))
    assert [floor.about_call(f"c{number}")["position_in_queue"] for number in range(4)] == [1, 2, 2, 1]
    floor.tell(CallerHungUp("c0"))
    assert floor.about_call("c2")["position_in_queue"] == 1


def test_a_caller_who_comes_back_to_the_queue_waits_anew():
    floor = desks()
    floor.staff("bob")
    floor.tell(CallQueued("c2", "billing"))
    floor.answers("bob", "c2")
    floor.tell(HoldAsked("c1", "amy"))
    floor.wait(seconds=40)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent"))
    restarted(floor)
    floor.wait(seconds=11)
    row = floor.about_call("c1")
    assert (row["stage"], row["waited_s"]) == ("waiting", 11.0), "the talk and the hold are no wait"
    assert row["waiting_since"] > row["asked_at"]
    (queue, _) = floor.acd.snapshot(floor.now)["queues"]
    assert queue["longest_wait_s"] == 11.0


def test_the_offer_after_a_return_tells_the_wait_since_the_return():
    floor = desks()
    floor.tell(HoldAsked("c1", "amy"))
    floor.wait(seconds=40)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert floor.rows(Kind.OFFERED, agent="bob")[-1].detail["waited_s"] == 0.0


def test_the_last_half_hour_counts_when_it_is_known_and_forgets():
    floor = Floor([Queue("a")], {"amy": ()}, Rules(answer_within=timedelta(seconds=15)))
    floor.staff()
    floor.tell(CallQueued("c1", "a"))
    floor.answers("amy", "c1")
    assert recent(floor) == [{"queue": "a", "brand": "", "asked": 1, "within_target": 1}], (
        "at the bridge, not at the end"
    )
    floor.tell(CallQueued("c2", "a"))
    floor.wait(seconds=20)
    assert recent(floor)[0]["asked"] == 1, "nobody knows yet when c2 is answered"
    floor.tell(CallerHungUp("c2"), CallerHungUp("c1"))
    assert recent(floor) == [{"queue": "a", "brand": "", "asked": 2, "within_target": 1}], "c1 is counted once"
    restarted(floor)
    assert recent(floor)[0]["asked"] == 2
    floor.wait(seconds=31 * 60)
    assert recent(floor) == []


def test_a_checkpoint_of_a_former_version_knows_no_half_hour():
    floor = Floor([Queue("a")], {"amy": ()})
    floor.tell(CallQueued("c1", "a"), QueueClosed("a", "mei"))
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    del kept["counts"]["recent"], kept["closed_at"]
    for call in kept["calls"]:
        del call["served_until"], call["in_time"]
    floor.acd = Acd.restore(kept)
    assert recent(floor) == []
    assert floor.about_call("c1")["in_time"] is None
    (queue,) = floor.acd.snapshot(floor.now)["queues"]
    assert (queue["closed_by"], queue["closed_at"]) == ("mei", None)


def test_who_has_closed_a_queue_and_since_when():
    floor = Floor([Queue("a")], {"amy": ()})
    closed = floor.now
    floor.tell(QueueClosed("a", "mei"))
    restarted(floor)
    floor.wait(seconds=60)
    (queue,) = floor.acd.snapshot(floor.now)["queues"]
    assert (queue["closed"], queue["closed_by"]) == (True, "mei")
    assert queue["closed_at"][:16] == closed.isoformat()[:16]
    floor.tell(QueueOpened("a", "mei"))
    assert "closed_by" not in floor.acd.snapshot(floor.now)["queues"][0]
