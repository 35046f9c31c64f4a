"""The world around the engine in fast time: what happens is on an agenda, and the next thing happens at once.

The world knows what the engine is never told: how long each caller would wait, how long the talk will last, who lets a phone
ring. It tells the engine what has happened, at the instant it happens, and does what the engine wishes as a real
exchange would. Whatever answers `handle` and `next_deadline` can stand in the middle (the bench puts app_queue there).
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackFailed, CallSentOn
from acd.engine.commands import CallBack, Command, Kind, Log, Offer, SendTo, TakeBack
from acd.engine.customer_events import CallerKnown
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    CallReturned,
    Event,
    MessageLeft,
    TimePassed,
    WrapUpEnded,
)
from acd.engine.operator_events import CallWithdrawn
from acd.simulation.people import Caller, Plan

Deed = Callable[[Any], None]
BACK = timedelta(seconds=5)
"""An agent who was made not ready although present sets ready again after this."""


class Engine(Protocol):
    """Who decides."""

    def handle(self, event: Event, now: datetime) -> list[Command]: ...

    @property
    def next_deadline(self) -> datetime | None: ...


@dataclass(slots=True, eq=False)
class Visit:
    """A caller in the simulation, with what only the caller knows."""

    caller: Caller
    offer: str = ""
    """The offer that rings for the caller, or is talking."""
    offers: int = 0
    talking: bool = False
    away: bool = False
    """The caller has hung up and waits for a callback."""
    elsewhere: bool = False
    """At the voicemail or another number; the patience does not run out there."""
    overdue: bool = False
    """It ran out while the caller was elsewhere."""


class World:
    """One day on the floor."""

    def __init__(
        self,
        engine: Engine,
        plan: Plan,
        seed: str = "",
        follow: Callable[[datetime, Log], None] | None = None,
    ) -> None:
        self.engine, self.habits, self.ends = engine, plan.habits, plan.ends
        self.follow = follow
        self.chance = random.Random(f"{seed}/world")
        self.callers: Iterator[Caller] = iter(plan.callers)
        self.visits: dict[str, Visit] = {}
        self.told = 0
        """Events, in all."""
        self.came = 0
        self._agenda: list[tuple[datetime, int, Deed, Any]] = []
        self._planned = 0
        self._wanting: set[str] = set()
        """Agents who are on shift and not on a break."""
        self._out: dict[str, datetime] = {}
        """Who let a phone ring out is not there before this."""
        self._notes: dict[str, float] = {}
        """What the agent's last talk asks for in wrap-up, in seconds."""
        self._states: dict[str, int] = {}
        """How often the agent's state has changed: the note that is done belongs to the wrap-up that goes on."""
        for at, event in plan.moves:
            self._at(at, self._moves, event)
        self._next_caller()
        self.now = self._agenda[0][0] if self._agenda else datetime.min

    def run(self) -> None:
        """Until everybody who came has gone."""
        agenda, pop = self._agenda, heapq.heappop
        engine, tell = self.engine, self.tell
        while True:
            due = engine.next_deadline
            if not agenda or (due is not None and due <= agenda[0][0]):
                if due is None or (not self.visits and not agenda) or (self.ends is not None and due >= self.ends):
                    if not self._close():
                        return
                    continue
                self.now = max(due, self.now)
                tell(TimePassed())
                continue
            if self.ends is not None and agenda[0][0] >= self.ends:
                agenda.clear()
                continue
            self.now, _, deed, about = pop(agenda)
            deed(about)

    def tell(self, event: Event) -> None:
        self.told += 1
        follow, now = self.follow, self.now
        for command in self.engine.handle(event, now):
            if type(command) is Log:
                if command.kind is Kind.AGENT_STATE:
                    self._agent_state(command)
                elif command.kind is Kind.ENDED:
                    self.visits.pop(command.call, None)
                if follow is not None:
                    follow(now, command)
            elif type(command) is Offer:
                self._ring(command)
            elif type(command) is TakeBack:
                visit = self.visits.get(command.call)
                if visit is not None and visit.offer == command.offer:
                    visit.offer = ""
            elif type(command) is SendTo:
                self._send(command)
            elif type(command) is CallBack:
                self._in(self.habits.reached_after.draw(self.chance), self._called_back, command.call)

    # -- the agenda --

    def _at(self, at: datetime, deed: Deed, about: Any) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (at, self._planned, deed, about))

    def _in(self, seconds: float, deed: Deed, about: Any) -> None:
        self._at(self.now + timedelta(seconds=seconds), deed, about)

    def _close(self) -> bool:
        """Let go of who is still there when nothing more can happen; whether there was anybody."""
        left = list(self.visits.values())
        for visit in left:
            if visit.away:
                self.tell(CallWithdrawn(visit.caller.call, "the day is over", "simulation"))
            else:
                self.tell(CallerHungUp(visit.caller.call))
            self.visits.pop(visit.caller.call, None)
        return bool(left)

    # -- callers --

    def _next_caller(self) -> None:
        caller = next(self.callers, None)
        if caller is not None:
            self._at(caller.at, self._comes, caller)

    def _comes(self, caller: Caller) -> None:
        self.came += 1
        visit = self.visits[caller.call] = Visit(caller)
        self._next_caller()
        self.tell(CallArrived(caller.call, caller.number, caller.dialled))
        if caller.customer_class:
            self.tell(CallerKnown(caller.call, "replayed", customer_class=caller.customer_class))
        self.tell(CallQueued(caller.call, caller.queue, caller.skills, caller.language))
        if caller.call in self.visits and caller.patience_s < 1e8:
            self._in(caller.patience_s, self._gives_up, visit)

    def _gives_up(self, visit: Visit) -> None:
        if visit.talking or visit.away or self.visits.get(visit.caller.call) is not visit:
            return
        if visit.elsewhere:
            visit.overdue = True
        else:
            self._leaves(visit)

    def _leaves(self, visit: Visit) -> None:
        visit.offer = ""
        if self.visits.get(visit.caller.call) is visit:
            self.tell(CallerHungUp(visit.caller.call))

    # -- offers --

    def _ring(self, offer: Offer) -> None:
        visit = self.visits.get(offer.call)
        if visit is None:
            return
        visit.offer = offer.offer
        visit.offers += 1
        habits = self.habits
        if habits.instant:
            answer_s = visit.caller.answer_s if visit.offers == 1 else habits.answer.draw(self.chance)
            if answer_s == 0:
                self._at(self.now, self._bridged, offer)
                return
        self._in(habits.dial_s, self._dialled, offer)

    def _goes_on(self, offer: Offer) -> Visit | None:
        visit = self.visits.get(offer.call)
        return visit if visit is not None and visit.offer == offer.offer else None

    def _dialled(self, offer: Offer) -> None:
        if self._goes_on(offer):
            self._in(self.habits.sign_s, self._rings, offer)
            self.tell(AgentDialled(offer.agent, offer.call, offer.offer))

    def _rings(self, offer: Offer) -> None:
        visit = self._goes_on(offer)
        if visit is None:
            return
        if self._is_there(offer.agent):
            first = visit.offers == 1
            self._in(visit.caller.answer_s if first else self.habits.answer.draw(self.chance), self._answers, offer)
        self.tell(AgentRinging(offer.agent, offer.call, offer.offer))

    def _is_there(self, agent: str) -> bool:
        """An agent who has stepped out lets every phone ring until back, whether made not ready or not."""
        if (back := self._out.get(agent)) is not None and self.now < back:
            return False
        if self.habits.no_answer and self.chance.random() < self.habits.no_answer:
            self._out[agent] = self.now + timedelta(seconds=self.habits.steps_out.draw(self.chance))
            return False
        return True

    def _answers(self, offer: Offer) -> None:
        if self._goes_on(offer):
            self._in(self.habits.bridge_s, self._bridged, offer)
            self.tell(AgentAnswered(offer.agent, offer.call, offer.offer))

    def _bridged(self, offer: Offer) -> None:
        visit = self._goes_on(offer)
        if visit is None:
            return
        visit.talking = True
        self._notes[offer.agent] = visit.caller.wrap_up_s
        self._in(visit.caller.talk_s, self._leaves, visit)
        self.tell(CallBridged(offer.agent, offer.call, offer.offer))

    # -- where a policy sends them --

    def _send(self, wish: SendTo) -> None:
        visit = self.visits.get(wish.call)
        if visit is None:
            return
        visit.elsewhere = wish.where != "callback"
        deeds = {"callback": self._asked, "voicemail": self._message, "number": self._other, "let go": self._leaves}
        after = self.habits.other_after if wish.where == "number" else self.habits.listens
        self._in(after.draw(self.chance), deeds[wish.where], visit)

    def _asked(self, visit: Visit) -> None:
        """Offered a callback: takes it, or waits on."""
        there = self.visits.get(visit.caller.call) is visit and not visit.talking and not visit.offer
        if there and (visit.caller.takes_callback or self.chance.random() < self.habits.takes_callback):
            visit.away = True
            self.tell(CallbackAccepted(visit.caller.call))
            self.tell(CallerHungUp(visit.caller.call))

    def _called_back(self, call: str) -> None:
        visit = self.visits.get(call)
        if visit is None:
            return
        if self.chance.random() < self.habits.reached:
            visit.away = False
            self._in(visit.caller.patience_s, self._gives_up, visit)
            self.tell(CallbackAnswered(call))
        else:
            self.tell(CallbackFailed(call, "no answer"))

    def _message(self, visit: Visit) -> None:
        if self.chance.random() < self.habits.leaves_message:
            seconds = self.habits.message.draw(self.chance)
            self._in(seconds, self._message_left, (visit, seconds))
        else:
            self._leaves(visit)

    def _message_left(self, said: tuple[Visit, float]) -> None:
        visit, seconds = said
        if self.visits.get(visit.caller.call) is visit:
            self.tell(MessageLeft(visit.caller.call, seconds))
            self._leaves(visit)

    def _other(self, visit: Visit) -> None:
        call = visit.caller.call
        if self.visits.get(call) is not visit:
            return
        if self.chance.random() < self.habits.other_answers:
            self._in(visit.caller.talk_s, self._leaves, visit)
            self.tell(CallSentOn(call))
            return
        visit.elsewhere = False
        self.tell(CallReturned(call, "no answer"))
        if visit.overdue:
            self._leaves(visit)

    # -- agents --

    def _moves(self, event: Event) -> None:
        if isinstance(event, AgentReady):
            self._wanting.add(event.agent)
        elif isinstance(event, AgentNotReady | AgentLoggedOut):
            self._wanting.discard(event.agent)
        self.tell(event)

    def _agent_state(self, row: Log) -> None:
        agent, state = row.agent, row.detail["state"]
        number = self._states[agent] = self._states.get(agent, 0) + 1
        if state == "wrap-up":
            self._in(self._notes.get(agent, 0.0), self._note_done, (agent, number))
        elif state == "not ready" and row.detail["reason"] == "ring no answer":
            # Also an agent who was present and too slow sees what became of it, and sets ready again.
            self._at(max(self._out.get(agent, self.now), self.now + BACK), self._comes_back, agent)

    def _note_done(self, whose: tuple[str, int]) -> None:
        agent, number = whose
        if self._states[agent] == number:
            self.tell(WrapUpEnded(agent))

    def _comes_back(self, agent: str) -> None:
        if agent in self._wanting:
            self.tell(AgentReady(agent))
