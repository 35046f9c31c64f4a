"""The engine's records: lines, offers, calls and agents. Data; other modules change them.

They point at each other (a call holds its offer, the offer its call and its agent, the agent the lines that they can
serve), so they stand in one file; what points at none of them is in ask.py, transfer_record.py and agent_states.py. The checkpoint stores their field names: a renamed field needs another FORMAT there.
"""

# A class that is annotated before it is defined: the records name each other in both directions.
from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from acd.engine.agent_states import PHONE_REFUSES, PHONE_TEST, STATES
from acd.engine.ask import Ask, Suit
from acd.engine.commands import Ending, Span
from acd.engine.masking.state import Mask
from acd.engine.model import AT_ONCE, Expected, Skills, Stage, Work, takes
from acd.engine.strategies import STRATEGIES
from acd.engine.transfer_record import Transfer

NO_LOAD = -1e18
"""The load of an agent who has not worked yet: the logarithm of nothing, and still a number that JSON can hold."""


class RankedAgent(NamedTuple):
    """One entry of `Line.idle`; entries sort by all fields but the last. `rank` is unique, so agents are never compared."""

    preferred: int
    breadth: int
    measure: float
    """By the line's strategy: strategies.Rule.measure."""
    rank: int
    """`Agent.rank`: lower is idle for longer."""
    agent: Agent


class QueuedCall(NamedTuple):
    """One entry of `Line.callers`; `order` is unique, so calls are never compared."""

    turn: datetime
    order: int
    """Of arrival."""
    call: Call


class Line:
    """The callers who ask for the same, and the idle agents who are able to serve them. Both rows are kept sorted."""

    __slots__ = ("able", "ask", "callers", "counts", "idle", "measure", "refusing", "rivals", "unrung")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.measure = STRATEGIES[ask.strategy].measure
        self.able = 0
        """Agents who are able to serve it, in whatever state."""
        self.counts: dict[str, int] = dict.fromkeys(STATES, 0)
        """Able agents by state."""
        self.unrung = 0
        """Able agents who are logged in and do no work, and whose telephone can't be rung: see `Agent.is_unrung`."""
        self.refusing = 0
        """Able agents who are idle and whose telephone has refused their latest call: see `Agent.is_refusing`."""
        self.callers: list[QueuedCall] = []
        self.idle: list[RankedAgent] = []
        self.rivals: dict[Line, int] = {}
        """Lines whose callers compete with this one's, itself among them, and for how many agents who are logged in."""

    @property
    def waiting(self) -> int:
        """How many callers stand in it."""
        return len(self.callers)

    @property
    def staffed(self) -> int:
        """How many able agents are logged in with a telephone that takes calls."""
        return self.able - self.counts["logged out"] - self.unrung

    @property
    def available(self) -> int:
        """How many able agents are idle with a telephone that has not refused their latest call."""
        return self.counts["idle"] - self.refusing

    def count_telephone(self, agent: Agent, change: int) -> None:
        """Count an able agent's telephone (1), or count it no longer (-1), as it was counted for all lines of the agent."""
        self.unrung += change * agent.counted_unrung
        self.refusing += change * agent.counted_refusing

    def join(self, call: Call) -> None:
        """Insert the call at its turn. It must not stand in a line."""
        call.in_line = True
        insort(self.callers, QueuedCall(call.turn, call.order, call))

    def leave(self, call: Call) -> None:
        """Remove the call, which stands in this line."""
        call.in_line = False
        del self.callers[bisect_left(self.callers, (call.turn, call.order))]

    def ahead_of(self, call: Call) -> int:
        """How many of this line come before that call, which need not stand here."""
        return bisect_left(self.callers, (call.turn, call.order))

    def first_caller(self, agent: Agent) -> QueuedCall | None:
        """The first caller who may ring at this agent now; calls that are paused for the agent are skipped."""
        for entry in self.callers:
            if agent.agent not in entry.call.paused:
                return entry
        return None

    def suit(self, agent: Agent) -> tuple[int, int, float, int]:
        """How well the agent suits now, as the first fields of RankedAgent; the lowest is asked first."""
        preferred, breadth, levels = agent.lines[self]
        return (preferred, breadth, self.measure(agent, -levels), agent.rank)

    def list_idle(self, agent: Agent) -> None:
        """Insert an able agent who is idle and for whom there was no call."""
        insort(self.idle, RankedAgent(*self.suit(agent), agent))

    def unlist(self, agent: Agent) -> None:
        """Remove the agent from the idle; nothing that `suit` reads may have changed since `list_idle`."""
        del self.idle[bisect_left(self.idle, self.suit(agent))]


