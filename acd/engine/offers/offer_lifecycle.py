"""The life of an offer: made, dialled, ringing, answered, bridged, over. Each step has a deadline but the talk itself.

calls/offer_events.py takes the events; here is what each step does. Every end of an offer passes through `_close`. An offer
that was withdrawn while its phone might still be answered is kept at the call (`Call.let_go`): if Asterisk says that it was
answered all the same, and the caller has no other agent, it goes on under its own id.
"""

from datetime import datetime, timedelta

from acd.engine.commands import CallBack, Ending, Kind, Offer, Outcome
from acd.engine.entities import Agent, Call, Offered
from acd.engine.events import EndedBy
from acd.engine.listening import spans
from acd.engine.masking import legs as masked_legs
from acd.engine.model import AT_ONCE, Rules
from acd.engine.offers.choice_log import FOUND_TALKING, choice_detail
from acd.engine.offers.explanation import explain
from acd.engine.offers.talk_time import end_hold, leg_detail, talked_s
from acd.engine.promises import ledger
from acd.engine.routing import calls_out, telephones
from acd.engine.routing.agents import RING_NO_ANSWER, begin_wrap_up, cut_wrap_up, doubt, restate, trust
from acd.engine.routing.queueing import PAUSE, REST, answer_within_s, leave_line, put_back, since
from acd.engine.state import State
from acd.identifiers import is_number

GONE_WITHIN = timedelta(seconds=2)
"""From handing a caller over to the end of the agent's channel; if that is not told, the agent is free after this."""


