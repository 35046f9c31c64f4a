"""Transfers: who has the caller at each moment, and how every transfer ends.

A caller always has exactly one holder: an agent (`call.offer`), a line, or the place to which they were diverted. A *cold*
transfer changes the holder at once: the first agent's leg moves to `call.leaving`, where it stays until its channel has
ended and the agent is free; the call is kept for the receiver, stands in a queue, or is sent to the number. In a *warm*
transfer the first agent stays the holder while the receiver is consulted (`call.consult`, an offer like any other to the
receiver); completing it changes the holder, and the caller is joined with the receiver's channel.

    cold   asked ─────────────────────────────▶ completed (the receiver talks with the caller)
             └─ receiver not available ─▶ failed: to the first agent if they are there, else to the queue
    warm   calling ─▶ consulting ─▶ three-way
             │            ├─ complete, or the first agent hangs up ─▶ joining ─▶ completed
             │            └─ taken back, declined, the receiver hangs up ─▶ the first agent goes on
             ├─ not answered, rejected ─▶ failed: the first agent goes on
             └─ the first agent hangs up ─▶ cold, to the same receiver

How one begins: by page or API in requests.py; by the telephone itself (REFER, a second line, feature codes) in
phone_transfers.py. The consult: consult.py. All end here.
"""

from datetime import timedelta
from typing import Any

from acd.engine.commands import HangUp, Kind, Outcome, SendTo
from acd.engine.entities import Agent, Call, Offered
from acd.engine.events import EndedBy
from acd.engine.listening import spans
from acd.engine.masking import legs as masked_legs
from acd.engine.offers.offer_lifecycle import arm, close_consult, close_talk
from acd.engine.offers.talk_time import end_three_way
from acd.engine.routing import calls_out
from acd.engine.routing.agent_affinity import A_MOMENT, HANDED, HANDED_BACK, keep_for
from acd.engine.routing.agents import begin_wrap_up, doubt, end_wrap_up, owes_disposition, restate
from acd.engine.routing.policy import on_entry, redirect
from acd.engine.routing.queueing import ahead_of, enter_queue, expected, leave_line, put_back, since, wait
from acd.engine.state import State
from acd.engine.transfer_events import How, TransferExplained
from acd.engine.transfer_record import Transfer
from acd.engine.transfers.holds import join
from acd.engine.transfers.targets import Refusal, Target, refuse_reason, tier_needed

GIVE_BACK = timedelta(seconds=2)
"""How long a call whose transfer failed is kept for the first agent, whose channel is about to end."""
WARM = ("calling", "consulting", "three-way")
"""States of a transfer in which the first agent still has the caller."""


def begin(
    s: State,
    call: Call,
    target: Target,
    reason: str,
    how: How,
    note: str = "",
    warm: bool = False,
    by: str = "",
    amount: float = 0.0,
) -> Transfer:
    """Make and log the record of a transfer; nothing else happens yet. The call must be with an agent."""
    offer = call.offer
    assert offer is not None, f"{call.call} is handed over by nobody"
    call.transfers += 1
    transfer = Transfer(
        call.transfers, offer.agent.agent, offer.offer, call.queue, target.kind, target.to, reason, note, warm, how, by,
        amount, s.now,
    )  # fmt: skip
    call.transfer = transfer
    log(s, call, transfer, "asked")
    return transfer


def log(s: State, call: Call, transfer: Transfer, state: str, **more: Any) -> None:
    """Add a TRANSFER row. `more`: why, returned_to."""
    s.log(
        Kind.TRANSFER,
        call.call,
        transfer.first,
        transfer.offer,
        call.queue,
        {
            "state": state, "number": transfer.number, "kind": transfer.kind, "to": transfer.to,
            "receiver": transfer.receiver, "reason": transfer.reason, "note": transfer.note, "warm": transfer.warm,
            "how": transfer.how, "by": transfer.by, "amount": transfer.amount, **more,
        },
    )  # fmt: skip


