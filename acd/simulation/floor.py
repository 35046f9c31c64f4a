"""A floor to be played: its people, its configuration, and what a day or many days of it come to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Log
from acd.engine.model import AgentProfile, Queue, Rules
from acd.simulation.figures import DAY, Cell, Figures
from acd.simulation.intervals import interval
from acd.simulation.people import Arrivals, Habits, Plan, Shift, all_coming, moves
from acd.simulation.world import World

LINGER = timedelta(hours=4)
"""So long after the day's end whoever still waits or talks may go on."""
Say = Callable[[float], None]
"""Told what share of the day has been played, now and then."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What the file of a floor says, or what a day that really was is made into."""

    began: datetime
    ended: datetime
    interval: timedelta
    queues: tuple[Queue, ...]
    agents: tuple[AgentProfile, ...]
    rules: Rules
    arrivals: tuple[Arrivals, ...] = ()
    shifts: tuple[Shift, ...] = ()
    habits: Habits = field(default_factory=Habits)

    def plan(self, seed: int) -> Plan:
        """The day of this seed before it is played."""
        return Plan(all_coming(self.arrivals, str(seed)), moves(self.shifts), self.habits, ends=self.ended + LINGER)

    def play(self, seed: int, say: Say | None = None) -> Figures:
        """One day with the callers of this seed."""
        return play(self, self.plan(seed), seed, say)


def play(floor: Floor, plan: Plan, seed: int, say: Say | None = None) -> Figures:
    """This plan's day under the floor's queues, agents and rules."""
    figures = Figures(floor.began, floor.interval, floor.queues, floor.agents)
    take: Callable[[datetime, Log], None] = figures.take
    if say is not None:
        take = _telling(floor, figures, say)
    World(Acd(floor.queues, floor.agents, floor.rules), plan, str(seed), take).run()
    return figures


def _telling(floor: Floor, figures: Figures, say: Say) -> Callable[[datetime, Log], None]:
    rows, whole = 0, (floor.ended - floor.began).total_seconds()

    def take(at: datetime, row: Log) -> None:
        nonlocal rows
        rows += 1
        if rows % 2000 == 0:
            say((at - floor.began).total_seconds() / whole)
        figures.take(at, row)

    return take


COLUMNS = ("calls", "answered", "within", "asa_s", "p90_s", "abandoned", "occupancy")


def over_runs(runs: Iterable[dict[tuple[str, int], Cell]], days: int) -> list[dict[str, Any]]:
    """The figures of several days, JSON-able: queue by queue the intervals and the day; each figure with its mean over
    the days and the half-width of its 95 % interval (None of one day).

    A share of a day on which there was nothing to divide by is left out of the mean.
    """
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for cells in runs:
        for key, cell in cells.items():
            found.setdefault(key, []).append(cell.figures())
    table = []
    for queue, number in sorted(found, key=lambda key: (key[0] == "", key[0], key[1] == DAY, key[1])):
        figures = found[queue, number]
        row: dict[str, Any] = {"queue": queue, "interval": number}
        missing = [0.0] * (days - len(figures))  # on other days nobody came to this queue then
        for column in COLUMNS:
            values = [each[column] for each in figures if each[column] is not None]
            if column in ("calls", "answered"):
                values += missing
            row[column] = _said(values)
        numbers = sorted({row for each in figures for row in each["rows"]})
        row["rows"] = {number: _said([each["rows"].get(number, 0) for each in figures] + missing) for number in numbers}
        table.append(row)
    return table


def _said(values: list[float]) -> dict[str, float | None] | None:
    if not values:
        return None
    found = interval([float(value) for value in values])
    sure = len(values) > 1
    return {"mean": round(found.mean, 4), "half_width": round(found.half_width, 4) if sure else None}
