"""All events that the engine accepts. One frozen dataclass per thing that has happened.

Calls, agents, offers and queues are named by text ids that come from outside. A call's id is ours (`CALL_ID` on the
channel), an agent's is their telephone extension ("1001"), an offer's is its call's id with a running number.

The journal stores these classes by their names and the names of their fields: a renamed one can't be replayed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from acd.engine.alarm_events import AlarmEvent
from acd.engine.callback_events import CallbackEvent
from acd.engine.customer_events import CustomerEvent
from acd.engine.doubt_events import DoubtEvent
from acd.engine.faults.events import FaultEvent
from acd.engine.line_events import LineEvent
from acd.engine.listening.events import ListenEvent
from acd.engine.masking.events import MaskEvent
from acd.engine.model import AgentProfile, Queue, Rules, Skills
from acd.engine.operator_events import OperatorEvent
from acd.engine.pbx_report import FoundCall, FoundListener, MissedHangup
from acd.engine.promises.events import PromiseEvent
from acd.engine.self_service_events import SelfServiceEvent
from acd.engine.story_calls.events import StoryCallEvent
from acd.engine.supervision.events import SupervisionEvent
from acd.engine.surveys.events import SurveyEvent
from acd.engine.transfer_events import TransferEvent

FailReason = Literal["rejected", "busy", "forwarded", "unreachable", "ring no answer", "not dialled", "failed"]
"""Why an offer's phone did not answer. Rejected: 480 or 603; busy: 486 or 600; forwarded: 302; failed: any other answer
that refuses, such as 404; unreachable: no sign of life; ring no answer: the phone itself gave up; not dialled: no INVITE
was sent."""

EndedBy = Literal["caller", "agent", "lost", "line lost", "transfer", "operator", "supervisor"]
"""Who left the bridge: the caller; the agent by hanging up; lost: the agent's phone vanished; line lost: the caller's line was cut,
and by no person; transfer: the caller was handed over; operator: an operator has ended the talk;
supervisor: one has taken the caller over."""
BY_CALLERS_SIDE = ("caller", "line lost")
LINE_LOST = frozenset({18, 27, 38, 41, 44})
"""Q.850 causes with which a caller's channel ends by a fault and not by a person: 18 for want of an answer to the session timer, 44 by
silence; 27, 38, 41 (destination or network out of order, temporary failure) also by the network, in the BYE (RFC 3326)."""


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A caller's channel has come in.

    The first event of a call, unless another one overtakes it.
    """

    call: str
    caller: str
    """The canonical number (acd/telephone_numbers.py), or "unknown" for nobody in particular."""
    dialled: str = ""
    """The number of ours that was called."""
    written: str = ""
    """The number as the carrier sent it, where it sent one."""
    withheld: bool = False
    """The caller does not want the number to be shown."""
    trunk: str = ""
    identity: str = ""
    """What the carrier says of the number: model.IDENTITIES. Empty: nothing, or it is not believed."""


@dataclass(frozen=True, slots=True)
class MenuChosen:
    """The caller took one step in the menu."""

    call: str
    path: str
    """Keys so far, as "zh/2"."""
    trail: str = ""
    """The way through the menus, wrong keys and silence with it: "zh main:!7-2 after-sales:1"."""


@dataclass(frozen=True, slots=True)
class MenuLeft:
    """The caller hung up in a menu."""

    call: str
    trail: str
    """As of MenuChosen; its end is where the caller was."""


@dataclass(frozen=True, slots=True)
class CallQueued:
    """The caller asked for a person, or the menu ended: the wait begins, against Rules.answer_within."""

    call: str
    queue: str
    skills: Skills = ()
    """Required beyond the queue's own."""
    language: str = ""
    wanted: str = ""
    """The agent who owns the matter, where the menu or a ticket names one."""
    wish: str = ""
    """"message", "callback": the queue is closed, and the caller has chosen this in the place of waiting."""


@dataclass(frozen=True, slots=True)
class CallServed:
    """The menu gave the caller all that they wanted."""

    call: str


@dataclass(frozen=True, slots=True)
class CallTurnedAway:
    """The caller was told that the hours are closed or nobody is there, and is about to be hung up."""

    call: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller's channel has ended."""

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
class AgentPickedUp:
    """The agent's outside number has answered; AgentAnswered follows once the key was pressed."""

    agent: str
    call: str
    offer: str


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """The agent's phone was answered. The bridge follows within milliseconds. May come without AgentRinging."""

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
    """Logged out at once; a talk goes on and its wrap-up is the last thing the agent does."""

    agent: str
    by: str = ""
    """The supervisor; empty: the agent."""


