"""The record of one transfer. The checkpoint stores its field names: a renamed field needs another FORMAT there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from acd.engine.transfer_events import How, TargetKind


@dataclass(slots=True, eq=False)
class Transfer:
    """One transfer of a call, from the request to its outcome."""

    number: int
    """1, 2, … of this call."""
    first: str
    """The first agent: who hands the caller over."""
    offer: str
    """Offer id of the first agent's leg."""
    queue: str
    """Where the call stood when the transfer began, and where it comes back to."""
    kind: TargetKind
    to: str
    """Extension, queue, skill or number, by `kind`."""
    reason: str
    note: str
    warm: bool
    how: How
    by: str
    """Who asked for it, where that was not the first agent."""
    amount: float
    """What the matter is about, in money; 0: not said."""
    at: datetime
    """When it was asked for."""
    state: Literal["asked", "calling", "consulting", "three-way", "joining"] = "asked"
    """asked: cold, and on its way; calling to three-way: warm, the first agent holds the call; joining: caller and receiver
    are being brought together."""
    receiver: str = ""
    """The agent who is rung or consulted, then who has the caller; empty: not chosen yet, or a number."""
    second_line: bool = False
    """The first agent consults on the second line of their telephone."""
