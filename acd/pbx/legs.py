"""The channels of one call as the translator keeps them: the caller's, and the phones that were dialled for him."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from acd.engine.events import Event


class Progress(IntEnum):
    """How far an agent's channel has come. It never goes back."""

    MADE = 0
    DIALLED = 1
    RINGING = 2
    ANSWERED = 3
    BRIDGED = 4
    OVER = 5


@dataclass(slots=True)
class CallerLeg:
    """A caller's channel."""

    call: str
    uniqueid: str
    channel: str
    queued: bool = False
    path: str = ""
    offer: str = ""
    """The offer that the dialplan took up last."""
    taken: dict[str, Progress] = field(default_factory=dict)
    """Offers that the dialplan has taken up, and how far each is told to have come: each step is told once, also where
    a Redirect that was tried again has dialled the same phone a second time."""
    failed: set[str] = field(default_factory=set)
    """Offers whose failure was told."""
    bridge: str = ""
    elsewhere: bool = False
    """A policy has sent him to voicemail or to another number, or he is being let go: nobody is to fetch him back."""
    said: Event | None = None
    """What was told last of the room to which a policy has sent him."""
    agents: dict[str, AgentLeg] = field(default_factory=dict)
    """Phones dialled for this call that are still there, by Uniqueid."""


@dataclass(slots=True)
class AgentLeg:
    """An agent's phone, dialled for a caller."""

    agent: str
    uniqueid: str
    channel: str
    offer: str
    caller: CallerLeg
    progress: Progress = Progress.MADE
    bridge: str = ""
    left_first: str = ""
    """"caller" or "agent", once one has left their bridge."""
