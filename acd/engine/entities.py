"""A call as the engine knows it, from its arrival to its one ending."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from acd.engine.commands import Ending, Span
from acd.engine.expected_wait import AT_ONCE, Expected
from acd.engine.model import Skills, Stage
from acd.engine.transfer_events import How, TargetKind

if TYPE_CHECKING:
    from acd.engine.routing.agents import Agent
    from acd.engine.routing.router import Line


@dataclass(slots=True, eq=False)
class Offered:
    """One offer: a call rings at an agent. The times that are set tell how far it has come."""

    offer: str
    call: "Call"
    agent: "Agent"
    queue: str
    number: int
    offered_at: datetime
    dialled_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    bridged_at: datetime | None = None
    reserved: bool = False
    """The customer of a callback is being dialled; the agent's phone does not ring yet."""
    crossed: bool = False
    """It was answered as it was taken back; which of the two came first in Asterisk is not known yet."""
    reopened: bool = False
    """It goes on after our log had closed it; counted once already."""
    also: str = ""
    """By what name Asterisk knows it, where that is of an offer which our log has closed."""
    apart_at: datetime | None = None
    """Since when the caller is on hold, for itself or for a consult."""
    apart_kind: Literal["", "hold", "consult"] = ""
    apart_how: Literal["", "telephone", "page"] = ""
    """By telephone the caller stays in the bridge, and what he hears is in the recording."""
    hold_s: float = 0.0
    consult_s: float = 0.0
    unrecorded_s: float = 0.0
    """What of these stretches is not in the leg's file."""
    spans: tuple[Span, ...] = ()
    three_way_at: datetime | None = None
    consulted: bool = False
    """It rings at the receiver of a consult, or he talks with the first agent: the caller is another's."""
    consulted_by: str = ""
    """The first agent of that consult."""
    consult_at: datetime | None = None
    """When that talk began."""
    unheard: bool = False
    """It began or ended while nothing could be heard: nobody knows how long its recording should be."""
    handed: bool = False
    """The caller is somebody else's already, and this agent's channel is about to go."""


@dataclass(slots=True, eq=False)
class Transfer:
    """A caller on his way from one agent to somebody else, from the wish to its outcome."""

    number: int
    """1, 2, … of this call."""
    first: str
    """The agent who hands over."""
    offer: str
    """His."""
    queue: str
    """Where the call stood then, and comes back to."""
    kind: TargetKind
    to: str
    reason: str
    note: str
    warm: bool
    how: How
    by: str
    amount: float
    at: datetime
    state: Literal["asked", "calling", "consulting", "three-way", "joining"] = "asked"
    """asked: cold, and on its way; calling to three-way: warm, the first agent holds the call; joining: caller and receiver
    are being brought together."""
    receiver: str = ""
    second_line: bool = False
    """The first agent consults on his telephone's second line."""


@dataclass(slots=True, eq=False)
class Call:
    call: str
    order: int
    """Of arrival; breaks ties of time."""
    arrived_at: datetime
    caller: str = "unknown"
    dialled: str = ""
    known: bool = True
    """Its arrival was told; not so when another event of it came first."""
    language: str = ""
    path: str = ""
    queue: str = ""
    skills: Skills = ()
    """Asked for beyond the queue's own."""
    stage: Stage = "menu"
    priority: int = 0
    given: int | None = None
    """The priority that an operator gave it, in the place of its own and its queue's."""
    asked_at: datetime | None = None
    """When a person was asked for; kept for the whole call."""
    placed_at: datetime | None = None
    """Since when it counts as waiting: its place. Earlier than `asked_at` for a caller who came back to it."""
    queued_at: datetime | None = None
    """When it came to the queue that it stands in: the rows of that queue's policy count from here."""
    turned_at: datetime | None = None
    """Its turn: the place, moved ahead by the priority."""
    rows: list[int] = field(default_factory=list)
    """Rows of the queue's policy that were applied, from 0."""
    lowered: dict[str, int] = field(default_factory=dict)
    """Skill to the level that is required at most by now; "" stands for every skill."""
    also: list[str] = field(default_factory=list)
    """Queues whose agents are asked too."""
    raised: int = 0
    """Priority that waiting has added."""
    moves: int = 0
    """How often it went from queue to queue."""
    wanted: str = ""
    """The agent who owns the matter, where one was named."""
    kept_for: str = ""
    """It waits for this agent alone, for a bounded time."""
    kept_why: str = ""
    sent_at: datetime | None = None
    """When he was sent somewhere last: what was seen of his channel until a moment later may be older than that."""
    sent_to: str = ""
    """The number that a policy has sent him to."""
    callback: str = ""
    """Number at which the caller wants to be called back."""
    virtual: bool = False
    """He has hung up and holds his place."""
    dialling: bool = False
    """He is being called back at this moment."""
    attempts: int = 0
    """To call him back."""
    called_back: bool = False
    """He is on the line because we called him."""
    expected: Expected = AT_ONCE
    """The wait that was to be expected when he asked."""
    offers: int = 0
    offer: Offered | None = None
    hanging: str = ""
    """An offer that is over for us and may still hold the caller in [connect]; the next one supersedes it."""
    let_go: Offered | None = None
    """What we gave up while its phone might still go up, and nothing was offered since."""
    up: str = ""
    """The latest offer of it whose phone went up: that is never taken back, only superseded."""
    missed: list[str] = field(default_factory=list)
    """Agents who did not take it, the latest miss last."""
    paused: dict[str, bool] = field(default_factory=dict)
    """Agents who must not get it just now."""
    not_dialled: int = 0
    """Offers in a row that never reached an agent's phone."""
    resting: bool = False
    talk_s: float = 0.0
    wait_s: float | None = None
    """From asking for a person to the first bridge that served."""
    after: Ending | None = None
    """How it will have ended when the caller, who has been served in some way, hangs up."""
    in_line: bool = False
    the_line: "Line | None" = None
    transfer: Transfer | None = None
    """What is under way."""
    transfers: int = 0
    """How many there were, that one among them."""
    handed_by: tuple[tuple[str, str, str], ...] = ()
    """Who handed it over before: agent, queue, reason."""
    handed_skills: Skills | None = None
    """It was handed over to whoever has these, in the place of its queue's own."""
    consult: Offered | None = None
    """What rings at the receiver of a consult, or the talk with him."""
    leaving: tuple[Offered, ...] = ()
    """Talks that are over for the caller and whose agents' channels have not gone yet."""
    joins: int = 0
    """How often the caller has been sent to his agent's channel and has not come to it yet."""
    muted: bool = False
    last_agent: str = ""
    """Who talked with him last."""
    continues: str = ""
    """The call whose line dropped, and whose matter this goes on with."""
    disposed: bool = False
    """The agent has said what became of the matter: a caller who comes again comes with another."""

    @property
    def asked(self) -> datetime:
        assert self.asked_at is not None, f"{self.call} has asked for nobody"
        return self.asked_at

    @property
    def waits_since(self) -> datetime:
        """For a person; who is handed over, since then."""
        return self.asked if self.transfer is None else self.transfer.at

    @property
    def place(self) -> datetime:
        assert self.placed_at is not None, f"{self.call} stands in line and has asked for nobody"
        return self.placed_at

    @property
    def turn(self) -> datetime:
        assert self.turned_at is not None, f"{self.call} stands in line and has asked for nobody"
        return self.turned_at

    @property
    def line(self) -> "Line":
        assert self.the_line is not None, f"{self.call} has no line"
        return self.the_line

    def miss(self, agent: str) -> None:
        if agent in self.missed:
            self.missed.remove(agent)
        self.missed.append(agent)
