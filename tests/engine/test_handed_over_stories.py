"""Whole stories in which callers are handed over: one holder at each moment, one end for every transfer, nobody rung twice."""

import json

from hypothesis import given
from hypothesis import strategies as st

from acd.engine.acd import Acd
from tests.engine.support.configurations import floor_configuration
from tests.engine.support.floor import Floor
from tests.engine.support.observer import EngineObserver
from tests.engine.support.transfer_generator import TransferEventGenerator
from tests.engine.test_whole_stories import cases, everybody_leaves, observed_floor

MOVES = len(TransferEventGenerator(floor_configuration(0).floor()).moves)
_NEXT = st.integers(0, MOVES * 1_000_000 - 1)
STORY = st.one_of(st.lists(_NEXT, max_size=25), st.lists(_NEXT, min_size=20, max_size=70))
HOUSES = st.integers(0, 1_000_000)


def play(story: list[int], number: int = 0) -> tuple[Floor, EngineObserver]:
    floor, books = observed_floor(number)
    world = TransferEventGenerator(floor)
    for step in story:
        world.step(step)
    return floor, books


@given(STORY, HOUSES)
@cases(1500)
def test_whatever_happens_every_caller_has_one_holder(story, number):
    floor, books = play(story, number)
    books.close(floor.now)


@given(STORY, HOUSES)
@cases(600)
def test_every_transfer_and_every_call_ends(story, number):
    floor, books = play(story, number)
    everybody_leaves(floor)
    books.close(floor.now)
    assert books.arrived == books.ended and not books.transfers.under_way
    assert not books.offered, "an offer outlives its call"


@given(STORY, HOUSES, st.integers(0, 200))
@cases(300)
def test_a_checkpoint_anywhere_and_the_events_since_give_the_same_floor(story, number, cut):
    floor, _ = play(story, number)
    before = floor_configuration(number).floor().acd
    for at, event in floor.told[:cut]:
        before.handle(event, at)
    after = Acd.restore(json.loads(json.dumps(before.checkpoint())))
    for at, event in floor.told[cut:]:
        assert after.handle(event, at) == before.handle(event, at), f"after {event}"
