"""A day that really was, once more: its callers and its staff, the same engine, other rules or other people.

What is kept: who called when, for which queue and with which skills; how long those who gave up were willing to wait;
talks and notes of those who were answered; when agents were ready; how fast and how often phones were answered.
What is assumed: patience.py says how long the others would have waited; who gave up would have talked as long as some
other caller of the same queue; which phone rings in vain is left to chance, as often as it did; a new agent is there as long
as anybody was.
What is left out: callers who gave up and called again call again also where they are answered now; who served a
caller on the days before; agents who reject calls, and phones that lose their network.

The day is therefore told three times: as it was, as the model plays it under the rules of then, and under the others.
How far the first two lie apart is how far the third is to be trusted.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol

from acd.engine.commands import Ending
from acd.engine.events import AgentLoggedOut, AgentNotReady, AgentReady, Event
from acd.engine.model import AgentProfile, Queue, Rules, Skills
from acd.engine.routing.agents import RING_NO_ANSWER
from acd.simulation.distributions import Distribution, Empirical, Fixed
from acd.simulation.figures import DAY, GAVE_UP, WORK, Call, Cell, Figures
from acd.simulation.floor import LINGER, Floor, Say, over_runs, play
from acd.simulation.intervals import interval
from acd.simulation.patience import ENOUGH, Patience
from acd.simulation.people import Caller, Habits, Plan

WHOLE_DAY = timedelta(days=2)
"""One interval that no day is longer than."""
TOO_LATE = timedelta(seconds=0.1)


class Arrival(Protocol):
    """A call that asked for a person; acd/store/queries/day.py says what each means."""

    @property
    def call(self) -> str: ...
    @property
    def asked_at(self) -> datetime: ...
    @property
    def caller(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def skills(self) -> Skills: ...
    @property
    def language(self) -> str: ...
    @property
    def ending(self) -> str: ...
    @property
    def wait_s(self) -> float: ...
    @property
    def talk_s(self) -> float: ...
    @property
    def wrap_up_s(self) -> float: ...
    @property
    def patience_s(self) -> float | None: ...
    @property
    def callback(self) -> bool: ...
    @property
    def customer_class(self) -> str: ...


class Stretch(Protocol):
    """Some of an agent's time."""

    @property
    def agent(self) -> str: ...
    @property
    def from_at(self) -> datetime: ...
    @property
    def to_at(self) -> datetime | None: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...


