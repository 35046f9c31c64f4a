"""Warm transfers: the first agent talks with the receiver while the caller is on hold, then completes or takes back.

The first agent has the caller all the time; the receiver's offer (`call.consult`) goes through the same steps as any, except
that it ends in a talk with the first agent. The states and ends: transfer.py.
"""

from datetime import timedelta
from typing import Any

from acd.engine.commands import Consult, HangUp, Join, Kind, Outcome, ThreeWay
from acd.engine.entities import Call, Offered
from acd.engine.events import BY_CALLERS_SIDE, EndedBy
from acd.engine.masking import legs as masked_legs
from acd.engine.offers.choice_log import CONSULTED
from acd.engine.offers.offer_lifecycle import answer, arm, close_consult, consult_over, end_talk
from acd.engine.offers.talk_time import end_three_way, start_hold
from acd.engine.routing import calls_out
from acd.engine.routing.agents import doubt, restate
from acd.engine.state import State
from acd.engine.transfer_events import (
    ConsultBegan,
    ConsultEnded,
    ThreeWayAsked,
    TransferCompleted,
    TransferDeclined,
    TransferTakenBack,
)
from acd.engine.transfer_record import Transfer
from acd.engine.transfers.holds import join, track_hold
from acd.engine.transfers.targets import Refusal, Target, free_agent, tier_needed
from acd.engine.transfers.transfer import (
    WARM,
    caller_gone,
    hand_over,
    hang_up_if_held,
    log,
    release,
    send_on,
    send_to_number,
)

NUMBER_WITHIN = timedelta(seconds=45)
"""From dialling an outside number for a consult until it must have answered."""


def carry_out(s: State, call: Call, transfer: Transfer) -> None:
    """Begin a transfer that was accepted: warm, the consult; cold, the caller leaves the first agent at once."""
    if transfer.warm:
        consult(s, call, transfer)
        return
    assert call.offer is not None, f"{call.call} is with nobody"
    hang_up_if_held(s, call.offer)
    hand_over(s, call)
    send_on(s, call)


def consult(s: State, call: Call, transfer: Transfer) -> None:
    """Put the caller on hold; the first agent's channel dials the receiver, who must be idle."""
    first = call.offer
    assert first is not None, f"{call.call} is with nobody"
    start_hold(first, s.now, "consult", "telephone" if transfer.second_line else "page")
    transfer.state = "calling"
    if transfer.kind == "number":
        s.out.append(
            Consult(call.call, first.agent.agent, first.offer, number=transfer.to, second_line=transfer.second_line)
        )
        calls_out.note(s, transfer.to)
        s.deadlines.set(("consult", call.call), s.now + NUMBER_WITHIN)
        track_hold(s, first)
        return
    agent = free_agent(s, call, Target(transfer.kind, transfer.to), tier_needed(s, transfer.reason, transfer.amount))
    assert agent is not None, f"{transfer.kind} {transfer.to} has nobody free"
    transfer.receiver = agent.agent
    call.offers += 1
    offer = Offered(f"{call.call}-{call.offers}", call, agent, call.queue, call.offers, s.now)
    offer.consulted, offer.consulted_by = True, first.agent.agent
    call.consult = agent.offer = offer
    agent.work = "ringing"
    detail = {
        "number": offer.number, "waited_s": 0.0, "rule": CONSULTED,
        "runners_up": [], "passed_over": {}, "rows": [], "strategy": call.line.ask.strategy,
    }  # fmt: skip
    s.log(Kind.OFFERED, call.call, agent.agent, offer.offer, call.queue, detail)
    s.out.append(
        Consult(
            call.call, first.agent.agent, first.offer, agent.agent, offer.offer, call.queue, call.caller_shown,
            second_line=transfer.second_line,
            barred=calls_out.leg_to_agent(s, agent.outside, call) if agent.outside else "",
        )
    )  # fmt: skip
    restate(s, agent)
    track_hold(s, first)
    arm(s, offer)


def consult_began(s: State, event: ConsultBegan) -> None:
    """ConsultBegan: first agent and receiver talk."""
    call = s.calls.get(event.call)
    transfer = call.transfer if call is not None else None
    if call is None or transfer is None or transfer.state != "calling":
        s.ignore(event, "no such consult is under way")
        return
    offer = call.consult
    if offer is not None:
        if event.offer not in (offer.offer, "") or offer.agent.agent != event.agent:
            s.ignore(event, "it is another's consult")
            return
        if offer.answered_at is None:
            answer(s, offer)
        offer.consult_at = s.now
        masked_legs.leg_begins(offer, s.now)
        offer.agent.work = "consult"
        arm(s, offer)
        restate(s, offer.agent)
    s.deadlines.clear(("consult", call.call))
    transfer.state = "consulting"
    log(s, call, transfer, "consulting")


