"""Callers' channels as resync found them: what Asterisk knows of a call after nobody has listened for a while."""

from dataclasses import dataclass
from typing import Literal

from acd.engine.model import Skills

Place = Literal[
    "menu", "waiting", "connecting", "ringing", "talking", "fallback", "after", "elsewhere", "calling", "held"
]
"""Where resync found a caller's channel. Elsewhere: at voicemail, or with another number. Calling: the customer of a
callback is being dialled; CallbackAnswered or CallbackFailed follows. Held: on hold by the page, or while his agent
consults."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk as Asterisk's own variables remember it."""

    agent: str
    offer: str
    began_s: float
    """Seconds since its bridge was made."""
    ended_s: float = 0.0
    """Seconds since it was over and the caller was still there; 0: it goes on, or ended with him."""
    again_s: float = 0.0
    """Seconds since the dialplan let the two hear each other again after a hold, by itself; 0: it has not."""


@dataclass(frozen=True, slots=True)
class FoundCall:
    """One caller's channel as resync found it."""

    call: str
    place: Place
    caller: str = "unknown"
    dialled: str = ""
    queue: str = ""
    skills: Skills = ()
    language: str = ""
    waiting_for_s: float = 0.0
    """Seconds since the caller asked for a person, by Asterisk's own variable; 0 when not queued."""
    agent: str = ""
    offer: str = ""
    talk: Talk | None = None
    """The talk that he is in or comes from."""
    consulted: str = ""
    """Held, or all three in one talk: the agent whose telephone the first agent's channel has dialled."""
    consult_offer: str = ""
    consult_up: bool = False
    """That telephone has been answered."""
    three_way: bool = False


@dataclass(frozen=True, slots=True)
class GoneCall:
    """A caller who hung up while we heard nothing, from Asterisk's own book."""

    call: str
    gone_s: float
    """Seconds since then."""
    caller: str = "unknown"
    dialled: str = ""
    queue: str = ""
    skills: Skills = ()
    language: str = ""
    waiting_for_s: float = 0.0
    """Seconds since he asked for a person; 0: he never did."""
    served: bool = False
    """The menu gave him all that he wanted."""
    talk: Talk | None = None
    callback: str = ""
    """He had taken a callback, to this number, and hung up for that: he is a virtual caller."""
    sent_on: bool = False
    """The other number that the policy named had answered."""
    message_s: float = 0.0
    """Seconds of the message that he left."""