def rings(rules: Rules, rang: timedelta) -> int:
    """In which ring it was after so much ringing, counted from 1; the last instant of a ring belongs to that ring."""
    return max(1, -(-rang // rules.ring))


def make_offer(s: State, call: Call, agent: Agent, rule: str) -> None:
    """Offer the call to this agent, and log why (`rule`: a text of choice_log). For a virtual call the customer is dialled first."""
    detail = choice_detail(s, call, agent, rule)
    if call.call in s.explained:
        s.decisions.append(explain(s, call, agent, rule))
    leave_line(s, call)
    call.offers += 1
    offer = Offered(f"{call.call}-{call.offers}", call, agent, call.queue, call.offers, s.now)
    call.offer, call.stage = offer, "offered"
    agent.offer, agent.work = offer, "reserved" if call.virtual else "ringing"
    s.log(Kind.OFFERED, call.call, agent.agent, offer.offer, call.queue, detail)
    restate(s, agent)
    if call.virtual:
        _call_back(s, offer)
    else:
        ring(s, offer)


def ring(s: State, offer: Offered) -> None:
    """Have the agent's phone ring; a stale offer of the call is superseded."""
    call, agent = offer.call, offer.agent
    barred = calls_out.leg_to_agent(s, agent.outside, call) if agent.outside else ""
    s.out.append(Offer(agent.agent, call.call, offer.offer, offer.queue, call.caller_shown, call.hanging, barred))
    call.hanging, call.let_go = "", None
    arm(s, offer)


def _call_back(s: State, offer: Offered) -> None:
    """Dial the customer of a callback; the agent is reserved, and is rung when the customer has answered."""
    call = offer.call
    offer.reserved, call.dialling = True, True
    call.attempts += 1
    if (promise := s.promises.get(call.call)) is not None:
        promise.tries = call.attempts
    s.deadlines.set(("callback", call.call), s.now + s.rules.callback_within)
    s.log(
        Kind.CALLBACK,
        call.call,
        offer.agent.agent,
        offer.offer,
        offer.queue,
        {"state": "calling", "number": call.callback, "attempt": call.attempts},
    )
    s.out.append(
        CallBack(
            *(call.call, offer.agent.agent, offer.offer, call.callback, call.queue, call.dialled, call.language),
            call.skills,
            call.unrecorded,
        )
    )
    calls_out.note(s, call.callback)


def arm(s: State, offer: Offered) -> None:
    """Set the deadline of the step that the offer has reached. Without a link to Asterisk, in a talk and while reserved: none."""
    name = ("offer", offer.agent.agent)
    if not s.pbx or offer.reserved:
        s.deadlines.clear(name)
    elif offer.handed:
        s.deadlines.set(name, s.now + GONE_WITHIN)
    elif offer.bridged_at is not None or (offer.consulted and offer.consult_at is not None):
        s.deadlines.clear(name)
    elif offer.answered_at is not None:
        soon = offer.crossed or (offer.consulted_by and not offer.consulted)
        s.deadlines.set(name, s.now + (s.rules.sign_within if soon else s.rules.bridged_within))
    elif offer.picked_up_at is not None:
        s.deadlines.set(name, s.now + s.rules.accept_within)
    elif offer.ringing_at is not None:
        s.deadlines.set(name, s.now + s.rules.ring * s.rules.rings)
    elif offer.dialled_at is not None:
        within = s.rules.outside_sign_within if offer.agent.outside else s.rules.sign_within
        s.deadlines.set(name, s.now + within)
    else:
        s.deadlines.set(name, s.now + s.rules.dialled_within)


def answer(s: State, offer: Offered, at: datetime | None = None) -> None:
    """The agent's phone was answered: now, or at `at`. `arm` must follow."""
    offer.answered_at = at or s.now
    if not offer.consulted:
        offer.call.up = offer.offer
        offer.call.not_dialled = 0
    telephones.answered(s, offer, offer.answered_at)
    rang = _rang(offer, offer.answered_at)
    s.log(
        Kind.ANSWERED,
        offer.call.call,
        offer.agent.agent,
        offer.offer,
        offer.queue,
        {"ring_s": rang.total_seconds(), "rings": rings(s.rules, rang)},
    )


def _rang(offer: Offered, until: datetime) -> timedelta:
    """How long the phone has rung until then, or until an outside number was answered."""
    if offer.ringing_at is None:
        return timedelta(0)
    return max(timedelta(0), (offer.picked_up_at or until) - offer.ringing_at)


def connect(s: State, offer: Offered, began: datetime | None = None) -> None:
    """Caller and agent hear each other: now, or since `began` where the link was lost then."""
    began = max(began, offer.offered_at) if began else s.now
    if offer.answered_at is None:
        answer(s, offer, began)
    call, agent = offer.call, offer.agent
    offer.bridged_at = began
    call.stage, call.last_agent = "talking", agent.agent
    wait_s = since(call.waits_since, began)
    if call.wait_s is None and not call.called_back:
        s.wait_estimates.waited(call.queue, call.expected, wait_s, answered=True)
        call.expected = AT_ONCE
    if call.in_time is None:
        call.in_time = not call.called_back and since(call.asked, began) <= answer_within_s(s, call)
        s.counts.decided(call.queue, call.brand, s.now, in_time=call.in_time)
    call.mask_failed = ""
    masked_legs.leg_begins(offer, began)
    s.log(Kind.CONNECTED, call.call, agent.agent, offer.offer, offer.queue, {"wait_s": wait_s})
    ledger.connected(s, call)
    if call.transfer is not None:
        s.followups.completed_transfers.append(call)
    agent.work = "talking"
    arm(s, offer)
    restate(s, agent)


def reopen(s: State, offer: Offered) -> bool:
    """Go on with a withdrawn offer, if neither call nor agent has another one since. Returned: whether it goes on."""
    call, agent = offer.call, offer.agent
    free = agent.offer is None and agent.work == "idle" and s.agents.get(agent.agent) is agent
    if call.stage != "waiting" or call.virtual or not free:
        return False
    leave_line(s, call)
    call.offer, call.stage, call.hanging, call.let_go = offer, "offered", "", None
    agent.offer, agent.work = offer, "ringing"
    offer.reopened = True
    trust(s, agent)
    restate(s, agent)
    arm(s, offer)
    return True


def adopt_talk(s: State, call: Call, name: str, offer_id: str, began: datetime | None = None) -> None:
    """Caller and agent talk by an offer that the engine does not know (fallback queue, resync): make a record of it.

    If the agent is unknown or has another call, only the call counts as talking."""
    leave_line(s, call)
    call.stage, call.after, call.hanging = "talking", None, ""
    agent = s.agents.get(name)
    if agent is None or agent.offer is not None:
        return  # the agent is unknown, or not free by our records: the caller at least is not disturbed
    if agent.work == "wrap-up":
        cut_wrap_up(s, agent)
    number = number_of(call, offer_id)
    call.offers = max(number, call.offers + 1)
    # The fallback queue's offer keeps its id: its recording is named after it.
    name_of = offer_id if offer_id.startswith(f"{call.call}-f") else f"{call.call}-{call.offers}"
    began = max(began, call.asked) if began else s.now
    offer = Offered(name_of, call, agent, call.queue, call.offers, began, began, began)
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
            "waited_s": since(call.asked, began),
            "rule": FOUND_TALKING,
            "runners_up": [],
            "passed_over": {},
        },
    )
    connect(s, offer, began)


