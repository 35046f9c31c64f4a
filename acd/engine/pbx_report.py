"""What Asterisk knows of the calls after the link was lost for a while: channels that are there, callers who hung up."""

from dataclasses import dataclass
from typing import Literal

from acd.engine.model import Skills
from acd.engine.surveys.events import SurveyAnswered

Place = Literal[
    "menu", "waiting", "connecting", "ringing", "talking", "fallback", "after", "elsewhere", "calling", "held"
]
"""Where resync found a caller's channel. Elsewhere: at voicemail, or with an outside number. Calling: the customer of a
callback is being dialled; CallbackAnswered or CallbackFailed follows. Held: on hold by the page, or while the agent
consults."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk, by the channel variables that the dialplan keeps."""

    agent: str
    offer: str
    began_s: float
    """Seconds since its bridge was made."""
    ended_s: float = 0.0
    """Seconds since it ended with the caller still there; 0: it goes on, or ended when the caller hung up."""
    again_s: float = 0.0
    """Seconds since the dialplan let the two hear each other again after a hold, by itself; 0: it has not."""


@dataclass(frozen=True, slots=True)
class FoundListener:
    """One channel of a supervisor who listens, that resync found."""

    listener: str
    up: bool = False
    """The telephone was answered."""
    bridged: bool = False
    """It is in one bridge with the caller."""


@dataclass(frozen=True, slots=True)
class FoundCall:
    """One caller's channel that resync found."""

    call: str
    place: Place
    caller: str = "unknown"
    dialled: str = ""
    queue: str = ""
    skills: Skills = ()
    language: str = ""
    waiting_for_s: float = 0.0
    """Seconds since the caller asked for a person, by a channel variable; 0: not queued."""
    agent: str = ""
    offer: str = ""
    talk: Talk | None = None
    """The talk that the caller is in or comes from."""
    consulted: str = ""
    """Held, or all three in one talk: the agent whose telephone the first agent's channel has dialled."""
    consult_offer: str = ""
    consult_up: bool = False
    """That telephone has been answered."""
    three_way: bool = False
    written: str = ""
    """Of the caller's number: as of CallArrived."""
    withheld: bool = False
    unrecorded: bool = False
    """The caller has declined to be recorded."""


@dataclass(frozen=True, slots=True)
class MissedHangup:
    """A caller who hung up while the link was lost, from Asterisk's log of hang-ups."""

    call: str
    gone_s: float
    """Seconds since then."""
    caller: str = "unknown"
    dialled: str = ""
    queue: str = ""
    skills: Skills = ()
    language: str = ""
    waiting_for_s: float = 0.0
    """Seconds since the caller asked for a person; 0: they never did."""
    served: bool = False
    """The menu gave the caller all that they wanted."""
    talk: Talk | None = None
    callback: str = ""
    """The caller had taken a callback to this number and hung up for that: the call keeps its place."""
    sent_on: bool = False
    """The outside number had answered."""
    message_s: float = 0.0
    """Seconds of the message that the caller left."""
    written: str = ""
    """Of the caller's number: as of CallArrived."""
    withheld: bool = False
    survey: SurveyAnswered | None = None
    """What the caller had answered in the survey."""
