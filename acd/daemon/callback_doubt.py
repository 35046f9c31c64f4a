"""Callbacks of a state that may be an older copy wait for the database, which knows those that were made since.

A start does not wait for PostgreSQL, and a state folder that was put back from a copy owes callbacks that were made after it was
copied. So the first daemon under a supervisor doubts them until PostgreSQL has answered. A later one under the same supervisor does
not: nobody puts a state folder back while its hotline runs, and callbacks go on while PostgreSQL is away.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from acd.engine.doubt_events import CallbacksDoubted, CallbacksTrusted
from acd.engine.events import Event
from acd.files import write_private
from acd.processes import parts
from acd.processes.leader import began_at
from acd.setup.installation import Installation


@dataclass(slots=True)
class CallbackDoubt:
    installation: Installation
    tell: Callable[[Event], None]
    """Hands the event to the engine."""
    _answered: bool = False

    def begin(self) -> None:
        """Before the engine hears of Asterisk: nothing is dialled until then."""
        self.tell(CallbacksTrusted() if self._answered_before() else CallbacksDoubted())

    def answered(self) -> None:
        """PostgreSQL has answered, and what it knows to have ended was told. Only the first time counts."""
        if self._answered:
            return
        self._answered = True
        self.tell(CallbacksTrusted())
        if mark := self._supervisor():
            with suppress(OSError):  # a full disk: the next daemon asks PostgreSQL, too
                write_private(self.installation.run / "callbacks-trusted", mark, durable=False)

    def _answered_before(self) -> bool:
        mark = self._supervisor()
        try:
            return bool(mark) and (self.installation.run / "callbacks-trusted").read_text("utf-8") == mark
        except (OSError, UnicodeDecodeError):
            return False

    def _supervisor(self) -> str:
        """Which process it is, for ever; empty where there is none of ours."""
        pid = parts.supervisor(self.installation)
        return f"{pid} {began_at(pid)}" if pid else ""