def number_of(call: Call, offer_id: str) -> int:
    """Which of the call's offers has that id, from 1; 0: none."""
    name, _, number = offer_id.rpartition("-")
    return int(number) if name == call.call and number.isascii() and number.isdigit() else 0


def end_talk(s: State, offer: Offered, by: EndedBy, gone_at: datetime | None = None) -> None:
    """A talk is over: the agent wraps up, and a caller who was not served by it waits again.

    `gone_at`: when it ended, for a talk whose end was not heard; the caller does not wait then."""
    call, agent = offer.call, offer.agent
    has_served = close_talk(s, offer, by, gone_at)
    if gone_at is not None:
        call.stage, call.after = "after", Ending.ANSWERED
        begin_wrap_up(s, agent, offer.queue, call.call, call.brand)
    elif by == "lost":
        if agent.phone:  # it answers OPTIONS, so it is there, and sent no sound
            telephones.refused(s, agent, "no-sound")
        doubt(s, agent)
        restate(s, agent)
        put_back(s, call, "the agent's phone was lost")
    elif by == "line lost":
        # Nobody hung up: neither a call that was served to its end, nor a caller who gave up.
        call.stage, call.after = "after", Ending.LOST
        if has_served:
            begin_wrap_up(s, agent, offer.queue, call.call, call.brand)
        else:
            restate(s, agent, keep_place=True)
    elif has_served:
        call.stage, call.after = "after", Ending.ANSWERED
        begin_wrap_up(s, agent, offer.queue, call.call, call.brand)
    elif by == "caller":
        served_before = call.transfers and call.wait_s is not None  # by the agent who handed the caller over
        call.stage, call.after = "after", Ending.ANSWERED if served_before else Ending.ABANDONED_RINGING
        restate(s, agent, keep_place=True)
    elif by == "operator":
        served_before = call.transfers and call.wait_s is not None
        call.stage, call.after = "after", Ending.ANSWERED if served_before else Ending.WITHDRAWN
        restate(s, agent, keep_place=True)
    else:
        _send_away(s, call, agent)
        telephones.refused(s, agent, "hangs-up")
        restate(s, agent)
        put_back(s, call, "the agent hung up at once")