@dataclass(frozen=True, slots=True)
class HoursToday:
    """What an operator has set in the place of the opening hours, for some hours."""

    open: bool
    until: datetime
    """By the outer clock, aware."""
    zh: str = ""
    """What callers hear then; empty: what they hear at any time outside the hours."""
    en: str = ""
    by: str = ""


@dataclass(slots=True, eq=False)
class Offered:
    """One offer of a call to an agent, then their talk. The times that are set tell how far it has come."""

    offer: str
    """The offer's id: the call's id and `number`, or what Asterisk calls it."""
    call: Call
    agent: Agent
    queue: str
    """Where the call stood when it was offered."""
    number: int
    """1, 2, … of the call."""
    offered_at: datetime
    dialled_at: datetime | None = None
    ringing_at: datetime | None = None
    picked_up_at: datetime | None = None
    """An outside number has answered; the key that makes it an answer is not pressed yet, or was pressed at `answered_at`."""
    answered_at: datetime | None = None
    bridged_at: datetime | None = None
    reserved: bool = False
    """The customer of a callback is being dialled; the agent's phone does not ring yet."""
    crossed: bool = False
    """The phone was answered while we took the offer back; which of the two came first in Asterisk is not known yet."""
    reopened: bool = False
    """It goes on after the log had closed it; it has been counted already."""
    also: str = ""
    """The id that Asterisk has for it, where that differs: the log had closed the offer of that id."""
    apart_at: datetime | None = None
    """Since when the caller is on hold, plainly or for a consult; None: caller and agent hear each other."""
    apart_kind: Literal["", "hold", "consult"] = ""
    apart_how: Literal["", "telephone", "page"] = ""
    """Telephone: the caller stays in the bridge, so the hold is in the recording; page: it is not."""
    hold_s: float = 0.0
    consult_s: float = 0.0
    unrecorded_s: float = 0.0
    """Seconds of hold and consult that are not in the leg's recording."""
    spans: tuple[Span, ...] = ()
    """Holds, consults and three-way talks that are over."""
    three_way_at: datetime | None = None
    masked_at: datetime | None = None
    """Since when the recording of this leg is masked; None: it is not."""
    masked_from_s: float | None = None
    """Where that begins in its file."""
    masked_in_consult: tuple[Span, ...] = ()
    """Masks of the consult's recording that are over, until its end is logged."""
    consulted: bool = False
    """It is a consult's: it rings at the receiver, or the receiver talks with the first agent, who has the caller."""
    consulted_by: str = ""
    """The first agent of that consult; stays set when the caller has been joined."""
    consult_at: datetime | None = None
    """When first agent and receiver began to talk."""
    unheard: bool = False
    """The consult began or ended while the link to Asterisk was lost: the length of its recording is not known."""
    handed: bool = False
    """The caller has been handed over; this agent's channel is about to end (the offer is in `Call.leaving`)."""
    line: dict[str, list[str]] = field(default_factory=dict)
    """Side ("caller", "agent") to what is wrong with its line at the moment; sides that are good are missing."""


