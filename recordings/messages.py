"""Callers whom a policy has sent to voicemail: what they leave is filed, and where they leave nothing, nothing is left over;
the same of what callers say after a survey."""

from datetime import datetime

from acd.engine.commands import Command, SendTo
from acd.engine.events import CallerHungUp, CallReturned, Event, MessageLeft
from acd.engine.surveys.events import SurveyBegan, SurveyWordLeft
from recordings.filing import Filing


class Messages:
    """A listener of the switchboard's."""

    def __init__(self, filing: Filing) -> None:
        self._filing = filing
        self._sent: set[str] = set()
        """Calls at voicemail of which nothing has come yet."""
        self._surveyed: set[str] = set()
        """Calls in the survey whose caller has said nothing yet."""

    def heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        match event:
            case MessageLeft(call, seconds):
                self._sent.discard(call)
                self._filing.message_left(call, seconds, at)
            case SurveyBegan(call):
                self._surveyed.add(call)
            case SurveyWordLeft(call, seconds):
                self._surveyed.discard(call)
                self._filing.word_left(call, seconds, at)
            case CallerHungUp(call) if call in self._surveyed:
                self._surveyed.discard(call)
                self._filing.no_word(call)
            case CallReturned(call) | CallerHungUp(call) if call in self._sent:
                self._sent.discard(call)
                self._filing.no_message(call)
        for command in commands:
            if isinstance(command, SendTo) and command.where == "voicemail":
                self._sent.add(command.call)
