"""The channels of one call as the translator keeps them: the caller's, the phones that were dialled for him, and an agent's
channel that dials for a consult. Beside them what may stand in their messages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum

from acd.engine.events import Event
from acd.identifiers import CALL_ID, EXTENSION, OFFER_ID

CALL = re.compile(CALL_ID)
OFFER = re.compile(OFFER_ID)
AGENTS_CHANNEL = re.compile(rf"PJSIP/({EXTENSION})-[0-9a-f]{{8}}")


def fit(allowed: re.Pattern[str], value: str) -> str:
    """The value. ValueError when it is anything else."""
    if not allowed.fullmatch(value):
        raise ValueError(f"{value[:80]!r} is not {allowed.pattern}")
    return value


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
    queue: str = ""
    """QUEUE on his channel, once known."""
    language: str = ""
    dialled: str = ""
    """The number of ours that he had dialled."""
    path: str = ""
    offer: str = ""
    """The offer that the dialplan took up last."""
    taken: dict[str, Progress] = field(default_factory=dict)
    """Offers that the dialplan has taken up, and how far each is told to have come: each step is told once, also where
    a Redirect that was tried again has dialled the same phone a second time."""
    failed: set[str] = field(default_factory=set)
    """Offers whose failure was told."""
    bridge: str = ""
    held: bool = False
    """By us: in [hold]."""
    elsewhere: bool = False
    """A policy has sent him to voicemail or to another number, or he is being let go: nobody is to fetch him back."""
    said: Event | None = None
    """What was told last of the room to which a policy has sent him."""
    withheld: list[Event] = field(default_factory=list)
    """The end of an agent's phone that has handed him over by REFER, until that is told (by_phone.py)."""
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
    apart: bool = False
    """By our own doing caller and agent are not alone together: held, or in a consult, or all three."""
    on_hold: bool | None = False
    """By the telephone's own doing (re-INVITE); None: not known, since a resync."""
    set_aside: bool = False
    """He speaks on his second line; this one he has not put on hold, and nobody is heard on it all the same."""
    second_line: bool = False
    """He consults on his second line: the caller stays in the bridge with this one, on hold by the telephone."""
    consults: bool = False
    """Dialled by the first agent's channel, and the caller is not his yet."""
    three: bool = False
    """All three are in one talk."""
    referred: str = ""
    """By a REFER: "under way" is a blind one that is not told yet, "told" any other (by_phone.py)."""
    moved: bool = False
    """The caller was handed over by us, or this channel is not needed any more: its end is no surprise."""


@dataclass(slots=True)
class Dialling:
    """An agent's channel that dials for a consult: the one that his caller was connected to, or his second line."""

    uniqueid: str
    channel: str
    agent: str
    caller: CallerLeg
    offer: str
    receiver: str
    """Empty: an outside number."""
    bridge: str = ""
    outside: str = ""
    """Uniqueid of the outside number's channel, its name, its bridge."""
    outside_channel: str = ""
    outside_bridge: str = ""
    was_up: bool = False
    """ConsultBegan is told."""
    given: bool = False
    """The outside number has the caller, or is not wanted any more."""