@dataclass(slots=True, eq=False)
class Call:
    """One call from its arrival to its one ending; then the engine forgets it."""

    call: str
    """The call's id."""
    order: int
    """1, 2, … by arrival; breaks ties of time."""
    arrived_at: datetime
    caller: str = "unknown"
    dialled: str = ""
    brand: str = ""
    """Of the number that was dialled, as it was then; empty: no brand's."""
    known: bool = True
    """CallArrived has come; False when another event of the call came first."""
    withheld: bool = False
    """The number is not to be shown to anybody; it routes all the same."""
    trunk: str = ""
    identity: str = ""
    """What the carrier says of the caller's number: model.IDENTITIES."""
    customer: str = ""
    """Id of the customer whose number it is; empty: nobody's, or not looked up yet."""
    customer_name: str = ""
    customer_class: str = ""
    """As the record has it; what it gives is in Rules.classes."""
    complaint_owner: str = ""
    """The agent who has the customer's open complaint."""
    unrecorded: bool = False
    """The caller has declined to be recorded."""
    area: str = ""
    """Where the customer is, as the record has it."""
    language: str = ""
    path: str = ""
    """Menu keys so far, as "zh/2"."""
    queue: str = ""
    skills: Skills = ()
    """Required beyond the queue's own."""
    stage: Stage = "menu"
    priority: int = 0
    given: int | None = None
    """The priority that an operator set, in the place of the caller's and the queue's."""
    asked_at: datetime | None = None
    """When a person was asked for; kept for the whole call."""
    placed_at: datetime | None = None
    """Its place in line, as the time since which it counts as waiting. Earlier than `asked_at` when the caller gave up,
    called again in time and took the old place."""
    queued_at: datetime | None = None
    """When it came to its present queue: the rows of that queue's policy count from here."""
    turned_at: datetime | None = None
    """Its turn, by which lines are sorted: the place, moved ahead by the priority."""
    rows: list[int] = field(default_factory=list)
    """Rows of the queue's policy that were applied, from 0."""
    lowered: dict[str, int] = field(default_factory=dict)
    """Skill to the level that is required at most by now; "" stands for every skill."""
    also: list[str] = field(default_factory=list)
    """Queues whose agents are asked too."""
    raised: int = 0
    """Priority that waiting has added."""
    moves: int = 0
    """How often a policy has moved it to another queue."""
    wanted: str = ""
    """The agent who owns the matter, where the menu or a ticket named one."""
    kept_for: str = ""
    """It waits for this agent alone, for a bounded time."""
    kept_why: str = ""
    """Why: a value of `agent_affinity.WHY`, or its HANDED or HANDED_BACK."""
    sent_at: datetime | None = None
    """The latest Redirect of the caller: a list of channels that is hardly younger may show them where they were before."""
    sent_to: str = ""
    """The outside number to which a policy or a transfer has sent the caller."""
    callback: str = ""
    """Number at which the caller wants to be called back."""
    virtual: bool = False
    """The caller has taken a callback and hung up; the call keeps its place."""
    dialling: bool = False
    """The customer is being called back at this moment."""
    attempts: int = 0
    """How often the customer was called back."""
    called_back: bool = False
    """The customer is on the line because we called back."""
    expected: Expected = AT_ONCE
    """The wait that was to be expected when the caller asked for a person."""
    offers: int = 0
    """How many offers there were; the number of the latest."""
    offer: Offered | None = None
    """The offer or talk of the agent who has the caller."""
    hanging: str = ""
    """Stale offer id: over for the engine, but may still hold the caller in [connect]; the next Offer supersedes it."""
    let_go: Offered | None = None
    """Withdrawn offer: given up while its phone might still be answered; None again with the next offer."""
    up: str = ""
    """Id of the latest offer that was answered: it is never taken back, only superseded."""
    missed: list[str] = field(default_factory=list)
    """Agents who did not take it, the latest miss last."""
    paused: dict[str, bool] = field(default_factory=dict)
    """Agents who must not be offered it just now; each has a deadline ("pause", call, agent)."""
    not_dialled: int = 0
    """Offers in a row that never reached an agent's phone."""
    resting: bool = False
    """Out of line for a while after offers that reached no phone, or between two callback attempts."""
    talk_s: float = 0.0
    """Of all talks that are over."""
    wait_s: float | None = None
    """From asking for a person to the first bridge that counted as service; None: there was none yet."""
    served_until: datetime | None = None
    """When the latest talk that counted as service ended: a caller who comes back to the queue waits anew from then on."""
    in_time: bool | None = None
    """Whether the first bridge came within the target; None: there was none yet."""
    faults: list[str] = field(default_factory=list)
    """Faults whose announcement the caller has heard, or begun to hear."""
    fault_told: bool = False
    """To its end."""
    after: Ending | None = None
    """The ending that the call gets when the caller hangs up now; None: it depends on the stage."""
    in_line: bool = False
    """It stands in `the_line`."""
    the_line: Line | None = None
    """Where it stands or would stand; None: no person was asked for."""
    transfer: Transfer | None = None
    """The transfer under way."""
    transfers: int = 0
    """How many transfers there were, the one under way included."""
    handed_by: tuple[tuple[str, str, str], ...] = ()
    """Earlier transfers: first agent, queue, reason."""
    handed_skills: Skills | None = None
    """Required in the place of the queue's own: the call was transferred to a skill."""
    handed_tier: int = 1
    """The tier of agents that the transfer to a queue or skill needs; 1: any."""
    consult: Offered | None = None
    """The receiver's offer in a consult: ringing, or in talk with the first agent."""
    leaving: tuple[Offered, ...] = ()
    """Legs that the caller has left and whose agents' channels have not ended yet."""
    joins: int = 0
    """How often the caller was sent to the agent's channel since they last heard each other."""
    muted: bool = False
    mask: Mask | None = None
    """Its recordings are masked; None: they are not."""
    mask_failed: str = ""
    """Why Asterisk has not masked the recording, as of MaskFailed, until the next talk or mask; empty: it has, or was not asked."""
    last_agent: str = ""
    """Extension of the agent who talked with the caller last."""
    continues: str = ""
    """Id of an earlier call whose line dropped and whose matter this call goes on with."""
    disposed: bool = False
    """The agent has closed the matter: should the caller call again, it is about something else."""

    @property
    def asked(self) -> datetime:
        """When a person was asked for, which must have happened."""
        assert self.asked_at is not None, f"{self.call} has asked for nobody"
        return self.asked_at

    @property
    def waits_since(self) -> datetime:
        """Since when the caller waits for a person: since asking, since the transfer under way was asked for, or since an agent who
        had served the caller left."""
        if self.transfer is not None:
            return self.transfer.at
        return self.asked if self.served_until is None else max(self.asked, self.served_until)

    @property
    def place(self) -> datetime:
        """`placed_at` of a call that has asked for a person."""
        assert self.placed_at is not None, f"{self.call} stands in line and has asked for nobody"
        return self.placed_at

    @property
    def turn(self) -> datetime:
        """`turned_at` of a call that has asked for a person."""
        assert self.turned_at is not None, f"{self.call} stands in line and has asked for nobody"
        return self.turned_at

    @property
    def line(self) -> Line:
        """`the_line` of a call that has asked for a person."""
        assert self.the_line is not None, f"{self.call} has no line"
        return self.the_line

    @property
    def caller_shown(self) -> str:
        """Who calls, as people may know: "withheld" where the caller does not want the number to be shown."""
        return "withheld" if self.withheld else self.caller

    def miss(self, agent: str) -> None:
        """Note that this agent did not take the call: they are asked after all others, the latest miss last."""
        if agent in self.missed:
            self.missed.remove(agent)
        self.missed.append(agent)