class PastDay(Protocol):
    @property
    def begin(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def arrivals(self) -> Sequence[Arrival]: ...
    @property
    def stretches(self) -> Sequence[Stretch]: ...


@dataclass(frozen=True, slots=True)
class HotlineSetup:
    """A configuration as the engine takes it."""

    queues: tuple[Queue, ...]
    agents: tuple[AgentProfile, ...]
    rules: Rules


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Queue to its figures, three times; the queue "" is all of them."""

    was: dict[str, dict[str, Any]]
    same: dict[str, dict[str, Any]]
    """Replayed under the configuration of then: mean and half-width (95 %) over the runs."""
    other: dict[str, dict[str, Any]]
    change: dict[str, dict[str, Any]]
    """Other minus same, run by run with the same people: narrower than either."""
    notes: list[str]
    """What the reader must know, in sentences."""


def missing_queues(day: PastDay, setup: HotlineSetup) -> dict[str, int]:
    """Queues that callers of the day asked for and the setup lacks, with the number of calls to each."""
    there = {queue.name for queue in setup.queues}
    counts: dict[str, int] = {}
    for arrival in day.arrivals:
        if arrival.queue not in there:
            counts[arrival.queue] = counts.get(arrival.queue, 0) + 1
    return counts


def side_by_side(
    day: PastDay, then: HotlineSetup, other: HotlineSetup, seeds: Sequence[int], say: Say | None = None
) -> SideBySide:
    """The day as it was and, once for each seed, under both setups. Each needs every queue that was asked for."""
    played: dict[str, list[dict[tuple[str, int], Cell]]] = {"same": [], "other": []}
    for number, seed in enumerate(seeds):
        for half, (name, setup) in enumerate((("same", then), ("other", other))):
            if say is not None:
                say((2 * number + half) / (2 * len(seeds)))
            played[name].append(again(day, then, setup, seed).cells())
    same, changed = (
        {row["queue"]: row for row in over_runs(played[name], len(seeds)) if row["interval"] == DAY}
        for name in ("same", "other")
    )
    pairs = list(zip(played["same"], played["other"], strict=True))
    cells = as_it_was(day, then).cells()
    return SideBySide(
        {queue: cell.figures() for (queue, number), cell in cells.items() if number == DAY},
        same,
        changed,
        {queue: _change(queue, pairs) for queue in same},
        _notes(day, then, other),
    )


def _change(
    queue: str, pairs: Iterable[tuple[dict[tuple[str, int], Cell], dict[tuple[str, int], Cell]]]
) -> dict[str, Any]:
    both = [
        (a[queue, DAY].figures(), b[queue, DAY].figures()) for a, b in pairs if (queue, DAY) in a and (queue, DAY) in b
    ]
    change: dict[str, Any] = {}
    for column in ("answered", "within", "asa_s", "p90_s", "abandoned", "occupancy"):
        values = [b[column] - a[column] for a, b in both if a[column] is not None and b[column] is not None]
        if values:
            found = interval(values)
            sure = len(values) > 1
            change[column] = {"mean": round(found.mean, 4), "half_width": round(found.half_width, 4) if sure else None}
    return change


def as_it_was(day: PastDay, then: HotlineSetup) -> Figures:
    """The figures of what really happened."""
    figures = Figures(day.begin, WHOLE_DAY, then.queues, then.agents)
    targets = {queue.name: queue.answer_within or then.rules.answer_within for queue in then.queues}
    for arrival in day.arrivals:
        target_s = targets.get(arrival.queue, then.rules.answer_within).total_seconds()
        within = arrival.ending == Ending.ANSWERED and not arrival.callback and arrival.wait_s <= target_s
        figures.calls[arrival.call] = Call(
            arrival.queue, arrival.asked_at, arrival.wait_s, arrival.ending, within, arrival.callback
        )
    for stretch in day.stretches:
        figures.was(stretch.agent, stretch.from_at, stretch.to_at or day.end, stretch.state)
    return figures


def again(day: PastDay, then: HotlineSetup, setup: HotlineSetup, seed: int) -> Figures:
    """The day's people under this setup; `then` is needed to know what the menu had added to a queue's own skills."""
    floor = Floor(day.begin, day.end, WHOLE_DAY, setup.queues, setup.agents, setup.rules)
    habits = _habits(day, (setup.rules.ring * setup.rules.rings - TOO_LATE).total_seconds())
    callers = tuple(_callers(day, then, _numbers(setup), habits.answer, seed))
    return play(floor, Plan(callers, _moves(day, then, setup), habits, day.end + LINGER), seed)


def _numbers(setup: HotlineSetup) -> dict[str, str]:
    """Queue of a brand to a number of that brand: as which its callers come, so that the brand's agents take them."""
    numbers = {brand.name: brand.numbers[0] for brand in setup.rules.brands if brand.numbers}
    return {queue.name: numbers[queue.brand] for queue in setup.queues if queue.brand in numbers}


def _callers(
    day: PastDay, then: HotlineSetup, numbers: Mapping[str, str], answer: Distribution, seed: int
) -> Iterable[Caller]:
    patience = {queue: _patience(day, queue) for queue in {arrival.queue for arrival in day.arrivals}}
    talks = _talks(day)
    own = {queue.name: dict(queue.skills) for queue in then.queues}
    for arrival in day.arrivals:
        # A stream for each caller: another rule never gives a caller another patience.
        chance = random.Random(f"{seed}/{arrival.call}")
        waits_s = patience[arrival.queue].beyond(0.0 if arrival.callback else arrival.wait_s, chance)
        talk_s, note_s = chance.choice(talks.get(arrival.queue) or talks[""])
        if arrival.talk_s > 0:
            talk_s, note_s = arrival.talk_s, arrival.wrap_up_s
        added = tuple(
            (skill, level) for skill, level in arrival.skills if own.get(arrival.queue, {}).get(skill, 0) < level
        )
        yield Caller(
            arrival.call,
            arrival.asked_at,
            arrival.queue,
            waits_s if arrival.patience_s is None else arrival.patience_s,
            talk_s,
            note_s,
            answer.draw(chance),
            arrival.caller,
            added,
            arrival.language,
            arrival.callback,
            numbers.get(arrival.queue, ""),
            arrival.customer_class,
        )


def _patience(day: PastDay, queue: str) -> Patience:
    """Of the queue's callers; of all callers where too few of the queue's gave up to tell."""

    def waits(arrivals: Iterable[Arrival]) -> list[tuple[float, bool]]:
        return [(each.wait_s, each.ending in GAVE_UP) for each in arrivals if not each.callback]

    mine = waits(arrival for arrival in day.arrivals if arrival.queue == queue)
    return Patience.of(mine if sum(gone for _, gone in mine) >= ENOUGH else waits(day.arrivals))


def _talks(day: PastDay) -> dict[str, list[tuple[float, float]]]:
    """Queue to talk and note of those who were answered, in seconds; "" is all, and never empty."""
    talks: dict[str, list[tuple[float, float]]] = {"": []}
    for arrival in day.arrivals:
        if arrival.talk_s > 0:
            for queue in ("", arrival.queue):
                talks.setdefault(queue, []).append((arrival.talk_s, arrival.wrap_up_s))
    if not talks[""]:
        talks[""] = [(Rules().expected_handling.total_seconds(), 0.0)]
    return talks


def _habits(day: PastDay, limit_s: float) -> Habits:
    """How agents met their phones that day: how fast they picked up (from the wish to the talk, and who was in time then
    is in time now), how often nobody did, and for how long the agent was away."""
    took: list[float] = []
    away: list[float] = []
    for rang, then in pairwise(day.stretches):
        if rang.agent != then.agent or rang.state != "ringing" or rang.to_at is None:
            continue
        if then.state == "talking":
            took.append(min((rang.to_at - rang.from_at).total_seconds(), limit_s))
        elif _stepped_out(then):
            away.append(((then.to_at or day.end) - rang.from_at).total_seconds())
    return Habits(
        dial_s=0,
        sign_s=0,
        bridge_s=0,
        answer=Empirical(tuple(took)) if took else Fixed(3),
        no_answer=len(away) / (len(took) + len(away)) if away else 0.0,
        steps_out=Empirical(tuple(away)) if away else Fixed(0),
    )


def _stepped_out(stretch: Stretch) -> bool:
    return stretch.state == "not ready" and stretch.reason == RING_NO_ANSWER


def _is_there(stretch: Stretch) -> bool:
    """Whether the agent wanted calls. An agent who let a phone ring had not said otherwise: whether that happens again is left
    to chance."""
    return stretch.state == "idle" or stretch.state in WORK or _stepped_out(stretch)


def _moves(day: PastDay, then: HotlineSetup, setup: HotlineSetup) -> tuple[tuple[datetime, Event], ...]:
    """What the agents of this setup did of themselves that day."""
    wanted = {profile.agent for profile in setup.agents}
    moves: list[tuple[datetime, Event]] = []
    here: dict[str, str] = {}
    for stretch in day.stretches:
        agent = stretch.agent
        word = "ready" if _is_there(stretch) else f"{stretch.state} {stretch.reason}"
        if agent not in wanted or here.get(agent, "logged out ") == word:
            continue
        here[agent] = word
        if word == "ready":
            moves.append((stretch.from_at, AgentReady(agent)))
        elif stretch.state == "logged out":
            moves.append((stretch.from_at, AgentLoggedOut(agent)))
        else:
            moves.append((stretch.from_at, AgentNotReady(agent, stretch.reason or stretch.state)))
    if open_hours := _open(day):
        for agent in _new(then, setup):
            moves += [(open_hours[0], AgentReady(agent)), (open_hours[1], AgentLoggedOut(agent))]
    moves.sort(key=lambda move: move[0])
    return tuple(moves)


def _new(then: HotlineSetup, setup: HotlineSetup) -> list[str]:
    """Agents that the setup of then did not have."""
    known = {profile.agent for profile in then.agents}
    return [profile.agent for profile in setup.agents if profile.agent not in known]


def _open(day: PastDay) -> tuple[datetime, datetime] | None:
    """From when to when anybody was ready."""
    spans = [
        (each.from_at, each.to_at or day.end) for each in day.stretches if each.state == "idle" or each.state in WORK
    ]
    return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None


def _notes(day: PastDay, then: HotlineSetup, other: HotlineSetup) -> list[str]:
    notes = []
    gave_up = sum(arrival.ending in GAVE_UP for arrival in day.arrivals)
    if gave_up >= ENOUGH:
        how = "their waits give the patience of the others (Kaplan-Meier)"
    elif gave_up:
        rate = Patience.of((each.wait_s, each.ending in GAVE_UP) for each in day.arrivals if not each.callback).rate
        how = f"so few say only a rate: one in {1 / rate:.0f} s of waiting gives up (exponential)"
    else:
        how = "nobody is taken to lose patience"
    notes.append(f"{gave_up} of {len(day.arrivals)} callers gave up; {how}.")
    if new := _new(then, other):
        there = _open(day)
        hours = f"from {there[0]:%H:%M} to {there[1]:%H:%M} (UTC), without breaks" if there else "never"
        notes.append(f"New: {', '.join(new)}. Taken to be ready {hours}.")
    staffed = {stretch.agent for stretch in day.stretches if stretch.state != "logged out"}
    gone = sorted(staffed - {profile.agent for profile in other.agents})
    if gone:
        notes.append(f"Absent: {', '.join(gone)}.")
    unknown = sorted(staffed - {profile.agent for profile in then.agents})
    if unknown:
        notes.append(f"Worked that day and stand in no configuration of then: {', '.join(unknown)}. Left out of both.")
    return notes
