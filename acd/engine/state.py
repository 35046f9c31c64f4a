"""The whole state of the floor, and the few things that every room of the engine does to it.

It is plain data in memory: agents, calls, the lines they meet in, deadlines, today's counters. Nothing here decides;
see acd.py for who may change what.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from acd.engine.caller_history import Memory
from acd.engine.commands import Command, Kind, Log
from acd.engine.deadlines import Deadlines
from acd.engine.entities import Agent, Call, Line
from acd.engine.events import Event
from acd.engine.expected_wait import Waits
from acd.engine.model import Queue, Rules
from acd.engine.routing.router import Router, queue_ask
from acd.engine.service_level import ServiceLevel

MEMORY = timedelta(minutes=10)
"""How long the name of a call that has ended is kept, to know its late events from those of a new call."""

JITTER = timedelta(seconds=1)
"""A step back of the clock up to this is two events that overtook each other; more is a clock that was set."""


class State:
    """What the engine knows. `now` and `out` hold for the event in hand."""

    def __init__(self, queues: Iterable[Queue], rules: Rules) -> None:
        self.rules = rules
        self.queues = {queue.name: queue for queue in queues}
        self.strange: list[str] = []
        """Queues that calls came for and the configuration does not have."""
        self.agents: dict[str, Agent] = {}
        self.calls: dict[str, Call] = {}
        self.over: OrderedDict[str, tuple[datetime, bool]] = OrderedDict()
        """Calls that have ended: when, and whether their story was told (or only a hang-up came, before all else)."""
        self.router = self.new_router()
        self.deadlines = Deadlines()
        self.counts = ServiceLevel(rules, self.queues)
        self.waits = Waits()
        self.memory = Memory()
        self.closed: dict[str, str] = {}
        """Queues that an operator has closed to new callers, and who did."""
        self.version = 0
        """Of the configuration in force."""
        self.explained: set[str] = set()
        """Calls whose decisions are kept whole."""
        self.decisions: list[dict[str, Any]] = []
        self.pbx = True
        self.pbx_lost_at: datetime | None = None
        self.began = self.now = datetime.min
        self.skew = timedelta(0)
        """Added to outer time: what the outer clock was set back in all."""
        self.started = False
        self.ranks = 0
        self.arrivals = 0
        self.out: list[Command] = []
        self.freed: list[Agent] = []
        """Became idle in this event; the matching looks for a call for each."""
        self.waiters: list[Call] = []
        """Began to wait in this event, or may be tried again."""
        self.pulled: list[tuple[Call, str]] = []
        """An offer of theirs still rings at this agent though it is over; taken back unless the next offer does it."""
        self.unstaffed: list[Line] = []
        """Lost the last agent who was logged in, with callers waiting."""
        self.released: list[Agent] = []
        """Calls that were kept for them wait in vain."""
        self.alone: list[Call] = []
        """Wait in a line that nobody staffs."""
        self.unreached: list[tuple[Call, str]] = []
        """Were handed over, and the receiver was not to be had: why."""
        self.arrived: list[Call] = []
        """Were handed over, and talk with the receiver now."""
        self.handed: list[Call] = []
        """Have left their agent in this event; whom nobody is offered to is sent to the waiting room."""

    def new_router(self) -> Router:
        """No agent is in it yet."""
        asks = [queue_ask(queue) for queue in self.queues.values()]
        return Router(self.agents, asks, self.rules.spare_versatile)

    def begin(self, outer: datetime) -> None:
        """Take the time of an event. Inner time never goes back, nor does it stand still while an outer clock catches up."""
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
        self.out.append(Log(kind, call, agent, offer, queue, {} if detail is None else detail))

    def ignore(self, event: Event, why: str) -> None:
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
        self.log(Kind.IGNORED, call, detail={"event": "FoundCall", "why": why})

    def queue(self, name: str) -> Queue:
        """The queue of that name. A call is never lost for a name that nobody knows: it gets a queue that asks for no skill."""
        known = self.queues.get(name)
        if known is None:
            known = self.queues[name] = Queue(name)
            self.strange.append(name)
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
        """Drop the names of calls that ended so long ago that nothing of theirs can still be on its way."""
        over = self.over
        horizon = self.now - MEMORY
        while over:
            oldest = next(iter(over))
            if over[oldest][0] > horizon:
                return
            del over[oldest]
