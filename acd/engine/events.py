"""What can happen to the floor: the engine's whole ear. One frozen dataclass per thing that has happened.

Calls, agents, offers and queues are named by text ids that come from outside. A call's id is ours (`CALL_ID` on the
channel), an agent's is his telephone extension ("1001"), an offer's is its call's id with a running number.
"""

from dataclasses import dataclass
from typing import Literal

from acd.engine.model import AgentProfile, Queue, Rules, Skills
from acd.engine.pbx_report import FoundCall, GoneCall
from acd.engine.transfer_events import TransferEvent

FailReason = Literal["rejected", "busy", "unreachable", "ring no answer", "not dialled", "failed"]
"""Why an offer's phone did not answer: 486/603 by a person, no sign of life, rang out by itself, never dialled, else."""

EndedBy = Literal["caller", "agent", "lost", "transfer"]
"""Who left the bridge: the caller, the agent by hanging up, the agent's phone by vanishing; or the caller was handed over."""


@dataclass(frozen=True, slots=True)
class CallArrived:
    call: str
    caller: str
    """The number as digits, or "unknown"."""
    dialled: str = ""


@dataclass(frozen=True, slots=True)
class MenuChosen:
    """The caller took one step in the menu."""

    call: str
    path: str
    """Keys so far, as "zh/2"."""


@dataclass(frozen=True, slots=True)
class CallQueued:
    """The caller asked for a person, or the menu ended: the 15-second clock starts."""

    call: str
    queue: str
    skills: Skills = ()
    """Required beyond the queue's own."""
    language: str = ""
    wanted: str = ""
    """The agent who owns the matter, where the menu or a ticket names one."""


@dataclass(frozen=True, slots=True)
class CallServed:
    """The menu gave the caller all that he wanted."""

    call: str


@dataclass(frozen=True, slots=True)
class CallTurnedAway:
    """Closed hours, or nobody staffed: told so, and let go."""

    call: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    call: str
    cause: int = 16
    """Q.850 cause of the caller's channel."""


@dataclass(frozen=True, slots=True)
class AgentDialled:
    """Asterisk has sent the INVITE (`DialBegin`)."""

    agent: str
    call: str
    offer: str


@dataclass(frozen=True, slots=True)
class AgentRinging:
    """First sign of life of the phone: ringing, or progress."""

    agent: str
    call: str
    offer: str


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """The phone went up. The whisper follows, then the bridge. May come without AgentRinging."""

    agent: str
    call: str
    offer: str


@dataclass(frozen=True, slots=True)
class CallBridged:
    """Caller and agent hear each other."""

    agent: str
    call: str
    offer: str


@dataclass(frozen=True, slots=True)
class BridgeEnded:
    """The agent's channel left the caller."""

    agent: str
    call: str
    offer: str
    by: EndedBy


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The phone did not answer, and no longer rings."""

    agent: str
    call: str
    offer: str
    reason: FailReason
    cause: int = 0
    """Q.850 cause, where there is one."""


@dataclass(frozen=True, slots=True)
class AgentLoggedIn:
    """Logged in; not ready until AgentReady."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentLoggedOut:
    agent: str


@dataclass(frozen=True, slots=True)
class AgentReady:
    """Wants calls. Logs in who was not. Ends a stepping-out after ring no answer."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentNotReady:
    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """The agent says that he is done with the note."""

    agent: str


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    agent: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class AgentsChanged:
    """The configuration's agents, whole. Who is missing is logged out and forgotten once he is free."""

    agents: tuple[AgentProfile, ...]


@dataclass(frozen=True, slots=True)
class CallPrioritised:
    """An operator gives a waiting call another priority, in the place of its own and its queue's."""

    call: str
    priority: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallMoved:
    """An operator moves a waiting call to another queue; it keeps its place."""

    call: str
    queue: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallWithdrawn:
    """An operator takes a waiting call out of its queue: the caller is told, and let go."""

    call: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class QueueClosed:
    """No new callers; those who wait are served."""

    queue: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class QueueOpened:
    queue: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class AgentMoved:
    """An operator says whose calls he takes from now on; until the configuration says otherwise of him."""

    agent: str
    queues: tuple[str, ...]
    """Empty: all that he has the skills for."""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """A configuration, whole. Waiting callers follow it."""

    queues: tuple[Queue, ...]
    agents: tuple[AgentProfile, ...]
    rules: Rules
    version: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallbackAccepted:
    """The caller takes the callback that he was offered; he keeps his place and hangs up."""

    call: str
    number: str = ""
    """Where he wants to be called; empty: the number that he calls from."""


@dataclass(frozen=True, slots=True)
class CallbackAnswered:
    """The customer whom we called back is on the line, in the waiting room."""

    call: str


@dataclass(frozen=True, slots=True)
class CallbackFailed:
    call: str
    reason: str
    """"busy", "no answer", "refused", "failed"."""
    cause: int = 0


@dataclass(frozen=True, slots=True)
class CallSentOn:
    """The other number that the policy named has answered."""

    call: str


@dataclass(frozen=True, slots=True)
class MessageLeft:
    call: str
    seconds: float
    path: str = ""
    """Relative to the recordings folder."""


@dataclass(frozen=True, slots=True)
class CallReturned:
    """Where the policy sent him came to nothing: he is in the waiting room again."""

    call: str
    reason: str


@dataclass(frozen=True, slots=True)
class PbxLost:
    """The link to Asterisk is gone; nothing is offered until PbxFound."""

    reason: str


@dataclass(frozen=True, slots=True)
class PbxFound:
    """All callers' channels there are, after a connection or a doubt. Calls not among them are over."""

    calls: tuple[FoundCall, ...]
    restarted: bool = False
    """Asterisk itself was started anew: every call before it was cut."""
    gone: tuple[GoneCall, ...] = ()
    """Who hung up since the link was last well, the longest gone first. May name calls whose end was heard."""


@dataclass(frozen=True, slots=True)
class RecordingFiled:
    """The manifest's verdict on one leg, some moments after its talk ended."""

    call: str
    offer: str
    path: str
    """Relative to the recordings folder; empty when there is no file."""
    seconds: float
    sha256: str
    complete: bool
    reason: str = ""
    """Why it is not complete, in words."""
    silent: str = ""
    """"caller", "agent", "both" or empty."""


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    name: str
    detail: str
    call: str = ""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The alarm clock rang: `now` has reached `next_deadline`."""


Event = (
    CallArrived
    | MenuChosen
    | CallQueued
    | CallServed
    | CallTurnedAway
    | CallerHungUp
    | AgentDialled
    | AgentRinging
    | AgentAnswered
    | CallBridged
    | BridgeEnded
    | OfferFailed
    | AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentNotReady
    | WrapUpEnded
    | PhoneChanged
    | AgentsChanged
    | CallPrioritised
    | CallMoved
    | CallWithdrawn
    | QueueClosed
    | QueueOpened
    | AgentMoved
    | ConfigChanged
    | CallbackAccepted
    | CallbackAnswered
    | CallbackFailed
    | CallSentOn
    | MessageLeft
    | CallReturned
    | PbxLost
    | PbxFound
    | RecordingFiled
    | AlarmRaised
    | TransferEvent
    | TimePassed
)
