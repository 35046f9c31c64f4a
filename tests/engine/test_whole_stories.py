"""Whole stories: any order of arrivals, hang-ups, answers, failures, breaks, losses of Asterisk and time."""

import json
import os
import random
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAnswered, CallbackFailed, CallSentOn
from acd.engine.commands import Kind, Log, TakeBack
from acd.engine.events import (
    AgentReady,
    AgentsChanged,
    CallArrived,
    CallerHungUp,
    CallQueued,
    CallReturned,
    ConfigChanged,
    Event,
    MessageLeft,
    PbxFound,
    PbxLost,
    PhoneTestAsked,
)
from acd.engine.operator_events import AgentMoved, CallMoved, CallPrioritised, CallWithdrawn, QueueClosed, QueueOpened
from acd.engine.state import ENDED_KEPT_FOR
from tests.engine.support.configurations import AGENTS, floor_configuration
from tests.engine.support.floor import Floor
from tests.engine.support.generator import EventGenerator
from tests.engine.support.observer import EngineObserver, total_s, without_noise
from tests.engine.support.pbx_reports import found_by_resync
from tests.support.examples import examples

MOVES = len(EventGenerator(floor_configuration(0).floor()).moves)
_NEXT = st.integers(0, MOVES * 1_000_000 - 1)
STORY = st.one_of(st.lists(_NEXT, max_size=20), st.lists(_NEXT, min_size=16, max_size=50))
"""Numbers, each of which chooses what happens next. Half of the stories are long ones."""
HOUSES = st.integers(0, 1_000_000)
"""A number that chooses the house; 0 is a plain one."""
CUTS = st.integers(0, 200)
"""After so many events."""


def cases(number: int) -> settings:
    """So many stories; those of all tests here are 10,000. SANXIANG_EXAMPLES: so many of each; SANXIANG_FEW_EXAMPLES: a twentieth."""
    return settings(
        max_examples=int(os.environ.get("SANXIANG_EXAMPLES", examples(number))),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize="SANXIANG_EXAMPLES" not in os.environ,
        database=None,
    )


def observed_floor(number: int = 0) -> tuple[Floor, EngineObserver]:
    """The floor of a house, on which an observer reads every event's commands as they come."""
    floor = floor_configuration(number).floor()
    books = EngineObserver(floor.acd)
    handle = floor.acd.handle

    def read(event, now):
        commands = handle(event, now)
        books.read(event, now, commands)
        return commands

    floor.acd.handle = read  # type: ignore[method-assign]
    for name in AGENTS:
        floor.tell(AgentReady(name))
    return floor, books


def play(story: list[int], number: int = 0) -> tuple[Floor, EngineObserver]:
    floor, books = observed_floor(number)
    world = EventGenerator(floor)
    for step in story:
        world.step(step)
    return floor, books


def everybody_leaves(floor: Floor) -> None:
    """Callers hang up; who holds a place without a line is called back, or an operator takes him out."""
    state = floor.acd._state
    if not state.pbx:
        floor.tell(found_by_resync(floor, 0, 0, lambda: "last", "1001"))
    for call in list(state.calls):
        floor.tell(CallerHungUp(call))
    floor.wait(seconds=120)
    for call in list(state.calls):
        floor.tell(CallWithdrawn(call, "the house is closed"))
        floor.tell(CallbackFailed(call, "no answer"), CallWithdrawn(call, "the house is closed"))
    floor.wait(seconds=120)


@given(STORY, HOUSES)
@cases(4000)
def test_whatever_happens_the_floor_stays_in_order(story, number):
    floor, books = play(story, number)
    books.close(floor.now)


@given(STORY, HOUSES)
@cases(1500)
def test_every_call_ends_in_exactly_one_way(story, number):
    floor, books = play(story, number)
    everybody_leaves(floor)
    books.close(floor.now)
    assert books.arrived == books.ended
    assert not books.offered, "an offer outlives its call"
    assert floor.acd.snapshot(floor.now)["calls"] == []
    assert {floor.about_agent(name)["work"] for name in floor.acd._state.agents} <= {"idle"}


