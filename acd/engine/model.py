"""The nouns of the floor: queue, agent, call, offer, and the rules of the house. Pure data."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Skills = tuple[tuple[str, int], ...]
"""Skill and level (1 learning to 9 expert), sorted by skill: what a call requires at least."""

Work = Literal["idle", "reserved", "ringing", "talking", "hold", "consult", "wrap-up"]
"""What an agent is doing; whether he wants calls is another matter. Reserved: the customer of a callback is being dialled,
and the agent is kept for him. Hold: his caller is on hold. Consult: he speaks with another agent, or waits for him, about
a caller who is on hold or listens; both of them do."""

Stage = Literal["menu", "waiting", "offered", "talking", "elsewhere", "after"]
"""Where a call is. Elsewhere: a policy has sent it to voicemail or to another number. A call that has ended is forgotten."""

Strategy = Literal["longest-idle", "least-occupied", "best-skilled"]
"""Whom a queue asks first among the able who are idle."""

Deed = Literal["lower-skill", "add-queue", "raise-priority", "move", "offer-callback", "voicemail", "number"]
When = Literal["waited", "unstaffed", "longer-than", "wait-over"]


@dataclass(frozen=True, slots=True)
class Overflow:
    """One row of a queue's policy over time. Each row is applied to a call at most once."""

    do: Deed
    why: str = ""
    when: When = "waited"
    """waited: `after` since the call came to stand in this queue; unstaffed: nobody able is logged in, at the asking or
    later; longer-than and wait-over: looked at once, when the call comes to the queue."""
    after: timedelta = timedelta(0)
    calls: int = 0
    """longer-than: more than so many stand before him for the same agents."""
    wait: timedelta = timedelta(0)
    """wait-over: the wait that half of such callers exceed is expected to be longer."""
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
    name: str
    skills: Skills = ()
    """Required."""
    priority: int = 0
    """Added to the caller's own; what a point is worth is in the rules."""
    wrap_up: timedelta = timedelta(seconds=30)
    prefers: Skills = ()
    """Asked first among the able: those who have these at their levels. Nobody waits for them."""
    strategy: Strategy = "longest-idle"
    emergency: bool = False
    """The emergency lane: ahead of all others by the rules' `emergency_worth`."""
    overflow: tuple[Overflow, ...] = ()
    answer_within: timedelta | None = None
    """The queue's own service target; else the rules'."""


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """What the configuration says about an agent."""

    agent: str
    name: str = ""
    skills: Skills = ()
    queues: tuple[str, ...] = ()
    """The queues whose calls he takes; empty: all that he has the skills for."""
    tier: int = 1
    """What may be handed over to him: see Escalation."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who may receive a matter: a transfer for this reason, about more than this, goes to this tier or a higher one."""

    reason: str
    tier: int
    over: float = 0.0
    """In money; 0: whatever the amount."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of the hotline (docs/definitions.md)."""

    ring: timedelta = timedelta(seconds=5)
    """One ring: 1 s on, 4 s off."""
    rings: int = 3
    dialled_within: timedelta = timedelta(seconds=1)
    """From the Redirect to DialBegin; else the offer was lost on the way."""
    sign_within: timedelta = timedelta(seconds=2)
    """From DialBegin to the first sign of life; else unreachable."""
    bridged_within: timedelta = timedelta(seconds=30)
    """From the answer, through the whisper, to the bridge."""
    answer_within: timedelta = timedelta(seconds=15)
    """The service target: from asking for a person to the bridge."""
    well_after: timedelta = timedelta(seconds=1)
    """A bridge shorter than this served nobody."""
    short_abandon: timedelta = timedelta(seconds=5)
    utc_offset: timedelta = timedelta(0)
    """How far the house's clock is ahead of UTC (China: 8 h): at its midnight today's counters start anew."""
    priorities: dict[str, int] = field(default_factory=dict)
    """Caller's number to priority."""
    priority_worth: timedelta = timedelta(seconds=30)
    """Ageing: one point of priority goes ahead of so much waiting, and of no more, so that nobody starves."""
    emergency_worth: timedelta = timedelta(minutes=30)
    return_within: timedelta = timedelta(0)
    """Who gave up in a queue and asks for it again within this takes his old place; 0: nobody does."""
    same_agent: Literal["off", "last", "first"] = "off"
    """Whom a caller gets first: the agent who served him last, or first (who owns the matter)."""
    same_agent_within: timedelta = timedelta(hours=24)
    """So long the agent is remembered after the talk."""
    same_agent_hold: timedelta = timedelta(seconds=10)
    """So long a caller is kept for him while he is busy; 0: only if he is idle at that moment."""
    spare_versatile: bool = False
    """Among equals in preferred skills, who serves fewest queues is asked first."""
    expected_handling: timedelta = timedelta(minutes=3)
    """Talk and wrap-up of a call, taken until a queue has shown its own."""
    callback_within: timedelta = timedelta(seconds=45)
    """From dialling the customer of a callback to his answer; else that attempt has failed."""
    callback_attempts: int = 2
    callback_pause: timedelta = timedelta(minutes=5)
    """Between two attempts."""
    transfer_reasons: dict[str, str] = field(default_factory=dict)
    """Key on the telephone to the reason's name."""
    extensions: dict[str, str] = field(default_factory=dict)
    """What agents dial, beside each other's extensions, to where that leads: "queue:billing", "skill:refund"."""
    transfer_numbers: tuple[str, ...] = ()
    """The allow-list of outside numbers."""
    escalations: tuple[Escalation, ...] = ()
    hold_reminder: timedelta = timedelta(seconds=45)
    hold_limit: timedelta = timedelta(minutes=2)
    """A caller on hold for longer is a matter for the supervisor."""
    dropped_within: timedelta = timedelta(0)
    """Whose line dropped and who calls again within this is offered to the same agent first, with the same card; 0: nobody is."""
