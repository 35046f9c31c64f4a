"""A caller whose number belongs to a customer: what the class gives, an open complaint, and customers who are not to be called."""

from datetime import timedelta
from typing import Any

import pytest

from acd.calls_out import CallsOut
from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAccepted, CallbackAsked
from acd.engine.commands import Kind, SendTo
from acd.engine.customer_events import CallerKnown, NumberBarred
from acd.engine.events import (
    AgentReady,
    CallArrived,
    CallerHungUp,
    CallQueued,
    ConfigChanged,
)
from acd.engine.model import AgentProfile, Brand, CallerClass, Overflow, Queue, Rules
from acd.engine.operator_events import QueueClosed
from acd.engine.transfer_events import TransferRequested
from tests.engine.support.floor import Dial, Floor, Ring

GOLD = CallerClass("gold", priority=4, queue="vip", skills=(("vip", 2),))
SILVER = CallerClass("silver", priority=2)
QUEUES = [
    Queue("orders", wrap_up=timedelta(0)),
    Queue("after-sales", wrap_up=timedelta(0)),
    Queue("outage", emergency=True, wrap_up=timedelta(0)),
    Queue("vip", wrap_up=timedelta(0)),
]
AGENTS = [AgentProfile("amy", skills=(("vip", 5),)), AgentProfile("bob")]
MOBILE = "+8613800001111"


def floor_of(*agents: str, classes: tuple[CallerClass, ...] = (GOLD, SILVER), **rules: Any) -> Floor:
    floor = Floor(QUEUES, AGENTS, Rules(classes=classes, **rules))
    if agents:
        floor.staff(*agents)
    return floor


def known(call: str, customer_class: str = "", **more: Any) -> CallerKnown:
    return CallerKnown(call, "K-7", "Zhang San", customer_class, **more)


def row(floor: Floor, kind: Kind) -> dict[str, Any]:
    """The detail of the latest row of this kind, and its queue."""
    latest = [row for _, row in floor.log if row.kind is kind][-1]
    return {**latest.detail, "queue": latest.queue}


def test_the_class_gives_the_queue_that_is_asked_for_instead():
    floor = floor_of("amy", "bob")
    floor.tell(CallArrived("c1", MOBILE), known("c1", "gold"))
    assert floor.tell(CallQueued("c1", "orders")) == [Ring("amy", "c1")]
    asked = row(floor, Kind.QUEUED)
    assert (asked["queue"], asked["instead_of"], asked["class"], asked["priority"]) == ("vip", "orders", "gold", 4)
    assert asked["skills"] == {"vip": 2}


def test_a_caller_of_a_class_goes_ahead_by_its_priority_and_no_more():
    floor = floor_of("bob", priority_worth=timedelta(seconds=30))
    floor.tell(CallQueued("c0", "orders"))
    floor.answers("bob", "c0")
    floor.tell(CallArrived("early", "+8613800000001"), CallQueued("early", "orders"))
    floor.wait(seconds=59)
    floor.tell(CallArrived("c2", MOBILE), known("c2", "silver"), CallQueued("c2", "orders"))
    assert floor.talk("bob", "c0", 1) == [Ring("bob", "c2")]
    floor = floor_of("bob", priority_worth=timedelta(seconds=30))
    floor.tell(CallQueued("c0", "orders"))
    floor.answers("bob", "c0")
    floor.tell(CallArrived("early", "+8613800000001"), CallQueued("early", "orders"))
    floor.wait(seconds=61)
    floor.tell(CallArrived("c2", MOBILE), known("c2", "silver"), CallQueued("c2", "orders"))
    assert floor.talk("bob", "c0", 1) == [Ring("bob", "early")]


def test_who_is_known_late_moves_where_they_wait_with_the_place_they_have():
    floor = floor_of()
    floor.tell(CallArrived("c1", MOBILE), CallQueued("c1", "orders"))
    floor.wait(seconds=3)
    floor.tell(known("c1", "gold"))
    assert row(floor, Kind.CUSTOMER) == {
        "customer": "K-7", "name": "Zhang San", "class": "gold", "moved_from": "orders", "queue": "vip",
    }  # fmt: skip
    (call,) = floor.acd.snapshot(floor.now)["calls"]
    assert (call["queue"], call["priority"], call["place_s"], call["customer_class"]) == ("vip", 4, 3.0, "gold")
    assert floor.tell(AgentReady("bob")) == []  # without the skill that the class requires
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c1")]


def test_who_is_known_while_it_rings_keeps_the_ring_and_has_the_class_when_it_comes_to_nothing():
    floor = floor_of("bob")
    assert floor.tell(CallArrived("c1", MOBILE), CallQueued("c1", "orders")) == [Ring("bob", "c1")]
    assert floor.tell(known("c1", "silver")) == []
    assert "moved_from" not in row(floor, Kind.CUSTOMER)
    (call,) = floor.acd.snapshot(floor.now)["calls"]
    assert (call["stage"], call["agent"], call["priority"]) == ("offered", "bob", 2)


