"""The cost of an event does not grow with the floor: counted in lines of code run, so that no clock decides."""

import sys
from types import FrameType
from typing import Any

import pytest

from acd.engine.acd import Acd
from tests.bench.engine import Lull, Play, run

pytestmark = pytest.mark.slow


def lines_per_event(play: Play, events: int) -> float:
    """Lines of the engine that a fresh one runs for the last so many events of a recorded floor."""
    play.warm_up()
    play.play(events)
    acd = Acd(play.queues, play.agents, play.rules)
    first = len(play.told) - events
    for at, event in play.told[:first]:
        acd.handle(event, at)
    lines = 0

    def count(frame: FrameType, what: str, argument: Any) -> Any:
        nonlocal lines
        if what == "line":
            lines += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        for at, event in play.told[first:]:
            acd.handle(event, at)
    finally:
        sys.settrace(before)
    return lines / events


def test_an_event_costs_the_same_on_a_floor_ten_times_as_large():
    small, large = (lines_per_event(Play(size, waiting=size, seed=3), 1500) for size in (100, 1000))
    assert large < 1.5 * small


def test_choosing_among_ten_times_as_many_idle_agents_costs_the_same():
    small, large = (lines_per_event(Lull(size, seed=3), 1500) for size in (100, 1000))
    assert large < 1.5 * small


def test_the_bench_measures_what_it_says():
    figures = run(sizes=(20, 40), events=600, rounds=1)
    assert figures["ours"]["events_per_s_20"] > 0
    assert abs(figures["ours"]["waiting_40"] - 40) < 20
    assert figures["ratio"] > 0