@dataclass(slots=True, eq=False)
class Agent:
    """One agent in three sides: what they want (logged in, ready), what they do (work), whether their phone is there."""

    agent: str
    """The extension."""
    name: str = ""
    skills: Skills = ()
    queues: tuple[str, ...] = ()
    """The queues whose calls the agent takes; empty: all for which the skills suffice."""
    tier: int = 1
    """Which transfers the agent may receive: see model.Escalation."""
    configured: tuple[str, ...] = ()
    """`queues` by the configuration; an operator may have changed `queues` since."""
    queues_left: dict[str, str] = field(default_factory=dict)
    """Queues that the agent has left for a while, each with the reason."""
    kept_by: tuple[str, ...] = ()
    """The brands that keep the agent to themselves."""
    logged_in: bool = False
    ready: bool = False
    reason: str = ""
    """Why the agent is not ready, or was logged out by the engine; else empty."""
    set_by: str = ""
    """Who set them not ready or logged them out, where it was a supervisor; else empty."""
    work: Work = "idle"
    phone: bool = True
    """What was last seen of the phone. True until somebody looks: a wrong guess costs one offer 2 s."""
    doubted: bool = False
    """An offer met no phone; holds until the phone is seen, or for 30 s."""
    outside: str = ""
    """The number outside at which the agent is rung: there is no telephone of ours to be seen. Empty: there is one."""
    dead: bool = False
    """The phone has not been seen for Rules.dead_after: the agent is staff no more."""
    refusals: int = 0
    """Offers in a row that the telephone did not take by itself: see telephones.py."""
    habits: dict[str, int] = field(default_factory=dict)
    """What the telephone does, as last seen: keys of telephones.HABITS, and how often in a row or in ten minutes."""
    places: list[list[str]] = field(default_factory=list)
    """Where the telephone has registered lately: when (inner time, ISO 8601) and from which address, oldest first."""
    instant_answers: int = 0
    """Calls in a row that were answered sooner than a person can."""
    silent_legs: int = 0
    """Talks in a row in whose recording the agent is not heard."""
    test: str = ""
    """"under way": a test call rings at the telephone; else what the latest one met: "answered" or a FailReason."""
    counted_unrung: bool = False
    """The agent's lines count the telephone as one that can't be rung."""
    counted_refusing: bool = False
    """The agent's lines count the telephone as one that has refused."""
    leaving: bool = False
    """No longer in the configuration; forgotten when the work is done."""
    state: str = "logged out"
    """One of STATES, as `word` said after the latest change."""
    state_reason: str = ""
    since: datetime | None = None
    """When `state` began; None: before the first event."""
    offer: Offered | None = None
    """What rings at the phone, or the talk."""
    last_offer: str = ""
    """Id of the latest offer taken back from the agent: an answer that crosses it is recognised by this."""
    last_queue: str = ""
    """Queue of `last_offer`."""
    last_brand: str = ""
    """Brand of the call of `last_offer`; empty: none."""
    last_counted: str = ""
    """The day on which `last_offer` was counted as one that rang; empty: it was not counted."""
    stepped_out: bool = False
    """`last_offer` rang out and set the agent not ready, and the agent has done nothing since."""
    wrap_up_queue: str = ""
    """Queue of the call whose wrap-up goes on, or was the latest."""
    wrap_up_brand: str = ""
    """Brand of that call; empty: none."""
    wrap_up_call: str = ""
    """That call; empty: there was none since the engine began."""
    wrap_up_extended: int = 0
    """How often that wrap-up was extended."""
    team: str = ""
    """Whose switches hold for the agent (Rules.teams); empty: none."""
    to_class: str = ""
    """The call whose disposition the agent owes: the wrap-up does not end before. Empty: none."""
    classed: str = ""
    """The call to which the agent has given a disposition last."""
    to_explain: tuple[str, int] | None = None
    """Call and number of a transfer by telephone for which the agent still owes the reason."""
    last_talk: str = ""
    """Offer id of the latest talk: the verdict on its recording comes later."""
    talked_s: float = 0.0
    """Length of the latest talk; with its wrap-up it is the handling time of the call."""
    rank: int = 0
    """Place among the idle: lower is idle for longer."""
    listed: bool = False
    """Stands among the idle of their lines: idle, and no call was there for the agent."""
    load: float = NO_LOAD
    """How occupied the agent is, as a figure that keeps its order while both compared are idle; see `agents.worked`."""
    lines: dict[Line, Suit] = field(default_factory=dict)
    """The lines that the agent is able to serve, and how well they suit each."""
    kept: list[Call] = field(default_factory=list)
    """Calls that wait for this agent alone, for a bounded time."""

    def serves(self, queue: str) -> bool:
        """Whether the agent takes calls of this queue now, skills apart."""
        return takes(self, queue) and queue not in self.queues_left

    @property
    def reachable(self) -> bool:
        """Whether the phone is taken to be there."""
        return self.phone and not self.doubted

    @property
    def is_unrung(self) -> bool:
        """Whether the agent is logged in, does no work, and has a telephone that is dead or has stepped them out."""
        return self.state in ("not ready", "unreachable") and (self.dead or self.state_reason == PHONE_REFUSES)

    @property
    def is_refusing(self) -> bool:
        """Whether the agent is idle, and the telephone has not taken the latest call."""
        return self.state == "idle" and self.refusals > 0

    def word(self) -> tuple[str, str]:
        """The three sides as one of STATES, and the reason that goes with it."""
        if self.work != "idle":
            return self.work, ""
        if not self.logged_in:
            return "logged out", self.reason
        if self.test == "under way":
            return "not ready", PHONE_TEST
        if not self.ready:
            return "not ready", self.reason
        if not self.reachable:
            return "unreachable", ""
        return "idle", ""