def close_talk(s: State, offer: Offered, by: EndedBy, gone_at: datetime | None = None) -> bool:
    """Log a talk's end, and take the offer from call and agent. The function that calls this sets what the agent does next.

    Returned: whether the talk counts as service (Rules.well_after)."""
    call, agent = offer.call, offer.agent
    assert offer.bridged_at is not None, f"{offer.offer} ends a talk that it never had"
    at = gone_at or s.now
    if offer.apart_at is not None and offer.apart_at > at:
        offer.apart_at = None  # the talk had ended before that hold began
    end_hold(offer, at)
    spans.leg_ends(s, offer, at)
    masked_legs.leg_ends(offer, at)
    talk_s = talked_s(offer, at)
    call.talk_s += talk_s
    s.log(
        Kind.TALK_ENDED,
        call.call,
        agent.agent,
        offer.offer,
        offer.queue,
        {"talk_s": talk_s, "by": by, **leg_detail(offer, at), **of_call(call)},
    )
    has_served = talk_s >= s.rules.well_after.total_seconds()
    if has_served and call.wait_s is None:
        call.wait_s = since(call.asked, offer.bridged_at)
    if has_served:
        call.served_until = at
    if has_served and s.rules.same_agent != "off" and is_number(call.caller):
        s.caller_history.served(call.caller, agent.agent, at, s.rules.same_agent_within)
    if has_served and by != "lost":
        telephones.takes_calls(s, agent)
    telephones.silent(s, agent, False)
    agent.talked_s, agent.last_talk = talk_s, offer.offer
    _close(s, offer, Outcome.ANSWERED)
    s.counts.talked(offer.queue, call.brand, talk_s, offer.hold_s, offer.consult_s)
    return has_served


def of_call(call: Call) -> dict[str, str | bool]:
    """What the rows that end a leg say of its call, for the leg's recording: the brand, and that the caller has declined it; nothing
    where there is neither."""
    return ({"brand": call.brand} if call.brand else {}) | ({"declined": True} if call.unrecorded else {})


def close_consult(s: State, offer: Offered, outcome: Outcome, cause: int = 0) -> None:
    """Log a consult's end, whether it came to a talk or only rang, and take the offer from call and agent."""
    consult_over(s, offer)
    _close(s, offer, outcome, cause)


def consult_over(s: State, offer: Offered) -> None:
    """Log the end of a consult's talk, if there was one. The same offer may go on as the receiver's with the caller."""
    if offer.consult_at is not None and offer.consulted:
        masked = masked_legs.consult_spans(offer, s.now)
        s.log(
            Kind.CONSULT_ENDED,
            offer.call.call,
            offer.agent.agent,
            offer.offer,
            offer.queue,
            {
                "first": offer.consulted_by,
                "consult_s": since(offer.consult_at, s.now),
                "recorded_s": None if offer.unheard else since(offer.consult_at, offer.three_way_at or s.now),
                **({"spans": masked} if masked else {}),
                **of_call(offer.call),
            },
        )
        offer.three_way_at = None  # the three-way talk is part of the first agent's leg


def caller_left(s: State, offer: Offered, cause: int) -> None:
    """The caller hung up while the agent's phone rang: the agent is idle again, at their old place. Asterisk stops the ring."""
    _close(s, offer, Outcome.CALLER_LEFT, cause)
    restate(s, offer.agent, keep_place=True)


def drop(s: State, offer: Offered, outcome: Outcome) -> None:
    """End an offer for a reason that is not the agent's; they are idle again, at their old place."""
    if offer.call.transfer is not None:
        s.followups.unreached_transfers.append((offer.call, str(outcome)))
    _close(s, offer, outcome)
    restate(s, offer.agent, keep_place=True)


