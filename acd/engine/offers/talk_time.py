"""Talk time: how long caller and agent heard each other, and where in the leg's recording they did not.

A leg goes on while the caller is on hold, plainly or because the agent consults somebody (`Offered.apart_*`). On hold by
telephone the caller stays in the bridge, and what they hear is recorded; by page, or during a consult, nothing is.
"""

from datetime import datetime
from typing import Any, Literal

from acd.engine.commands import Span
from acd.engine.entities import Offered
from acd.engine.routing.queueing import since


def start_hold(
    offer: Offered, now: datetime, kind: Literal["hold", "consult"], how: Literal["telephone", "page"]
) -> None:
    """The caller is on hold from now on; a hold of another kind ends. See holds.track_hold for the agent's state."""
    end_hold(offer, now)
    end_three_way(offer, now)
    offer.apart_at, offer.apart_kind, offer.apart_how = now, kind, how


def end_hold(offer: Offered, now: datetime) -> float:
    """Caller and agent hear each other again. Returned: seconds of the hold; 0: there was none."""
    if offer.apart_at is None:
        return 0.0
    lasted_s = since(offer.apart_at, now)
    begins_s = recorded_s(offer, offer.apart_at)
    in_file = offer.apart_how == "telephone"
    if offer.apart_kind == "hold":
        offer.hold_s += lasted_s
    else:
        offer.consult_s += lasted_s
    if not in_file:
        offer.unrecorded_s += lasted_s
    add_span(offer, offer.apart_kind, begins_s, lasted_s if in_file else 0.0, lasted_s)
    offer.apart_at, offer.apart_kind, offer.apart_how = None, "", ""
    return lasted_s


def begin_three_way(offer: Offered, now: datetime) -> None:
    """Caller, first agent and receiver hear each other from now on."""
    if offer.three_way_at is None:
        offer.three_way_at = now


def end_three_way(offer: Offered, now: datetime) -> None:
    """The three-way talk is over; nothing if there was none."""
    if offer.three_way_at is not None:
        lasted_s = since(offer.three_way_at, now)
        add_span(offer, "three-way", recorded_s(offer, offer.three_way_at), lasted_s, lasted_s)
        offer.three_way_at = None


def talked_s(offer: Offered, now: datetime) -> float:
    """Seconds that caller and agent heard each other, until now."""
    held_s = offer.hold_s + offer.consult_s + (since(offer.apart_at, now) if offer.apart_at is not None else 0.0)
    return max(0.0, since(offer.bridged_at or now, now) - held_s)


def recorded_s(offer: Offered, now: datetime) -> float:
    """Seconds of the leg's recording, until now."""
    unrecorded_s = offer.unrecorded_s
    if offer.apart_at is not None and offer.apart_how != "telephone":
        unrecorded_s += since(offer.apart_at, now)
    return max(0.0, since(offer.bridged_at or now, now) - unrecorded_s)


def leg_detail(offer: Offered, now: datetime) -> dict[str, Any]:
    """Detail that a TALK_ENDED row has beyond talk_s and by: hold_s, consult_s, recorded_s, spans; empty if there was no span."""
    end_three_way(offer, now)
    if not offer.spans:
        return {}
    length_s = recorded_s(offer, now)
    end_s = round(length_s, 3)  # as the spans are: one that ends the leg begins where the file ends
    spans = [{**span, "to_s": min(span["to_s"], end_s)} for span in offer.spans if span["from_s"] <= end_s]
    return {"hold_s": offer.hold_s, "consult_s": offer.consult_s, "recorded_s": length_s, "spans": spans}


def add_span(offer: Offered, kind: str, from_s: float, in_file_s: float, lasted_s: float, by: str = "") -> None:
    """Notes a stretch of the leg: see commands.Span. `from_s`: in its recording; `by`: the supervisor who was in the talk."""
    span = Span(kind=kind, from_s=round(from_s, 3), to_s=round(from_s + in_file_s, 3), lasted_s=round(lasted_s, 3))
    if by:
        span["by"] = by
    offer.spans += (span,)
