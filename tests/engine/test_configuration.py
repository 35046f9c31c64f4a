"""Another configuration between two events: taken whole, and nobody loses his place."""

import json
from datetime import timedelta

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import CallQueued, ConfigChanged
from acd.engine.model import AgentProfile, Overflow, Queue, Rules
from acd.engine.operator_events import AgentMoved, QueueClosed
from tests.engine.support.floor import Floor, Ring, Sent

BILLING = Queue("billing", (("billing", 5),), wrap_up=timedelta(0))
ORDERS = Queue("orders", (("orders", 1),), wrap_up=timedelta(0))
AMY = AgentProfile("amy", "Amy", (("billing", 3), ("orders", 3)))
BOB = AgentProfile("bob", "Bob", (("orders", 3),))


def floor_with_waiters() -> Floor:
    """Nobody can do billing at level 5; c1 and c2 wait for it."""
    floor = Floor([BILLING, ORDERS], [AMY, BOB])
    floor.staff()
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=20)
    floor.tell(CallQueued("c2", "billing"))
    return floor


def change(*queues: Queue, agents: tuple[AgentProfile, ...] = (AMY, BOB), rules: Rules | None = None) -> ConfigChanged:
    return ConfigChanged(queues, agents, rules or Rules(), 2, "wang")


def test_waiting_callers_follow_the_new_rules_in_their_order():
    floor = floor_with_waiters()
    eased = Queue("billing", (("billing", 3),), wrap_up=timedelta(0))
    assert floor.tell(change(eased, ORDERS)) == [Ring("amy", "c1")]
    assert floor.acd.snapshot(floor.now)["version"] == 2
    (row,) = floor.rows(Kind.CONFIGURATION)
    assert row.detail == {"version": 2, "by": "wang", "queues": 2, "agents": 2}
    assert floor.talk("amy", "c1", 5) == [Ring("amy", "c2")]


def test_an_agent_who_learnt_something_gets_who_waits_for_it():
    floor = floor_with_waiters()
    assert floor.tell(change(BILLING, ORDERS, agents=(AMY, AgentProfile("bob", "Bob", (("billing", 9),))))) == [
        Ring("bob", "c1")
    ]


def test_a_new_policy_holds_for_those_who_wait_and_what_is_due_is_done_at_once():
    floor = floor_with_waiters()
    rows = (Overflow("voicemail", "a minute is enough", after=timedelta(seconds=20)),)
    strict = Queue("billing", (("billing", 5),), wrap_up=timedelta(0), overflow=rows)
    assert floor.tell(change(strict, ORDERS)) == [Sent("c1", "voicemail")]
    assert floor.wait(seconds=20) == [Sent("c2", "voicemail")]


def test_the_same_policy_again_keeps_the_order_in_which_its_rows_were_applied():
    """Rows that are due by waiting are applied in the order of their time, not in that of the configuration."""
    later = Overflow("raise-priority", "a minute", after=timedelta(seconds=60), by=2)
    sooner = Overflow("lower-skill", "half a minute", after=timedelta(seconds=30), skill="billing", to=4)
    widened = Queue("billing", (("billing", 5),), wrap_up=timedelta(0), overflow=(later, sooner))
    floor = floor_with_waiters()
    floor.tell(change(widened, ORDERS))
    floor.wait(seconds=60)
    before = floor.about_call("c1")
    assert (before["rows"], before["priority"]) == ([2, 1], 2)
    for _ in range(2):
        floor.tell(change(widened, ORDERS))
        assert floor.about_call("c1") == before
    first = Overflow("raise-priority", "new", when="longer-than", calls=50)
    floor.tell(change(Queue("billing", (("billing", 5),), overflow=(first, later, sooner)), ORDERS))
    assert (floor.about_call("c1")["rows"], floor.about_call("c1")["priority"]) == ([3, 2], 2)
    floor.tell(change(Queue("billing", (("billing", 5),), overflow=(first, sooner)), ORDERS))
    assert (floor.about_call("c1")["rows"], floor.about_call("c1")["priority"]) == ([2], 0)


def test_a_queue_that_is_gone_keeps_those_who_are_in_it():
    floor = floor_with_waiters()
    floor.tell(change(ORDERS))
    assert [floor.about_call(call)["queue"] for call in ("c1", "c2")] == ["billing", "billing"]
    assert not floor.rows(Kind.ALARM)
    assert floor.tell(change(ORDERS, agents=(AMY, BOB, AgentProfile("cat", "", (("billing", 5),))))) == []
    floor.staff("cat")
    assert floor.rows(Kind.OFFERED)[-1].call == "c1"


def test_talks_and_ringing_go_on_and_agents_who_are_gone_finish():
    floor = Floor([ORDERS], [AMY, BOB])
    floor.staff()
    floor.tell(CallQueued("c1", "orders"), CallQueued("c2", "orders"))
    floor.answers("amy", "c1")
    floor.rings("bob", "c2")
    assert floor.tell(change(ORDERS, agents=(BOB,))) == []
    assert (floor.state("amy"), floor.state("bob")) == ("talking", "ringing")
    floor.answers("bob", "c2")
    floor.talk("amy", "c1", 1)
    assert [one["agent"] for one in floor.acd.snapshot(floor.now)["agents"]] == ["bob"]


def test_what_an_operator_said_of_an_agent_holds_until_the_configuration_says_otherwise():
    floor = floor_with_waiters()
    floor.tell(AgentMoved("bob", ("orders",), "wang"), QueueClosed("orders", "wang"))
    floor.tell(change(BILLING, ORDERS))
    assert floor.about_agent("bob")["queues"] == ["orders"]
    assert [row["name"] for row in floor.acd.snapshot(floor.now)["queues"] if row["closed"]] == ["orders"]
    bob = AgentProfile("bob", "Bob", (("orders", 3),), ("billing",))
    floor.tell(change(BILLING, ORDERS, agents=(AMY, bob)))
    assert floor.about_agent("bob")["queues"] == ["billing"]


def test_priorities_are_worked_out_anew_but_not_those_an_operator_gave():
    floor = floor_with_waiters()
    floor.tell(change(Queue("billing", (("billing", 5),), priority=9), ORDERS))
    assert floor.about_call("c1")["priority"] == 9


def test_a_checkpoint_brings_its_own_configuration():
    floor = floor_with_waiters()
    rows = (Overflow("lower-skill", "soon", after=timedelta(seconds=60), to=3),)
    queue = Queue(
        "billing", (("billing", 5),), 3, timedelta(0), (("calm", 2),), "best-skilled", True, rows, timedelta(seconds=20)
    )
    rules = Rules(priorities={"139": 4}, same_agent="last", return_within=timedelta(minutes=3), spare_versatile=True)
    floor.tell(change(queue, ORDERS, rules=rules))
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    again = Acd.restore(kept)
    assert again._state.rules == rules
    assert list(again._state.queues.values()) == [queue, ORDERS]
    assert json.loads(json.dumps(again.checkpoint())) == kept
    assert again.next_deadline == floor.acd.next_deadline


def test_each_queue_is_held_to_its_own_target():
    floor = Floor([Queue("billing", answer_within=timedelta(seconds=40), wrap_up=timedelta(0)), ORDERS], [AMY])
    floor.tell(CallQueued("c1", "billing"), CallQueued("c2", "orders"))
    floor.wait(seconds=30)
    floor.staff("amy")
    floor.talk("amy", "c1", 5)
    floor.talk("amy", "c2", 5)
    counts = floor.acd.snapshot(floor.now)["counts"]["queues"]
    assert (counts["billing"]["within_target"], counts["orders"]["within_target"]) == (1, 0)
