"""Why a phone did not answer, or a bridge ended: Q.850 causes and Dial's statuses as the floor's words.

chan_pjsip turns SIP answers into Q.850 causes (486 to 17, 603 to 21, 480 to 18 or 19, 404 to 1, 5xx to 34, 38, 42, 127, …).
"""

from acd.engine.events import FailReason

LOST_CAUSES = frozenset({27, 38, 41, 44})
"""Destination out of order, network out of order, temporary failure, and 44, which is RTP that stopped."""

_BY_CAUSE: dict[int, FailReason] = {
    1: "unreachable",  # 404: nobody of that name there
    3: "unreachable",
    17: "busy",  # 486, 600
    18: "unreachable",  # 408: no answer to the INVITE at all
    19: "rejected",  # 480: do not disturb, on most phones
    20: "unreachable",  # no contact
    21: "rejected",  # 403, 603
    27: "unreachable",
    34: "failed",  # 5xx: the phone is there, but can't
    38: "failed",
    41: "failed",
    42: "failed",
}
_BY_STATUS: dict[str, FailReason] = {
    "BUSY": "busy",
    "CHANUNAVAIL": "unreachable",
    "DONTCALL": "rejected",
    "TORTURE": "rejected",
    "STALE": "not dialled",
    "INVALIDARGS": "not dialled",
}


def fail_reason(status: str, cause: int, rang: bool) -> FailReason:
    """The reason that the SIP answer gives, else the one that Dial's status gives, else "failed".

    Dial says NOANSWER both when it rang out by itself (cause 0) and for a 480 (cause 19). A phone that gave no sign of
    life until Dial's own time-out was not there.
    """
    if status == "NOANSWER" and cause == 0:
        return "ring no answer" if rang else "unreachable"
    if status in ("STALE", "INVALIDARGS"):
        return _BY_STATUS[status]
    return _BY_CAUSE.get(cause) or _BY_STATUS.get(status, "failed")
