"""Asterisk's app_queue as rules, in the place of the engine: who would have got whom, with the same callers and agents.

Each rule with its source: "sample" is configs/samples/queues.conf.sample of Asterisk 22, "code" is apps/app_queue.c,
"measured" is `./sanxiang bench idle-to-ring` against a real app_queue.

* A caller whose turn it is not looks again every second, at his own phase (code: RECHECK is 1 s in wait_our_turn;
  measured: median 463 ms, p99 958 ms from an agent's hanging up to the next ring, which is that second).
* His turn is when fewer callers stand before him in *his* queue, those whose agent rings left out, than members of it
  are available (sample: autofill=yes; code: is_our_turn). There is no order among callers of several queues (sample:
  force_longest_waiting_caller is off by default).
* A member is available who is not paused, whose telephone is not in use (sample: ringinuse=no), and who hung up
  `wrapuptime` ago (sample: wrapuptime; shared_lastcall=yes, else a member of two queues would get the other's calls in
  his wrap-up). Nobody can end his wrap-up sooner.
* Of the available the lowest penalty goes first; among those the strategy decides (sample: strategy, member penalty;
  code: calc_metric is penalty times 1,000,000 plus the strategy's own): rrmemory the next after the last one asked,
  leastrecent who hung up least recently, fewestcalls who completed fewest calls of this queue.
* One telephone rings for `timeout` seconds (sample: 15); if nobody answers, the caller waits `retry` seconds (sample: 5)
  and his turn is looked at again (code: wait_a_bit). The member stays available (sample: autopause=no by default), or is
  paused until he says that he is back (autopause=all).
* A queue of higher `weight` takes a shared member before one of lower, when it has at least as many callers as
  available members (sample: weight; code: compare_weight).

What is left out favours app_queue: its own work takes no time, and no announcement delays a caller.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from acd.engine.commands import Command, Ending, Kind, Log, Offer, TakeBack
from acd.engine.events import (
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    CallBridged,
    CallerHungUp,
    CallQueued,
    Event,
)
from acd.engine.model import Queue
from acd.engine.routing.agents import RING_NO_ANSWER

Strategy = Literal["rrmemory", "leastrecent", "fewestcalls"]
RECHECK = timedelta(seconds=1)


@dataclass(slots=True, eq=False)
class Member:
    agent: str
    penalties: dict[str, int]
    """Queue to penalty, of the queues that he is a member of."""
    ready: bool = False
    reason: str = ""
    work: str = ""
    """"ringing", "talking" or nothing."""
    hung_up: datetime | None = None
    free_at: datetime | None = None
    """When his wrap-up is over."""
    calls: dict[str, int] = field(default_factory=dict)
    word: str = "logged out"
    since: datetime | None = None


@dataclass(slots=True, eq=False)
class Entry:
    """A caller in a queue."""

    call: str
    queue: str
    joined: datetime
    rings: Member | None = None
    offers: int = 0
    talks_since: datetime | None = None
    stamp: int = 0
    """An alarm of an older stamp is stale."""


class AppQueue:
    """Answers `handle` and `next_deadline` as the engine does."""

    def __init__(
        self,
        queues: Iterable[Queue],
        members: Mapping[str, dict[str, int]],
        strategy: Strategy = "rrmemory",
        retry_s: float = 5,
        timeout_s: float = 15,
        autopause: bool = False,
        weights: Mapping[str, int] | None = None,
        answer_within_s: float = 15,
    ) -> None:
        self.wrap_up = {queue.name: queue.wrap_up for queue in queues}
        self.members = {agent: Member(agent, dict(penalties)) for agent, penalties in members.items()}
        self.of_queue = {name: [m for m in self.members.values() if name in m.penalties] for name in self.wrap_up}
        self.strategy, self.weights = strategy, dict(weights or {})
        self.retry, self.timeout = timedelta(seconds=retry_s), timedelta(seconds=timeout_s)
        self.autopause, self.answer_within_s = autopause, answer_within_s
        self.lines: dict[str, list[Entry]] = {name: [] for name in self.wrap_up}
        self.entries: dict[str, Entry] = {}
        self.after: dict[str, int] = dict.fromkeys(self.wrap_up, 0)
        """rrmemory: where the next round begins."""
        self._alarms: list[tuple[datetime, int, str, Entry | Member, int]] = []
        self._set = 0
        self._out: list[Command] = []

    @property
    def next_deadline(self) -> datetime | None:
        return self._alarms[0][0] if self._alarms else None

    def handle(self, event: Event, now: datetime) -> list[Command]:
        self._out = []
        match event:
            case CallQueued():
                entry = self.entries[event.call] = Entry(event.call, event.queue, now)
                self.lines[event.queue].append(entry)
                self._out.append(Log(Kind.QUEUED, event.call, queue=event.queue))
                self._looks(entry, now)
            case CallBridged():
                self._bridged(event, now)
            case CallerHungUp():
                self._hung_up(event.call, now)
            case AgentReady() | AgentNotReady() | AgentLoggedOut():
                member = self.members[event.agent]
                member.ready = isinstance(event, AgentReady)
                member.reason = event.reason if isinstance(event, AgentNotReady) else ""
                self._restate(member, now, gone=isinstance(event, AgentLoggedOut))
        while self._alarms and self._alarms[0][0] <= now:
            _, _, what, whose, stamp = heapq.heappop(self._alarms)
            if isinstance(whose, Member):
                self._restate(whose, now)
            elif whose.stamp == stamp and whose.call in self.entries:
                if what == "rang out":
                    self._rang_out(whose, now)
                else:
                    self._looks(whose, now)
        return self._out

    def _alarm(self, at: datetime, what: str, whose: Entry | Member) -> None:
        self._set += 1
        stamp = 0
        if isinstance(whose, Entry):
            whose.stamp += 1
            stamp = whose.stamp
        heapq.heappush(self._alarms, (at, self._set, what, whose, stamp))

    # -- the caller's loop --

    def _looks(self, entry: Entry, now: datetime) -> None:
        """Is it my turn? Then ring the best; else look again in a second."""
        if not self._is_turn(entry, now):
            self._alarm(now + RECHECK, "look", entry)
            return
        member = self._best(entry.queue, now)
        if member is None:
            self._alarm(now + self.retry, "look", entry)
            return
        entry.offers += 1
        entry.rings, member.work = member, "ringing"
        self._out.append(Offer(member.agent, entry.call, f"{entry.call}-{entry.offers}", entry.queue, "unknown"))
        self._restate(member, now)
        self._alarm(now + self.timeout, "rang out", entry)

    def _is_turn(self, entry: Entry, now: datetime) -> bool:
        available = sum(self._available(member, now) for member in self.of_queue[entry.queue])
        before = 0
        for other in self.lines[entry.queue]:
            if before >= available:
                return False
            if other is entry:
                return True
            before += other.rings is None
        return False

    @staticmethod
    def _available(member: Member, now: datetime) -> bool:
        return member.ready and not member.work and (member.free_at is None or member.free_at <= now)

    def _best(self, queue: str, now: datetime) -> Member | None:
        members = self.of_queue[queue]
        best: tuple[int, int, Member] | None = None
        for position, member in enumerate(members):
            if not self._available(member, now) or self._outweighed(queue, member, now):
                continue
            if self.strategy == "rrmemory":
                metric = (position - self.after[queue]) % len(members)
            elif self.strategy == "fewestcalls":
                metric = member.calls.get(queue, 0)
            else:
                metric = 0 if member.hung_up is None else 1_000_000 - int((now - member.hung_up).total_seconds())
            metric += 1_000_000 * member.penalties[queue]
            if best is None or metric < best[0]:
                best = (metric, position, member)
        if best is None:
            return None
        self.after[queue] = (best[1] + 1) % len(members)
        return best[2]

    def _outweighed(self, queue: str, member: Member, now: datetime) -> bool:
        mine = self.weights.get(queue, 0)
        for other in member.penalties:
            callers = len(self.lines[other])
            if callers and self.weights.get(other, 0) > mine:
                free = sum(self._available(each, now) for each in self.of_queue[other])
                if callers >= free:
                    return True
        return False

    def _rang_out(self, entry: Entry, now: datetime) -> None:
        member = entry.rings
        assert member is not None, f"{entry.call} rang out and rings at nobody"
        entry.rings, member.work = None, ""
        if self.autopause:
            member.ready, member.reason = False, RING_NO_ANSWER
        self._out.append(TakeBack(member.agent, entry.call, f"{entry.call}-{entry.offers}"))
        self._restate(member, now)
        self._alarm(now + self.retry, "look", entry)

    # -- talks and endings --

    def _bridged(self, event: CallBridged, now: datetime) -> None:
        entry, member = self.entries[event.call], self.members[event.agent]
        entry.stamp += 1
        entry.talks_since, member.work = now, "talking"
        self.lines[entry.queue].remove(entry)
        wait_s = (now - entry.joined).total_seconds()
        self._out.append(Log(Kind.CONNECTED, event.call, event.agent, event.offer, entry.queue, {"wait_s": wait_s}))
        self._restate(member, now)

    def _hung_up(self, call: str, now: datetime) -> None:
        entry = self.entries.pop(call)
        member, wait_s, ending = entry.rings, (now - entry.joined).total_seconds(), Ending.ABANDONED_QUEUE
        if entry.talks_since is None:
            self.lines[entry.queue].remove(entry)
            if member is not None:
                ending, member.work = Ending.ABANDONED_RINGING, ""
                self._restate(member, now)
        else:
            assert member is not None, f"{call} talks to nobody"
            ending, wait_s = Ending.ANSWERED, (entry.talks_since - entry.joined).total_seconds()
            member.work, member.hung_up = "", now
            member.calls[entry.queue] = member.calls.get(entry.queue, 0) + 1
            member.free_at = now + self.wrap_up[entry.queue]
            self._restate(member, now)
            self._alarm(member.free_at, "free", member)
        within = ending is Ending.ANSWERED and wait_s <= self.answer_within_s
        detail = {"ending": str(ending), "wait_s": wait_s, "within_target": within}
        self._out.append(Log(Kind.ENDED, call, queue=entry.queue, detail=detail))

    def _restate(self, member: Member, now: datetime, gone: bool = False) -> None:
        """Rows of the member's one word tile his time, as the engine's do."""
        word = member.work
        if not word:
            if member.free_at is not None and member.free_at > now:
                word = "wrap-up"
            elif not member.ready:
                word = "logged out" if gone or member.word == "logged out" else "not ready"
            else:
                word = "idle"
        if word != member.word:
            lasted_s = (now - (member.since or now)).total_seconds()
            detail = {
                "state": word,
                "reason": member.reason,
                "was": member.word,
                "was_reason": "",
                "lasted_s": lasted_s,
            }
            self._out.append(Log(Kind.AGENT_STATE, agent=member.agent, detail=detail))
            member.word, member.since = word, now
