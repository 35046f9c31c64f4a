"""A transfer that an agent asks for, by page, API or command line: may it be, and its beginning."""

from acd.engine.commands import Kind
from acd.engine.consult import consult
from acd.engine.holds import talk_of
from acd.engine.state import State
from acd.engine.targets import Refusal, Target, refuse_reason, refuse_target
from acd.engine.transfer import begin, hand_over, leave_on_hold, send_on
from acd.engine.transfer_events import TransferRequested

# -- asked for ---------------------------------------------------------------------------------------------------------


def refusal(s: State, event: TransferRequested) -> Refusal | None:
    known = s.calls.get(event.call)
    if known is not None and known.transfer is not None and known.transfer.first == event.agent:
        at = s.outer(known.transfer.at).isoformat()
        return Refusal(
            "under-way", f"A transfer by agent {event.agent} is under way.", {"agent": event.agent, "at": at}
        )
    found = talk_of(s, event.call, event.agent)
    if isinstance(found, Refusal):
        return found
    call, offer = found
    target = Target(event.kind, event.to)
    return refuse_reason(s, event.reason) or refuse_target(
        s, call, offer.agent.agent, target, event.reason, event.amount, event.warm
    )


def requested(s: State, event: TransferRequested) -> None:
    refused = refusal(s, event)
    call = s.calls.get(event.call)
    if refused is not None or call is None:
        _refused(s, event, refused)
        return
    transfer = begin(
        s, call, Target(event.kind, event.to), event.reason, event.how, event.note, event.warm, event.by, event.amount
    )
    if event.warm:
        consult(s, call, transfer)
        return
    if call.offer is not None:
        leave_on_hold(s, call.offer)
    hand_over(s, call)
    send_on(s, call)


def _refused(s: State, event: TransferRequested, refused: Refusal | None) -> None:
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