@given(STORY, HOUSES)
@cases(500)
def test_an_agents_times_tile_the_wall_clock(story, number):
    floor, _ = play(story, number)
    began = floor.told[0][0]
    if any(isinstance(event, AgentsChanged | ConfigChanged) for _, event in floor.told):
        return  # who left and came again begins anew
    for agent in floor.acd._state.agents.values():
        assert agent.since is not None or not floor.rows(Kind.AGENT_STATE, agent=agent.agent)
        rows = floor.rows(Kind.AGENT_STATE, agent=agent.agent)
        open_s = (floor.now - (agent.since or began)).total_seconds()
        assert abs(total_s(rows) + open_s - (floor.now - began).total_seconds()) < 1e-3


@given(STORY, HOUSES, CUTS)
@cases(1000)
def test_a_checkpoint_and_the_events_since_give_the_same_floor(story, number, cut):
    floor, _ = play(story, number)
    first = floor_configuration(number).floor().acd
    cut %= len(floor.told) + 1
    for at, event in floor.told[:cut]:
        first.handle(event, at)
    kept = json.loads(json.dumps(first.checkpoint()))
    second = Acd.restore(kept)
    assert json.loads(json.dumps(second.checkpoint())) == kept
    for at, event in floor.told[cut:]:
        assert second.handle(event, at) == first.handle(event, at)
        assert second.next_deadline == first.next_deadline
    assert second.snapshot(floor.now) == first.snapshot(floor.now) == floor.acd.snapshot(floor.now)


ORDERS = (CallMoved, CallPrioritised, CallWithdrawn, AgentMoved, QueueClosed, QueueOpened)
"""What a person has ordered: who orders it twice means it twice."""
NAMELESS = (CallReturned, CallSentOn, MessageLeft, CallbackFailed)
"""They do not say which of several journeys they tell of; a copy is known only until the next begins."""


@given(STORY, HOUSES)
@cases(1000)
def test_telling_everything_twice_changes_nothing(story, number):
    floor, _ = play(story, number)
    twice = floor_configuration(number).floor()
    for at, event in floor.told:
        once = twice.acd.handle(event, at)
        rang_out = any(isinstance(c, Log) and c.kind is Kind.OFFER_ENDED for c in once)
        if isinstance(event, (*ORDERS, *NAMELESS)) or (isinstance(event, AgentReady | PhoneTestAsked) and rang_out):
            continue  # said as the phone rings out it is said to another state
        again = twice.acd.handle(event, at)
        if isinstance(event, PbxFound):
            # What it says to ring although it is over is stopped, and if it is said again, again.
            again = [command for command in again if not isinstance(command, TakeBack)]
        assert without_noise(again) == [], f"{event} told twice, after {once}"
    assert twice.acd.snapshot(floor.now) == floor.acd.snapshot(floor.now)


ONE_TIME = ("find_pbx", "tell_again")


@given(STORY, HOUSES, st.randoms(use_true_random=False))
@cases(700)
def test_events_of_a_call_that_come_again_much_later_change_nothing(story, number, chance):
    moves = EventGenerator(floor_configuration(0).floor()).moves
    floor, _ = play([step for step in story if moves[step % MOVES].__name__ not in ONE_TIME], number)
    again = floor_configuration(number).floor()
    old: list[tuple[datetime, Event]] = []
    called_back: set[str] = set()
    """Their hang-up was that of another channel; that copies of it are known for what they are is the translator's."""
    for at, event in floor.told:
        commands = again.acd.handle(event, at)
        if isinstance(event, CallbackAnswered):
            called_back.add(event.call)
        fitted = not any(
            isinstance(row, Log) and row.kind is Kind.IGNORED for row in commands
        )  # else it might fit later
        if fitted and hasattr(event, "call") and not isinstance(event, (*ORDERS, *NAMELESS)):
            old.append((at, event))
        if old and chance.random() < 0.5:
            was_at, late = chance.choice(old)
            if at - was_at > ENDED_KEPT_FOR / 2 or (isinstance(late, CallerHungUp) and late.call in called_back):
                continue
            assert without_noise(again.acd.handle(late, at)) == [], f"{late} came again after {event}"
    assert again.acd.snapshot(floor.now) == floor.acd.snapshot(floor.now)


