"""Supervisors who listen: their telephone answers or does not, and enters and leaves the caller's bridge. Pure."""

from __future__ import annotations

from acd.engine import events as ev
from acd.engine.listening.events import (
    ListenerAnswered,
    ListenerGone,
    ListenerJoined,
    ListenerLeft,
    ListenMode,
    ListenSwitched,
    NoListener,
)
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import LISTENER, ListenerLeg, fit, is_own
from acd.pbx.events.causes import LOST_CAUSES

_STATUS: dict[str, NoListener] = {"BUSY": "busy", "NOANSWER": "no answer", "CHANUNAVAIL": "unreachable"}
_KEYS: dict[str, ListenMode] = {"4": "listen", "5": "whisper", "6": "barge"}


def answered(book: ChannelBook, message: Message) -> list[ev.Event]:
    """ListenerAnswered: the channel is entered in the book."""
    listener, uniqueid = fit(LISTENER, message["Listener"]), message["Uniqueid"]
    if is_own(message["Channel"]):
        raise ValueError(f"ListenerAnswered comes from {message['Channel'][:80]!r}")
    if book.is_gone(uniqueid):
        return []
    book.listeners[uniqueid] = ListenerLeg(listener, uniqueid, message["Channel"])
    return [ListenerAnswered(listener)]


def over(book: ChannelBook, message: Message) -> list[ev.Event]:
    """ListenerGone: the telephone did not answer."""
    listener, cause = fit(LISTENER, message["Listener"]), int(message.get("Cause") or 0)
    why = _STATUS.get(message["Status"], "failed")
    if why == "busy" and cause == 21:
        why = "rejected"
    book.listened.pop(listener, None)
    return [ListenerGone(listener, why, cause)]


def keyed(book: ChannelBook, message: Message) -> list[ev.Event]:
    """ListenSwitched by a key of the supervisor's own telephone."""
    leg = book.listeners[message["Uniqueid"]]
    return [ListenSwitched(leg.listener, _KEYS[message["Key"]])]


def entered(book: ChannelBook, uniqueid: str, bridge: str) -> list[ev.Event]:
    """ListenerJoined when the caller is in this bridge."""
    leg = book.listeners[uniqueid]
    leg.bridge = bridge
    return _together(book, leg)


def caller_entered(book: ChannelBook, uniqueid: str) -> list[ev.Event]:
    """The same where the caller comes after the supervisor, as into a conference."""
    caller = book.callers.get(uniqueid)
    if caller is None or not book.listeners:
        return []
    legs = [leg for leg in book.listeners.values() if book.listened.get(leg.listener) == caller.call]
    return [event for leg in legs for event in _together(book, leg)]


def _together(book: ChannelBook, leg: ListenerLeg) -> list[ev.Event]:
    caller = book.calls.get(book.listened.get(leg.listener, ""))
    if leg.joined or caller is None or not leg.bridge or caller.bridge != leg.bridge:
        return []
    leg.joined = True
    return [ListenerJoined(leg.listener)]


def left(book: ChannelBook, uniqueid: str) -> list[ev.Event]:
    """ListenerLeft, when the supervisor was with the caller."""
    leg = book.listeners[uniqueid]
    leg.bridge = ""
    return _parted(leg)


def caller_left(book: ChannelBook, call: str) -> list[ev.Event]:
    """The same where the caller leaves, on hold or transferred."""
    legs = [leg for leg in book.listeners.values() if book.listened.get(leg.listener) == call]
    return [event for leg in legs for event in _parted(leg)]


def _parted(leg: ListenerLeg) -> list[ev.Event]:
    if not leg.joined:
        return []
    leg.joined = False
    return [ListenerLeft(leg.listener)]


def gone(book: ChannelBook, uniqueid: str, cause: int) -> list[ev.Event]:
    """ListenerGone: hung up, by whomever; "lost" when the telephone vanished."""
    leg = book.listeners.pop(uniqueid)
    book.listened.pop(leg.listener, None)
    return [ListenerGone(leg.listener, "lost" if cause in LOST_CAUSES else "hung up", cause)]


USER_EVENTS: dict[str, Reader] = {
    "ListenerAnswered": answered,
    "ListenerOver": over,
    "ListenerKeyed": keyed,
}
