"""Events of offers, step by step: dialled, ringing, answered, bridged, failed, bridge ended.

A step may be left out (a phone that is answered at once never rang) but never be undone: an event of an earlier step than
the one reached, or of no offer that goes on, is logged as ignored.
"""

from acd.engine.commands import Ending, Kind, Outcome
from acd.engine.entities import Agent, Offered
from acd.engine.events import (
    BY_CALLERS_SIDE,
    AgentAnswered,
    AgentDialled,
    AgentPickedUp,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    OfferFailed,
)
from acd.engine.listening import asked as listening
from acd.engine.offers.offer_lifecycle import (
    adopt_talk,
    answer,
    arm,
    caller_left,
    connect,
    end_talk,
    failed,
    number_of,
    reopen,
)
from acd.engine.routing.agents import restate, trust
from acd.engine.state import State
from acd.engine.transfers import consult, transfer

Step = AgentDialled | AgentRinging | AgentPickedUp | AgentAnswered | CallBridged | BridgeEnded | OfferFailed

FAILURES: dict[str, Outcome] = {
    "rejected": Outcome.REJECTED,
    "busy": Outcome.BUSY,
    "forwarded": Outcome.FORWARDED,
    "unreachable": Outcome.UNREACHABLE,
    "ring no answer": Outcome.RING_NO_ANSWER,
    "not dialled": Outcome.NOT_DIALLED,
    "failed": Outcome.FAILED,
}


def _in_flight(s: State, event: Step) -> Offered | None:
    """The offer that the event speaks of, if it still goes on; else the event is logged as ignored.

    An event of the fallback queue names no offer: call and agent say which it is.
    """
    agent = s.agents.get(event.agent)
    offer = agent.offer if agent is not None else None
    if (
        offer is not None
        and not offer.reserved
        and offer.call.call == event.call
        and event.offer in (offer.offer, offer.also, "")
    ):
        return offer
    s.ignore(event, "no such agent" if agent is None else "no such offer goes on")
    return None


def dialled(s: State, event: AgentDialled) -> None:
    """AgentDialled: from now on the phone has Rules.sign_within to give a sign of life."""
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.dialled_at is not None or offer.ringing_at is not None or offer.answered_at is not None:
        s.ignore(event, "the offer is further than that")
        return
    offer.dialled_at = s.now
    offer.call.not_dialled = 0
    arm(s, offer)


def ringing(s: State, event: AgentRinging) -> None:
    """AgentRinging: from now on the phone may ring for Rules.rings rings."""
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.ringing_at is not None or offer.answered_at is not None or offer.bridged_at is not None:
        s.ignore(event, "the offer is further than that")
        return
    offer.ringing_at = s.now
    offer.call.not_dialled = 0
    s.log(Kind.RINGING, event.call, event.agent, event.offer, offer.queue)
    arm(s, offer)


def picked_up(s: State, event: AgentPickedUp) -> None:
    """AgentPickedUp: from now on there are Rules.accept_within for the key, whatever is left of the rings."""
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.picked_up_at is not None or offer.answered_at is not None:
        s.ignore(event, "the offer is further than that")
        return
    offer.picked_up_at = s.now
    offer.ringing_at = offer.ringing_at or s.now
    arm(s, offer)


def answered(s: State, event: AgentAnswered) -> None:
    """AgentAnswered; one that crosses the taking back is not held against the agent."""
    agent = s.agents.get(event.agent)
    if agent is not None and event.offer and agent.last_offer == event.offer:
        _crossed(s, agent, event)
        return
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.answered_at is not None:
        s.ignore(event, "the offer is further than that")
        return
    answer(s, offer)
    arm(s, offer)


def _crossed(s: State, agent: Agent, event: AgentAnswered) -> None:
    """The agent answered while the offer was being taken back: undo what was held against the agent.

    Which of the two came first in Asterisk shows in a moment. If the caller has no other agent, that moment is waited for.
    """
    agent.last_offer = ""
    s.log(Kind.CROSSED, event.call, agent.agent, event.offer)
    if agent.last_counted == s.counts.day:
        s.counts.crossed(agent.last_queue, agent.last_brand)
    if agent.stepped_out:
        agent.stepped_out = False
        agent.ready, agent.reason = True, ""
    trust(s, agent)
    restate(s, agent)
    call = s.calls.get(event.call)
    if call is None:
        return
    if agent.agent in call.missed and agent.agent not in call.paused:
        call.missed.remove(agent.agent)
    offer = call.let_go
    if offer is not None and offer.offer == event.offer and s.pbx:
        offer.crossed = True
        if reopen(s, offer):
            answer(s, offer)
            arm(s, offer)


def bridged(s: State, event: CallBridged) -> None:
    """CallBridged: caller and agent talk. It may be by an offer that was withdrawn, or by the fallback queue."""
    call, agent = s.calls.get(event.call), s.agents.get(event.agent)
    if call is not None and call.stage == "waiting" and not call.virtual and agent is not None:
        given_up = call.let_go
        if given_up is not None and given_up.offer == event.offer and given_up.agent is agent:
            if reopen(s, given_up):
                connect(s, given_up)
                return
        elif number_of(call, event.offer) == 0 and agent.offer is None:
            adopt_talk(s, call, event.agent, event.offer)  # by the fallback queue, whose offers we did not make
            return
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.bridged_at is not None:
        s.ignore(event, "the offer is further than that")
    elif offer.consulted or offer.handed:
        s.ignore(event, "he is consulted, and the caller is another's")
    else:
        for before in [*offer.call.leaving]:
            transfer.release(s, before)  # Whoever handed the caller over is with the caller no more, heard or not.
        connect(s, offer)


def bridge_ended(s: State, event: BridgeEnded) -> None:
    """BridgeEnded: what it means depends on what the agent was doing."""
    offer = _in_flight(s, event)
    if offer is None:
        return
    call = offer.call
    warm = call.transfer is not None and call.transfer.state in transfer.WARM
    if offer.handed:
        transfer.release(s, offer)
    elif offer.consulted:
        consult.receiver_left(s, offer, event.by)
    elif offer.bridged_at is not None and warm:
        consult.first_agent_left(s, offer, event.by)
    elif offer.bridged_at is not None and offer.apart_how == "page" and event.by not in BY_CALLERS_SIDE:
        transfer.agent_left_on_hold(s, offer, event.by)
    elif offer.bridged_at is not None and listening.keeps_caller(s, call, event.by):
        listening.agent_left(s, offer, event.by)
    elif offer.bridged_at is not None:
        end_talk(s, offer, event.by)
    elif event.by in BY_CALLERS_SIDE:
        caller_left(s, offer, 0)
        lost = event.by == "line lost"
        call.stage, call.after = "after", Ending.LOST if lost else Ending.ABANDONED_RINGING
    else:
        failed(s, offer, Outcome.LOST, sent_away=event.by == "agent")


def offer_failed(s: State, event: OfferFailed) -> None:
    """OfferFailed: the call goes back to its place in line, and the agent is set by the outcome."""
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.bridged_at is not None or offer.handed:
        s.ignore(event, "they talk")
        return
    if offer.answered_at is not None and not offer.consulted:
        failed(s, offer, Outcome.LOST, event.cause, sent_away=event.reason in ("rejected", "busy"))
    else:
        failed(s, offer, FAILURES[event.reason], event.cause)
