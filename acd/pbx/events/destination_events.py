"""UserEvents of the destinations to which a queue's policy sends a caller (extensions_elsewhere.conf): the offer of a callback,
voicemail, another number, and the arrival of a customer who is called back. Pure.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.engine import events as ev
from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackFailed, CallSentOn
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import CALL, CALLABLE, SIP_CODE, TRUNK, TRUNKS_CHANNEL, fit, trunk_of

_HEADER, _BYTES_PER_S = 44, 16000
"""Of a WAV file, 8 kHz, 16 bit, mono."""

_RETURNED = {
    "BUSY": "busy",
    "NOANSWER": "no answer",
    "NOMESSAGE": "no message",
    "CHANUNAVAIL": "failed",
    "CONGESTION": "failed",
    "NOTALLOWED": "not allowed",
}
"""Reason of a CallReturned, by DIALSTATUS, by NOMESSAGE of [voicemail], or by NOTALLOWED of [send-on]."""


def callback_answered(book: ChannelBook, message: Message) -> list[ev.Event]:
    """CallbackAnswered: the customer has answered, and the channel is a caller's from now on."""
    call, uniqueid = fit(CALL, message["Call"]), message["Uniqueid"]
    if book.is_gone(uniqueid):
        return []
    leg = book.calls.get(call)
    if leg is not None and leg.uniqueid == uniqueid:
        return []
    if leg is not None or not TRUNKS_CHANNEL.fullmatch(message["Channel"]):
        raise ValueError(f"CallbackAnswered of {call} comes from {message['Channel']}")
    book.add_caller(call, uniqueid, message["Channel"]).queued = True
    book.dialled.pop(uniqueid, None)
    return [CallbackAnswered(call, trunk_of(message["Channel"]))]


def callback_over(book: ChannelBook, message: Message) -> list[ev.Event]:
    """Notes what the carrier said last; the Hangup that follows is the event."""
    call = fit(CALL, message["Call"])
    if book.dialled.get(message["Uniqueid"]) == call:
        book.answers[call] = int(fit(SIP_CODE, message["Code"]) or 0)
    return []


def trunk_failed(book: ChannelBook, message: Message) -> list[ev.Event]:
    """Notes that a trunk did not carry a call out of the dialplan, which tries the next one by itself; no event."""
    trunk = fit(TRUNK, message["Trunk"].removeprefix("trunk-"))
    book.trunk_faults.append((trunk, int(fit(SIP_CODE, message["Code"]) or 0), fit(CALL, message["Call"])))
    return []


def _call_sent_on(book: ChannelBook, call: str, message: Message) -> ev.Event:
    """From [sent-on] it comes on the number's own channel, from [join] on the caller's, whose trunk says nothing."""
    outwards = message["Uniqueid"] != message["Linkedid"]
    return CallSentOn(call, trunk_of(message.get("Channel", "")) if outwards else "")


def callback_not_taken(book: ChannelBook, message: Message) -> list[ev.Event]:
    """CallbackFailed: somebody or something has answered and pressed no key. The end of that channel tells nothing more."""
    call, uniqueid = fit(CALL, message["Call"]), message["Uniqueid"]
    if book.dialled.get(uniqueid) != call:
        return []
    del book.dialled[uniqueid]
    return [CallbackFailed(call, "no key")]


def _of_caller(event_of: Callable[[ChannelBook, str, Message], ev.Event], own: str = "Uniqueid") -> Reader:
    """`own`: the header that names the caller's channel."""

    def reader(book: ChannelBook, message: Message) -> list[ev.Event]:
        call = fit(CALL, message["Call"])
        if book.is_gone(message["Uniqueid"]):
            return []
        leg = book.calls.get(call)
        event = event_of(book, call, message)
        if leg is None or leg.uniqueid != message[own]:
            raise ValueError(f"{message['UserEvent']} of {call} comes from another channel")
        if leg.said == event:
            return []
        leg.said = event
        leg.diverted = not isinstance(event, ev.CallReturned)
        return [event]

    return reader


def _callback_accepted(book: ChannelBook, call: str, message: Message) -> ev.Event:
    return CallbackAccepted(call, book.numbering.caller(fit(CALLABLE, message["Number"])))


def _call_returned(book: ChannelBook, call: str, message: Message) -> ev.Event:
    return ev.CallReturned(call, _RETURNED.get(message["Reason"], "failed"))


def _message_left(book: ChannelBook, call: str, message: Message) -> ev.Event:
    return ev.MessageLeft(call, seconds_of(message["Bytes"]))


def seconds_of(size: str) -> float:
    """The length in seconds of a recorded message whose file has `size` bytes. Raises ValueError for no size of a file."""
    if not size.isascii() or not size.isdigit() or len(size) > 9:
        raise ValueError(f"{size[:80]!r} is not the size of a message")
    return max(0, int(size) - _HEADER) / _BYTES_PER_S


def message_asked(book: ChannelBook, message: Message) -> list[ev.Event]:
    """MessageAsked: the caller goes on waiting until they are redirected."""
    call = fit(CALL, message["Call"])
    if book.is_gone(message["Uniqueid"]):
        return []
    leg = book.calls.get(call)
    if leg is None or leg.uniqueid != message["Uniqueid"]:
        raise ValueError(f"MessageAsked of {call} comes from another channel")
    return [ev.MessageAsked(call)]


def recording_declined(book: ChannelBook, message: Message) -> list[ev.Event]:
    """RecordingDeclined: the caller goes on as ever."""
    call = fit(CALL, message["Call"])
    if book.is_gone(message["Uniqueid"]):
        return []
    leg = book.calls.get(call)
    if leg is None or leg.uniqueid != message["Uniqueid"]:
        raise ValueError(f"RecordingDeclined of {call} comes from another channel")
    return [ev.RecordingDeclined(call)]


USER_EVENTS: dict[str, Reader] = {
    "CallbackAccepted": _of_caller(_callback_accepted),
    "CallbackAnswered": callback_answered,
    "CallbackNotTaken": callback_not_taken,
    # Told by the other number's own channel, which is linked to the caller's.
    "CallSentOn": _of_caller(_call_sent_on, own="Linkedid"),
    "CallbackOver": callback_over,
    "TrunkFailed": trunk_failed,
    "CallReturned": _of_caller(_call_returned),
    "MessageAsked": message_asked,
    "MessageLeft": _of_caller(_message_left),
    "RecordingDeclined": recording_declined,
}