def test_a_second_finding_changes_nothing():
    floor = floor_of()
    floor.tell(CallArrived("c1", MOBILE), known("c1", "silver"), CallQueued("c1", "orders"), known("c1", "gold"))
    (call,) = floor.acd.snapshot(floor.now)["calls"]
    assert (call["queue"], call["customer_class"]) == ("orders", "silver")
    assert row(floor, Kind.IGNORED)["why"] == "the customer is known"
    floor.tell(CallerHungUp("c1"), known("c1", "gold"))
    assert row(floor, Kind.IGNORED)["why"] == "no such call"


@pytest.mark.parametrize(
    ("asked", "customer_class", "classes", "why"),
    [
        ("outage", "gold", (GOLD,), "an emergency waits in its own lane"),
        ("orders", "gold", (CallerClass("gold", queue="vip", instead_of=("after-sales",)),), "for another queue alone"),
        ("orders", "gold", (CallerClass("gold", queue="gone"),), "the queue is not configured"),
        ("orders", "bronze", (GOLD,), "no such class"),
        ("orders", "silver", (SILVER,), "the class has no queue"),
    ],
)
def test_the_menu_s_queue_stays(asked: str, customer_class: str, classes: tuple[CallerClass, ...], why: str):
    floor = floor_of(classes=classes)
    floor.tell(CallArrived("c1", MOBILE), known("c1", customer_class), CallQueued("c1", asked))
    assert row(floor, Kind.QUEUED)["queue"] == asked, why


def test_a_queue_that_is_closed_or_another_brands_takes_nobody_of_a_class():
    floor = floor_of()
    floor.tell(QueueClosed("vip"), CallArrived("c1", MOBILE), known("c1", "gold"), CallQueued("c1", "orders"))
    assert row(floor, Kind.QUEUED)["queue"] == "orders"
    queues = [Queue("orders"), Queue("vip", brand="acme")]
    brands = (Brand("acme", ("95000",)),)
    for dialled, queue in (("95000", "vip"), ("95001", "orders")):
        floor = Floor(queues, AGENTS, Rules(classes=(GOLD,), brands=brands))
        floor.tell(CallArrived("c1", MOBILE, dialled), known("c1", "gold"), CallQueued("c1", "orders"))
        assert row(floor, Kind.QUEUED)["queue"] == queue


def test_a_class_that_is_changed_counts_for_those_who_wait():
    floor = floor_of()
    floor.tell(CallArrived("c1", MOBILE), known("c1", "silver"), CallQueued("c1", "orders"))
    more = Rules(classes=(CallerClass("silver", priority=9),))
    floor.tell(ConfigChanged(tuple(QUEUES), tuple(AGENTS), more))
    assert floor.acd.snapshot(floor.now)["calls"][0]["priority"] == 9
    floor.tell(ConfigChanged(tuple(QUEUES), tuple(AGENTS), Rules()))
    assert floor.acd.snapshot(floor.now)["calls"][0]["priority"] == 0


def test_a_transfer_goes_where_the_first_agent_sends_it_and_not_back_to_the_class_s_queue():
    floor = floor_of("amy", transfer_reasons={"1": "refund"})
    floor.tell(CallArrived("c1", MOBILE), known("c1", "gold"), CallQueued("c1", "orders"))
    floor.answers("amy", "c1")
    handed = floor.tell(AgentReady("bob"), TransferRequested("c1", "amy", "queue", "after-sales", "refund"))
    assert Ring("bob", "c1") in handed  # who has not the skill that the class requires
    (call,) = floor.acd.snapshot(floor.now)["calls"]
    assert call["queue"] == "after-sales"


def test_an_open_complaint_goes_to_its_owner_first_who_is_waited_for_a_moment():
    floor = floor_of("bob", "amy", same_agent_hold=timedelta(seconds=10))
    floor.tell(CallArrived("c1", MOBILE), known("c1", complaint_ticket="T-9", complaint_owner="amy"))
    assert floor.tell(CallQueued("c1", "orders")) == [Ring("amy", "c1")]
    floor.answers("amy", "c1")
    floor.tell(CallArrived("c2", "+8613800002222"), known("c2", complaint_owner="amy"))
    assert floor.tell(CallQueued("c2", "orders")) == []  # amy talks: bob is free, and c2 is kept for amy for 10 s
    assert floor.wait(seconds=9) == []
    assert floor.wait(seconds=1) == [Ring("bob", "c2")]


