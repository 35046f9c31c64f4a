"""Who comes first among those who wait: place, priority, the emergency lane, and that nobody starves."""

from datetime import timedelta

from acd.engine.events import CallArrived, CallerHungUp, CallQueued
from acd.engine.model import Queue, Rules
from tests.engine.support.floor import Floor, Ring

RULES = Rules(priorities={"138": 4}, priority_worth=timedelta(seconds=30), emergency_worth=timedelta(minutes=30))
QUEUES = [
    Queue("billing", wrap_up=timedelta(0)),
    Queue("complaints", priority=10, wrap_up=timedelta(0)),
    Queue("outage", emergency=True, wrap_up=timedelta(0)),
]


def busy_floor(rules: Rules = RULES) -> Floor:
    """One agent, and he talks."""
    floor = Floor(QUEUES, {"amy": ()}, rules)
    floor.staff("amy")
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("amy", "c0")
    return floor


def served(floor: Floor, count: int) -> list[str]:
    """The calls that amy gets, one after the other."""
    call, order = "c0", []
    for _ in range(count):
        (ring,) = [deed for deed in floor.talk("amy", call, 5) if isinstance(deed, Ring)]
        call = ring.call
        order.append(call)
    return order


def test_a_point_of_priority_is_worth_so_much_waiting_and_no_more():
    floor = busy_floor()
    floor.tell(CallQueued("early", "billing"))
    floor.wait(seconds=290)
    floor.tell(CallQueued("urgent", "complaints"))  # ten points: 300 s
    assert served(floor, 2) == ["urgent", "early"]
    floor = busy_floor()
    floor.tell(CallQueued("early", "billing"))
    floor.wait(seconds=301)
    floor.tell(CallQueued("urgent", "complaints"))
    assert served(floor, 2) == ["early", "urgent"]


def test_a_valued_caller_goes_ahead():
    floor = busy_floor()
    floor.tell(CallArrived("c1", "139"), CallQueued("c1", "billing"))
    floor.wait(seconds=100)
    floor.tell(CallArrived("c2", "138"), CallQueued("c2", "billing"))
    assert served(floor, 2) == ["c2", "c1"]


def test_an_emergency_goes_before_everybody_who_waits_for_less_than_half_an_hour():
    floor = busy_floor()
    floor.tell(CallQueued("c1", "complaints"))
    floor.wait(seconds=600)
    floor.tell(CallQueued("c2", "outage"))
    assert served(floor, 2) == ["c2", "c1"]


def test_nobody_starves_under_a_stream_of_urgent_callers():
    floor = busy_floor()
    floor.tell(CallQueued("patient", "billing"))
    got, call = 0, "c0"
    for number in range(100):
        floor.tell(CallQueued(f"u{number}", "complaints"))
        (ring,) = [deed for deed in floor.talk("amy", call, 20) if isinstance(deed, Ring)]
        call, got = ring.call, number
        if call == "patient":
            break
    assert call == "patient"
    assert 300 / 20 - 1 <= got <= 300 / 20 + 1, "overtaken for 300 s, and then no more"


def test_several_queues_share_their_agents_in_the_order_of_asking():
    floor = Floor([Queue(name, wrap_up=timedelta(0)) for name in ("a", "b", "c")], {"amy": ()})
    floor.staff("amy")
    floor.tell(CallQueued("c0", "a"))
    floor.answers("amy", "c0")
    for number, queue in enumerate(["b", "c", "a", "c", "b", "a"], start=1):
        floor.wait(seconds=1)
        floor.tell(CallQueued(f"c{number}", queue))
    assert served(floor, 6) == ["c1", "c2", "c3", "c4", "c5", "c6"]


def test_who_gives_up_and_comes_back_takes_his_old_place():
    rules = Rules(return_within=timedelta(minutes=5))
    floor = busy_floor(rules)
    floor.tell(CallArrived("c1", "139"), CallQueued("c1", "billing"))
    floor.wait(seconds=60)
    floor.tell(CallQueued("c2", "billing"), CallerHungUp("c1"))
    floor.wait(seconds=100)
    floor.tell(CallArrived("c3", "139"), CallQueued("c3", "billing"))
    assert floor.about_call("c3")["place_s"] == 160.0
    assert floor.about_call("c3")["waited_s"] == 0.0, "the clock of this call has just begun"
    assert floor.about_call("c3")["position"] == 1
    (row,) = [row for _, row in floor.log if row.kind == "queued" and row.call == "c3"]
    assert row.detail["returned_s"] == 100.0
    assert served(floor, 2) == ["c3", "c2"]


def test_a_place_that_was_given_up_too_long_ago_or_elsewhere_or_by_a_stranger_is_gone():
    rules = Rules(return_within=timedelta(minutes=5))
    floor = busy_floor(rules)
    for call, caller in (("c1", "139"), ("c2", "unknown"), ("c3", "137")):
        floor.tell(CallArrived(call, caller), CallQueued(call, "billing"))
    floor.wait(seconds=60)
    floor.tell(CallerHungUp("c1"), CallerHungUp("c2"), CallerHungUp("c3"))
    floor.wait(seconds=10)
    floor.tell(CallArrived("d2", "unknown"), CallQueued("d2", "billing"))
    floor.tell(CallArrived("d3", "137"), CallQueued("d3", "complaints"))
    floor.wait(seconds=291)
    floor.tell(CallArrived("d1", "139"), CallQueued("d1", "billing"))
    assert [floor.about_call(call)["place_s"] for call in ("d1", "d2", "d3")] == [0.0, 291.0, 291.0]


def test_an_old_place_is_taken_once():
    floor = busy_floor(Rules(return_within=timedelta(minutes=5)))
    floor.tell(CallArrived("c1", "139"), CallQueued("c1", "billing"))
    floor.wait(seconds=60)
    floor.tell(CallerHungUp("c1"))
    floor.tell(CallArrived("c2", "139"), CallQueued("c2", "billing"))
    floor.tell(CallArrived("c3", "139"), CallQueued("c3", "billing"))
    assert [floor.about_call(call)["place_s"] for call in ("c2", "c3")] == [60.0, 0.0]
