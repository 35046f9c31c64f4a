"""Events of transfers, holds and the context card, from agents, their telephones and Asterisk. See events.py.

The *first agent* has the caller and hands them over; the *receiver* is the agent who gets the caller. In a *warm* transfer
the two talk (a consult) while the caller is on hold; a *cold* one sends the caller on at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TargetKind = Literal["agent", "queue", "skill", "number"]

How = Literal["page", "api", "command line", "code", "telephone"]
"""How a transfer was started. Code: a feature code keyed in the call; telephone: the telephone's own transfer keys (REFER,
or a second line)."""


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """The agent who has this caller asks for a transfer."""

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
    """Who asked for it, where it was not the agent."""
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
    """The agent dials from their telephone, on its second line, while they have a caller on hold."""

    agent: str
    digits: str


@dataclass(frozen=True, slots=True)
class TransferKeyed:
    """The agent has keyed the transfer's feature code in the call and is to be asked for target and reason."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class TransferCoded:
    """What the agent keyed then. The caller is on hold."""

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
    """An outside number that was consulted did not answer, or has hung up. (For an agent: OfferFailed or BridgeEnded.)"""

    call: str
    reason: str
    """"busy", "no answer", "failed", "hung up"."""


@dataclass(frozen=True, slots=True)
class TransferCompleted:
    """The first agent completes the warm transfer: the receiver gets the caller."""

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
    """The first agent ends the consult and goes on with the caller."""

    call: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ThreeWayAsked:
    """The first agent wants all three in one talk."""

    call: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class TransferDeclined:
    """The receiver of a consult declines the call."""

    call: str
    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferExplained:
    """The first agent gives the reason of a transfer by telephone, afterwards."""

    call: str
    agent: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HoldAsked:
    """The agent asks for hold by page or API. The softphone's own hold comes as CallHeld alone."""

    call: str
    agent: str
    verify: bool = False
    """The caller is to be verified meanwhile: asked by a story, out of the bridge."""


@dataclass(frozen=True, slots=True)
class RetrieveAsked:
    """The agent wants the caller back from hold."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class MuteAsked:
    """The agent mutes or unmutes their own voice."""

    call: str
    agent: str
    muted: bool


@dataclass(frozen=True, slots=True)
class CallHeld:
    """The softphone has put the caller on hold (re-INVITE)."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class CallRetrieved:
    """Caller and first agent hear each other again: after the softphone's hold, or after our Join."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class CardWritten:
    """A person has written on the call's context card. The engine only logs it; acd/store/context_card.py reads it there."""

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
