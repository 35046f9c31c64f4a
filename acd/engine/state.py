"""The engine's whole state, and the few things that every module of the engine does to it.

Plain data in memory: agents, calls, the lines in which they meet, deadlines, today's counters. Nothing here decides;
acd.py says who may change what.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from acd.engine.ask import Ask
from acd.engine.brands import keeper_of
from acd.engine.caller_history import CallerHistory
from acd.engine.commands import Command, Kind, Log
from acd.engine.deadlines import Deadlines
from acd.engine.entities import Agent, Call, HoursToday, Line
from acd.engine.events import Event
from acd.engine.expected_wait import WaitEstimates
from acd.engine.faults.state import Faults
from acd.engine.legs_out import LegsOut
from acd.engine.line_history import LineHistory
from acd.engine.listening.state import Listeners
from acd.engine.model import Queue, Rules
from acd.engine.promises.promise import Promise
from acd.engine.routing.router import Router, queue_ask
from acd.engine.service_level import ServiceLevel
from acd.engine.story_calls.state import StoryCalls
from acd.engine.supervision.book import Supervision
from acd.engine.surveys.book import SurveyBook

ENDED_KEPT_FOR = timedelta(minutes=10)
"""How long the id of a call that has ended is kept, so that its late events are not taken for a new call."""

JITTER = timedelta(seconds=1)
"""A step back of the clock up to this is two events that overtook each other; more is a clock that was set."""


@dataclass(slots=True)
class Followups:
    """What one event has left to be done after its handler: work lists, all of them empty again when the event is done.

    acd.SETTLERS, then the matching, empty them; the order and its reasons stand there.
    """

    changed_agents: list[Agent] = field(default_factory=list)
    """Agents of whom supervision keeps something, and whose state or next state has changed."""
    reservations_to_check: list[Agent] = field(default_factory=list)
    """Agents who may no longer be able to take the calls that are kept for them."""
    unreached_transfers: list[tuple[Call, str]] = field(default_factory=list)
    """Calls in transfer whose receiver could not be reached, and why."""
    completed_transfers: list[Call] = field(default_factory=list)
    """Calls in transfer that talk with the receiver now."""
    unstaffed_lines: list[Line] = field(default_factory=list)
    """Lines that lost their last agent who was logged in while callers stood in them."""
    unstaffed_calls: list[Call] = field(default_factory=list)
    """Calls that wait in a line that nobody staffs."""
    ended_talks: list[Call] = field(default_factory=list)
    """Calls that are over and whose caller an agent had served: where there are surveys."""
    freed_agents: list[Agent] = field(default_factory=list)
    """Agents who became idle; the matching looks for a call for each."""
    calls_to_match: list[Call] = field(default_factory=list)
    """Calls that began to wait, or may be tried again; the matching looks for an agent for each."""
    stale_rings: list[tuple[Call, str]] = field(default_factory=list)
    """Calls with an offer that is over and still rings at this agent; taken back unless the next offer supersedes it."""
    transferred_calls: list[Call] = field(default_factory=list)
    """Calls that have left their agent; those that the matching offers to nobody are sent to the waiting room."""

    def need_settling(self) -> bool:
        """Whether one of the lists that acd.SETTLERS empty has something in it."""
        return bool(
            self.changed_agents
            or self.reservations_to_check
            or self.unreached_transfers
            or self.completed_transfers
            or self.unstaffed_lines
            or self.unstaffed_calls
            or self.ended_talks
        )


class State:
    """What the engine knows. `now`, `out` and `followups` hold for the event that is being handled."""

    def __init__(self, queues: Iterable[Queue], rules: Rules) -> None:
        self.rules = rules
        self.queues = {queue.name: queue for queue in queues}
        self.unknown_queues: list[str] = []
        """Queues that calls came for and that the configuration does not have; `queues` has them too."""
        self.agents: dict[str, Agent] = {}
        self.calls: dict[str, Call] = {}
        self.ended_calls: OrderedDict[str, tuple[datetime, bool]] = OrderedDict()
        """Calls that have ended: when, and whether the call was logged (False: a hang-up came before any other event)."""
        self.router = self.new_router()
        self.deadlines = Deadlines()
        self.counts = ServiceLevel(rules, self.queues)
        self.wait_estimates = WaitEstimates()
        self.caller_history = CallerHistory()
        self.line_history = LineHistory()
        self.surveys = SurveyBook()
        self.legs_out = LegsOut()
        self.listeners = Listeners()
        self.promises: dict[str, Promise] = {}
        """Open promised callbacks, by the id of the call that keeps each; in the order in which they were made."""
        self.story_calls = StoryCalls()
        self.faults = Faults()
        self.supervision = Supervision()
        self.closed: dict[str, str] = {}
        """Queues that an operator has closed to new callers, and who did."""
        self.closed_at: dict[str, datetime] = {}
        """When; inner time."""
        self.hours_set: dict[str, HoursToday] = {}
        """Queue ("" is the whole hotline) to what an operator has set in the place of its hours, also when it is over by now."""
        self.version = 0
        """Of the configuration in force."""
        self.explained: set[str] = set()
        """Calls whose decisions are kept whole, in `decisions`."""
        self.decisions: list[dict[str, Any]] = []
        self.pbx = True
        """The link to Asterisk is there."""
        self.pbx_lost_at: datetime | None = None
        self.began = self.now = datetime.min
        """Times of the first event and of the one in hand, as inner time: see `begin`."""
        self.skew = timedelta(0)
        """Inner time minus outer time: how far the outer clock was set back in all."""
        self.started = False
        self.ranks = 0
        """The latest `Agent.rank`."""
        self.arrivals = 0
        """The latest `Call.order`."""
        self.out: list[Command] = []
        """Commands of the event in hand."""
        self.followups = Followups()

    def new_router(self) -> Router:
        """A router with a line for each configured queue. The agents must be enrolled in it."""
        asks = [self.ask_of(queue) for queue in self.queues.values() if queue.name not in self.unknown_queues]
        return Router(self.agents, asks, self.rules.spare_versatile)

    def ask_of(self, queue: Queue) -> Ask:
        """What every call of this queue asks for, by the brand that has the queue."""
        return queue_ask(queue, keeper_of(self.rules, queue.brand))

    def begin(self, outer: datetime) -> None:
        """Begin an event: take its time, empty `out`. `outer`: the time as the outer clock says.

        Inner time never goes back, nor does it stand still while an outer clock that was set back catches up.
        """
        if not self.started:
            self.started = True
            self.began = self.now = outer
        inner = outer + self.skew if self.skew else outer
        if inner < self.now:
            if self.now - inner > JITTER:
                self.skew += self.now - inner
            inner = self.now
        self.now = inner
        self.out = []
        self.counts.date(outer)

    def outer(self, inner: datetime) -> datetime:
        """What the outer clock says at this inner time."""
        return inner - self.skew if self.skew else inner

    def log(
        self,
        kind: Kind,
        call: str = "",
        agent: str = "",
        offer: str = "",
        queue: str = "",
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Add a row of the call log; commands.Kind says which details each kind has."""
        self.out.append(Log(kind, call, agent, offer, queue, {} if detail is None else detail))

    def watch(self, agent: Agent) -> None:
        """The agent's state, or what they want next, has changed: supervision looks at it, where it keeps something of the agent."""
        if self.rules.breaks is not None or agent.queues_left or agent.agent in self.supervision.hands:
            self.followups.changed_agents.append(agent)

    def ignore(self, event: Event, why: str) -> None:
        """Log an event that does not fit and changes nothing."""
        self.out.append(
            Log(
                Kind.IGNORED,
                getattr(event, "call", ""),
                getattr(event, "agent", ""),
                getattr(event, "offer", ""),
                "",
                {"event": type(event).__name__, "why": why},
            )
        )

    def out_of_place(self, call: str, why: str) -> None:
        """Log a channel of a resync that does not fit and changes nothing."""
        self.log(Kind.IGNORED, call, detail={"event": "FoundCall", "why": why})

    def queue(self, name: str) -> Queue:
        """The queue of that name. An unknown name gets a queue that requires no skill, and an alarm: no call is lost for it."""
        known = self.queues.get(name)
        if known is None:
            known = self.queues[name] = Queue(name)
            self.unknown_queues.append(name)
            self.log(
                Kind.ALARM,
                queue=name,
                detail={
                    "name": "no such queue",
                    "detail": f"calls came for queue {name!r}, which the configuration does not have; "
                    "any agent may get them. Add it under [queues] or mend the menu",
                },
            )
        return known

    def forget_old(self) -> None:
        """Forget the ids of calls that ended more than ENDED_KEPT_FOR ago: no event of theirs can still be on its way."""
        ended = self.ended_calls
        horizon = self.now - ENDED_KEPT_FOR
        while ended:
            oldest = next(iter(ended))
            if ended[oldest][0] > horizon:
                return
            del ended[oldest]
