"""How fast the engine decides, and whether that depends on the size of the floor.

Floors of 100, 1,000 and 10,000 agents with as many callers waiting, 20 queues, agents with three to six of 20 skills at
levels 1 to 9. Everything is switched on: three strategies mixed over the queues, preferred skills, priorities and an
emergency lane, policies whose rows widen, raise, offer callbacks and send to voicemail, agents of some queues only, the
agent who knows the caller, callbacks that are taken and dialled, the versatile spared, expected waits.

Each call goes its whole way: arrived, queued, offered, dialled, ringing, answered, bridged, hung up, wrap-up; one offer
in ten rings out, the agent steps out and comes back. The ledger is on. A simulated floor is played once to record its
events, then the same events are told to a fresh engine, and only that is timed.

The second figure is the other extreme: as many agents idle and nobody waiting, so that each call chooses among them all
and its row names five runners-up.
"""

import gc
import heapq
import json
import random
import statistics
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackFailed
from acd.engine.commands import CallBack, Kind, Log, Offer, SendTo
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    Event,
    MessageLeft,
    TimePassed,
    WrapUpEnded,
)
from acd.engine.model import AgentProfile, Overflow, Queue, Rules, Strategy

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Told = tuple[datetime, Event]
NEXT_CALLER = CallArrived("", "")
"""On the agenda: another caller takes the place in line of one who has left it."""


RULES = Rules(
    priorities={str(13800000000 + number): 1 + number % 3 for number in range(0, 5000, 50)},
    return_within=timedelta(minutes=5),
    same_agent="last",
    same_agent_hold=timedelta(seconds=10),
    spare_versatile=True,
)
STRATEGIES: list[Strategy] = ["longest-idle", "least-occupied", "best-skilled"]


def policy(number: int, skill: str, next_queue: str) -> tuple[Overflow, ...]:
    """What befalls nearly everybody who waits, and what befalls few."""
    return (
        Overflow("raise-priority", when="longer-than", calls=200, by=1),
        Overflow("offer-callback", when="wait-over", wait=timedelta(minutes=3), within=timedelta(hours=2)),
        Overflow("lower-skill", after=timedelta(seconds=20), skill=skill, to=max(1, number % 5)),
        Overflow("add-queue", after=timedelta(seconds=40), queue=next_queue),
        Overflow("raise-priority", after=timedelta(seconds=60), by=1),
        Overflow("offer-callback", after=timedelta(seconds=75), within=timedelta(hours=2)),
        Overflow("voicemail", after=timedelta(minutes=10)),
        Overflow("number", when="unstaffed", number="02155550000"),
    )


def floor(size: int, chance: random.Random) -> tuple[list[Queue], list[AgentProfile]]:
    skills = [f"skill-{number:02}" for number in range(20)]
    queues = [
        Queue(
            f"queue-{number:02}",
            ((skill, 1 + number % 5),),
            priority=number % 3,
            wrap_up=timedelta(seconds=30),
            prefers=((skills[(number + 7) % 20], 5),) if number % 2 else (),
            strategy=STRATEGIES[number % 3],
            emergency=number == 19,
            overflow=policy(number, skill, f"queue-{(number + 1) % 20:02}"),
            answer_within=timedelta(seconds=10 + number),
        )
        for number, skill in enumerate(skills)
    ]
    agents = []
    for number in range(size):
        has = {skills[number % 20]: chance.randint(5, 9)}  # each skill has its able agents, however small the floor
        has |= {skill: chance.randint(1, 9) for skill in chance.sample(skills, chance.randint(2, 5))}
        has[skills[number % 20]] = 9
        takes = tuple(f"queue-{skill[-2:]}" for skill in has) if number % 10 == 9 else ()
        agents.append(AgentProfile(str(100_000 + number), "", tuple(sorted(has.items())), takes))
    return queues, agents


