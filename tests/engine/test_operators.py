"""What operators do to the floor while it runs."""

from datetime import timedelta

from acd.engine.callback_events import CallbackAccepted
from acd.engine.commands import Kind
from acd.engine.events import CallArrived, CallerHungUp, CallQueued, PbxLost
from acd.engine.model import Queue
from acd.engine.operator_events import (
    AgentMoved,
    CallMoved,
    CallPrioritised,
    CallWithdrawn,
    QueueClosed,
    QueueOpened,
    TalkCut,
)
from tests.engine.support.floor import Floor, Ring, Sent


def busy_floor() -> Floor:
    """Amy talks to c0; c1 and c2 wait for billing, c3 for orders, which bob could serve if he took them."""
    queues = [Queue("billing", wrap_up=timedelta(0)), Queue("orders", (("orders", 1),), wrap_up=timedelta(0))]
    floor = Floor(queues, {"amy": (("orders", 3),), "bob": (("orders", 3),)})
    floor.tell(AgentMoved("bob", ("orders",), "wang"))
    floor.staff("amy")
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("amy", "c0")
    for call, queue in (("c1", "billing"), ("c2", "billing"), ("c3", "orders")):
        floor.tell(CallArrived(call, f"13{call[1]}"), CallQueued(call, queue))
        floor.wait(seconds=1)
    return floor


def did(floor: Floor) -> dict[str, object]:
    return dict(floor.rows(Kind.OPERATOR)[-1].detail)


def test_a_waiting_call_gets_another_priority():
    floor = busy_floor()
    floor.tell(CallPrioritised("c2", 5, "wang"))
    assert did(floor) == {"did": "priority", "by": "wang", "was": 0, "now": 5}
    assert floor.about_call("c2")["position"] == 1
    assert floor.talk("amy", "c0", 1) == [Ring("amy", "c2")]


def test_a_waiting_call_is_moved_and_keeps_its_place():
    floor = busy_floor()
    floor.tell(CallMoved("c2", "orders", "wang"))
    assert did(floor) == {"did": "moved", "by": "wang", "was": "billing", "now": "orders"}
    floor.staff("bob")
    assert floor.rows(Kind.OFFERED)[-1].call == "c2", "before c3, who asked later"
    assert floor.rows(Kind.OFFERED)[-1].agent == "bob"


def test_a_waiting_call_is_withdrawn():
    floor = busy_floor()
    assert floor.tell(CallWithdrawn("c1", "wrong hotline", "wang")) == [Sent("c1", "let go")]
    floor.tell(CallerHungUp("c1"))
    assert floor.story("c1")[-1] == "ended: withdrawn"
    assert floor.talk("amy", "c0", 1) == [Ring("amy", "c2")]


def test_a_virtual_caller_is_withdrawn():
    floor = busy_floor()
    floor.tell(CallbackAccepted("c1"), CallerHungUp("c1"), CallWithdrawn("c1", "solved by mail", "wang"))
    assert floor.story("c1")[-1] == "ended: withdrawn"


def test_what_does_not_wait_is_left_alone_and_the_log_says_why():
    floor = busy_floor()
    floor.tell(CallMoved("c0", "orders"), CallWithdrawn("c9"), CallMoved("c1", "nowhere"), CallMoved("c1", "billing"))
    why = [row.detail["why"] for row in floor.rows(Kind.IGNORED)]
    assert why == ["the call is talking", "no such call", "no such queue", "it waits there"]


def test_a_closed_queue_serves_those_who_wait():
    floor = busy_floor()
    floor.tell(QueueClosed("billing", "wang"))
    assert closed(floor) == ["billing"]
    assert [queue["closed"] for queue in floor.acd.snapshot(floor.now)["queues"]] == [True, False]
    assert floor.talk("amy", "c0", 1) == [Ring("amy", "c1")]
    floor.tell(QueueClosed("billing", "li"), QueueOpened("billing", "li"), QueueOpened("billing", "li"))
    assert closed(floor) == []
    assert [row.detail["did"] for row in floor.rows(Kind.OPERATOR)[1:]] == ["queue closed", "queue opened"]


def test_an_agent_is_moved_to_where_he_is_needed_and_back():
    floor = busy_floor()
    floor.staff("bob")
    assert floor.rows(Kind.OFFERED)[-1].call == "c3"
    floor.talk("bob", "c3", 1)
    assert floor.state("bob") == "idle", "he takes no calls of billing"
    assert floor.tell(AgentMoved("bob", (), "wang")) == [Ring("bob", "c1")]
    assert did(floor) == {"did": "agent moved", "by": "wang", "was": ["orders"], "now": []}
    floor.tell(AgentMoved("bob", ("nowhere",), "wang"))
    assert floor.rows(Kind.IGNORED)[-1].detail["why"] == "no such queue: nowhere"
    assert floor.about_agent("bob")["queues"] == []


def closed(floor: Floor) -> list[str]:
    """Queues that take no new callers."""
    return [str(row["name"]) for row in floor.acd.snapshot(floor.now)["queues"] if row["closed"]]


def test_a_talk_is_cut_the_caller_is_told_and_the_agent_is_free():
    floor = busy_floor()
    floor.wait(seconds=20)
    assert Sent("c0", "let go") in floor.tell(TalkCut("c0", "abuse", "wang"))
    assert did(floor) == {"did": "hung up", "by": "wang", "reason": "abuse"}
    assert floor.rows(Kind.TALK_ENDED)[-1].detail["by"] == "operator"
    assert floor.state("amy") == "ringing"
    floor.tell(CallerHungUp("c0"))
    assert floor.rows(Kind.ENDED)[-1].detail["ending"] == "answered"


def test_a_talk_that_was_cut_before_it_was_service_is_withdrawn():
    floor = busy_floor()
    floor.tell(CallerHungUp("c0"))
    floor.answers("amy", "c1")
    floor.tell(TalkCut("c1", "abuse", "wang"), CallerHungUp("c1"))
    assert floor.rows(Kind.ENDED)[-1].detail["ending"] == "withdrawn"


def test_only_a_talk_can_be_cut():
    floor = busy_floor()
    before = len(floor.rows(Kind.OPERATOR))
    for call in ("c1", "c9"):
        assert floor.tell(TalkCut(call, "x", "wang")) == []
    floor.tell(PbxLost("cut"))
    assert floor.tell(TalkCut("c0", "x", "wang")) == []
    assert len(floor.rows(Kind.OPERATOR)) == before
    assert len(floor.rows(Kind.IGNORED)) >= 3
