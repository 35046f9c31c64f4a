"""A recorded day replayed: close to what was under its own rules, and telling something under others."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from acd.engine.acd import Acd
from acd.engine.model import AgentProfile, Rules
from acd.simulation.figures import ALL
from acd.simulation.patience import Patience
from acd.simulation.replay import House, as_it_was, missing_queues, side_by_side
from acd.simulation.world import World
from tests.simulation.support.recorded_day import Recorded, Rows, recorded
from tests.simulation.test_world import AGENTS, EIGHT, QUEUES, at, keep, plan

THEN = House(tuple(QUEUES), tuple(AGENTS), Rules())


def day(seed: str, no_answer: float = 0.05) -> Recorded:
    rows: Rows = []
    World(Acd(QUEUES, AGENTS, Rules()), plan(seed, no_answer), seed, keep(rows)).run()
    return recorded(rows, EIGHT, at(9))


def test_under_its_own_rules_the_day_comes_out_as_it_was():
    """Five draws of what nobody knows: what really happened lies where they lie."""
    found = side_by_side(day("1"), THEN, THEN, range(1, 6))
    was, same = found.was[ALL], found.same[ALL]
    assert same["calls"]["mean"] == was["calls"] > 250
    assert same["within"]["mean"] == pytest.approx(was["within"], abs=0.05)
    assert same["abandoned"]["mean"] == pytest.approx(was["abandoned"], abs=0.04)
    assert same["asa_s"]["mean"] == pytest.approx(was["asa_s"], rel=0.25)
    assert same["occupancy"]["mean"] == pytest.approx(was["occupancy"], abs=0.04)
    # The same house twice, with the same people: no difference at all.
    assert all(change["mean"] == 0 and change["half_width"] == 0 for change in found.change[ALL].values())


def test_more_agents_and_fewer_show_in_the_figures():
    lived = day("2")
    more = replace(
        THEN, agents=(*AGENTS, AgentProfile("2001", "", (("billing", 5),)), AgentProfile("2002", "", (("orders", 5),)))
    )
    fewer = replace(THEN, agents=tuple(AGENTS[:-2]))
    better, worse = (side_by_side(lived, THEN, house, (1, 2)) for house in (more, fewer))
    assert better.change[ALL]["within"]["mean"] > 0.02 > -0.02 > worse.change[ALL]["within"]["mean"]
    assert better.change[ALL]["abandoned"]["mean"] < 0 < worse.change[ALL]["abandoned"]["mean"]
    assert "New: 2001, 2002. Taken to be ready from 08:00 to" in " ".join(better.notes)
    assert "Absent: 1008, 1009." in worse.notes


def test_other_skills_show_in_the_figures():
    every = tuple(replace(agent, skills=(("billing", 9), ("orders", 9))) for agent in AGENTS)
    found = side_by_side(day("3"), THEN, replace(THEN, agents=every), (1, 2))
    assert found.change["orders"]["within"]["mean"] > 0


def test_phones_ring_in_vain_as_often_as_they_did():
    lived = day("4", no_answer=0.3)
    away = [stretch for stretch in lived.stretches if stretch.reason == "ring no answer"]
    assert len(away) > 20
    found = side_by_side(lived, THEN, THEN, range(1, 4))
    assert found.same[ALL]["within"]["mean"] == pytest.approx(found.was[ALL]["within"], abs=0.08)
    there = [replace(s, state="idle", reason="") if s.reason == "ring no answer" else s for s in lived.stretches]
    at_their_phones = side_by_side(replace(lived, stretches=there), THEN, THEN, range(1, 4))
    assert at_their_phones.same[ALL]["within"]["mean"] > found.same[ALL]["within"]["mean"] + 0.05


def test_the_figures_of_the_day_are_those_of_its_log():
    lived = day("5")
    figures = as_it_was(lived, THEN).cells()[ALL, -1].figures()
    answered = [arrival for arrival in lived.arrivals if arrival.ending == "answered"]
    assert figures["answered"] == len(answered)
    assert figures["asa_s"] == pytest.approx(sum(arrival.wait_s for arrival in answered) / len(answered))
    assert figures["within"] == sum(arrival.wait_s <= 15 for arrival in answered) / len(lived.arrivals)


def test_a_queue_that_the_other_house_lacks_is_named():
    lived = day("1")
    without = replace(THEN, queues=tuple(QUEUES[:1]))
    assert missing_queues(lived, THEN) == {}
    assert missing_queues(lived, without) == {"orders": sum(a.queue == "orders" for a in lived.arrivals)}


def test_patience_is_found_again_though_most_were_answered():
    """Uniform patience up to 100 s, and an answer after 30 s to 90 s for those who have it."""
    chance = random.Random(1)
    waits = []
    for _ in range(4000):
        patience, answer = chance.uniform(0, 100), chance.uniform(30, 90)
        waits.append((min(patience, answer), patience < answer))
    found = Patience.of(waits)
    drawn = sorted(found.beyond(0, chance) for _ in range(4000))
    for share in (0.2, 0.4, 0.6, 0.8):
        assert drawn[int(share * 4000)] == pytest.approx(100 * share, abs=4)
    later = sorted(found.beyond(60, chance) for _ in range(4000))
    assert later[0] > 60 and later[2000] == pytest.approx(80, abs=4)


def test_with_few_who_gave_up_patience_is_a_rate():
    found = Patience.of([(10, True), (20, False), (70, False)])
    assert found.times == () and found.rate == pytest.approx(0.01)
    chance = random.Random(1)
    drawn = [found.beyond(50, chance) for _ in range(4000)]
    assert min(drawn) > 50 and sum(drawn) / 4000 == pytest.approx(150, rel=0.1)
    assert Patience.of([(10, False)]).beyond(10, chance) == float("inf")


def test_a_days_length_does_not_matter():
    """A short recorded day, cut in the middle of talks, is replayed all the same."""
    rows: Rows = []
    World(Acd(QUEUES, AGENTS, Rules()), plan("6"), "6", keep(rows)).run()
    cut = EIGHT + timedelta(minutes=40)
    lived = recorded([row for row in rows if row[0] < cut], EIGHT, cut)
    found = side_by_side(lived, THEN, THEN, (1,))
    assert found.same[ALL]["calls"]["mean"] == len(lived.arrivals) > 30
    assert found.was[ALL]["calls"] < len(lived.arrivals)  # who still waited or talked has no ending yet
