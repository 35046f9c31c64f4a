"""Transfers asked for by page, API or command line: whether one is refused, and its beginning."""

from acd.engine.commands import Kind
from acd.engine.state import State
from acd.engine.transfer_events import TransferRequested
from acd.engine.transfers.consult import carry_out
from acd.engine.transfers.holds import talk_of
from acd.engine.transfers.targets import Refusal, Target, alarm_about, refuse_reason, refuse_target, under_way
from acd.engine.transfers.transfer import begin


def refusal(s: State, event: TransferRequested) -> Refusal | None:
    """Why this transfer is refused; None: it is accepted."""
    known = s.calls.get(event.call)
    transfer = known.transfer if known is not None else None
    if transfer is not None and event.agent in (transfer.first, ""):
        return under_way(s, transfer, f"A transfer by agent {transfer.first} is under way.")
    found = talk_of(s, event.call, event.agent)
    if isinstance(found, Refusal):
        return found
    call, offer = found
    target = Target(event.kind, event.to)
    return refuse_reason(s, event.reason) or refuse_target(
        s, call, offer.agent.agent, target, event.reason, event.amount, event.warm
    )


def requested(s: State, event: TransferRequested) -> None:
    """TransferRequested: the transfer begins, or a TRANSFER row says why it was refused."""
    refused = refusal(s, event)
    call = s.calls.get(event.call)
    if refused is not None or call is None:
        _refused(s, event, refused)
        return
    transfer = begin(
        s, call, Target(event.kind, event.to), event.reason, event.how, event.note, event.warm, event.by, event.amount
    )
    carry_out(s, call, transfer)


def _refused(s: State, event: TransferRequested, refused: Refusal | None) -> None:
    alarm_about(s, refused, s.calls.get(event.call), event.to)
    s.log(
        Kind.TRANSFER,
        event.call,
        event.agent,
        detail={
            "state": "refused", "kind": event.kind, "to": event.to, "reason": event.reason, "how": event.how,
            "why": refused.sentence if refused is not None else "no such call", "by": event.by,
            "code": refused.code if refused is not None else "no-such-call",
        },
    )  # fmt: skip
