"""Where in a leg's recording a supervisor is heard: from joining the bridge to leaving it, as a span of the leg."""

from datetime import datetime

from acd.engine.entities import Call, Offered
from acd.engine.listening.state import Listener
from acd.engine.offers.talk_time import add_span, recorded_s
from acd.engine.routing.queueing import since
from acd.engine.state import State


def leg_ends(s: State, offer: Offered, at: datetime) -> None:
    """To be called before a talk's end is logged, and before a caller is handed over: notes the supervisors who are in it. Of a leg that
    the caller has left by then nothing is noted: that was done when they left it."""
    if offer is not offer.call.offer:
        return
    for listener in s.listeners.of_call(offer.call.call):
        note(offer.call, listener, at)


def note(call: Call, listener: Listener, at: datetime) -> None:
    """The supervisor leaves the bridge, or the leg ends, at `at`: a span of the leg that goes on; nothing where there is none."""
    offer = call.offer
    if offer is None or offer.bridged_at is None or listener.joined_at is None:
        return
    from_at = max(listener.joined_at, offer.bridged_at)
    lasted_s = since(from_at, at)
    add_span(offer, "supervisor", recorded_s(offer, from_at), lasted_s, lasted_s, by=listener.account)
