"""Events about how well a leg's line carries speech. A leg's line is that between Asterisk and one party: caller or agent."""

from dataclasses import dataclass
from typing import Literal

Side = Literal["caller", "agent"]


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What was measured on one leg's line over some seconds. Received: from the party; sent: to the party."""

    seconds: float
    codec: str = ""
    """By Asterisk's name: alaw, ulaw, g722."""
    packets: int = 0
    """Received."""
    lost: int = 0
    """Of the `lost_of` packets that the party had sent when Asterisk counted them last, which it does every 5 s."""
    lost_of: int = 0
    jitter_ms: float = 0.0
    """Of what was received: mean deviation of the time between two packets (RFC 3550, 6.4.1)."""
    sent: int = 0
    sent_lost: int | None = None
    """Of `sent_lost_of` packets, as the party's RTCP reports say; None: the party sent no report."""
    sent_lost_of: int = 0
    sent_jitter_ms: float | None = None
    round_trip_ms: float | None = None
    """From Asterisk to the party and back, by the party's reports."""
    unheard_s: float = 0.0
    """So long no packet came from the party, holds apart."""


@dataclass(frozen=True, slots=True)
class LegMeasured:
    """A leg's line, over the whole talk. Comes at the end of the talk or some moments after it, once for each side."""

    call: str
    offer: str
    """Empty: the caller never talked with an agent, and the figures are those of menu and queue."""
    side: Side
    party: str
    """Whose line it is: "trunk NAME", "agent 1001"; "other" for a guest account."""
    agent: str
    """The leg's agent; empty without an offer."""
    figures: LineFigures


@dataclass(frozen=True, slots=True)
class LineChanged:
    """In a talk a line has become bad, is bad in another way, or is good again: the figures of the latest seconds."""

    call: str
    offer: str
    side: Side
    party: str
    agent: str
    figures: LineFigures
    problems: tuple[str, ...]
    """Values of line_verdict.PROBLEMS; empty: good again."""


LineEvent = LegMeasured | LineChanged
