"""Whom a queue asks first among the able who are idle."""

from datetime import timedelta

from acd.engine.commands import Kind
from acd.engine.events import AgentNotReady, AgentReady, CallQueued
from acd.engine.model import AgentProfile, Queue, Rules
from tests.engine.support.floor import Floor, Ring


def test_the_longest_idle_is_asked_first():
    floor = Floor([Queue("billing")], {"amy": (), "bob": ()})
    floor.staff("bob", "amy")
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("bob", "c1")]
    assert floor.rows(Kind.OFFERED)[-1].detail["rule"] == "longest idle of the able"


def test_the_most_skilled_is_asked_first_where_the_queue_wants_that():
    queue = Queue("billing", (("billing", 2),), strategy="best-skilled")
    floor = Floor([queue], {"amy": (("billing", 3),), "bob": (("billing", 9),), "cat": (("billing", 9),)})
    floor.staff("amy", "cat", "bob")
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("cat", "c1")], "of two equals the longer idle"
    row = floor.rows(Kind.OFFERED)[-1]
    assert row.detail["rule"] == "most skilled of the able"
    assert row.detail["passed_over"] == {"idle for less long": 1, "less skilled": 1}
    assert floor.tell(CallQueued("c2", "billing")) == [Ring("bob", "c2")]
    assert floor.tell(CallQueued("c3", "billing")) == [Ring("amy", "c3")]


def test_the_least_occupied_is_asked_first_and_work_of_long_ago_weighs_less():
    queue = Queue("billing", strategy="least-occupied", wrap_up=timedelta(0))
    floor = Floor([queue], {"amy": (), "bob": (), "cat": ()})
    floor.staff("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.talk("amy", "c1", seconds=600)
    floor.staff("bob")
    floor.tell(AgentNotReady("amy", "break"), CallQueued("c2", "billing"))
    floor.talk("bob", "c2", seconds=60)
    floor.staff("cat")
    floor.tell(AgentNotReady("cat", "break"), AgentReady("amy"), CallQueued("c3", "billing"))
    assert floor.rows(Kind.OFFERED)[-1].agent == "bob", "a minute of work against ten"
    assert floor.rows(Kind.OFFERED)[-1].detail["passed_over"] == {"more occupied": 1, "not ready": 1}
    floor.talk("bob", "c3", seconds=60)
    floor.wait(seconds=4 * 3600)
    floor.tell(AgentNotReady("amy", "break"), CallQueued("c4", "billing"))
    floor.talk("bob", "c4", seconds=120)
    floor.tell(AgentReady("amy"))
    assert floor.tell(CallQueued("c5", "billing")) == [Ring("amy", "c5")], "her ten minutes are four hours old"
    floor.tell(AgentReady("cat"))
    assert floor.tell(CallQueued("c6", "billing")) == [Ring("cat", "c6")], "who has not worked at all"


def test_who_has_the_preferred_skills_comes_before_the_strategy_and_nobody_waits_for_him():
    queue = Queue("billing", (("billing", 1),), prefers=(("refunds", 3), ("calm", 5)))
    both, one, none = (("calm", 5), ("refunds", 4)), (("refunds", 9),), (("refunds", 2),)
    floor = Floor(
        [queue], {"amy": (*none, ("billing", 1)), "bob": (*one, ("billing", 1)), "cat": (*both, ("billing", 1))}
    )
    floor.staff("amy", "bob", "cat")
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("cat", "c1")]
    assert floor.rows(Kind.OFFERED)[-1].detail["passed_over"] == {"less preferred skill": 2}
    assert floor.tell(CallQueued("c2", "billing")) == [Ring("bob", "c2")]
    assert floor.tell(CallQueued("c3", "billing")) == [Ring("amy", "c3")]


def test_the_versatile_are_spared_where_the_rules_say_so():
    queues = [Queue("billing", (("billing", 1),)), Queue("orders", (("orders", 1),))]
    agents = {"amy": (("billing", 5), ("orders", 5)), "bob": (("billing", 5),)}
    floor = Floor(queues, agents, Rules(spare_versatile=True))
    floor.staff("amy", "bob")
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("bob", "c1")]
    assert floor.rows(Kind.OFFERED)[-1].detail["passed_over"] == {"serves more queues": 1}
    assert floor.tell(CallQueued("c2", "orders")) == [Ring("amy", "c2")]
    unspared = Floor(queues, agents)
    unspared.staff("amy", "bob")
    assert unspared.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]


def test_an_agent_takes_calls_of_his_queues_only():
    queues = [Queue("billing"), Queue("orders")]
    profiles = [AgentProfile("amy", queues=("orders",)), AgentProfile("bob")]
    floor = Floor(queues, profiles)
    floor.staff("amy", "bob")
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("bob", "c1")]
    assert floor.tell(CallQueued("c2", "billing")) == []
    assert floor.tell(CallQueued("c3", "orders")) == [Ring("amy", "c3")]
