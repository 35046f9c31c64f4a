"""What the engine may wish for. The outcome of a wish, good or bad, comes back as an event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a row of the call log tells. The detail that each carries stands under it."""

    ARRIVED = "arrived"
    """caller, dialled"""
    MENU = "menu"
    """path"""
    QUEUED = "queued"
    """skills {name: level}, priority, language; `queue` is set"""
    OFFERED = "offered"
    """number (1, 2, …), waited_s, rule, runners_up [agent …up to five], passed_over {reason: count}"""
    RINGING = "ringing"
    ANSWERED = "answered"
    """the phone went up: ring_s, rings (1 = during the first)"""
    CONNECTED = "connected"
    """caller and agent in one bridge: wait_s since the person was asked for"""
    OFFER_ENDED = "offer ended"
    """outcome (see Outcome), cause, ring_s, rings"""
    CROSSED = "crossed"
    """an answer crossed the taking back; not a ring no answer against the agent"""
    RETURNED = "returned"
    """the caller is at the head of his queue again: reason"""
    TALK_ENDED = "talk ended"
    """talk_s, by"""
    ENDED = "ended"
    """ending (see Ending), wait_s, talk_s, asked_for_person (bool), within_target (bool), short (bool: gave up under 5 s)"""
    AGENT_STATE = "agent state"
    """state, reason, was, was_reason, lasted_s: the former state lasted so long; rows of one agent tile his time"""
    PHONE = "phone"
    """reachable"""
    RECORDED = "recorded"
    """path, seconds, sha256, complete, reason, silent"""
    ALARM = "alarm"
    """name, detail"""
    PBX = "pbx"
    """state ("lost" | "found" | "restarted"), detail"""
    IGNORED = "ignored"
    """event, why: an event that did not fit"""


class Outcome(StrEnum):
    """How an offer ended."""

    ANSWERED = "answered"
    RING_NO_ANSWER = "ring no answer"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    NOT_DIALLED = "not dialled"
    FAILED = "failed"
    CALLER_LEFT = "caller left"
    TAKEN_BACK = "taken back"
    """For a reason that is not the agent's: he logged out while it rang, resync, …"""
    LOST = "lost"
    """Answered, but the agent was gone before the bridge, or Asterisk was."""


class Ending(StrEnum):
    """How a call ended; each has exactly one."""

    ANSWERED = "answered"
    SERVED = "served by menu"
    TURNED_AWAY = "turned away"
    ABANDONED_IVR = "abandoned in IVR"
    ABANDONED_QUEUE = "abandoned in queue"
    ABANDONED_RINGING = "abandoned while ringing"
    LOST = "lost"
    """Cut by a fault of ours: Asterisk crashed, or the channel was gone when the link came back before anybody spoke."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Ring this agent for this call now, with one Redirect of the caller, whatever rings for him at the moment."""

    agent: str
    call: str
    offer: str
    queue: str
    caller: str
    supersedes: str = ""
    """The offer of this call that is taken back by the same Redirect."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The offer is over and nobody is next: the caller goes back to the waiting room."""

    agent: str
    call: str
    offer: str


@dataclass(frozen=True, slots=True)
class Log:
    """One row of the call log. The time is that of the event that caused it."""

    kind: Kind
    call: str = ""
    agent: str = ""
    offer: str = ""
    queue: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able; durations as seconds with the unit in the name."""


Command = Offer | TakeBack | Log
