"""The life of an offer: made, dialled, ringing, answered, bridged, over. Each step has a deadline but the talk itself.

An offer may skip steps (a phone that picks up at once never rang), and never goes back: what belongs to an earlier step
than the one reached is ignored. It is over exactly once, and every way of being over passes through `_close`.
"""

from datetime import datetime, timedelta

from acd.engine.agents import RING_NO_ANSWER, Agent, begin_wrap_up, cut_wrap_up, doubt, restate, trust
from acd.engine.calls import PAUSE, Call, Offered, leave_line, put_back
from acd.engine.commands import Ending, Kind, Offer, Outcome
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    EndedBy,
    OfferFailed,
)
from acd.engine.ledger import FOUND_TALKING, explanation
from acd.engine.model import Rules
from acd.engine.state import State

Step = AgentDialled | AgentRinging | AgentAnswered | CallBridged | BridgeEnded | OfferFailed

FAILURES: dict[str, Outcome] = {
    "rejected": Outcome.REJECTED,
    "busy": Outcome.BUSY,
    "unreachable": Outcome.UNREACHABLE,
    "ring no answer": Outcome.RING_NO_ANSWER,
    "not dialled": Outcome.NOT_DIALLED,
    "failed": Outcome.FAILED,
}


def rings(rules: Rules, rang: timedelta) -> int:
    """In which ring it was, counted from 1; up to and with the last instant of a ring it is that ring."""
    return max(1, -(-rang // rules.ring))


def make(s: State, call: Call, agent: Agent, rule: str) -> None:
    """Let the call ring at this agent, and say why at him."""
    detail = explanation(s, call, agent, rule)
    leave_line(s, call)
    call.offers += 1
    offer = Offered(f"{call.call}-{call.offers}", call, agent, call.queue, call.offers, s.now)
    call.offer, call.stage = offer, "offered"
    agent.offer, agent.work = offer, "ringing"
    s.log(Kind.OFFERED, call.call, agent.agent, offer.offer, call.queue, detail)
    restate(s, agent)
    s.out.append(Offer(agent.agent, call.call, offer.offer, call.queue, call.caller, call.hanging))
    call.hanging = ""
    arm(s, offer)


def arm(s: State, offer: Offered) -> None:
    """Set the deadline of the step that the offer has reached. Without a link to Asterisk nothing can be said of it."""
    name = ("offer", offer.agent.agent)
    if offer.bridged_at is not None or not s.pbx:
        s.deadlines.clear(name)
    elif offer.answered_at is not None:
        s.deadlines.set(name, s.now + s.rules.bridged_within)
    elif offer.ringing_at is not None:
        s.deadlines.set(name, s.now + s.rules.ring * s.rules.rings)
    elif offer.dialled_at is not None:
        s.deadlines.set(name, s.now + s.rules.sign_within)
    else:
        s.deadlines.set(name, s.now + s.rules.dialled_within)


def _in_flight(s: State, event: Step) -> Offered | None:
    """The offer that the event speaks of, if it still goes on; else the event is logged as ignored.

    An event of the fallback queue names no offer: call and agent say which it is.
    """
    agent = s.agents.get(event.agent)
    offer = agent.offer if agent is not None else None
    if offer is not None and offer.call.call == event.call and event.offer in (offer.offer, offer.also, ""):
        return offer
    s.ignore(event, "no such agent" if agent is None else "no such offer goes on")
    return None


def dialled(s: State, event: AgentDialled) -> None:
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


def answered(s: State, event: AgentAnswered) -> None:
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
    _answer(s, offer)
    arm(s, offer)


def _answer(s: State, offer: Offered) -> None:
    offer.answered_at = s.now
    offer.call.up = offer.offer
    offer.call.not_dialled = 0
    rang = s.now - (offer.ringing_at or s.now)
    s.log(
        Kind.ANSWERED,
        offer.call.call,
        offer.agent.agent,
        offer.offer,
        offer.queue,
        {"ring_s": rang.total_seconds(), "rings": rings(s.rules, rang)},
    )


def _crossed(s: State, agent: Agent, event: AgentAnswered) -> None:
    """He picked up while we took the call back. That is nobody's fault: undo what was held against him."""
    agent.last_offer = ""
    s.log(Kind.CROSSED, event.call, agent.agent, event.offer)
    if event.call in s.calls:
        call = s.calls[event.call]
        if agent.agent in call.missed and agent.agent not in call.paused:
            call.missed.remove(agent.agent)
    if agent.stepped_out:
        s.counts.crossed(agent.last_queue)
        agent.stepped_out = False
        agent.ready, agent.reason = True, ""
    trust(s, agent)
    restate(s, agent)


def bridged(s: State, event: CallBridged) -> None:
    call = s.calls.get(event.call)
    if call is not None and call.stage == "waiting" and event.offer == call.hanging:
        agent = s.agents.get(event.agent)
        if agent is not None and agent.offer is None:
            # They talk after all: an offer given up with the phone up, or one of the fallback queue.
            take_up_talk(s, call, event.agent, event.offer)
            return
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.bridged_at is not None:
        s.ignore(event, "the offer is further than that")
        return
    connect(s, offer)


def connect(s: State, offer: Offered) -> None:
    """Caller and agent hear each other."""
    if offer.answered_at is None:
        _answer(s, offer)
    call, agent = offer.call, offer.agent
    offer.bridged_at = s.now
    call.stage = "talking"
    waited = s.now - call.place
    s.log(
        Kind.CONNECTED,
        call.call,
        agent.agent,
        offer.offer,
        offer.queue,
        {"wait_s": max(0.0, waited.total_seconds())},
    )
    agent.work = "talking"
    arm(s, offer)
    restate(s, agent)


def bridge_ended(s: State, event: BridgeEnded) -> None:
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.bridged_at is not None:
        end_talk(s, offer, event.by)
    elif event.by == "caller":
        call = offer.call
        caller_left(s, offer, 0)
        call.stage, call.after = "after", Ending.ABANDONED_RINGING
    else:
        failed(s, offer, Outcome.LOST, sent_away=event.by == "agent")


def take_up_talk(s: State, call: Call, name: str, offer_id: str) -> None:
    """They talk, by an offer that is not ours or that we gave up: believe it."""
    leave_line(s, call)
    call.stage, call.after, call.hanging = "talking", None, ""
    agent = s.agents.get(name)
    if agent is None or agent.offer is not None:
        return  # with somebody whom we don't know, or who is not free by our books: the caller at least is left alone
    if agent.work == "wrap-up":
        cut_wrap_up(s, agent)
    number = number_of(call, offer_id)
    call.offers = max(number, call.offers + 1)
    offer = Offered(f"{call.call}-{call.offers}", call, agent, call.queue, call.offers, s.now, s.now, s.now)
    offer.also = offer_id
    call.offer = agent.offer = offer
    s.log(
        Kind.OFFERED,
        call.call,
        name,
        offer.offer,
        call.queue,
        {
            "number": offer.number,
            "waited_s": max(0.0, (s.now - call.place).total_seconds()),
            "rule": FOUND_TALKING,
            "runners_up": [],
            "passed_over": {},
        },
    )
    connect(s, offer)


def number_of(call: Call, offer_id: str) -> int:
    """Which of the call's offers has that id, from 1; 0: none."""
    name, _, number = offer_id.rpartition("-")
    return int(number) if name == call.call and number.isascii() and number.isdigit() else 0


def end_talk(s: State, offer: Offered, by: EndedBy, gone_at: datetime | None = None) -> None:
    """The talk is over; whoever was not served by it waits again, unless he has gone since, at `gone_at`."""
    call, agent = offer.call, offer.agent
    assert offer.bridged_at is not None, f"{offer.offer} ends a talk that it never had"
    talk = max(timedelta(0), (gone_at or s.now) - offer.bridged_at)
    talk_s = talk.total_seconds()
    call.talk_s += talk_s
    s.log(Kind.TALK_ENDED, call.call, agent.agent, offer.offer, offer.queue, {"talk_s": talk_s, "by": by})
    has_served = talk >= s.rules.well_after
    if has_served and call.wait_s is None:
        call.wait_s = max(0.0, (offer.bridged_at - call.place).total_seconds())
    _close(s, offer, Outcome.ANSWERED)
    s.counts.talked(offer.queue, talk_s)
    if gone_at is not None:
        call.stage, call.after = "after", Ending.ANSWERED
        begin_wrap_up(s, agent, offer.queue)
    elif by == "lost":
        doubt(s, agent)
        restate(s, agent)
        put_back(s, call, "the agent's phone was lost")
    elif has_served:
        call.stage, call.after = "after", Ending.ANSWERED
        begin_wrap_up(s, agent, offer.queue)
    elif by == "caller":
        call.stage, call.after = "after", Ending.ABANDONED_RINGING
        restate(s, agent, keep_place=True)
    else:
        _send_away(s, call, agent)
        restate(s, agent)
        put_back(s, call, "the agent hung up at once")


def caller_left(s: State, offer: Offered, cause: int) -> None:
    """Asterisk itself stops the ringing; the agent is idle again, at his old place."""
    _close(s, offer, Outcome.CALLER_LEFT, cause)
    restate(s, offer.agent, keep_place=True)


def drop(s: State, offer: Offered, outcome: Outcome) -> None:
    """It is over with its call, and not by the agent's doing."""
    _close(s, offer, outcome)
    restate(s, offer.agent, keep_place=True)


def offer_failed(s: State, event: OfferFailed) -> None:
    offer = _in_flight(s, event)
    if offer is None:
        return
    if offer.bridged_at is not None:
        s.ignore(event, "they talk")
        return
    if offer.answered_at is not None:
        failed(s, offer, Outcome.LOST, event.cause, sent_away=event.reason in ("rejected", "busy"))
    else:
        failed(s, offer, FAILURES[event.reason], event.cause)


def overdue(s: State, offer: Offered) -> None:
    """The deadline of the step it has reached went by."""
    if offer.answered_at is not None:
        # The phone is up, so nothing is taken back: if they talk after all and only the event is missing, a TakeBack
        # would cut them. The next offer, which needs the caller, supersedes this one.
        call = offer.call
        failed(s, offer, Outcome.LOST)
        call.hanging = offer.offer
    elif offer.ringing_at is not None:
        failed(s, offer, Outcome.RING_NO_ANSWER, still_rings=True)
    elif offer.dialled_at is not None:
        failed(s, offer, Outcome.UNREACHABLE, still_rings=True)
    else:
        failed(s, offer, Outcome.NOT_DIALLED, still_rings=True)


def failed(
    s: State,
    offer: Offered,
    outcome: Outcome,
    cause: int = 0,
    still_rings: bool = False,
    sent_away: bool = False,
) -> None:
    """The offer came to nothing: settle it with the agent, and put the caller back to the head of the line."""
    call, agent = offer.call, offer.agent
    _close(s, offer, outcome, cause)
    if still_rings:
        agent.last_offer, agent.last_queue = offer.offer, offer.queue
        call.hanging = offer.offer
        s.pulled.append((call, agent.agent))
    keep_place, rest = False, False
    if outcome not in (Outcome.NOT_DIALLED, Outcome.TAKEN_BACK):
        call.not_dialled = 0
    if outcome is Outcome.RING_NO_ANSWER:
        call.miss(agent.agent)
        if agent.ready:
            agent.ready, agent.reason, agent.stepped_out = False, RING_NO_ANSWER, True
    elif outcome in (Outcome.REJECTED, Outcome.BUSY, Outcome.FAILED) or sent_away:
        _send_away(s, call, agent)
    elif outcome is Outcome.NOT_DIALLED and call.not_dialled:
        call.not_dialled += 1
        keep_place, rest = True, True  # the second in a row: it is the call that cannot be moved, not the agents
    elif outcome is Outcome.TAKEN_BACK:
        keep_place = True
    else:
        call.not_dialled = int(outcome is Outcome.NOT_DIALLED)
        call.miss(agent.agent)
        doubt(s, agent)
    restate(s, agent, keep_place)
    put_back(s, call, str(outcome), rest)


def _send_away(s: State, call: Call, agent: Agent) -> None:
    """He is asked last for this call, and not before a pause."""
    call.miss(agent.agent)
    call.paused[agent.agent] = True
    s.deadlines.set(("pause", call.call, agent.agent), s.now + PAUSE)


def _close(s: State, offer: Offered, outcome: Outcome, cause: int = 0) -> None:
    """Books only: the offer's last row, and neither side holds it any more."""
    agent = offer.agent
    rang = timedelta(0)
    if offer.ringing_at is not None:
        rang = (offer.answered_at or s.now) - offer.ringing_at
    has_rung = offer.ringing_at is not None or offer.answered_at is not None
    count = rings(s.rules, rang) if has_rung else 0
    s.log(
        Kind.OFFER_ENDED,
        offer.call.call,
        agent.agent,
        offer.offer,
        offer.queue,
        {"outcome": str(outcome), "cause": cause, "ring_s": rang.total_seconds(), "rings": count},
    )
    if has_rung and outcome is not Outcome.CALLER_LEFT:
        s.counts.rang(offer.queue, in_time=offer.answered_at is not None and count <= s.rules.rings)
    s.deadlines.clear(("offer", agent.agent))
    offer.call.offer = None
    agent.offer = None
    agent.work = "idle"
