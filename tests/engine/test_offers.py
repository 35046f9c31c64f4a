"""An offer's life: rung, missed, rejected, lost, crossed."""

from acd.engine.events import AgentAnswered, AgentRinging, CallQueued
from tests.floor import Ring, billing_floor


def test_a_call_not_answered_in_three_rings_goes_to_the_next_agent():
    floor = billing_floor()
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]
    floor.tell(AgentRinging("amy", "c1", "c1-1"))
    assert floor.wait(rings=3) == [Ring("bob", "c1", instead_of="amy")]
    floor.tell(AgentRinging("bob", "c1", "c1-2"), AgentAnswered("bob", "c1", "c1-2"))
    assert floor.story("c1") == ["queued", "ring no answer", "answered"]
