"""A break that is asked for at the very moment of an offer: whatever comes first, nobody rings at who has said so."""

import random

import pytest

from acd.engine.callback_events import CallbackAccepted, CallbackAnswered
from acd.engine.commands import CallBack, Offer
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    Event,
    OfferFailed,
    WrapUpEnded,
)
from tests.engine.support.floor import Floor, billing_floor

INTERLEAVINGS = 10_000
AGENTS = ("amy", "bob", "cat")


def next_event(floor: Floor, chance: random.Random, made: int) -> list[Event]:
    """What may happen next, pauses and offers' steps most of all."""
    state = floor.acd._state
    agent = chance.choice(AGENTS)
    going = [one.offer for one in state.agents.values() if one.offer is not None]
    match chance.randrange(8):
        case 0 | 1:
            return [AgentNotReady(agent, chance.choice(["lunch", "training"]))]
        case 2:
            return [AgentReady(agent)]
        case 3:
            return [AgentLoggedOut(agent) if chance.random() < 0.3 else WrapUpEnded(agent)]
        case 4:
            call = f"c{made}"
            return [CallArrived(call, f"138{made % 3}"), CallQueued(call, "billing", wanted=chance.choice(["", agent]))]
        case 5 if state.calls:
            call = chance.choice(list(state.calls))
            takes: list[Event] = [CallbackAccepted(call), CallerHungUp(call)]
            if chance.random() < 0.4:
                return takes
            return [CallerHungUp(call) if chance.random() < 0.5 else CallbackAnswered(call)]
        case _ if going:
            offer = chance.choice(going)
            which = offer.agent.agent, offer.call.call, offer.offer
            steps: list[Event] = [
                AgentDialled(*which), AgentRinging(*which), AgentAnswered(*which), CallBridged(*which),
                OfferFailed(*which, "rejected"), OfferFailed(*which, "not dialled"), BridgeEnded(*which, "agent"),
            ]  # fmt: skip
            return [chance.choice(steps)]
    return []


@pytest.mark.slow
def test_nobody_is_asked_after_his_pause_was_told():
    asked = paused_at_once = 0
    for seed in range(INTERLEAVINGS):
        chance = random.Random(seed)
        floor = billing_floor(*AGENTS, wrap_up_s=chance.choice([0, 5]))
        paused: set[str] = set()
        for made in range(14):
            for event in next_event(floor, chance, made):
                if isinstance(event, AgentNotReady | AgentLoggedOut):
                    paused.add(event.agent)
                    paused_at_once += any(c.agent == event.agent for c in floor.commands[-3:] if isinstance(c, Offer))
                elif isinstance(event, AgentReady):
                    paused.discard(event.agent)
                before = len(floor.commands)
                floor.tell(event)
                rung = [c for c in floor.commands[before:] if isinstance(c, Offer | CallBack)]
                assert not paused & {c.agent for c in rung}, f"seed {seed}: {rung} after {event}, {paused} are paused"
                asked += len(rung)
            if chance.random() < 0.4:
                before = len(floor.commands)
                floor.wait(seconds=chance.choice([0.2, 1, 2, 5, 15]))
                rung = [c for c in floor.commands[before:] if isinstance(c, Offer | CallBack)]
                assert not paused & {c.agent for c in rung}, f"seed {seed}: {rung}, {paused} are paused"
                asked += len(rung)
    assert asked > 2 * INTERLEAVINGS
    assert paused_at_once > INTERLEAVINGS / 20
