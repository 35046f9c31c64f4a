"""Callers whom a policy has sent to voicemail: what they leave is filed, and where they leave nothing, nothing is left over."""

from datetime import datetime

from acd.engine.commands import Command, SendTo
from acd.engine.events import CallerHungUp, CallReturned, Event, MessageLeft
from recordings.filing import Filing


class Messages:
    """A listener of the switchboard's."""

    def __init__(self, filing: Filing) -> None:
        self._filing = filing
        self._sent: set[str] = set()
        """Calls at voicemail of which nothing has come yet."""

    def heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        match event:
            case MessageLeft(call, seconds):
                self._sent.discard(call)
                self._filing.message_left(call, seconds, at)
            case CallReturned(call) | CallerHungUp(call) if call in self._sent:
                self._sent.discard(call)
                self._filing.no_message(call)
        for command in commands:
            if isinstance(command, SendTo) and command.where == "voicemail":
                self._sent.add(command.call)
