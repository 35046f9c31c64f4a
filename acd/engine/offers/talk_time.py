"""How long caller and agent heard each other, and where in the leg's recording they did not.

A talk goes on while the caller is on hold or his agent consults somebody: the two are *apart*. On hold by telephone the
caller stays in the bridge, and what he hears is recorded; by page, or while his agent consults, nothing is.
"""

from datetime import datetime
from typing import Any, Literal

from acd.engine.commands import Span
from acd.engine.entities import Offered
from acd.engine.routing.queueing import since


def start_hold(
    offer: Offered, now: datetime, kind: Literal["hold", "consult"], how: Literal["telephone", "page"]
) -> None:
    """Caller and agent do not hear each other from now on. Books only."""
    end_hold(offer, now)
    end_three_way(offer, now)
    offer.apart_at, offer.apart_kind, offer.apart_how = now, kind, how


def end_hold(offer: Offered, now: datetime) -> float:
    """They hear each other again; seconds that they did not."""
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
    _span(offer, offer.apart_kind, begins_s, lasted_s if in_file else 0.0, lasted_s)
    offer.apart_at, offer.apart_kind, offer.apart_how = None, "", ""
    return lasted_s


def begin_three_way(offer: Offered, now: datetime) -> None:
    if offer.three_way_at is None:
        offer.three_way_at = now


def end_three_way(offer: Offered, now: datetime) -> None:
    if offer.three_way_at is not None:
        lasted_s = since(offer.three_way_at, now)
        _span(offer, "three-way", recorded_s(offer, offer.three_way_at), lasted_s, lasted_s)
        offer.three_way_at = None


def talked_s(offer: Offered, now: datetime) -> float:
    """Seconds that caller and agent heard each other, until now."""
    apart_s = offer.hold_s + offer.consult_s + (since(offer.apart_at, now) if offer.apart_at is not None else 0.0)
    return max(0.0, since(offer.bridged_at or now, now) - apart_s)


def recorded_s(offer: Offered, now: datetime) -> float:
    """How long the leg's file is by now."""
    unrecorded_s = offer.unrecorded_s
    if offer.apart_at is not None and offer.apart_how != "telephone":
        unrecorded_s += since(offer.apart_at, now)
    return max(0.0, since(offer.bridged_at or now, now) - unrecorded_s)


def leg_detail(offer: Offered, now: datetime) -> dict[str, Any]:
    """What a talk's last row says beyond its length; nothing where the two were together all the time."""
    end_three_way(offer, now)
    if not offer.spans:
        return {}
    length_s = recorded_s(offer, now)
    end_s = round(length_s, 3)  # as the spans are: one that ends the leg begins where the file ends
    spans = [{**span, "to_s": min(span["to_s"], end_s)} for span in offer.spans if span["from_s"] <= end_s]
    return {"hold_s": offer.hold_s, "consult_s": offer.consult_s, "recorded_s": length_s, "spans": spans}


def _span(offer: Offered, kind: str, from_s: float, in_file_s: float, lasted_s: float) -> None:
    offer.spans += (
        Span(kind=kind, from_s=round(from_s, 3), to_s=round(from_s + in_file_s, 3), lasted_s=round(lasted_s, 3)),
    )
