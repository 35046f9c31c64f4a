"""All commands that the engine gives. The outcome of a command, good or bad, comes back as an event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NotRequired, TypedDict

from acd.engine.model import Skills


class Kind(StrEnum):
    """The kinds of rows of the call log. Under each stand the keys of its `detail`."""

    ARRIVED = "arrived"
    """caller, dialled; written: the number as the carrier sent it, where it differs; withheld: it is not to be shown; brand: of the dialled
    number, where it has one"""
    CUSTOMER = "customer"
    """the caller's number belongs to a customer: customer (id), name, class, language, last_order, area, complaint_ticket,
    complaint_owner, do_not_call; moved_from: the queue that the class has taken the caller out of"""
    MENU = "menu"
    """path"""
    QUEUED = "queued"
    """skills {name: level}, priority, language; `queue` is set; returned_s when the caller takes the place that
    they gave up so many seconds ago; continues: id of the call whose line dropped and whose matter this goes on with; position,
    median_s, p90_s: what was to be expected (0 where an able agent was idle); class: of the customer; instead_of: the queue that
    was asked for, where the class has another"""
    KEPT = "kept"
    """the call is kept for `agent`: why ("last agent" | "first owner" | "asked for"), for_s"""
    OVERFLOW = "overflow"
    """a row of the queue's policy applied: row (1, 2, …), when, do, why, waited_s, and what it changed: skills, queues,
    priority, queue, number; refused: why the caller was not sent to the number after all"""
    CALLBACK = "callback"
    """state ("accepted" | "calling" | "answered" | "failed" | "given up" | "held back" (until: not before then) | "refused" | "not
    offered"), number, reason, attempt; `agent` while reserved"""
    PROMISE = "promise"
    """a promised callback, by the id of the call that keeps it: state ("made" | "asked again" | "due" | "moved" | "late" | "ended"); made: number,
    source, how, by, owner, language, customer, area, brand, note, of_call, begins, until; moved: by, note, was, queue, owner, begins,
    until; ended: outcome (see PromiseOutcome), by, in_time (bool), note"""
    STORY_CALL = "story call"
    """A call out that runs a story: id, story, subject (as the id of a fault), number, attempt, state ("calling" | "answered" | "failed" |
    "held back" (until: not before then) | "told" | "not reached" | "refused" | "withdrawn"), reason, trunk, cause, code"""
    FAULT = "fault"
    """fault (its number), state, by; and of "declared" and "changed": class, zh, en, other_zh, other_en, areas, queues, numbers, keys, brand,
    expected, alarm, detected; of "cleared": zh, en, lasted_s, counts; of "heard", "registered", "already registered", "refused": the caller's `call`, number, reason"""
    SENT_ON = "sent on"
    """the other number has answered: number"""
    MESSAGE = "message left"
    """seconds, path"""
    OPERATOR = "operator"
    """did ("priority" | "moved" | "withdrawn" | "hung up" | "queue closed" | "queue opened" | "agent moved"), by, was, now, reason"""
    CONFIGURATION = "configuration"
    """version, by, queues, agents (how many)"""
    OFFERED = "offered"
    """number (1, 2, …), waited_s, rule, runners_up [agent …up to five], passed_over {reason: count}, rows [1, 3]: rows of
    the policy in force, strategy"""
    RINGING = "ringing"
    ANSWERED = "answered"
    """the phone was answered: ring_s, rings (1 = during the first)"""
    CONNECTED = "connected"
    """caller and agent in one bridge: wait_s since a person was asked for, or since the transfer was"""
    OFFER_ENDED = "offer ended"
    """outcome (see Outcome), cause, ring_s, rings"""
    CROSSED = "crossed"
    """an answer crossed the taking back; not a ring no answer against the agent"""
    RETURNED = "returned"
    """the caller is at their place in the queue again: reason"""
    TALK_ENDED = "talk ended"
    """talk_s (caller and agent heard each other), by; hold_s, consult_s: the caller was on hold meanwhile, for itself or
    for a consult; recorded_s: how long the leg's own file should be; goes_on: not yet, for a supervisor has taken the caller over; spans: see Span; brand: of the call,
    where it has one; declined: no file was made, the caller did not want one"""
    TRANSFER = "transfer"
    """state ("asked" | "consulting" | "three-way" | "sent on" (a warm one goes on as a cold one) | "completed" |
    "taken back" | "declined" | "failed" | "caller left" | "explained" | "refused"), number (1, 2, … of this call), kind, to, receiver (the agent who has it; empty for none),
    reason, note, warm, how, by, amount, why (failed, declined, refused), returned_to ("first agent" | "queue").
    `agent` is the first agent, `offer` their leg."""
    HOLD = "hold"
    """state ("held" | "retrieved" | "reminder" | "too long"), how ("telephone" | "page" | "verify"), held_s"""
    LISTENING = "listening"
    """A supervisor listens (docs/supervising.md): state ("asked" | "began" | "switched" | "joined" (the bridge) | "left" (it; joined_s) |
    "took over" | "leg over" | "ended" | "failed", these two with why), listener (id), account, telephone, mode, listened_s, by; `agent` and `offer`: the
    talk. "leg over": a caller who was taken over is gone, and with them ends the recording of the agent's leg; as TALK_ENDED"""
    MUTED = "muted"
    """muted (bool)"""
    MASK = "mask"
    """The recording of the call is masked (docs/masking.md): state ("began" (by, limit_s) | "ended" (why: "asked" | "limit" | "agent left" | "call over";
    by; masked_s) | "failed" (why: "no-recorder" | "refused" | "no-answer" | "no-link"; masked_s): it is recorded with sound)"""
    CONSULT_ENDED = "consult ended"
    """The talk of first agent and receiver is over: `agent` and `offer` are the receiver's; first, consult_s;
    recorded_s: how long its own file should be (until all three were in one talk), None where nobody knows; brand"""
    CARD = "card"
    """what a person wrote on the call's context card: by, what, and the detail of CardWritten"""
    LOOKED_UP = "looked up"
    """lookup, by, state ("found" | "not-found" | "refused" | "failed"), why, took_s, answer {field: what the caller was told}"""
    ANSWER_TOLD = "answer told"
    """service: the caller has heard the answer to its end"""
    SURVEY = "survey"
    """state ("asked" | "invited" (until) | "sent" | "not sent" (why) | "answered" | "word" (seconds); of a call back also "to be called"
    (until) | "declined" | "not reached" | "refused" | "withdrawn", each with why), way ("talk" | "webhook" | "call");
    answered: what is new of satisfied (1 to 5), solved ("yes" | "no"), recommend (0 to 9), callback (bool), and low (bool). `agent` is
    the last one of the call, `queue` the last queue"""
    ENDED = "ended"
    """ending (see Ending), wait_s, talk_s, asked_for_person (bool), within_target (bool), short (bool: gave up under 5 s),
    callback (bool)"""
    AGENT_STATE = "agent state"
    """state, reason, was, was_reason, lasted_s: the former state lasted so long; rows of one agent tile their time"""
    BREAK = "break"
    """state ("asked" (waits) | "granted" (by, waited_s) | "declined" (by, why) | "withdrawn" (by) | "began" (for_s, leave) | "overdue" |
    "ended" (lasted_s, over_s, leave) | "due": the agent has worked long without a rest (worked_s)), reason"""
    AGENT_MESSAGE = "agent message"
    """A supervisor's message: message (its id), state ("sent" (by, text, agents, teams, until) | "seen" by `agent` | "ended" (by, seen))"""
    HELP = "help"
    """The agent asks for help: state ("asked" (note) | "ended" (by, how, lasted_s))"""
    AGENT_QUEUE = "agent queue"
    """The agent takes no calls of `queue` for a while, or does again: state ("left" | "joined"), reason, by"""
    MISSED_CALLER = "missed caller"
    """The caller of this call, who gave up, is to be called back or is dealt with: state ("called back" | "dealt with"), by, note, callback"""
    PHONE = "phone"
    """reachable; and habit (a key of telephones.HABITS; empty: it takes calls again) and times; places [address …] of the
    habit "two-places"; test ("under way", "answered" or a FailReason): a test call"""
    DECLINED = "recording declined"
    """the caller does not want to be recorded"""
    RECORDED = "recorded"
    """path, seconds, sha256, complete, reason, silent"""
    LINE = "line"
    """In a talk a line has become bad, or is good again (no problems): side ("caller" | "agent"), party, problems [see
    line_verdict.PROBLEMS], the fields of LineFigures over the latest seconds, and those of Verdict"""
    LEG_QUALITY = "leg quality"
    """A leg's line over the whole talk: as LINE. Without an offer: a caller's who talked with no agent"""
    ALARM = "alarm"
    """name, detail; habit and times, where it is about the telephone of `agent`; subject, severity, where the alarm has them"""
    ALARM_SEEN = "alarm seen"
    """name, subject, by: a person has seen the open alarm"""
    ALARM_CLEARED = "alarm cleared"
    """name, subject: the alarm is over; by: a person has said so (empty: by itself)"""
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
    FORWARDED = "forwarded"
    """The telephone wanted the call sent elsewhere (SIP 302), which is never done."""
    UNREACHABLE = "unreachable"
    NOT_DIALLED = "not dialled"
    FAILED = "failed"
    CALLER_LEFT = "caller left"
    TAKEN_BACK = "taken back"
    """Ended by neither the agent's nor the caller's fault: the agent logged out while it rang, resync, …"""
    LOST = "lost"
    """Answered, but the agent or Asterisk was gone before the bridge."""
    CONSULTED = "consulted"
    """The receiver of a consult spoke with the first agent, and did not get the caller."""
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
    """Cut, and by no person: the caller's line was lost (nothing was heard of it any more, or the network has cut it), Asterisk
    crashed, or the channel was gone when the link came back and nobody had talked yet."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Ring this agent for this call now, by one Redirect of the caller, whatever rings for the call at the moment. Outcome:
    AgentDialled, AgentRinging, AgentAnswered, CallBridged; or OfferFailed."""

    agent: str
    call: str
    offer: str
    queue: str
    caller: str
    """The canonical number; "withheld" or "unknown"."""
    supersedes: str = ""
    """The offer of this call that is taken back by the same Redirect."""
    barred: str = ""
    """Why the agent's outside number may not be dialled now; then nothing is, and the outcome is OfferFailed "not dialled"."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The offer is over and nobody is next: the caller goes back to the waiting room."""

    agent: str
    call: str
    offer: str


class Span(TypedDict):
    """A stretch of a leg in which caller and agent were not alone with each other, or whose sound is masked."""

    kind: str
    """"hold" (softphone or page), "consult", "three-way"; "supervisor": one was in the talk, too; "masked": the file is silent there."""
    from_s: float
    """Where it begins in the leg's own file."""
    to_s: float
    """Where it ends there; the same as `from_s` where the caller was in no bridge, so that nothing of it was recorded."""
    lasted_s: float
    by: NotRequired[str]
    """The supervisor's account."""


Where = Literal["callback", "no callback", "voicemail", "number", "let go", "waiting"]


@dataclass(frozen=True, slots=True)
class SendTo:
    """Redirect a waiting caller. "callback": the caller is asked whether they want to be called back, and waits on
    whatever they say; "no callback": they hear that it can't be, and wait on; "voicemail" and "number": outcome is CallSentOn, MessageLeft, CallReturned or CallerHungUp; "let go":
    the caller is told that they are withdrawn, and hung up; "waiting": the waiting room, for a caller in transfer whom nobody
    can take at once."""

    call: str
    where: Where
    queue: str
    number: str = ""
    within_s: float = 0.0
    """callback: what is promised."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """Dial the customer of a callback; their channel goes to the waiting room under the call's id. Outcome:
    CallbackAnswered or CallbackFailed. `agent` is reserved meanwhile."""

    call: str
    agent: str
    offer: str
    number: str
    queue: str
    dialled: str = ""
    """The number of ours that the caller had dialled: shown as caller id."""
    language: str = ""
    skills: Skills = ()
    """What the call itself requires, as Asterisk remembers it of every caller's channel."""
    unrecorded: bool = False
    """The customer has declined to be recorded, and no talk is."""


@dataclass(frozen=True, slots=True)
class OriginateStory:
    """Dial this number; who answers hears the story of that name ([called-story]). Outcome: StoryCallAnswered and StoryCallOver, or
    StoryCallFailed."""

    call: str
    """The id of the call, also of the caller's whom it becomes who asks for a person."""
    story: str
    number: str
    subject: str = ""
    language: str = ""
    dialled: str = ""
    """The number of ours that the called person sees; empty: the first of ours."""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class AskAboutStory:
    """The link was away: what has come of this story call? Outcome: as of OriginateStory, or nothing where it goes on."""

    call: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Consult:
    """Put the caller on hold; the first agent's channel dials the receiver. Outcome: AgentDialled, AgentRinging,
    AgentAnswered of `offer` as for any offer, then ConsultBegan; or OfferFailed. For a number: ConsultBegan or ConsultEnded."""

    call: str
    first: str
    """The first agent; `first_offer` is their leg."""
    first_offer: str
    agent: str = ""
    offer: str = ""
    queue: str = ""
    caller: str = ""
    number: str = ""
    """An outside number, in the place of an agent."""
    second_line: bool = False
    """The agent has dialled by telephone: their second line's channel dials, and the caller is on hold already."""
    barred: str = ""
    """As of an Offer."""


@dataclass(frozen=True, slots=True)
class Join:
    """Bridge the caller with this agent's channel, whatever either does at the moment. Outcome: CallBridged where a leg
    begins, else CallRetrieved."""

    call: str
    agent: str
    """Empty: the outside number that was consulted."""
    offer: str
    begins: bool
    """A leg begins: the transfer is complete. False: the agent's own talk goes on, retrieved from hold or a consult."""


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """Bridge caller, first agent and receiver; the first agent's leg goes on. Outcome: CallRetrieved."""

    call: str
    first: str
    first_offer: str
    agent: str
    offer: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the caller on hold: the caller hears music, the agent nothing, until a Join."""

    call: str
    agent: str
    offer: str
    verify: bool = False
    """In the place of music the caller is asked who they are, by keys that nobody hears. Outcome: RetrieveAsked."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Mute or unmute the agent's voice for the caller."""

    call: str
    agent: str
    offer: str
    muted: bool


@dataclass(frozen=True, slots=True)
class MaskRecording:
    """Have every recorder of the call write silence, or sound again; also those that begin later, for `for_s` seconds. Outcome: MaskFailed, or
    nothing where it is done."""

    call: str
    masked: bool
    recorded: bool = False
    """The caller is in a talk, so a recorder runs, and must take it."""
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class AskTransfer:
    """Put the caller on hold and ask the agent by voice for target and reason. Outcome: TransferCoded or RetrieveAsked."""

    call: str
    agent: str
    offer: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Tell the agent by voice that what they asked for by telephone can't be. A second line is hung up; after a feature code
    the caller comes back (RetrieveAsked)."""

    agent: str
    why: str
    call: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the agent's channel of this offer."""

    call: str
    agent: str
    offer: str


@dataclass(frozen=True, slots=True)
class PhoneTest:
    """Ring this agent's telephone without a caller; who answers hears that the telephone works. Outcome: PhoneTested."""

    agent: str


@dataclass(frozen=True, slots=True)
class RingListener:
    """Ring this telephone for a supervisor who wants to listen. Outcome: ListenerAnswered or ListenerGone."""

    listener: str
    call: str
    telephone: str
    caller: str
    """As people may know; "withheld" or "unknown"."""
    agent: str


@dataclass(frozen=True, slots=True)
class AttachListener:
    """Put the supervisor's channel there: "caller" and "agent": it hears that channel, and is heard on the agent's; "bridge", "conference": it is
    in it; empty: it hears nothing. Outcome: ListenerJoined and ListenerLeft."""

    listener: str
    call: str
    how: Literal["", "caller", "agent", "bridge", "conference"]
    agent: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class EndListener:
    """End the supervisor's channel, also while it rings."""

    listener: str


@dataclass(frozen=True, slots=True)
class RecordAgain:
    """Have the caller's recorder go on in the same files as one that knows no packets yet: a supervisor has followed the agent in the
    caller's bridge, whose packets the present one may take for late ones of the agent's."""

    call: str


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


Deed = (
    Offer
    | TakeBack
    | SendTo
    | CallBack
    | OriginateStory
    | AskAboutStory
    | Consult
    | Join
    | ThreeWay
    | Hold
    | Mute
    | MaskRecording
    | AskTransfer
    | Refuse
    | HangUp
    | PhoneTest
    | RingListener
    | AttachListener
    | EndListener
    | RecordAgain
)
"""Commands that Asterisk carries out; all but rows of the log."""


@dataclass(frozen=True, slots=True)
class CallSelf:
    """The hotline may dial this number of its own now; it is counted. Whoever asked dials (acd/daemon/self_calls.py)."""

    number: str


Command = Deed | Log | CallSelf
