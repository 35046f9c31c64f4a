"""The configuration as the engine takes it (queue, agent, rules), and the words of its states. Pure data."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

from acd.calling_hours import DatedSpans
from acd.calls_out import CallsOut
from acd.engine.strategies import Strategy as Strategy
from acd.engine.supervision.break_rules import BreakRules as BreakRules
from acd.engine.surveys.rules import SurveyPlan as SurveyPlan

Skills = tuple[tuple[str, int], ...]
"""Skill and level (1 learning to 9 expert), sorted by skill: what a call requires at least."""

Work = Literal["idle", "reserved", "ringing", "talking", "hold", "consult", "wrap-up"]
"""What an agent is doing; whether they want calls is another matter. Reserved: the customer of a callback is being dialled,
and the agent is kept for that customer. Hold: the agent's caller is on hold. Consult: the agent waits for another agent or
talks with them about a caller, who is on hold or listens; both agents are in this state."""

Stage = Literal["menu", "waiting", "offered", "talking", "elsewhere", "after"]
"""Where a call is. Elsewhere: diverted by a policy or a transfer, to voicemail or an outside number. After: the caller has
been served in some way and has not hung up yet. A call that has ended is forgotten."""

Deed = Literal["lower-skill", "add-queue", "raise-priority", "move", "offer-callback", "voicemail", "number"]
When = Literal["waited", "unstaffed", "longer-than", "wait-over"]

IDENTITIES = frozenset(
    f"{verdict}{letter}"
    for verdict in ("passed", "failed", "unchecked", "attested")
    for letter in ("", "-a", "-b", "-c")
    if (verdict, letter) != ("attested", "")
)
"""What a carrier says of a caller's number (STIR/SHAKEN): the number was checked and is the caller's, is not, or was not checked;
attested: only a letter came. The letter is the attestation of the carrier where the call began: a, the caller may use the number;
b, the caller is known to that carrier; c, neither."""

BY_TELEPHONE = "by telephone"
"""The reason of a transfer made by the telephone's own keys, which can't ask for a reason."""
LINE_DROPPED = "line dropped"
"""The disposition of a call that broke off: the matter stays open, and the caller's next call continues it."""


class TakesCalls(Protocol):
    """An agent, in the configuration or in the engine."""

    @property
    def queues(self) -> Collection[str]: ...


def takes(agent: TakesCalls, queue: str) -> bool:
    """Whether the agent takes calls of this queue, skills apart: an agent without queues takes those of all."""
    return not agent.queues or queue in agent.queues


def has_skills(skills: Mapping[str, int] | Skills, required: Iterable[tuple[str, int]]) -> bool:
    """Whether each required skill is there, at the required level or above."""
    levels = dict(skills)
    return all(levels.get(skill, 0) >= level for skill, level in required)


@dataclass(frozen=True, slots=True)
class Overflow:
    """One row of a queue's policy over time. Each row is applied to a call at most once."""

    do: Deed
    why: str = ""
    when: When = "waited"
    """waited: `after` since the call came to this queue; unstaffed: no able agent is logged in, when the caller asks or
    later; longer-than and wait-over: looked at once, when the call comes to the queue."""
    after: timedelta = timedelta(0)
    calls: int = 0
    """longer-than: more than so many calls come before this one for the same agents."""
    wait: timedelta = timedelta(0)
    """wait-over: the expected median wait is longer."""
    skill: str = ""
    """lower-skill: this one only; empty: all that are required."""
    to: int = 0
    """lower-skill: no more than this level is required; 0: the skill is no longer required."""
    queue: str = ""
    """add-queue: its agents are asked too; move: the call goes there, with its place."""
    by: int = 0
    """raise-priority."""
    number: str = ""
    within: timedelta = timedelta(0)
    """offer-callback: what is promised to the caller."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue of the configuration."""

    name: str
    skills: Skills = ()
    """Required."""
    priority: int = 0
    """Added to the caller's own; what a point is worth is in the rules."""
    wrap_up: timedelta = timedelta(seconds=30)
    prefers: Skills = ()
    """Agents who have these at their levels are asked first among the able. No call waits for such an agent."""
    strategy: Strategy = "longest-idle"
    emergency: bool = False
    """The emergency lane: ahead of all others by the rules' `emergency_worth`."""
    overflow: tuple[Overflow, ...] = ()
    answer_within: timedelta | None = None
    """The queue's own service target; else its brand's, else the rules'."""
    brand: str = ""
    """The brand that it belongs to; empty: it is open to all."""


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """What the configuration says about an agent."""

    agent: str
    name: str = ""
    skills: Skills = ()
    queues: tuple[str, ...] = ()
    """The queues whose calls the agent takes; empty: all for which the skills suffice."""
    tier: int = 1
    """Which transfers the agent may receive: see Escalation."""
    outside: str = ""
    """The number outside at which the agent is rung, and accepts by a key; empty: a telephone here."""
    team: str = ""
    """Whose switches hold for the agent; empty: none."""
    kept_by: tuple[str, ...] = ()
    """The brands that keep the agent to themselves; empty: the agent serves all brands that keep to nobody."""


