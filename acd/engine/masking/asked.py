"""A mask is asked for, ended, refused by Asterisk; its limit is reached; the link to Asterisk is back; the call is over.

state   event                                  becomes  Asterisk is told
off     MaskAsked(masked=True), accepted       on       mask
on      MaskAsked(masked=False), accepted      off      unmask
on      the limit (Rules.mask_limit)           off      unmask
on      MaskFailed                             off      unmask, for what may be masked in part; the agent is told why
on      a leg begins or ends                   on       nothing: the dialplan asks for it ([masked])
on      the link is back                       on       mask, anew; unmask where the limit was reached meanwhile
on      the agent leaves the caller to a supervisor     off      unmask
on      the call is over                       off      nothing
"""

from datetime import datetime

from acd.engine.commands import Kind, MaskRecording
from acd.engine.entities import Call
from acd.engine.masking import legs
from acd.engine.masking.events import MaskAsked, MaskFailed
from acd.engine.masking.state import Mask
from acd.engine.routing.queueing import since
from acd.engine.state import State
from acd.engine.transfers.holds import talk_of
from acd.engine.transfers.targets import Refusal


def refusal(s: State, event: MaskAsked) -> Refusal | None:
    """Why this is refused; None: it is accepted."""
    found = talk_of(s, event.call, event.agent)
    if isinstance(found, Refusal):
        return found
    call, _ = found
    if event.masked and call.unrecorded:
        return Refusal("not-recorded", "This call is not recorded: the caller has declined.")
    if event.masked and call.mask is not None:
        return Refusal("masked-already", "The recording is masked.")
    if not event.masked and call.mask is None:
        return Refusal("not-masked", "The recording is not masked.")
    return None


def asked(s: State, event: MaskAsked) -> None:
    """MaskAsked."""
    if (refused := refusal(s, event)) is not None:
        s.ignore(event, refused.sentence)
        return
    call = s.calls[event.call]
    by = event.by or (call.offer.agent.agent if call.offer is not None else "")
    if not event.masked:
        end(s, call, "asked", by)
        return
    call.mask, call.mask_failed = Mask(s.now, s.now + s.rules.mask_limit, by), ""
    for offer in (call.offer, call.consult):
        legs.begins(offer, s.now)
    s.deadlines.set(("mask", call.call), call.mask.until)
    _log(s, call, {"state": "began", "by": by, "limit_s": s.rules.mask_limit.total_seconds()})
    _mask(s, call)


def failed(s: State, event: MaskFailed) -> None:
    """MaskFailed: the agent sees that the recording goes on with sound."""
    call = s.calls.get(event.call)
    if call is None or call.mask is None:
        s.ignore(event, "the recording is not masked")
        return
    for offer in (call.offer, call.consult):
        if offer is not None:
            legs.forget(offer)
    call.mask_failed = event.why
    _over(s, call, call.mask, {"state": "failed", "why": event.why})
    s.out.append(MaskRecording(call.call, masked=False))


def limit_reached(s: State, call: Call) -> None:
    """Rules.mask_limit is over. Without a link to Asterisk it is done when the link is back: until then the recorder stays masked."""
    if s.pbx:
        end(s, call, "limit")


def link_found(s: State) -> None:
    """The link to Asterisk is back: what it was told before may be lost, so it is told again."""
    for call in s.calls.values():
        if call.mask is None:
            continue
        if ("mask", call.call) in s.deadlines:
            _mask(s, call)
        else:
            end(s, call, "limit")


def end(s: State, call: Call, why: str, by: str = "") -> None:
    """The mask ends: "asked", "limit", or "agent left". Nothing where there is none."""
    if call.mask is None:
        return
    legs.mask_ends(call, s.now)
    _over(s, call, call.mask, {"state": "ended", "why": why, "by": by})
    s.out.append(MaskRecording(call.call, masked=False))


def call_over(s: State, call: Call, at: datetime) -> None:
    """The call is over at `at`, and with it the mask. Nothing where there is none."""
    if call.mask is not None:
        _over(s, call, call.mask, {"state": "ended", "why": "call over", "by": ""}, at)


def _mask(s: State, call: Call) -> None:
    assert call.mask is not None, f"{call.call} has no mask"
    talk = call.offer is not None and call.offer.bridged_at is not None
    for_s = since(s.now, call.mask.until)
    s.out.append(MaskRecording(call.call, masked=True, recorded=talk, for_s=for_s))


def _over(s: State, call: Call, mask: Mask, detail: dict[str, object], at: datetime | None = None) -> None:
    call.mask = None
    s.deadlines.clear(("mask", call.call))
    told = {name: value for name, value in detail.items() if value != ""}
    _log(s, call, {**told, "masked_s": since(mask.began_at, at or s.now)})


def _log(s: State, call: Call, detail: dict[str, object]) -> None:
    offer = call.offer
    agent, leg = ("", "") if offer is None else (offer.agent.agent, offer.offer)
    s.log(Kind.MASK, call.call, agent, leg, call.queue, detail)