@given(STORY, HOUSES, st.randoms(use_true_random=False))
@cases(800)
def test_events_in_any_order_never_break_the_floor(story, number, chance):
    """Each call that was ever spoken of, and hung up, has ended once when the dust has settled."""
    told = play(story, number)[0].told
    events = [event for _, event in told if not isinstance(event, PbxLost | PbxFound | AgentsChanged)]
    spoken_of = {event.call for event in events if isinstance(event, CallArrived | CallQueued)}
    events += [CallerHungUp(call) for call in sorted(spoken_of)]
    chance.shuffle(events)
    floor, books = observed_floor(number)
    for event in events:
        floor.now += timedelta(seconds=chance.choice([0, 0, 0.1, 1]))
        floor.tell(event)
    floor.wait(seconds=300)
    everybody_leaves(floor)
    books.close(floor.now)
    assert floor.acd.snapshot(floor.now)["calls"] == []
    assert spoken_of <= books.ended


@given(STORY, HOUSES, st.lists(st.integers(-5000, 5000), min_size=1, max_size=90))
@cases(500)
def test_the_clock_may_jump(story, number, jumps):
    told = play(story, number)[0].told
    acd = floor_configuration(number).floor().acd
    books = EngineObserver(acd)
    jumped = timedelta(0)
    for index, (at, event) in enumerate(told):
        jumped += timedelta(seconds=jumps[index % len(jumps)]) if index % 5 == 0 else timedelta(0)
        now = at + jumped
        spoken_of = {one.call for one in event.calls} if isinstance(event, PbxFound) else {getattr(event, "call", "")}
        if spoken_of & books.ended:
            continue  # by this clock it may be so long ago that nobody remembers the name
        books.read(event, now, acd.handle(event, now), clock_was_set=True)


DIGEST = """
import hashlib, random
from tests.engine.support.configurations import floor_configuration
from tests.engine.support.generator import EventGenerator
told = []
for number in range(6):
    floor = floor_configuration(number).floor()
    world = EventGenerator(floor)
    chance = random.Random(7)
    for _ in range(800):
        world.step(chance.randrange(len(world.moves) * 1_000_000))
    told += floor.commands
print(len(told), hashlib.sha256(repr(told).encode()).hexdigest())
"""


@pytest.mark.slow
def test_the_same_events_give_the_same_commands_under_any_hash_seed():
    root = Path(__file__).parents[2]
    told = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(told) == 1
    assert int(told.pop().split()[0]) > 3000


@pytest.mark.slow
def test_a_long_day_stays_in_order_and_small():
    """Thousands of steps on one floor: what is kept does not grow with what has been."""
    floor, books = observed_floor(3)
    world = EventGenerator(floor)
    chance = random.Random(11)
    for _ in range(4000):
        world.step(chance.randrange(MOVES * 1_000_000))
        if len(floor.acd._state.calls) > 30:
            oldest = next(iter(floor.acd._state.calls))
            floor.tell(CallerHungUp(oldest), CallWithdrawn(oldest))
    books.close(floor.now)
    state = floor.acd._state
    for line in state.router.lines():
        assert len(line.callers) <= 2 * line.waiting + 65
        assert len(line.idle) <= 2 * line.able + 65
    assert len(state.deadlines._heap) <= 2 * len(state.deadlines._current) + 65
