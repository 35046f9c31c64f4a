"""Why a phone did not answer, or a bridge ended: Q.850 causes and Dial's statuses as the engine's reasons.

Sources. The causes are those of ITU-T Q.850. Asterisk turns the SIP answer into one of them in `ast_sip_hangup_sip2cause()`
(res/res_pjsip.c): 486 to 17, 603 to 21, 480 to 19, 404 to 1, 5xx to 34, 38, 42, 127, and so on. RFC 3398 defines such a mapping
for gateways; Asterisk's is its own, and this table goes by Asterisk's. DIALSTATUS: apps/app_dial.c.
"""

from acd.engine.events import FailReason

LOST_CAUSES = frozenset({27, 38, 41, 44})
"""Q.850: destination out of order, network out of order, temporary failure, and 44 (requested channel not available), with
which Asterisk ends a channel whose RTP has stopped (rtp_timeout)."""

_BY_CAUSE: dict[int, FailReason] = {
    1: "unreachable",  # 404
    3: "unreachable",
    17: "busy",  # 486, 600
    18: "unreachable",  # 408: no answer to the INVITE at all
    19: "rejected",  # 480: do not disturb, on most phones
    20: "unreachable",  # no contact
    21: "rejected",  # 403, 603
    27: "unreachable",
    34: "failed",  # 5xx: the phone is registered but cannot take the call
    38: "failed",
    41: "failed",
    42: "failed",
}
_BY_STATUS: dict[str, FailReason] = {
    "BUSY": "busy",
    "CHANUNAVAIL": "unreachable",
    "DONTCALL": "rejected",
    "TORTURE": "rejected",
    "NOTACCEPTED": "ring no answer",
    "NOTALLOWED": "not dialled",
    "STALE": "not dialled",
    "INVALIDARGS": "not dialled",
}
"""The dialplan's own: STALE, the offer's epoch was that of an earlier daemon; NOTACCEPTED, whoever answered an agent's outside
number pressed no key; NOTALLOWED, that number is not in the dialplan's own list ([connect])."""
_SAID_BY_THE_PHONE = frozenset({1, 3})
"""Causes that are an answer where an INVITE was sent: the telephone is there, and does not know its own account."""


def fail_reason(status: str, cause: int, rang: bool, *, invited: bool = False, forwards: bool = False) -> FailReason:
    """The reason by Q.850 cause, else by Dial's status, else "failed". `rang`: the phone has said that it rings; `invited`: the
    INVITE was sent; `forwards`: the phone has answered it with another address (302).

    Dial says NOANSWER both when its own time-out has ended the ringing (cause 0) and for a 480 (cause 19). A phone that has
    not answered the INVITE at all until that time-out was unreachable.
    """
    if forwards:
        return "forwarded"  # Dial, which must not follow it, calls it BUSY.
    if invited and cause in _SAID_BY_THE_PHONE:
        return "failed"
    if status == "NOANSWER" and cause == 0:
        return "ring no answer" if rang else "unreachable"
    if status in ("STALE", "INVALIDARGS", "NOTACCEPTED", "NOTALLOWED"):
        return _BY_STATUS[status]
    return _BY_CAUSE.get(cause) or _BY_STATUS.get(status, "failed")


def callback_failure(cause: int) -> str:
    """Why the customer of a callback was not reached, by the Q.850 cause of the customer's channel: "busy", "no answer",
    "refused" or "failed"."""
    if cause == 17:
        return "busy"
    if cause in (0, 16, 18, 19):
        return "no answer"  # 0, 16: we stopped the ringing.
    return "refused" if cause == 21 else "failed"
