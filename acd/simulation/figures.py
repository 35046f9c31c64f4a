"""The figures of a day by queue and interval, counted from the rows of its log: of a real day or of one made of numbers.

A call belongs to the interval in which its caller asked for a person, whenever it was answered. Definitions as in
acd/engine/service_level.py; the wait of a caller who gave up is not in ASA nor in the 90 % wait, and counts as missed.
Occupancy: ringing, talking, reserved or in wrap-up, by that and idle; of a queue, over the agents able to serve it.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from acd.engine.commands import Ending, Kind, Log
from acd.engine.model import AgentProfile, Queue

WORK = frozenset(("reserved", "ringing", "talking", "wrap-up"))
GAVE_UP = frozenset((Ending.ABANDONED_QUEUE.value, Ending.ABANDONED_RINGING.value))
ALL = ""
"""The row of all queues; and the interval of the whole day is -1."""
DAY = -1


@dataclass(slots=True)
class Cell:
    """One queue in one interval."""

    calls: int = 0
    answered: int = 0
    within: int = 0
    abandoned: int = 0
    waits_s: list[float] = field(default_factory=list)
    """Of the answered; a callback's is not among them."""
    called_back: int = 0
    busy_s: float = 0.0
    idle_s: float = 0.0
    rows: dict[int, int] = field(default_factory=dict)
    """Row of the queue's policy to how many calls it was applied to."""

    def figures(self) -> dict[str, Any]:
        """Shares and seconds; None where there is nothing to divide by."""
        waits = sorted(self.waits_s)
        return {
            "calls": self.calls,
            "answered": self.answered,
            "within": self.within / self.calls if self.calls else None,
            "asa_s": math.fsum(waits) / len(waits) if waits else None,
            "p90_s": waits[math.ceil(0.9 * len(waits)) - 1] if waits else None,
            "abandoned": self.abandoned / self.calls if self.calls else None,
            "occupancy": self.busy_s / (self.busy_s + self.idle_s) if self.busy_s + self.idle_s else None,
            "rows": dict(sorted(self.rows.items())),
        }


@dataclass(slots=True)
class Call:
    """What the log tells of one call, as far as figures need it."""

    queue: str
    asked_at: datetime
    wait_s: float | None = None
    """To the first bridge."""
    ending: str = ""
    """Empty: it goes on."""
    within: bool = False
    callback: bool = False


def serves(agent: AgentProfile, queue: Queue) -> bool:
    """Whether the agent takes the queue's calls before any row of its policy has widened them."""
    has = dict(agent.skills)
    may = not agent.queues or queue.name in agent.queues
    return may and all(has.get(skill, 0) >= level for skill, level in queue.skills)


class Figures:
    """Rows of the log in, in their order; cells out."""

    def __init__(self, began: datetime, interval: timedelta, queues: Iterable[Queue], agents: Iterable[AgentProfile]):
        self.began, self.interval = began, interval
        self.calls: dict[str, Call] = {}
        self.endings: dict[str, int] = {}
        profiles = list(agents)
        self._able = {
            queue.name: frozenset(agent.agent for agent in profiles if serves(agent, queue)) for queue in queues
        }
        self._rows: list[tuple[str, datetime, int]] = []
        self._stretches: list[tuple[str, datetime, datetime, bool]] = []

    def take(self, at: datetime, row: Log) -> None:
        kind, detail = row.kind, row.detail
        if kind is Kind.AGENT_STATE:
            self.was(row.agent, at - timedelta(seconds=detail["lasted_s"]), at, detail["was"])
        elif kind is Kind.QUEUED:
            if row.call not in self.calls:
                waited = timedelta(seconds=float(detail.get("waited_s") or 0))
                self.calls[row.call] = Call(row.queue, at - waited)
        elif kind is Kind.CONNECTED:
            call = self.calls.get(row.call)
            if call is not None and call.wait_s is None:
                call.wait_s = detail["wait_s"]
        elif kind is Kind.OVERFLOW:
            call = self.calls.get(row.call)
            if call is not None:
                self._rows.append((call.queue, call.asked_at, int(detail["row"])))
        elif kind is Kind.ENDED:
            ending = str(detail["ending"])
            self.endings[ending] = self.endings.get(ending, 0) + 1
            call = self.calls.get(row.call)
            if call is not None:
                call.ending, call.within = ending, bool(detail["within_target"])
                call.callback = bool(detail.get("callback"))
                call.wait_s = detail["wait_s"]

    def was(self, agent: str, began: datetime, ended: datetime, state: str) -> None:
        """A stretch of an agent's time."""
        if state == "idle" or state in WORK:
            self._stretches.append((agent, began, ended, state != "idle"))

    def cells(self) -> dict[tuple[str, int], Cell]:
        """Queue and interval to its cell; ALL and DAY are the sums."""
        cells: dict[tuple[str, int], Cell] = {}
        for call in self.calls.values():
            if not call.ending:
                continue
            for cell in self._of(cells, call.queue, self._number(call.asked_at)):
                cell.calls += 1
                cell.within += call.within
                if call.ending == Ending.ANSWERED:
                    cell.answered += 1
                    if call.callback:
                        cell.called_back += 1
                    else:
                        cell.waits_s.append(call.wait_s or 0.0)
                elif call.ending in GAVE_UP:
                    cell.abandoned += 1
        for queue, at, number in self._rows:
            for cell in self._of(cells, queue, self._number(at))[
                :2
            ]:  # a row's number means something in its queue only
                cell.rows[number] = cell.rows.get(number, 0) + 1
        queues_of: dict[str, list[str]] = {}
        for queue, able in self._able.items():
            for agent in able:
                queues_of.setdefault(agent, []).append(queue)
        for agent, began, ended, busy in self._stretches:
            names = [ALL, *queues_of.get(agent, ())]
            for number, seconds in self._clipped(began, ended):
                for name in names:
                    for key in ((name, number), (name, DAY)):
                        cell = cells.setdefault(key, Cell())
                        if busy:
                            cell.busy_s += seconds
                        else:
                            cell.idle_s += seconds
        return cells

    def _number(self, at: datetime) -> int:
        return max(0, (at - self.began) // self.interval)

    @staticmethod
    def _of(cells: dict[tuple[str, int], Cell], queue: str, number: int) -> list[Cell]:
        keys = ((queue, number), (queue, DAY), (ALL, number), (ALL, DAY))
        return [cells.setdefault(key, Cell()) for key in keys]

    def _clipped(self, began: datetime, ended: datetime) -> Iterator[tuple[int, float]]:
        """The stretch's seconds by interval; what lies before the first interval is left out."""
        at = max(began, self.began)
        while at < ended:
            number = self._number(at)
            until = min(ended, self.began + (number + 1) * self.interval)
            yield number, (until - at).total_seconds()
            at = until
