"""Transfers by the agent's telephone alone: its own transfer key (REFER), its second line, and feature codes.

A REFER is told when it has happened: the first agent is gone, and nobody is left to whom it could be refused. So a target
that is not allowed makes a transfer that fails. The reason is the key dialled after the target ("1002*3"), else "by
telephone", and the agent's wrap-up asks for it.
"""

from acd.engine.commands import AskTransfer, Refuse
from acd.engine.entities import Call, Offered
from acd.engine.model import BY_TELEPHONE
from acd.engine.routing import calls_out
from acd.engine.state import State
from acd.engine.transfer_events import (
    AttendedTransferred,
    ConsultDialled,
    TransferCoded,
    TransferDialled,
    TransferKeyed,
)
from acd.engine.transfers.consult import carry_out, complete, consult
from acd.engine.transfers.holds import hold, talk_of
from acd.engine.transfers.targets import Refusal, Target, alarm_about, dialled, refuse_reason, refuse_target, under_way
from acd.engine.transfers.transfer import begin, hand_over, return_caller, send_on

LONGEST_EXTENSION = 6
"""Digits; what an agent dials beyond that was meant for the outside."""
NOWHERE = Target("number", "")
"""The target of a REFER to somewhere that the engine does not know."""


def transfer_dialled(s: State, event: TransferDialled) -> None:
    """TransferDialled, a blind REFER: the caller is in the waiting room by now, and goes on to the target or back."""
    call = s.calls.get(event.call)
    offer = call.offer if call is not None else None
    if call is None or call.stage != "talking" or offer is None or offer.agent.agent != event.agent:
        s.ignore(event, "no such call" if call is None else "he does not talk with this caller")
        return
    if call.transfer is not None:
        s.ignore(event, "another transfer is under way")
        return
    target, reason = dialled(s, event.digits)
    refused = _refused(s, call, event.agent, target, event.digits or "an outside destination", reason, warm=False)
    begin(s, call, target or Target("number", event.digits), reason, "telephone")
    _ask_later(call, offer, reason)
    hand_over(s, call)
    if refused is None:
        send_on(s, call)
    else:
        call.stage = "waiting"
        return_caller(s, call, refused.sentence)
    s.followups.transferred_calls = [one for one in s.followups.transferred_calls if one is not call]


def _refused(
    s: State, call: Call, agent: str, target: Target | None, digits: str, reason: str, warm: bool
) -> Refusal | None:
    if target is None:
        if len(digits) > LONGEST_EXTENSION and digits.isdigit():
            calls_out.raise_alarm(s, "not-allowed", call, digits)
        return Refusal("unknown-target", f"{digits} is no extension of this hotline")
    refused = refuse_target(s, call, agent, target, reason, 0.0, warm)
    alarm_about(s, refused, call, target.to)
    return refused


def _ask_later(call: Call, offer: Offered, reason: str) -> None:
    if reason == BY_TELEPHONE:
        offer.agent.to_explain = (call.call, call.transfers)


def attended(s: State, event: AttendedTransferred) -> None:
    """AttendedTransferred: the caller has been put in the place of the first agent's second line. Completes the consult, if
    that line was one."""
    call = s.calls.get(event.call)
    offer = call.offer if call is not None else None
    if call is None or offer is None or call.stage != "talking" or offer.agent.agent != event.agent:
        s.ignore(event, "no such call" if call is None else "he does not talk with this caller")
        return
    transfer = call.transfer
    if transfer is None:  # the second line was no consult of ours: it is not known where the caller is now
        transfer = begin(s, call, NOWHERE, BY_TELEPHONE, "telephone")
        _ask_later(call, offer, BY_TELEPHONE)
        hand_over(s, call)
        call.stage = "waiting"
        s.followups.transferred_calls.append(call)
        return_caller(s, call, "the telephone has sent him where nobody of this house is")
        return
    _ask_later(call, offer, transfer.reason)
    complete(s, call)


def consult_dialled(s: State, event: ConsultDialled) -> None:
    """ConsultDialled: a consult on the telephone's second line, while the caller is on hold on the first."""
    agent = s.agents.get(event.agent)
    offer = agent.offer if agent is not None else None
    refused: Refusal | None = None
    if offer is None or offer.bridged_at is None or offer.handed or offer.apart_at is None:
        refused = Refusal("no-caller", "You have no caller on hold whom this could be about.")
    elif offer.call.transfer is not None:
        refused = under_way(s, offer.call.transfer, "A transfer is under way.")
    elif not s.pbx:
        refused = Refusal("no-link", "The link to Asterisk is lost.")
    else:
        target, reason = dialled(s, event.digits)
        refused = _refused(s, offer.call, event.agent, target, event.digits, reason, warm=True)
        if refused is None and target is not None:
            transfer = begin(s, offer.call, target, reason, "telephone", warm=True)
            transfer.second_line = True
            consult(s, offer.call, transfer)
            return
    s.ignore(event, refused.sentence if refused is not None else "")
    s.out.append(Refuse(event.agent, refused.code if refused is not None else ""))


def transfer_keyed(s: State, event: TransferKeyed) -> None:
    """TransferKeyed: the caller goes on hold, and the agent is asked by voice for target and reason."""
    found = talk_of(s, event.call, event.agent)
    if isinstance(found, Refusal):
        s.ignore(event, found.sentence)
        return
    call, offer = found
    if call.transfer is not None or offer.apart_at is not None:
        s.ignore(event, "the caller is on hold, or a transfer is under way")
        return
    hold(s, offer, "page")
    s.out.append(AskTransfer(call.call, event.agent, offer.offer))


def transfer_coded(s: State, event: TransferCoded) -> None:
    """TransferCoded: the transfer that the agent has keyed begins, or is refused by voice."""
    found = talk_of(s, event.call, event.agent)
    if isinstance(found, Refusal):
        s.ignore(event, found.sentence)
        return
    call, _ = found
    if call.transfer is not None:
        s.ignore(event, "a transfer is under way")
        return
    target, _ = dialled(s, event.digits)
    reason = s.rules.transfer_reasons.get(event.reason, "")
    refused = refuse_reason(s, reason) or _refused(s, call, event.agent, target, event.digits, reason, event.warm)
    if refused is not None or target is None:
        s.ignore(event, refused.sentence if refused is not None else "")
        s.out.append(Refuse(event.agent, refused.code if refused is not None else "", call.call))
        return
    carry_out(s, call, begin(s, call, target, reason, "code", warm=event.warm))