@dataclass(frozen=True, slots=True)
class AgentReady:
    """The agent wants calls. Logs them in if need be; ends the not-ready that a ring no answer has set, and their wrap-up, unless the
    call still needs a disposition."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentNotReady:
    """The agent wants no calls, for this reason; what rings or talks goes on."""

    agent: str
    reason: str
    by: str = ""
    """The supervisor; empty: the agent."""


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """The agent has finished the after-call work, or a supervisor ends it."""

    agent: str
    by: str = ""
    """The supervisor; empty: the agent."""


@dataclass(frozen=True, slots=True)
class WrapUpExtended:
    """The agent needs more time for the after-call work; see routing/agents.py for how much and how often."""

    agent: str


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """The agent's phone was seen, or was seen to be gone."""

    agent: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class PhoneRegistered:
    """The agent's phone has registered from another place than before, or anew."""

    agent: str
    place: str
    """The address that it registers from."""


@dataclass(frozen=True, slots=True)
class PhoneSilent:
    """The agent's phone answers, and has sent no sound for a while in a talk that is not on hold; or it sends sound again."""

    agent: str
    silent: bool


@dataclass(frozen=True, slots=True)
class PhoneTestAsked:
    """The agent's phone is to ring for a test, at the wish of the agent or of an operator."""

    agent: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class PhoneTested:
    """The outcome of a test ring: "answered", or why not."""

    agent: str
    result: FailReason | Literal["answered"]


@dataclass(frozen=True, slots=True)
class AgentsChanged:
    """The configuration's agents, whole. An agent who is missing is logged out, and forgotten when their work is done."""

    agents: tuple[AgentProfile, ...]


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """A configuration, whole. Waiting calls follow it."""

    queues: tuple[Queue, ...]
    agents: tuple[AgentProfile, ...]
    rules: Rules
    version: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class MessageAsked:
    """A waiting caller would rather leave a message."""

    call: str


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """The caller has left a message at voicemail."""

    call: str
    seconds: float
    path: str = ""
    """Relative to the recordings folder."""


@dataclass(frozen=True, slots=True)
class CallReturned:
    """Voicemail or the outside number came to nothing: the caller is in the waiting room again."""

    call: str
    reason: str


@dataclass(frozen=True, slots=True)
class PbxLost:
    """The link to Asterisk is gone; nothing is offered until PbxFound."""

    reason: str


@dataclass(frozen=True, slots=True)
class PbxFound:
    """The link is there: all callers' channels that Asterisk has. A call that is not among them is over."""

    calls: tuple[FoundCall, ...]
    restarted: bool = False
    """Asterisk itself was started anew: every call from before was cut."""
    gone: tuple[MissedHangup, ...] = ()
    """Callers who hung up since the link was last well, the longest gone first. May name calls whose end was heard."""
    listeners: tuple[FoundListener, ...] = ()
    """Supervisors' channels that listen."""


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
class RecordingDeclined:
    """The caller does not want to be recorded: none of this call's talks is, whoever has it and wherever it is transferred."""

    call: str


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """Another part of the system has something for the supervisor; it is only logged. What becomes of it: acd/alarms."""

    name: str
    detail: str
    call: str = ""
    subject: str = ""
    """What it is about, as a trunk's name: the same name and subject is the same alarm."""
    severity: str = ""
    """warning, critical; empty: that of its kind (acd/alarms/kinds.py)."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """Of a threshold: what was held against what, for the sentence in each language."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """`now` has reached Acd.next_deadline: what is due is done."""


Event = (
    CallArrived
    | MenuChosen
    | MenuLeft
    | CallQueued
    | CallServed
    | CallTurnedAway
    | CallerHungUp
    | AgentDialled
    | AgentRinging
    | AgentPickedUp
    | AgentAnswered
    | CallBridged
    | BridgeEnded
    | OfferFailed
    | AgentLoggedIn
    | AgentLoggedOut
    | AgentReady
    | AgentNotReady
    | WrapUpEnded
    | WrapUpExtended
    | PhoneChanged
    | PhoneRegistered
    | PhoneSilent
    | PhoneTestAsked
    | PhoneTested
    | AgentsChanged
    | OperatorEvent
    | ConfigChanged
    | CallbackEvent
    | PromiseEvent
    | MessageAsked
    | MessageLeft
    | CallReturned
    | PbxLost
    | PbxFound
    | RecordingDeclined
    | RecordingFiled
    | AlarmRaised
    | AlarmEvent
    | CustomerEvent
    | DoubtEvent
    | TransferEvent
    | LineEvent
    | SelfServiceEvent
    | SurveyEvent
    | StoryCallEvent
    | FaultEvent
    | SupervisionEvent
    | ListenEvent
    | MaskEvent
    | TimePassed
)