@dataclass(frozen=True, slots=True)
class Team:
    """What holds for the agents of a team alone."""

    name: str
    wrap_up: timedelta | None = None
    """In the place of the queue's; None: the queue's."""
    forced_disposition: bool = False
    """An agent's wrap-up lasts until the call has a disposition of that agent's."""
    hand_over_to: tuple[str, ...] | None = None
    """The only targets of its agents' transfers, as "queue:orders", "team:sales"; None: any."""


@dataclass(frozen=True, slots=True)
class Brand:
    """One of several hotlines on this installation."""

    name: str
    numbers: tuple[str, ...] = ()
    """Of ours: a call to one of them is the brand's."""
    own: bool = False
    """Its calls go to agents whom it keeps (AgentProfile.kept_by) and to no other."""
    answer_within: timedelta | None = None
    """Its service target, where the queue has none; else the rules'."""
    callback_hours: tuple[tuple[int, int, int, int], ...] | None = None
    """As CallsOut.hours, of customers who had called this brand; None: those."""
    callback_dates: DatedSpans = ()
    """As CallsOut.dates, where the brand has hours of its own."""


@dataclass(frozen=True, slots=True)
class CallerClass:
    """What a class of customers gets, as "gold"."""

    name: str
    priority: int = 0
    """Added to the caller's own and the queue's."""
    queue: str = ""
    """Where callers of the class wait who ask for a person; empty: where the menu leads."""
    instead_of: tuple[str, ...] = ()
    """Only those who ask for one of these queues; empty: for any but an emergency queue."""
    skills: Skills = ()
    """Required beside those of the queue."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """A transfer for this reason, about more than `over`, may be received by agents of this tier or a higher one only."""

    reason: str
    tier: int
    over: float = 0.0
    """In money; 0: whatever the amount."""


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """What is promised of callbacks."""

    within: timedelta = timedelta(hours=2)
    """From the moment at which the customer may be called."""
    within_of: tuple[tuple[str, float], ...] = ()
    """Queue to the same in seconds, where it is another."""
    messages: Literal["off", "list", "call"] = "off"
    """Whether a message is a promise: a person calls, or the hotline does."""
    abandoned: Literal["off", "list", "call"] = "off"
    """The same of callers who gave up."""
    retry_after: tuple[float, ...] = ()
    """Seconds after each failed try until the next; after the last the callback is given up. Empty: callback_attempts and
    callback_pause."""


@dataclass(frozen=True, slots=True)
class LineRules:
    """From when on a leg's line counts as bad, and when a trunk or an agent has had too many bad ones."""

    mos: float = 3.6
    """Below. ITU-T G.107, Annex B: an R of 70, under which "many users are dissatisfied" (G.109)."""
    loss_percent: float = 3.0
    """Above. ITU-T G.1010, table I.1: at most 3 % of the packets of a conversation."""
    jitter_ms: float = 30.0
    """Above. Szigeti and Hattingh, "End-to-End QoS Network Design": at most 30 ms for voice."""
    round_trip_ms: float = 300.0
    """Above. ITU-T G.114: up to 150 ms one way is not noticed in a conversation."""
    unheard_s: float = 5.0
    """From so many seconds on in which nothing came from the party, it is one-way."""
    bad_legs: int = 5
    """So many bad ones among the latest `of_legs` of a trunk or an agent raise an alarm; 0: no alarm."""
    of_legs: int = 20


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures that apply to every queue. What each measures: docs/definitions.md."""

    ring: timedelta = timedelta(seconds=5)
    """One ring: 1 s on, 4 s off."""
    rings: int = 3
    dialled_within: timedelta = timedelta(seconds=1)
    """From the Redirect to DialBegin; else the offer was lost on the way."""
    sign_within: timedelta = timedelta(seconds=2)
    """From DialBegin to the first sign of life; else unreachable."""
    outside_sign_within: timedelta = timedelta(seconds=10)
    """The same of an agent's outside number: its network takes its time before it rings."""
    accept_within: timedelta = timedelta(seconds=12)
    """From the answer of an outside number to the key that accepts the call."""
    bridged_within: timedelta = timedelta(seconds=30)
    """From the answer to the bridge: some milliseconds; of an outside number, from the key."""
    answer_within: timedelta = timedelta(seconds=15)
    """The service target: from asking for a person to the bridge."""
    well_after: timedelta = timedelta(seconds=1)
    """A bridge shorter than this does not count as service."""
    short_abandon: timedelta = timedelta(seconds=5)
    """An abandoned call that waited less counts as short."""
    utc_offset: timedelta = timedelta(0)
    """How far local time is ahead of UTC (China: 8 h): at local midnight today's counters start anew."""
    priorities: dict[str, int] = field(default_factory=dict)
    """Caller's number to priority."""
    priority_worth: timedelta = timedelta(seconds=30)
    """Ageing: one point of priority goes ahead of so much waiting, and of no more, so that every call is served."""
    emergency_worth: timedelta = timedelta(minutes=30)
    """So much waiting an emergency queue goes ahead of."""
    return_within: timedelta = timedelta(0)
    """A caller who gave up in a queue and asks for it again within this takes the old place; 0: off."""
    same_agent: Literal["off", "last", "first"] = "off"
    """Which agent a caller is offered to first: the one who served them last, or first (who owns the matter)."""
    same_agent_within: timedelta = timedelta(hours=24)
    """How long after a talk the agent is remembered."""
    same_agent_hold: timedelta = timedelta(seconds=10)
    """How long a call is kept for that agent while they are busy; 0: only if they are idle at that moment."""
    spare_versatile: bool = False
    """Among equals in preferred skills, the agent who serves the fewest queues is asked first."""
    expected_handling: timedelta = timedelta(minutes=3)
    """Talk and wrap-up of a call, taken until a queue has shown its own."""
    callback_within: timedelta = timedelta(seconds=45)
    """From dialling the customer of a callback to their answer; else that attempt has failed."""
    callback_attempts: int = 2
    """After so many failed ones the callback is given up."""
    callback_pause: timedelta = timedelta(minutes=5)
    """Between two attempts."""
    transfer_reasons: dict[str, str] = field(default_factory=dict)
    """Key on the telephone to the reason's name."""
    extensions: dict[str, str] = field(default_factory=dict)
    """What agents dial, beside each other's extensions, to where that leads: "queue:billing", "skill:refund"."""
    transfer_numbers: tuple[str, ...] = ()
    transfer_number_tiers: Mapping[str, int] = field(default_factory=dict)
    """The tier of those outside numbers that may receive what needs one; a number that is missing has 1."""
    """The allow-list of outside numbers."""
    escalations: tuple[Escalation, ...] = ()
    hold_reminder: timedelta = timedelta(seconds=45)
    """A caller on hold for longer: the agent is reminded."""
    hold_limit: timedelta = timedelta(minutes=2)
    """A caller on hold for longer: an alarm for the supervisor."""
    mask_limit: timedelta = timedelta(minutes=2)
    """A mask over a recording ends by itself after so long."""
    refusals: int = 3
    """So many offers in a row that the telephone does not take set its agent not ready; 0: none do."""
    dead_after: timedelta = timedelta(seconds=10)
    """A telephone that was not seen for so long is dead: its agent is staff no more."""
    log_out_unreachable: timedelta = timedelta(minutes=30)
    """An agent whose telephone was not seen for so long is logged out; 0: off."""
    calls_out: CallsOut | None = None
    """What may leave the hotline, and how much of it; None: rules of a version that had no such wall, in a replay."""
    dropped_within: timedelta = timedelta(0)
    """A caller whose line dropped and who calls again within this is offered to the same agent first, with the same card;
    0: off."""
    line: LineRules = LineRules()
    teams: tuple[Team, ...] = ()
    brands: tuple[Brand, ...] = ()
    auto_answer: tuple[str, ...] = ()
    """Agents whose telephones are told to answer by themselves: that they do is no fault of theirs."""
    classes: tuple[CallerClass, ...] = ()
    surveys: tuple[SurveyPlan, ...] = ()
    """Empty: nobody is asked after a talk."""
    callbacks: CallbackRules | None = None
    """None: rules of a version that kept no promises, in a replay."""
    breaks: BreakRules | None = None
    """None: breaks are neither planned nor watched."""

    def team(self, name: str) -> Team | None:
        """The team of this name; None: there is none."""
        return next((team for team in self.teams if team.name == name), None)


@dataclass(frozen=True, slots=True)
class Expected:
    """The wait that a caller must expect, in seconds; both 0 where an able agent is idle."""

    median_s: float = 0.0
    """Half of such callers wait longer."""
    p90_s: float = 0.0
    """One of ten waits longer."""


AT_ONCE = Expected()
"""An able agent is idle."""