def test_an_owner_is_found_late_too_and_one_who_is_away_delays_nobody():
    floor = floor_of("bob")
    floor.tell(CallQueued("c0", "orders"))
    floor.answers("bob", "c0")
    floor.tell(CallArrived("c1", MOBILE), CallQueued("c1", "orders"), known("c1", complaint_owner="bob"))
    assert floor.acd.snapshot(floor.now)["calls"][1]["kept_for"] == "bob"
    floor = floor_of("bob")
    floor.tell(CallArrived("c1", MOBILE), known("c1", complaint_owner="amy"))
    assert floor.tell(CallQueued("c1", "orders")) == [Ring("bob", "c1")]


# -- customers who are not to be called --------------------------------------------------------------------------------


def out_floor(**more: Any) -> Floor:
    return floor_of(calls_out=CallsOut(hours=()), **more)


def test_who_is_not_to_be_called_is_offered_no_callback_and_may_take_none():
    floor = Floor(
        [Queue("orders", overflow=(Overflow("offer-callback", after=timedelta(seconds=20)),))],
        AGENTS,
        Rules(calls_out=CallsOut()),
    )
    floor.tell(CallArrived("c1", MOBILE), known("c1", do_not_call=True), CallQueued("c1", "orders"))
    assert floor.wait(seconds=30) == []
    assert row(floor, Kind.CALLBACK)["reason"] == "do-not-call"
    for number in ("", MOBILE, "13800001111", "013800001111"):
        refused = floor.acd.refusal(CallbackAsked("c1", number))
        assert refused is not None and refused.code == "do-not-call", number
    assert floor.acd.refusal(CallbackAsked("c1", "+8613800009999")) is None  # another person's number
    floor.tell(CallbackAccepted("c1"))
    assert not [row for _, row in floor.log if row.kind is Kind.ALARM]
    assert "accepted" not in [row.detail.get("state") for _, row in floor.log if row.kind is Kind.CALLBACK]


def test_a_number_that_is_barred_while_its_callback_waits_is_not_dialled():
    floor = out_floor()
    floor.tell(CallArrived("c1", MOBILE), CallQueued("c1", "orders"), CallbackAccepted("c1"), CallerHungUp("c1"))
    assert floor.acd.callback_numbers() == [(MOBILE, False)]
    floor.tell(NumberBarred(MOBILE))
    assert floor.acd.callback_numbers() == [(MOBILE, True)]
    assert floor.tell(AgentReady("bob")) == []
    assert row(floor, Kind.CALLBACK)["state"] == "given up"
    assert row(floor, Kind.ENDED)["ending"] == "callback not reached"


def test_a_number_that_may_be_called_again_is():
    floor = out_floor()
    floor.tell(NumberBarred(MOBILE), NumberBarred(MOBILE, barred=False))
    floor.tell(CallArrived("c1", MOBILE), CallQueued("c1", "orders"), CallbackAccepted("c1"), CallerHungUp("c1"))
    assert floor.tell(AgentReady("bob")) == [Dial("c1", MOBILE, "bob")]


def test_the_record_of_the_latest_call_says_whether_the_number_may_be_called():
    floor = out_floor()
    floor.tell(CallArrived("c1", MOBILE), known("c1", do_not_call=True), CallerHungUp("c1"))
    floor.tell(CallArrived("c2", MOBILE), CallQueued("c2", "orders"))
    assert floor.acd.refusal(CallbackAsked("c2", MOBILE)) is not None
    floor.tell(known("c2"))
    assert floor.acd.refusal(CallbackAsked("c2", MOBILE)) is None


def test_numbers_are_forgotten_beyond_ten_thousand_the_oldest_first():
    floor = out_floor()
    for last in range(10_001):
        floor.tell(NumberBarred(f"+86138{last:08d}"))
    barred = floor.acd.checkpoint()["legs_out"]["barred"]
    assert len(barred) == 10_000 and barred[0] == "+8613800000001"


def test_class_owner_and_barred_numbers_survive_a_restart():
    floor = out_floor()
    floor.tell(
        CallArrived("c1", MOBILE),
        known("c1", "gold", complaint_owner="amy", do_not_call=True),
        CallQueued("c1", "orders"),
    )
    again = Acd.restore(floor.acd.checkpoint())
    assert again.checkpoint() == floor.acd.checkpoint()
    assert again.snapshot(floor.now) == floor.acd.snapshot(floor.now)
    commands = again.handle(AgentReady("amy"), floor.now)
    assert [getattr(each, "agent", "") for each in commands if type(each).__name__ == "Offer"] == ["amy"]
    refused = again.refusal(CallbackAsked("c1", MOBILE))
    assert refused is not None and refused.code == "do-not-call"
    assert not [each for each in commands if isinstance(each, SendTo)]