# -- the caller leaves the first agent --------------------------------------------------------------------------------------


def hand_over(s: State, call: Call) -> None:
    """Take the caller from the first agent, whose leg ends when its channel has. The function that calls this says where the
    caller goes."""
    offer, transfer = call.offer, call.transfer
    assert offer is not None and transfer is not None, f"{call.call} is handed over by nobody"
    for left in call.leaving:
        release(s, left)
    end_three_way(offer, s.now)
    began = offer.bridged_at or s.now
    if call.wait_s is None and s.now - began >= s.rules.well_after:
        call.wait_s = since(call.asked, began)
    if s.now - began >= s.rules.well_after:
        call.served_until = s.now
    spans.leg_ends(s, offer, s.now)
    masked_legs.leg_ends(offer, s.now)
    offer.handed = True
    call.offer = None
    call.leaving += (offer,)
    call.handed_by += ((transfer.first, transfer.queue, transfer.reason),)
    call.miss(transfer.first)  # if the queue has the caller next, others are asked before the first agent
    call.hanging, call.let_go, call.muted, call.joins = "", None, False, 0
    s.deadlines.clear(("hold", call.call))
    s.deadlines.clear(("join", call.call))
    arm(s, offer)


def agent_left_on_hold(s: State, offer: Offered, by: EndedBy) -> None:
    """The agent's channel ended while the caller was on page hold: put the call back into its queue; the caller hears no
    goodbye."""
    call, agent = offer.call, offer.agent
    close_talk(s, offer, by)
    if by == "lost":
        doubt(s, agent)
        restate(s, agent)
    else:
        begin_wrap_up(s, agent, offer.queue, call.call, call.brand)
    for name in ("hold", "join"):
        s.deadlines.clear((name, call.call))
    call.joins = 0
    s.followups.transferred_calls.append(call)
    call.miss(agent.agent)
    put_back(s, call, "his agent left while he was on hold")


def not_joined(s: State, call: Call) -> None:
    """A Join was not confirmed in time: try once more, then take the agent for lost."""
    offer = call.offer
    if offer is None or offer.apart_at is None or call.stage != "talking" or not s.pbx:
        return
    if call.joins < 2:
        join(s, call, offer)
    else:
        agent_left_on_hold(s, offer, "lost")


def hang_up_if_held(s: State, offer: Offered) -> None:
    """End the channel of an agent whose caller is on page hold: nobody is in the bridge with them."""
    if offer.apart_at is not None and offer.apart_how == "page":
        s.out.append(HangUp(offer.call.call, offer.agent.agent, offer.offer))


def release(s: State, offer: Offered) -> None:
    """End the leg of an agent whom the caller has left: its channel has ended, or must have by now.

    The agent wraps up, for they have a call to class; unless the caller comes back to them at this moment."""
    agent, call = offer.agent, offer.call
    if offer.bridged_at is None:
        close_consult(s, offer, Outcome.CONSULTED)
        restate(s, agent)
        return
    has_served = close_talk(s, offer, "transfer")
    explains = agent.to_explain is not None and agent.to_explain[0] == call.call
    comes_back = call.kept_for == agent.agent and call.kept_why == HANDED_BACK
    if not comes_back and (has_served or explains or owes_disposition(s, agent, call.call)):
        begin_wrap_up(s, agent, offer.queue, call.call, call.brand)
    else:
        s.wait_estimates.handled(offer.queue, agent.talked_s)
        restate(s, agent)