def overdue(s: State, offer: Offered) -> None:
    """The deadline of the step that the offer has reached is over: it failed, by an outcome that depends on the step."""
    if offer.answered_at is not None and not offer.consulted:
        # The phone was answered, so it is not taken back: if caller and agent talk and only the event is missing, a
        # TakeBack would cut them off. The next offer, which needs the caller, supersedes this one.
        failed(s, offer, Outcome.LOST)
        offer.call.hanging, offer.call.let_go = offer.offer, offer
    elif offer.answered_at is not None:
        failed(s, offer, Outcome.LOST)
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
    """An offer failed: set the agent's state by the outcome, and put the call back to its place in line.

    `cause`: Q.850. `still_rings`: the ring must be taken back. `sent_away`: the agent rejected the call."""
    call, agent = offer.call, offer.agent
    if offer.crossed:  # it was taken back a moment before the agent answered: not the agent's fault
        outcome, sent_away = Outcome.TAKEN_BACK, False
    is_counted = _close(s, offer, outcome, cause)
    if still_rings:
        agent.last_offer, agent.last_queue, agent.last_brand = offer.offer, offer.queue, call.brand
        agent.last_counted = s.counts.day if is_counted else ""
    if still_rings and not offer.consulted:
        call.hanging, call.let_go = offer.offer, offer
        s.followups.stale_rings.append((call, agent.agent))
    keep_place, rest = False, None
    if outcome not in (Outcome.NOT_DIALLED, Outcome.TAKEN_BACK):
        call.not_dialled = 0
    if outcome is Outcome.RING_NO_ANSWER:
        call.miss(agent.agent)
        if agent.ready:
            agent.ready, agent.reason, agent.stepped_out = False, RING_NO_ANSWER, still_rings
    elif outcome in (Outcome.REJECTED, Outcome.BUSY, Outcome.FORWARDED, Outcome.FAILED) or sent_away:
        _send_away(s, call, agent)
        telephones.refused_by(s, offer, outcome)
    elif outcome is Outcome.NOT_DIALLED and call.not_dialled:
        call.not_dialled += 1
        keep_place, rest = True, REST  # the second in a row: it is the call that cannot be moved, not the agents
    elif outcome is Outcome.TAKEN_BACK:
        keep_place = True
    else:
        call.not_dialled = int(outcome is Outcome.NOT_DIALLED)
        call.miss(agent.agent)
        if outcome is Outcome.UNREACHABLE:
            telephones.refused_by(s, offer, outcome)
        doubt(s, agent)
    restate(s, agent, keep_place)
    if call.transfer is not None:
        s.followups.unreached_transfers.append((call, str(outcome)))
    if not offer.consulted:
        put_back(s, call, str(outcome), rest)


def _send_away(s: State, call: Call, agent: Agent) -> None:
    """The agent is asked last for this call, and not before PAUSE."""
    call.miss(agent.agent)
    call.paused[agent.agent] = True
    s.deadlines.set(("pause", call.call, agent.agent), s.now + PAUSE)


def _close(s: State, offer: Offered, outcome: Outcome, cause: int = 0) -> bool:
    """Log the offer's last row, and take it from call and agent. Returned: whether it counts as one that rang."""
    agent = offer.agent
    rang = _rang(offer, offer.answered_at or s.now)
    has_rung = offer.ringing_at is not None or offer.answered_at is not None
    count = rings(s.rules, rang) if has_rung else 0
    if outcome is Outcome.RING_NO_ANSWER:
        count = min(count, s.rules.rings)  # taken back as its last ring ended, not in the next one
    s.log(
        Kind.OFFER_ENDED,
        offer.call.call,
        agent.agent,
        offer.offer,
        offer.queue,
        {"outcome": str(outcome), "cause": cause, "ring_s": rang.total_seconds(), "rings": count},
    )
    is_counted = has_rung and outcome is not Outcome.CALLER_LEFT and not offer.reopened
    if is_counted:
        in_time = offer.answered_at is not None and count <= s.rules.rings
        s.counts.rang(offer.queue, offer.call.brand, in_time=in_time)
    s.deadlines.clear(("offer", agent.agent))
    call = offer.call
    if call.offer is offer:
        call.offer = None
    elif call.consult is offer:
        call.consult = None
    elif offer in call.leaving:
        call.leaving = tuple(left for left in call.leaving if left is not offer)
    agent.offer = None
    agent.work = "idle"
    return is_counted
