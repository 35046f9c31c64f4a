"""What a caller must expect: position among those who compete for the same agents, and a range that comes true."""

import random
from datetime import timedelta

import pytest

from acd.engine.commands import Kind
from acd.engine.events import AgentLoggedOut, AgentReady, CallArrived, CallerHungUp, CallQueued
from acd.engine.expected_wait import WaitEstimates
from acd.engine.model import Expected, Queue, Rules
from tests.engine.support.floor import Floor


def test_the_position_counts_those_who_compete_for_the_same_agents_and_nobody_else():
    queues = [Queue(name, ((name, 1),)) for name in ("a", "b", "c")]
    floor = Floor(queues, {"amy": (("a", 1), ("b", 1)), "bob": (("c", 1),), "cat": (("b", 1), ("c", 1))})
    floor.staff("amy", "bob")
    for number, queue in enumerate("abc"):
        floor.tell(CallQueued(f"w{number}", queue))  # the first two of them ring
    for number, queue in enumerate("abcabc"):
        floor.tell(CallQueued(f"c{number}", queue))
    assert {name: floor.about_call(name)["position"] for name in ("w1", "c0", "c1", "c2", "c3", "c4", "c5")} == {
        "w1": 1, "c0": 2, "c1": 3, "c2": 1, "c3": 4, "c4": 5, "c5": 2,
    }  # fmt: skip
    floor.tell(AgentReady("cat"))  # now b and c compete too; w1 rings at her
    assert floor.about_call("c2")["position"] == 2, "behind c1 of queue b"
    floor.tell(AgentLoggedOut("cat"))
    assert floor.about_call("c5")["position"] == 2


def test_an_idle_agent_means_no_wait_and_a_longer_line_a_longer_one():
    floor = Floor([Queue("billing")], {"amy": (), "bob": ()}, Rules(expected_handling=timedelta(seconds=100)))
    floor.staff()
    rows = []
    for number in range(5):
        floor.tell(CallQueued(f"c{number}", "billing"))
        detail = floor.rows(Kind.QUEUED)[-1].detail
        rows.append((detail["position"], detail["median_s"], detail["p90_s"]))
    assert rows[:2] == [(1, 0.0, 0.0), (1, 0.0, 0.0)]
    assert [position for position, _, _ in rows[2:]] == [1, 2, 3]
    medians = [median for _, median, _ in rows[2:]]
    # Erlang of shape 1, 2, 3 and mean 50 s a step: medians 34.7, 83.9, 133.7 s (the cube root is within 2 %).
    assert medians == pytest.approx([34.7, 83.9, 133.7], rel=0.02)
    assert rows[2][2] == pytest.approx(115.1, rel=0.02)
    standing = floor.acd.queue_position("c4", floor.now)
    assert standing is not None
    assert (standing["position"], standing["stage"]) == (3, "waiting")
    assert standing["median_s"] == pytest.approx(133.7, rel=0.02)
    assert floor.acd.queue_position("c9", floor.now) is None


def test_the_range_learns_from_what_happens():
    """Waits that are three times what the model thinks, and spread wider: after some hundred calls half lie under the
    median and nine tenths under the upper bound."""
    waits, chance = WaitEstimates(), random.Random(1)
    waits.handled("billing", 60)
    under: list[tuple[bool, bool]] = []
    for _ in range(3000):
        ahead = chance.randrange(8)
        said = waits.expected("billing", ahead, 4, 180)
        waited = 3 * sum(chance.expovariate(1 / 15) for _ in range(ahead + 1)) * chance.uniform(0.5, 1.5)
        waits.waited("billing", said, waited, answered=True)
        under.append((waited <= said.median_s, waited <= said.p90_s))
    late = under[1000:]
    assert sum(median for median, _ in late) / len(late) == pytest.approx(0.5, abs=0.03)
    assert sum(p90 for _, p90 in late) / len(late) == pytest.approx(0.9, abs=0.03)


def test_who_gives_up_before_a_bound_says_nothing_about_it():
    waits = WaitEstimates()
    said = waits.expected("billing", 0, 1, 100)
    for _ in range(100):
        waits.waited("billing", said, 10.0, answered=False)
    assert waits.expected("billing", 0, 1, 100) == said
    waits.waited("billing", Expected(), 5.0, answered=True)
    assert waits.expected("billing", 0, 1, 100) == said


def test_the_handling_time_of_a_queue_is_learnt():
    floor = Floor(
        [Queue("billing", wrap_up=timedelta(seconds=20))], {"amy": ()}, Rules(expected_handling=timedelta(100))
    )
    floor.staff()
    floor.tell(CallArrived("c1", "139"), CallQueued("c1", "billing"))
    floor.talk("amy", "c1", 40)
    floor.wait(seconds=20)
    floor.tell(CallQueued("c2", "billing"), CallQueued("c3", "billing"))
    assert floor.rows(Kind.QUEUED)[-1].detail["median_s"] == pytest.approx(60 * 0.693, rel=0.02)
    floor.tell(CallerHungUp("c3"))