def send_on(s: State, call: Call) -> None:
    """Send a call that has left the first agent to its target; the matching offers it in this event, if anybody can take it."""
    transfer = call.transfer
    assert transfer is not None, f"{call.call} is handed over to nobody"
    call.stage, call.after = "waiting", None
    call.handed_skills, call.handed_tier = None, 1
    s.followups.transferred_calls.append(call)
    match transfer.kind:
        case "agent":
            agent = s.agents.get(transfer.to)
            if agent is None or agent.state != "idle":
                return_caller(s, call, "not available" if agent is None else agent.state)
                return
            enter_queue(s, call, call.queue)
            keep_for(s, call, agent, HANDED, A_MOMENT)
            wait(s, call)
        case "number":
            send_to_number(s, call)
        case "skill":
            call.handed_skills = ((transfer.to, 1),)
            call.handed_tier = tier_needed(s, transfer.reason, transfer.amount)
            _enter(s, call, call.queue)
        case "queue":
            call.handed_tier = tier_needed(s, transfer.reason, transfer.amount)
            _enter(s, call, transfer.to)


def send_to_number(s: State, call: Call) -> None:
    """Divert the caller to the transfer's outside number; without a link to Asterisk the transfer fails."""
    transfer = call.transfer
    assert transfer is not None, f"{call.call} is handed over to nobody"
    enter_queue(s, call, call.queue)
    if not s.pbx:
        call.stage = "waiting"
        return_caller(s, call, "the link to Asterisk is lost")
        return
    if why := calls_out.refuse_number(s, transfer.to) or calls_out.no_leg(s) or "":
        call.stage = "waiting"
        calls_out.raise_alarm(s, why, call, transfer.to)
        return_caller(s, call, why)
        return
    call.stage, call.after, call.sent_to = "elsewhere", None, transfer.to
    redirect(s, call, "number", transfer.to)
    calls_out.note(s, transfer.to)


def _enter(s: State, call: Call, queue: str) -> None:
    enter_queue(s, call, queue)
    ahead = ahead_of(call)
    call.expected = expected(s, call.queue, call.line, ahead)
    if on_entry(s, call, ahead):
        wait(s, call)


def send_to_waiting_room(s: State) -> None:
    """After the matching: redirect calls that have left their agent and were offered to nobody to the waiting room."""
    handed, s.followups.transferred_calls = s.followups.transferred_calls, []
    for call in handed:
        if call.stage == "waiting" and s.pbx and s.calls.get(call.call) is call:
            s.out.append(SendTo(call.call, "waiting", call.queue))
            call.sent_at = s.now


def caller_gone(s: State, call: Call) -> None:
    """The caller has hung up: end the transfer, the consult, and the legs that the caller has left. The talk itself goes on
    until `end_talk`."""
    if call.transfer is not None:
        log(s, call, call.transfer, "caller left")
    if call.consult is not None:
        offer = call.consult
        s.out.append(HangUp(call.call, offer.agent.agent, offer.offer))
        close_consult(s, offer, Outcome.CALLER_LEFT if offer.consult_at is None else Outcome.CONSULTED)
        restate(s, offer.agent, keep_place=True)
    first = call.offer
    joining = first is not None and first.consulted_by != "" and first.bridged_at is None
    if first is not None and (joining or first.apart_at is not None or first.three_way_at is not None):
        s.out.append(HangUp(call.call, first.agent.agent, first.offer))
    for left in call.leaving:  # if the hang-up overtook the completion, the two agents are bridged with each other
        s.out.append(HangUp(call.call, left.agent.agent, left.offer))
    call.transfer = None
    for name in ("hold", "join", "consult"):
        s.deadlines.clear((name, call.call))
    for left in call.leaving:
        release(s, left)


