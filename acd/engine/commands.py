"""What the engine may wish for. The outcome of a wish, good or bad, comes back as an event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from acd.engine.model import Skills


class Kind(StrEnum):
    """What a row of the call log tells. The detail that each carries stands under it."""

    ARRIVED = "arrived"
    """caller, dialled"""
    MENU = "menu"
    """path"""
    QUEUED = "queued"
    """skills {name: level}, priority, language; `queue` is set; returned_s when he takes the place that he gave up so
    many seconds ago; position, median_s, p90_s: what was to be expected (0 where an able agent was idle)"""
    KEPT = "kept"
    """the call is kept for `agent`: why ("last agent" | "first owner" | "asked for"), for_s"""
    OVERFLOW = "overflow"
    """a row of the queue's policy applied: row (1, 2, …), when, do, why, waited_s, and what it changed: skills, queues,
    priority, queue, number"""
    CALLBACK = "callback"
    """state ("accepted" | "calling" | "answered" | "failed" | "given up"), number, reason, attempt; `agent` while reserved"""
    SENT_ON = "sent on"
    """the other number has answered: number"""
    MESSAGE = "message left"
    """seconds, path"""
    OPERATOR = "operator"
    """did ("priority" | "moved" | "withdrawn" | "queue closed" | "queue opened" | "agent moved"), by, was, now, reason"""
    CONFIGURATION = "configuration"
    """version, by, queues, agents (how many)"""
    OFFERED = "offered"
    """number (1, 2, …), waited_s, rule, runners_up [agent …up to five], passed_over {reason: count}, rows [1, 3]: rows of
    the policy in force, strategy"""
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
    """ending (see Ending), wait_s, talk_s, asked_for_person (bool), within_target (bool), short (bool: gave up under 5 s),
    callback (bool)"""
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
    NOT_REACHED = "customer not reached"
    """A callback whose customer did not answer; the agent's phone never rang."""


class Ending(StrEnum):
    """How a call ended; each has exactly one."""

    ANSWERED = "answered"
    SERVED = "served by menu"
    TURNED_AWAY = "turned away"
    ABANDONED_IVR = "abandoned in IVR"
    ABANDONED_QUEUE = "abandoned in queue"
    ABANDONED_RINGING = "abandoned while ringing"
    SENT_ON = "sent to another number"
    MESSAGE = "left a message"
    WITHDRAWN = "withdrawn"
    """By an operator."""
    NOT_REACHED = "callback not reached"
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


Where = Literal["callback", "voicemail", "number", "let go"]


@dataclass(frozen=True, slots=True)
class SendTo:
    """Redirect a waiting caller. "callback": he is asked whether he wants to be called back, and waits on whatever he
    says; "voicemail" and "number": outcome is CallSentOn, MessageLeft, CallReturned or CallerHungUp; "let go": told, and
    hung up."""

    call: str
    where: Where
    queue: str
    number: str = ""
    within_s: float = 0.0
    """callback: what is promised."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """Dial the customer of a callback; his channel goes to the waiting room under the call's id. Outcome:
    CallbackAnswered or CallbackFailed. `agent` is reserved for him meanwhile."""

    call: str
    agent: str
    offer: str
    number: str
    queue: str
    dialled: str = ""
    """The number of ours that he had dialled: shown to him as caller id."""
    language: str = ""
    skills: Skills = ()
    """What the call itself requires, as Asterisk remembers it of every caller's channel."""


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


Command = Offer | TakeBack | SendTo | CallBack | Log
