"""Where the mask lies in the recording of each leg: a span of the kind "masked", from its begin in the file to its end."""

from datetime import datetime

from acd.engine.commands import Span
from acd.engine.entities import Call, Offered
from acd.engine.offers.talk_time import add_span, recorded_s
from acd.engine.routing.queueing import since


def begins(offer: Offered | None, at: datetime) -> None:
    """The mask begins in the recording of this leg; nothing for a leg that is not recorded yet. A leg that begins while the mask is on is told by
    `leg_begins`."""
    if offer is None:
        return
    if offer.consulted and offer.consult_at is not None and offer.three_way_at is None:
        offer.masked_from_s = since(offer.consult_at, at)
    elif not offer.consulted and offer.bridged_at is not None:
        offer.masked_from_s = recorded_s(offer, at)
    else:
        return
    offer.masked_at = at


def leg_begins(offer: Offered, at: datetime) -> None:
    """The recording of this leg begins; under a mask it begins with silence."""
    if offer.call.mask is not None:
        offer.masked_from_s, offer.masked_at = 0.0, at


def leg_ends(offer: Offered | None, at: datetime) -> None:
    """The leg or the mask ends, whichever is first: its span is noted. Nothing where there is none; to be called before the leg's end is
    logged, and before a caller is handed over."""
    if offer is None or offer.masked_from_s is None or offer.masked_at is None or offer.consulted:
        return
    in_file_s = max(0.0, recorded_s(offer, at) - offer.masked_from_s)
    add_span(offer, "masked", offer.masked_from_s, in_file_s, since(offer.masked_at, at))
    forget(offer)


def consult_spans(offer: Offered, at: datetime) -> list[Span]:
    """The masked spans of a consult's own recording, which ends at `at`."""
    assert offer.consult_at is not None, f"{offer.offer} is no consult"
    if offer.masked_from_s is not None and offer.masked_at is not None:
        end_s = since(offer.consult_at, offer.three_way_at or at)
        _add(offer, offer.masked_from_s, end_s, since(offer.masked_at, at))
        forget(offer)
    spans, offer.masked_in_consult = offer.masked_in_consult, ()
    return list(spans)


def mask_ends(call: Call, at: datetime) -> None:
    """The mask is over: its span in each leg of the call that is recorded now."""
    leg_ends(call.offer, at)
    consult = call.consult
    if consult is not None and consult.masked_from_s is not None and consult.masked_at is not None:
        assert consult.consult_at is not None, f"{consult.offer} is masked, and is no talk"
        end_s = since(consult.consult_at, consult.three_way_at or at)
        _add(consult, consult.masked_from_s, end_s, since(consult.masked_at, at))
        forget(consult)


def forget(offer: Offered) -> None:
    """Nothing of the mask is noted any more, as its span is, or there was none."""
    offer.masked_from_s = offer.masked_at = None


def _add(offer: Offered, from_s: float, to_s: float, lasted_s: float) -> None:
    span = Span(kind="masked", from_s=round(from_s, 3), to_s=round(max(from_s, to_s), 3), lasted_s=round(lasted_s, 3))
    offer.masked_in_consult += (span,)