def explain_refusal(s: State, event: TransferExplained) -> Refusal | None:
    """Why a TransferExplained is refused; None: it is accepted."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.to_explain is None or agent.to_explain[0] != event.call:
        return Refusal("no-consult", "No transfer of this call waits for its reason.")
    return refuse_reason(s, event.reason)


def explained(s: State, event: TransferExplained) -> None:
    """TransferExplained: log the reason, and note it at a transfer that is still under way."""
    refused = explain_refusal(s, event)
    if refused is not None:
        s.ignore(event, refused.sentence)
        return
    agent = s.agents[event.agent]
    assert agent.to_explain is not None
    detail = {"state": "explained", "number": agent.to_explain[1], "reason": event.reason, "note": event.note}
    s.log(Kind.TRANSFER, event.call, event.agent, detail=detail)
    agent.to_explain = None
    call = s.calls.get(event.call)
    if call is None:
        return
    if call.transfer is not None and call.transfer.number == detail["number"]:
        call.transfer.reason, call.transfer.note = event.reason, event.note
    receiver, needed = call.offer.agent if call.offer is not None else None, tier_needed(s, event.reason, 0.0)
    if receiver is not None and receiver is not agent and receiver.tier < needed:
        # The telephone's own key gave no reason, so nothing could be refused then.
        why = (
            f"agent {receiver.agent} (tier {receiver.tier}) has a caller for {event.reason}, which needs tier {needed}"
        )
        s.log(Kind.ALARM, call.call, receiver.agent, detail={"name": "transferred below the tier", "detail": why})


# -- afterwards ----------------------------------------------------------------------------------------------------------


def settle(s: State) -> None:
    """After an event: complete transfers whose receiver talks with the caller; return calls whose receiver can't be reached or
    whose line nobody staffs."""
    arrived, s.followups.completed_transfers = s.followups.completed_transfers, []
    for call in arrived:
        _has_arrived(s, call)
    unreached, s.followups.unreached_transfers = s.followups.unreached_transfers, []
    for call, why in unreached:
        if s.calls.get(call.call) is not call or call.transfer is None:
            continue
        by_name = call.transfer.kind in ("agent", "number") or call.transfer.state == "joining"
        if call.stage == "waiting" and by_name:  # a queue or skill: the queue asks another agent
            return_caller(s, call, why)
    for line in s.followups.unstaffed_lines:
        if not line.staffed:
            s.followups.unstaffed_calls.extend(entry.call for entry in line.callers if entry.call.transfer is not None)
    alone, s.followups.unstaffed_calls = s.followups.unstaffed_calls, []
    for call in alone:
        if call.transfer is None:
            s.followups.unstaffed_calls.append(call)
        elif call.stage == "waiting" and not call.line.staffed and s.pbx:
            return_caller(s, call, "nobody is staffed")


def _has_arrived(s: State, call: Call) -> None:
    transfer, offer = call.transfer, call.offer
    if transfer is None or offer is None or offer.bridged_at is None:
        return
    transfer.receiver = offer.agent.agent
    log(s, call, transfer, "completed")
    call.transfer = None


def number_reached(s: State, call: Call) -> None:
    """The outside number has answered: the transfer to it, if there is one, is completed."""
    if call.transfer is not None:
        log(s, call, call.transfer, "completed")
        call.transfer = None


def return_caller(s: State, call: Call, why: str) -> None:
    """A transfer failed: the call goes to the first agent if they can take it, else back to its place in its queue."""
    transfer = call.transfer
    assert transfer is not None
    leave_line(s, call)
    call.handed_skills, call.handed_tier = None, 1
    enter_queue(s, call, transfer.queue)
    first = s.agents.get(transfer.first)
    there = first is not None and can_take_back(first, call)
    log(s, call, transfer, "failed", why=why, returned_to="first agent" if there else "queue")
    call.transfer = None
    if call.handed_by:
        call.handed_by = call.handed_by[:-1]
    if first is not None and there:
        if first.work == "wrap-up":
            end_wrap_up(s, first)  # of this call, which goes on
        keep_for(s, call, first, HANDED_BACK, GIVE_BACK)
    wait(s, call)


def can_take_back(first: Agent, call: Call) -> bool:
    """Whether the first agent can have the caller back: ready, and idle, wrapping up this call, or idle as soon as their channel
    has ended."""
    about_to_be = first.offer is not None and first.offer.handed and first.offer.call is call
    wraps_it_up = first.work == "wrap-up" and first.wrap_up_call == call.call
    willing = first.logged_in and first.ready and first.reachable and not first.leaving
    return willing and (first.state == "idle" or wraps_it_up or about_to_be)
