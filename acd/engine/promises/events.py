"""Events of promised callbacks that no waiting caller has asked for, and what people do with any promise. See ../events.py."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Source = Literal["caller", "message", "abandoned", "agent", "api"]
"""Who began it: a waiting caller, a message, a caller who gave up, an agent's or supervisor's word, another program."""
How = Literal["call", "list"]
"""call: the customer is called when the time has come; list: a person calls, and says so."""
EndedAs = Literal["cancelled", "done"]


@dataclass(frozen=True, slots=True)
class CallbackPromised:
    """Somebody has promised a callback to this number."""

    promise: str
    """The id, and of the call that will keep it."""
    number: str
    """The canonical number."""
    queue: str
    by: str
    source: Source = "api"
    how: How = "call"
    begins: datetime | None = None
    """Not before then; None: as soon as the customer may be called."""
    until: datetime | None = None
    """None: as the configuration promises for the queue."""
    language: str = ""
    owner: str = ""
    """The agent or account whose matter it is; empty: the queue's."""
    customer: str = ""
    area: str = ""
    """Of the customer's record."""
    brand: str = ""
    dialled: str = ""
    """The number of ours that the customer knows: shown as caller id."""
    note: str = ""
    of_call: str = ""
    """The call in which it was promised."""


@dataclass(frozen=True, slots=True)
class PromiseMoved:
    """A promise has another time, queue or owner. None: as before."""

    promise: str
    by: str
    begins: datetime | None = None
    until: datetime | None = None
    queue: str | None = None
    owner: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PromiseEnded:
    """A person has ended a promise: the customer wants it no more, or was called by other means."""

    promise: str
    by: str
    ended_as: EndedAs
    note: str = ""


PromiseEvent = CallbackPromised | PromiseMoved | PromiseEnded