def consult_ended(s: State, event: ConsultEnded) -> None:
    """ConsultEnded: the outside number was not reached or hung up; the first agent goes on with the caller."""
    call = s.calls.get(event.call)
    transfer = call.transfer if call is not None else None
    if call is None or transfer is None or transfer.kind != "number" or transfer.state not in WARM:
        s.ignore(event, "no such consult is under way")
    else:
        if event.reason == calls_out.NOT_ALLOWED:
            calls_out.raise_alarm(s, "not in the dialplan's list", call, transfer.to)
        return_to_first(s, call, "failed", why=event.reason)


def number_did_not_answer(s: State, call: Call) -> None:
    """NUMBER_WITHIN is over: the first agent goes on with the caller."""
    transfer = call.transfer
    if transfer is not None and transfer.kind == "number" and transfer.state == "calling":
        return_to_first(s, call, "failed", why="no answer")


def receiver_left(s: State, offer: Offered, by: EndedBy) -> None:
    """The receiver's channel has ended during the consult; the consult counts as failed."""
    call, agent = offer.call, offer.agent
    close_consult(s, offer, Outcome.CONSULTED if offer.consult_at is not None else Outcome.LOST)
    if by == "lost":
        doubt(s, agent)
    restate(s, agent)
    s.followups.unreached_transfers.append(
        (call, "the receiver hung up" if by != "lost" else "the receiver's phone was lost")
    )


def return_to_first(s: State, call: Call, state: str, **more: Any) -> None:
    """End the transfer with this state; the first agent goes on with the caller. `more`: why."""
    transfer, first = call.transfer, call.offer
    assert transfer is not None and first is not None, f"{call.call} is handed over by nobody"
    log(s, call, transfer, state, returned_to="first agent", **more)
    call.transfer = None
    s.deadlines.clear(("consult", call.call))
    end_three_way(first, s.now)
    if call.consult is not None:
        dismiss_receiver(s, call.consult)
    if not transfer.second_line:
        join(s, call, first)
    elif first.apart_at is not None:  # the caller is on hold at the first line of the first agent's telephone
        start_hold(first, s.now, "hold", "telephone")
        track_hold(s, first)


def dismiss_receiver(s: State, offer: Offered) -> None:
    """End the receiver's part of a consult: the ring is taken back, or the channel is hung up and its end awaited."""
    call = offer.call
    s.out.append(HangUp(call.call, offer.agent.agent, offer.offer))
    if offer.answered_at is None:
        close_consult(s, offer, Outcome.TAKEN_BACK)
        restate(s, offer.agent, keep_place=True)
        return
    call.consult, offer.handed = None, True
    call.leaving += (offer,)
    arm(s, offer)


# -- its end, as agents want it -----------------------------------------------------------------------------------

Verb = TransferCompleted | TransferTakenBack | ThreeWayAsked | TransferDeclined


def verb_refusal(s: State, event: Verb) -> Refusal | None:
    """Why completing, taking back, declining or three-way is refused; None: it is accepted."""
    call = s.calls.get(event.call)
    if call is None:
        return Refusal("no-such-call", "There is no such call any more.")
    transfer = call.transfer
    if transfer is None or transfer.state not in WARM:
        return Refusal("no-consult", "No consult is under way for this call.")
    if not s.pbx:
        return Refusal("no-link", "The link to Asterisk is lost. Try again in a moment.")
    if isinstance(event, ThreeWayAsked) and (transfer.state != "consulting" or call.consult is None):
        return Refusal("no-consult", "Three in one talk need a receiver who has answered.", {"state": transfer.state})
    if isinstance(event, TransferDeclined) and transfer.receiver != event.agent:
        return Refusal("not-yours", f"Agent {event.agent} is not asked to take this call.")
    return None


def completed(s: State, event: TransferCompleted) -> None:
    """TransferCompleted."""
    call = _in_consult(s, event)
    if call is not None:
        complete(s, call)


