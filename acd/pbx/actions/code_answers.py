"""The answer to a code that an agent has dialled: the telephone waits in [from-agents] until the engine has decided, and then hears
whether it was done (extensions_agents.conf)."""

from collections.abc import Sequence
from datetime import datetime

from acd.engine.calls.code_answers import answer
from acd.engine.commands import Command
from acd.engine.events import Event
from acd.pbx.actions.offer_actions import log_refusal
from acd.pbx.ami.connection import AmiDown
from acd.pbx.ami.redirects import Redirects, to
from acd.pbx.channel_book import ChannelBook

_CONTEXTS = {"done": "confirm", "refused": "code-refused"}


class CodeAnswers:
    """Answers the codes that the book knows of."""

    def __init__(self, book: ChannelBook, redirects: Redirects) -> None:
        self._book, self._redirects = book, redirects

    def heard(self, at: datetime, event: Event, commands: Sequence[Command]) -> None:
        """The engine has handled an event. Of an event that was told by a code, the telephone is sent to what it shall hear."""
        channel = self._book.code_of(event)
        if not channel:
            return
        try:
            sent = self._redirects.send(to(channel, _CONTEXTS[answer(event, commands)]))
        except AmiDown:
            return  # The telephone waits for its time, and hears that there was no answer.
        for each in sent:
            self._redirects.later(log_refusal(each))
