"""To which channel each supervisor belongs. Looked at after every event, so that a new leg, a hold, a consult and a conference need no
code of their own here.

    mode            in the talk                      caller on hold, in transfer, waiting
    listen          the caller's channel             the caller's channel
    whisper         the agent's channel              held, consult: the agent's channel; else the caller's
    barge           the bridge                       the caller's channel, until the next talk
    take-over       the bridge; then the agent goes  as barge

While a caller shows who they are, by keys or by voice, nobody hears them.
"""

from acd.engine.entities import Call
from acd.engine.listening.asked import attach, end
from acd.engine.listening.state import NOWHERE, Listener, Place
from acd.engine.state import State

OVER = ("menu", "after", "elsewhere")
"""Stages of a call that nobody listens to: the survey is the caller's own, and an outside number not ours."""


def settle(s: State) -> None:
    """Ends listeners whose call is over or not theirs any more, and puts the others where they belong."""
    if not s.listeners.open or not s.pbx:
        return
    for listener in [*s.listeners.open.values()]:
        call = s.calls.get(listener.call)
        if call is None or call.virtual or (call.stage in OVER and not listener.took_over):
            end(s, listener, "call over")
        elif not _is_theirs(listener, call):
            end(s, listener, "other team")
        elif listener.is_up and (place := place_of(s, listener, call)) != listener.place:
            listener.place = place
            attach(s, listener)


def place_of(s: State, listener: Listener, call: Call) -> Place:
    """Where this listener belongs now."""
    if call.call in s.listeners.verifying:
        return NOWHERE
    if listener.took_over:
        return listener.place
    offer = call.offer
    talk = offer is not None and call.stage == "talking" and offer.bridged_at is not None
    if offer is None or not talk or listener.mode == "listen":
        return Place("caller")
    if listener.mode == "whisper":
        return Place("agent", offer.offer, offer.agent.agent)
    if offer.apart_at is not None and offer.apart_how != "telephone":
        return Place("caller")
    return Place("bridge" if offer.three_way_at is None else "conference", offer.offer)


def _is_theirs(listener: Listener, call: Call) -> bool:
    talking = call.stage == "talking" and call.offer is not None
    return not (listener.teams and talking and call.offer and call.offer.agent.team not in listener.teams)