def complete(s: State, call: Call) -> None:
    """Give the caller to the receiver. A receiver whose phone still rings gets the caller as in a cold transfer."""
    transfer, first, offer = call.transfer, call.offer, call.consult
    assert transfer is not None and first is not None, f"{call.call} is handed over by nobody"
    was = transfer.state
    s.deadlines.clear(("consult", call.call))
    if transfer.kind == "number":
        s.out.append(HangUp(call.call, first.agent.agent, first.offer))
        hand_over(s, call)
        _to_the_number(s, call, answered=was != "calling")
    elif offer is None or offer.answered_at is None:
        complete_as_cold(s, call)
    else:
        hand_over(s, call)
        transfer.state = "joining"
        call.consult, call.offer, call.stage = None, offer, "offered"
        consult_over(s, offer)
        offer.consulted = False
        arm(s, offer)
        s.out.append(Join(call.call, offer.agent.agent, offer.offer, begins=True))
        if was == "three-way":
            s.out.append(HangUp(call.call, first.agent.agent, first.offer))


def _to_the_number(s: State, call: Call, answered: bool) -> None:
    transfer = call.transfer
    assert transfer is not None
    if answered and s.pbx:
        call.stage, call.after, call.sent_to = "elsewhere", None, transfer.to
        transfer.state = "joining"
        s.out.append(Join(call.call, "", "", begins=True))
        call.sent_at = s.now
    else:
        transfer.state = "asked"
        log(s, call, transfer, "sent on")
        send_to_number(s, call)


def complete_as_cold(s: State, call: Call) -> None:
    """Complete a transfer whose receiver has not answered yet: as a cold one, by a new ring for the caller."""
    transfer, offer, first = call.transfer, call.consult, call.offer
    assert transfer is not None and first is not None, f"{call.call} is handed over by nobody"
    s.out.append(HangUp(call.call, first.agent.agent, first.offer))  # ends the receiver's ring too; a new one begins
    hand_over(s, call)
    transfer.state = "asked"
    if offer is not None:
        agent = offer.agent
        close_consult(s, offer, Outcome.TAKEN_BACK)
        restate(s, agent, keep_place=True)
        transfer.kind, transfer.to = "agent", agent.agent
    log(s, call, transfer, "sent on")
    send_on(s, call)


def taken_back(s: State, event: TransferTakenBack) -> None:
    """TransferTakenBack."""
    call = _in_consult(s, event)
    if call is not None:
        return_to_first(s, call, "taken back")


def declined(s: State, event: TransferDeclined) -> None:
    """TransferDeclined."""
    call = _in_consult(s, event)
    if call is not None:
        return_to_first(s, call, "declined", why=event.reason)


def three_way(s: State, event: ThreeWayAsked) -> None:
    """ThreeWayAsked: caller, first agent and receiver are bridged."""
    call = _in_consult(s, event)
    if call is None:
        return
    transfer, first, offer = call.transfer, call.offer, call.consult
    assert transfer is not None and first is not None and offer is not None
    transfer.state = "three-way"
    log(s, call, transfer, "three-way")
    s.out.append(ThreeWay(call.call, first.agent.agent, first.offer, offer.agent.agent, offer.offer))


def _in_consult(s: State, event: Verb) -> Call | None:
    refused = verb_refusal(s, event)
    if refused is not None:
        s.ignore(event, refused.sentence)
        return None
    return s.calls[event.call]


# -- somebody hangs up ------------------------------------------------------------------------------------------------------


def first_agent_left(s: State, offer: Offered, by: EndedBy) -> None:
    """The first agent's channel ended during a consult: that completes the transfer. `by` caller: the caller hung up."""
    call = offer.call
    if by in BY_CALLERS_SIDE:  # CallerHungUp follows
        caller_gone(s, call)
        end_talk(s, offer, by)
        return
    complete(s, call)
    if by == "lost":
        doubt(s, offer.agent)
    if offer in call.leaving:
        release(s, offer)


def return_failed_consults(s: State) -> None:
    """After an event: first agents of failed consults go on with their callers. Other unreached transfers stay in the list."""
    unreached, s.followups.unreached_transfers = s.followups.unreached_transfers, []
    for call, why in unreached:
        warm = call.transfer is not None and call.transfer.state in WARM
        if not warm or s.calls.get(call.call) is not call:
            s.followups.unreached_transfers.append((call, why))
        elif call.stage == "talking" and call.offer is not None:
            return_to_first(s, call, "failed", why=why)
