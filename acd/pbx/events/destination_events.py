"""What the rooms say in which a policy's callers are: the offer of a callback, voicemail, another number, a called-back
customer's arrival (extensions_elsewhere.conf). Their UserEvents as events; the translator has looked already at who says it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from acd.engine import events as ev
from acd.identifiers import DIALABLE, NAME

CALLABLE = re.compile(DIALABLE)
"""What may be dialled out of the house."""
TRUNKS_CHANNEL = re.compile(rf"PJSIP/trunk-{NAME}-[0-9a-f]{{8}}")
WORDS = {"CallbackAccepted", "CallbackAnswered", "CallSentOn", "CallReturned", "MessageLeft"}
HEADER, BYTES_PER_S = 44, 16000
"""Of a WAV file, 8 kHz, 16 bit, mono."""

_RETURNED = {
    "BUSY": "busy",
    "NOANSWER": "no answer",
    "NOMESSAGE": "no message",
    "CHANUNAVAIL": "failed",
    "CONGESTION": "failed",
}
"""Dial's status, and voicemail's own word."""


def said(name: str, call: str, message: Mapping[str, str]) -> ev.Event:
    """The event that this UserEvent is. ValueError or KeyError for one that does not fit."""
    match name:
        case "CallbackAccepted":
            number = message["Number"]
            if not CALLABLE.fullmatch(number):
                raise ValueError(f"{number[:80]!r} can't be called")
            return ev.CallbackAccepted(call, number)
        case "CallbackAnswered":
            return ev.CallbackAnswered(call)
        case "CallSentOn":
            return ev.CallSentOn(call)
        case "CallReturned":
            return ev.CallReturned(call, _RETURNED.get(message["Reason"], "failed"))
        case "MessageLeft":
            return ev.MessageLeft(call, seconds_of(message["Bytes"]))
    raise ValueError(f"no room says {name!r}")


def seconds_of(size: str) -> float:
    """Of a message's file with so many bytes. ValueError."""
    if not size.isascii() or not size.isdigit() or len(size) > 9:
        raise ValueError(f"{size[:80]!r} is not the size of a message")
    return max(0, int(size) - HEADER) / BYTES_PER_S


def not_called_back(cause: int) -> str:
    """Why the customer of a callback was not reached, by the Q.850 cause with which his channel went."""
    if cause == 17:
        return "busy"
    if cause in (0, 16, 18, 19):
        return "no answer"  # 0, 16: it was we who gave up ringing
    return "refused" if cause == 21 else "failed"
