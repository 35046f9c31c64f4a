"""Asterisk's messages as the engine's events. Pure: a message in, events out; no I/O, no clock.

One table says who reads which message. A message that does not parse or fit gives no event, and never an exception. What the
channels of a whisper do is nobody's news.

    call_events         the caller's channel, and the phones that ring for it
    consult_events      holds, consults and conferences by a command of ours
    phone_events        what an agent does with the phone alone: REFER, second line, feature codes in a call
    destination_events  callback offer, voicemail, another number
    survey_events       what the caller has answered after the talk
    listening_events    supervisors who listen
    agent_events        log-in, ready and not ready by phone; whether a phone is registered
"""

from __future__ import annotations

from collections.abc import Iterable

from acd.engine import events as ev
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import is_whisper
from acd.pbx.events import (
    agent_events,
    call_events,
    consult_events,
    destination_events,
    listening_events,
    phone_events,
    survey_events,
)
from acd.telephone_numbers import Numbering

READERS: dict[str, Reader] = {
    **call_events.READERS,
    **consult_events.READERS,
    **phone_events.READERS,
    **agent_events.READERS,
}
"""By the header Event."""
USER_EVENTS: dict[str, Reader] = {
    **call_events.USER_EVENTS,
    **consult_events.USER_EVENTS,
    **phone_events.USER_EVENTS,
    **destination_events.USER_EVENTS,
    **survey_events.USER_EVENTS,
    **listening_events.USER_EVENTS,
    **agent_events.USER_EVENTS,
}
"""UserEvents of the dialplan, by the header UserEvent."""


class Translator:
    """A channel book and the table of those who read and write it."""

    def __init__(self, agents: Iterable[str] = (), numbering: Numbering | None = None) -> None:
        """`agents`: the agents of the configuration in force. `numbering`: how its numbers are read."""
        self.book = ChannelBook(agents, numbering)
        self.ignored = 0
        """Messages that did not parse or fit."""

    def feed(self, message: Message) -> list[ev.Event]:
        """The engine's events that this message is, in order; most messages are none."""
        if is_whisper(message.get("Channel", "")) or is_whisper(message.get("DestChannel", "")):
            return []
        kind = message.get("Event", "")
        try:
            reader = USER_EVENTS.get(message["UserEvent"]) if kind == "UserEvent" else READERS.get(kind)
            return reader(self.book, message) if reader else []
        except (KeyError, ValueError):
            self.ignored += 1
            return []
