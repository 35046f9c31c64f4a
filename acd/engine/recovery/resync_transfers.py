"""Resync of callers who were on hold or in transfer while the link to Asterisk was lost.

The channels decide: who is bridged with whom, whose phone rings, who is gone. A command that was given and not carried out
is given again, or the transfer counts as failed; no caller stays on hold for an agent who is gone.
"""

from datetime import timedelta

from acd.engine.commands import Join, Outcome
from acd.engine.entities import Call, Offered
from acd.engine.offers.offer_lifecycle import adopt_talk, close_consult, connect
from acd.engine.offers.talk_time import start_hold
from acd.engine.pbx_report import FoundCall
from acd.engine.routing.agents import restate
from acd.engine.routing.queueing import leave_line, put_back
from acd.engine.state import State
from acd.engine.transfer_events import ConsultBegan
from acd.engine.transfers.consult import complete, consult_began, return_to_first
from acd.engine.transfers.holds import join, resume_talk, track_hold
from acd.engine.transfers.transfer import WARM, agent_left_on_hold, log, release


def settle(s: State, call: Call, found: FoundCall) -> bool:
    """Set the call to where its channel was found, if that is a matter of holds and transfers. Returned: whether it was."""
    offer = call.offer
    if found.place == "held":
        _held(s, call, found)
        return True
    if found.place == "talking" and call.leaving and _not_carried_out(s, call, found):
        return True
    for left in call.leaving:
        if left.agent.agent != found.agent:
            release(s, left)  # the agent's channel ended while the link was lost
    if offer is None or offer.bridged_at is None or call.stage != "talking":
        return False
    if found.place == "talking":
        return _talking(s, call, offer, found)
    if call.transfer is not None and call.transfer.state in WARM:
        _given_up(s, call, f"found {found.place}")
    return False


def _held(s: State, call: Call, found: FoundCall) -> None:
    offer = call.offer
    if call.stage == "offered" and offer is not None and offer.consulted_by:
        s.out.append(
            Join(call.call, offer.agent.agent, offer.offer, begins=True)
        )  # the caller was about to be joined with the receiver
        return
    if call.stage != "talking" or offer is None or offer.bridged_at is None:
        _held_by_nobody(s, call, found)
        return
    if found.agent == offer.agent.agent:
        _held_by_his_agent(s, call, offer, found)
    elif call.consult is not None and found.consulted == call.consult.agent.agent and found.consult_up:
        _has_begun(s, call, found)
        call.consult.unheard = True
        complete(s, call)
        release(s, offer)
    else:
        if call.transfer is not None:
            _given_up(s, call, "the first agent is gone")
        agent_left_on_hold(s, offer, "lost")


def _held_by_his_agent(s: State, call: Call, offer: Offered, found: FoundCall) -> None:
    transfer = call.transfer
    if offer.apart_at is None:
        start_hold(offer, s.now, "hold", "page")
        track_hold(s, offer)
    if transfer is None:
        if call.joins:
            join(s, call, offer)
    elif call.consult is not None and found.consulted != call.consult.agent.agent:
        _close_consult(s, call.consult)
        return_to_first(s, call, "failed", why="the receiver is gone")
    elif call.consult is not None and found.consult_up:
        _has_begun(s, call, found)


def _has_begun(s: State, call: Call, found: FoundCall) -> None:
    if call.consult is not None and call.consult.consult_at is None:
        call.consult.unheard = True
        consult_began(s, ConsultBegan(call.call, call.consult.agent.agent, call.consult.offer))


def _held_by_nobody(s: State, call: Call, found: FoundCall) -> None:
    """The caller is on hold, and the engine knows of no talk: the agent whose channel is there gets the caller back, else the
    queue does."""
    if call.asked_at is None or call.offer is not None:
        return
    leave_line(s, call)
    agent = s.agents.get(found.agent)
    if agent is not None and agent.offer is None:
        began = s.now - timedelta(seconds=found.talk.began_s) if found.talk is not None else None
        adopt_talk(s, call, agent.agent, found.offer, began)
    taken_up = agent.offer if agent is not None else None
    if taken_up is not None and taken_up.call is call:
        start_hold(taken_up, s.now, "hold", "page")
        track_hold(s, taken_up)
        join(s, call, taken_up)
    else:
        s.followups.transferred_calls.append(call)
        put_back(s, call, "found on hold")


def _not_carried_out(s: State, call: Call, found: FoundCall) -> bool:
    """Asterisk shows the caller still bridged with the first agent: the transfer was not executed. Roll it back."""
    stays = [offer for offer in call.leaving if offer.agent.agent == found.agent and offer.bridged_at is not None]
    if not stays or call.offer is not None:
        return False
    offer = stays[0]
    leave_line(s, call)
    s.deadlines.clear(("offer", offer.agent.agent))
    call.leaving = tuple(left for left in call.leaving if left is not offer)
    offer.handed = False
    call.offer, call.stage, call.after = offer, "talking", None
    if call.transfer is not None:
        log(s, call, call.transfer, "failed", why="it was not carried out", returned_to="first agent")
        call.transfer = None
    return True


def _talking(s: State, call: Call, offer: Offered, found: FoundCall) -> bool:
    receiver = call.consult
    if receiver is not None and found.agent == receiver.agent.agent:  # completed while the link was lost
        began = s.now - timedelta(seconds=found.talk.began_s) if found.talk is not None else None
        _has_begun(s, call, found)
        receiver.unheard = True
        complete(s, call)
        s.out[:] = [command for command in s.out if not isinstance(command, Join)]
        release(s, offer)
        if call.offer is receiver:
            connect(s, receiver, began)
        return True
    if found.agent not in ("", offer.agent.agent):
        if call.transfer is not None:
            _given_up(s, call, f"found with agent {found.agent}")
        return False
    if found.three_way and receiver is not None and call.transfer is not None:
        _has_begun(s, call, found)
        call.transfer.state = "three-way"
        if offer.apart_at is not None:
            resume_talk(s, offer)
        return True
    if offer.apart_at is not None and offer.apart_how != "telephone":
        if call.transfer is not None:
            _given_up(s, call, "found with the first agent")
        call.joins = 0
        s.deadlines.clear(("join", call.call))
        again_s = found.talk.again_s if found.talk is not None else 0.0
        resume_talk(s, offer, max(offer.apart_at, s.now - timedelta(seconds=again_s)))
        return True
    return False


def _given_up(s: State, call: Call, why: str) -> None:
    """End the transfer as failed. Where the caller is now is settled by the caller of this function."""
    transfer = call.transfer
    assert transfer is not None
    log(s, call, transfer, "failed", why=why)
    call.transfer = None
    s.deadlines.clear(("consult", call.call))
    if call.consult is not None:
        _close_consult(s, call.consult)


def _close_consult(s: State, offer: Offered) -> None:
    offer.unheard = True
    close_consult(s, offer, Outcome.LOST if offer.answered_at is not None else Outcome.TAKEN_BACK)
    restate(s, offer.agent)