class Play:
    """Callers and agents made of numbers, around an engine; keeps what they told it, and when."""

    def __init__(self, size: int, waiting: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.queues, self.agents = floor(size, self.chance)
        self.rules = RULES
        self.acd = Acd(self.queues, self.agents, self.rules)
        self.told: list[Told] = []
        self.done: Counter[str] = Counter()
        """What came of it: kinds of rows, and rows of policies by what they do."""
        self.now = BEGAN
        self._agenda: list[tuple[datetime, int, Event]] = []
        self._planned = 0
        self._calls = 0
        self._replaced: set[str] = set()
        """Calls in whose place another caller was sent for."""
        for agent in self.agents:
            self.tell(AgentReady(agent.agent))
        for _ in range(waiting):  # the first of them are rung through at once, and replaced
            self.call_comes()

    def plan(self, after_s: float, event: Event) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (self.now + timedelta(seconds=after_s), self._planned, event))

    def call_comes(self) -> None:
        self._calls += 1
        call = f"c{self._calls}"
        self.tell(CallArrived(call, str(13800000000 + self.chance.randrange(5000)), "95001"))
        wanted = self.chance.choice(self.agents).agent if self.chance.random() < 0.05 else ""
        self.tell(CallQueued(call, self.chance.choice(self.queues).name, (), "zh", wanted))

    def tell(self, event: Event) -> None:
        self.told.append((self.now, event))
        for command in self.acd.handle(event, self.now):
            match command:
                case Offer():
                    self.ring(command)
                case Log():
                    self.follow(command)
                case SendTo(where="callback"):
                    if self.chance.random() < 0.2:
                        self.plan(5, CallbackAccepted(command.call))
                        self.plan(6, CallerHungUp(command.call))
                case SendTo(where="voicemail"):
                    self.plan(20, MessageLeft(command.call, 12.0))
                    self.plan(21, CallerHungUp(command.call))
                case CallBack():
                    answers = self.chance.random() < 0.8
                    self.plan(5, CallbackAnswered(command.call) if answers else CallbackFailed(command.call, "busy"))

    def ring(self, offer: Offer) -> None:
        who = offer.agent, offer.call, offer.offer
        self.plan(0.01, AgentDialled(*who))
        self.plan(0.1, AgentRinging(*who))
        if self.chance.random() < 0.1:
            return  # nobody picks up; the engine's own deadline ends it
        answers = self.chance.uniform(1, 12)
        talks = self.chance.uniform(60, 180)
        self.plan(answers, AgentAnswered(*who))
        self.plan(answers + 0.1, CallBridged(*who))
        self.plan(answers + talks, BridgeEnded(*who, by="caller"))
        self.plan(answers + talks + 0.01, CallerHungUp(offer.call))

    def follow(self, row: Log) -> None:
        self.done[row.detail["do"] if row.kind is Kind.OVERFLOW else str(row.kind)] += 1
        if row.kind is Kind.AGENT_STATE and row.detail["state"] == "wrap-up":
            self.plan(self.chance.uniform(5, 29), WrapUpEnded(row.agent))
        elif row.kind is Kind.AGENT_STATE and row.detail["reason"] == "ring no answer":
            self.plan(self.chance.uniform(5, 60), AgentReady(row.agent))
        elif row.kind in (Kind.OFFERED, Kind.ENDED) and row.call not in self._replaced:
            self._replaced.add(row.call)
            self.another_comes()

    def another_comes(self) -> None:
        """Another caller takes the place in line of one who has left it."""
        self.plan(self.chance.uniform(0, 1), NEXT_CALLER)

    def warm_up(self) -> None:
        """Past the first rush, when all phones ring at once, and until each row of a policy has found somebody."""
        while self.now < BEGAN + timedelta(seconds=120):
            self.play(1)

    def play(self, events: int) -> None:
        """Let time pass until so many more events were told."""
        until = len(self.told) + events
        while len(self.told) < until:
            due = self.acd.next_deadline
            if due is not None and due <= self._agenda[0][0]:
                self.now = due
                self.tell(TimePassed())
                continue
            self.now, _, event = heapq.heappop(self._agenda)
            if event is NEXT_CALLER:
                self.call_comes()
            else:
                self.tell(event)


class Lull(Play):
    """A floor where nobody waits: each call comes when all agents are idle, and is gone before the next."""

    def __init__(self, size: int, seed: int) -> None:
        super().__init__(size, waiting=0, seed=seed)

    def play(self, events: int) -> None:
        until = len(self.told) + events
        while len(self.told) < until:
            self.now += timedelta(seconds=1)
            self.call_comes()
            while self._agenda:
                self.now, _, event = heapq.heappop(self._agenda)
                self.tell(event)
                while (due := self.acd.next_deadline) is not None and (not self._agenda or due <= self._agenda[0][0]):
                    self.now = due
                    self.tell(TimePassed())

    def warm_up(self) -> None:
        self.play(6 * len(self.agents))

    def another_comes(self) -> None:
        """The next comes when this one has gone."""


def seconds_of(play: Play, first: int) -> float:
    """CPU time that a fresh engine takes for the recorded events from `first` on; on a machine of its own, time itself."""
    acd = Acd(play.queues, play.agents, play.rules)
    for at, event in play.told[:first]:
        acd.handle(event, at)
    gc.collect()
    handle = acd.handle
    timed = play.told[first:]
    began = time.process_time()
    for at, event in timed:
        handle(event, at)
    return time.process_time() - began


def run(sizes: tuple[int, ...] = (100, 1000, 10000), events: int = 60_000, rounds: int = 3) -> dict[str, Any]:
    """Events per second and time per event at each size; `ratio` is the time at the largest by that at the smallest."""
    ours: dict[str, float] = {}
    plays: list[tuple[str, int, Play, int]] = []
    for size in sizes:
        busy = Play(size, waiting=size, seed=size)
        busy.warm_up()
        plays.append(("", size, busy, len(busy.told)))
        busy.play(events)
        waiting = sum(1 for call in busy.acd.snapshot(busy.now)["calls"] if call["stage"] == "waiting")
        ours[f"waiting_{size}"] = waiting
        lull = Lull(size, seed=size)
        lull.warm_up()
        plays.append(("lull_", size, lull, len(lull.told)))
        lull.play(events // 2)
    taken: dict[tuple[str, int], list[float]] = {}
    for number in range(rounds):
        for name, size, play, first in plays if number % 2 == 0 else reversed(plays):
            taken.setdefault((name, size), []).append(seconds_of(play, first) / (len(play.told) - first))
    for (name, size), times in sorted(taken.items()):
        ours[f"{name}us_per_event_{size}"] = round(statistics.median(times) * 1e6, 2)
        ours[f"{name}events_per_s_{size}"] = round(1 / statistics.median(times))
    low, high = min(sizes), max(sizes)
    return {
        "ours": ours,
        "ratio": round(ours[f"us_per_event_{high}"] / ours[f"us_per_event_{low}"], 2),
        "lull_ratio": round(ours[f"lull_us_per_event_{high}"] / ours[f"lull_us_per_event_{low}"], 2),
    }


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
    print()
