"""The channels of one call: the caller's, the agents' phones, and an agent's channel that dials for a consult.

Beside the records stand the patterns of what may occur in Asterisk's messages about them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum

from acd.engine.events import Event
from acd.identifiers import CALL_ID, DIALABLE, EXTENSION, NAME, OFFER_ID
from acd.telephone_numbers import UNKNOWN

CALL = re.compile(CALL_ID)
"""The id of a call (CALL_ID)."""
OFFER = re.compile(OFFER_ID)
"""The id of an offer (OFFER_ID)."""
AGENTS_CHANNEL = re.compile(rf"PJSIP/({EXTENSION})-[0-9a-f]{{8}}")
"""The name of an agent's channel; group 1 is the agent."""
TRUNKS_CHANNEL = re.compile(rf"PJSIP/trunk-({NAME})-[0-9a-f]{{8}}")
"""The name of a trunk's channel; group 1 is the trunk."""
TRUNK = re.compile(NAME)
SIP_CODE = re.compile("0?[0-9]{0,3}")
"""What a carrier answered, as the dialplan tells it: with a zero before it, and alone when it answered nothing."""
CALLABLE = re.compile(DIALABLE)
"""A number that may be dialled through a trunk."""
CALLBACK_UNIQUEID = "cb-"
"""The Uniqueid of a customer's channel begins with this where we call the customer back."""
STORY_UNIQUEID = "st-"
"""The same where a story is told (actions/story_calls.py)."""
STORY_CHANNEL = re.compile(rf"{STORY_UNIQUEID}([a-z0-9-]{{1,40}}?)-([0-9]{{1,3}})_([0-9])")
"""The whole of it; the groups are the call, the try and the trunk's place."""


LISTENER = re.compile("ls-[0-9a-f]{16}")
"""The id of a supervisor who listens."""
LISTENING_CONTEXTS = frozenset({"listen-ring", "listening", "listen-wait", "listen", "listen-keys"})
"""Contexts of supervisors' channels (extensions_listening.conf): they are nobody's agents and no callers."""


def fit(allowed: re.Pattern[str], value: str) -> str:
    """The value itself. Raises ValueError when it does not match `allowed` as a whole."""
    if not allowed.fullmatch(value):
        raise ValueError(f"{value[:80]!r} is not {allowed.pattern}")
    return value


def is_own(channel: str) -> bool:
    """Whether Asterisk has made this channel itself: a half of a Local channel is no caller, and never one of our calls."""
    return channel.startswith("Local/")


def is_whisper(channel: str) -> bool:
    """Whether this is a half of a Local channel that whispers to an agent (extensions_whisper.conf). It belongs to no call."""
    return channel.startswith("Local/s@whispered-")


def trunk_of(channel: str) -> str:
    """The trunk whose channel has this name; empty when it is no trunk's."""
    found = TRUNKS_CHANNEL.fullmatch(channel)
    return found[1] if found else ""


@dataclass(slots=True)
class ListenerLeg:
    """The channel of a supervisor who listens."""

    listener: str
    uniqueid: str
    channel: str
    bridge: str = ""
    joined: bool = False
    """It is in the caller's bridge, and that was told."""


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
    """QUEUE on the caller's channel, once known."""
    language: str = ""
    dialled: str = ""
    """The number of the hotline that the caller dialled."""
    caller: str = UNKNOWN
    """The caller's canonical number."""
    written: str = ""
    """The same as the carrier has written it; the dialplan counts calls by it."""
    turned_away: bool = False
    """The caller hears why they are let go, and is not counted any more."""
    path: str = ""
    """The caller's latest choice in the menu."""
    offer: str = ""
    """The offer that the dialplan took up last."""
    offered_to: str = ""
    """The agent of that offer."""
    taken: dict[str, Progress] = field(default_factory=dict)
    """Offers that the dialplan has taken up, and the progress told of each. Each step is told once, also where a Redirect
    that was tried again dials the same phone a second time."""
    forwarded: set[str] = field(default_factory=set)
    """Offers whose phone has answered the INVITE with another address (302), which is not followed."""
    failed: set[str] = field(default_factory=set)
    """Offers whose failure was told."""
    bridge: str = ""
    held: bool = False
    """The caller is in [hold], by a command of ours."""
    line_lost: bool = False
    """The channel is being hung up by no person: Asterisk has said so before the bridge ends."""
    diverted: bool = False
    """A policy has sent the caller to voicemail or to another number, or the caller is being dismissed: the caller is not
    fetched back to the waiting room."""
    said: Event | None = None
    """The latest event told of the destination to which a policy has sent the caller."""
    withheld: list[Event] = field(default_factory=list)
    """Events about the end of an agent's phone that has transferred the caller by REFER. They are told after the
    transfer (phone_events.py)."""
    agents: dict[str, AgentLeg] = field(default_factory=dict)
    """Phones dialled for this call that still have a channel, by Uniqueid."""


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
    """"caller" or "agent": which of the two left their bridge first; empty while neither has."""
    held_by_us: bool = False
    """A command of ours has ended the talk of caller and agent alone: a hold, a consult or a conference."""
    on_hold: bool | None = False
    """The phone has put its line on hold (re-INVITE); None: not known, since a resync."""
    implicitly_held: bool = False
    """The agent talks on a second line without sending HOLD for this one; the caller is treated as held."""
    second_line: bool = False
    """The agent consults on a second line: the caller stays in the bridge with this one, on hold by the phone."""
    consults: bool = False
    """The receiver of a consult: dialled by the first agent's channel, and not connected with the caller yet."""
    in_conference: bool = False
    """Caller, first agent and receiver are in one conference."""
    outside: bool = False
    """An agent's outside number: it has answered only once a key was pressed."""
    picked_up: bool = False
    """The outside number is up, and no key was pressed. Whoever hangs up then is in a bridge with the caller for an instant, since
    Dial looks at nothing after its routine: that is no answer."""
    referred: str = ""
    """"under way": a blind REFER that is not told yet; "told": any other REFER (phone_events.py)."""
    released_by_us: bool = False
    """A command of ours has moved the caller on, or ends this channel: its end is expected."""


@dataclass(slots=True)
class Dialling:
    """An agent's channel that dials for a consult: the one that was connected to the caller, or the agent's second line."""

    uniqueid: str
    channel: str
    agent: str
    caller: CallerLeg
    offer: str
    receiver: str
    """The agent who is consulted; empty: an outside number is."""
    bridge: str = ""
    outside: str = ""
    """Uniqueid of the outside number's channel."""
    outside_channel: str = ""
    outside_bridge: str = ""
    was_up: bool = False
    """ConsultBegan was told."""
    settled: bool = False
    """The outside number has the caller, or is not needed any more: nothing more is told of it."""
