"""Handing a caller over: what agents, their telephones and Asterisk tell of a transfer, a hold, a card.

The *first agent* has the caller and hands him over; the *receiver* is whom he goes to. In a *warm* transfer the two talk
(a consult) while the caller is on hold; a *cold* one sends the caller on at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TargetKind = Literal["agent", "queue", "skill", "number"]

How = Literal["page", "api", "command line", "code", "telephone"]
"""Where a transfer was started: code: a feature code keyed in the call; telephone: the softphone's own keys."""


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """The agent who has this caller wants to hand him over."""

    call: str
    agent: str
    kind: TargetKind
    to: str
    """Extension of an agent, name of a queue or skill, an outside number of the allow-list."""
    reason: str
    """One of the configured reasons, by its name."""
    note: str = ""
    warm: bool = False
    how: How = "page"
    by: str = ""
    """Who asked for it, where it was not the agent himself."""
    amount: float = 0.0
    """What the matter is about, in money; decides who may receive it."""


@dataclass(frozen=True, slots=True)
class TransferDialled:
    """A blind REFER has happened: the caller is in [by-phone], the first agent's channel is gone or going."""

    call: str
    agent: str
    digits: str
    """As dialled: "1002", or "1002*3" with the key of a reason. Empty: to another domain, or not to be read."""


@dataclass(frozen=True, slots=True)
class ConsultDialled:
    """The agent dials from his own telephone, on its second line, while he has a caller on hold."""

    agent: str
    digits: str


@dataclass(frozen=True, slots=True)
class TransferKeyed:
    """The agent has keyed the transfer's code in the call; he is to be asked for target and reason."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class TransferCoded:
    """What he keyed then. His caller is on hold."""

    call: str
    agent: str
    digits: str
    reason: str
    """Key of the reason, as "3"."""
    warm: bool = False


@dataclass(frozen=True, slots=True)
class ConsultBegan:
    """First agent and receiver hear each other."""

    call: str
    agent: str = ""
    """The receiver; empty: the outside number."""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class ConsultEnded:
    """An outside number that was consulted did not answer, or has hung up. (Of an agent OfferFailed or BridgeEnded tells.)"""

    call: str
    reason: str
    """"busy", "no answer", "failed", "hung up"."""


@dataclass(frozen=True, slots=True)
class TransferCompleted:
    """The first agent says: he is yours."""

    call: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class AttendedTransferred:
    """An attended REFER has happened: Asterisk has put the caller in the place of the first agent's second line."""

    call: str
    agent: str
    """The first agent."""
    offer: str = ""
    """The consult that the caller has come into; empty: none of ours."""


@dataclass(frozen=True, slots=True)
class TransferTakenBack:
    """The first agent goes on with the caller himself."""

    call: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ThreeWayAsked:
    """The first agent wants all three in one talk."""

    call: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class TransferDeclined:
    """The receiver of a consult says no, and why."""

    call: str
    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferExplained:
    """The reason of a transfer that was made by telephone, given afterwards."""

    call: str
    agent: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HoldAsked:
    """By page or API. Of a softphone's own hold CallHeld alone tells."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class RetrieveAsked:
    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class MuteAsked:
    call: str
    agent: str
    muted: bool


@dataclass(frozen=True, slots=True)
class CallHeld:
    """The caller hears music by the agent's doing; the softphone's own hold (re-INVITE)."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class CallRetrieved:
    """Caller and first agent hear each other again: after the softphone's hold, or after our Join."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class CardWritten:
    """A person has written on the call's card. The engine only keeps it in the log; acd/desk reads it there."""

    call: str
    by: str
    """Agent's extension, or account."""
    what: str
    """"note", "matter", "verified", "promise", "disposition", "name", "value"."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able; what each carries: acd/store/context_card.py."""


TransferEvent = (
    TransferRequested
    | TransferDialled
    | ConsultDialled
    | TransferKeyed
    | TransferCoded
    | ConsultBegan
    | ConsultEnded
    | TransferCompleted
    | AttendedTransferred
    | TransferTakenBack
    | ThreeWayAsked
    | TransferDeclined
    | TransferExplained
    | HoldAsked
    | RetrieveAsked
    | MuteAsked
    | CallHeld
    | CallRetrieved
    | CardWritten
)
