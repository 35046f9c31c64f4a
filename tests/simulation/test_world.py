"""A floor in fast time: the same seed gives the same day, every caller ends once, and people do what they said."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Ending, Kind, Log
from acd.engine.model import AgentProfile, Overflow, Queue, Rules
from acd.simulation.distributions import Empirical, Exponential, Fixed, Lognormal, Uniform
from acd.simulation.figures import ALL, DAY, Figures
from acd.simulation.people import Arrivals, Caller, Habits, Plan, Shift, Span, all_coming, moves
from acd.simulation.world import World

EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
QUEUES = [
    Queue("billing", (("billing", 3),), wrap_up=timedelta(seconds=30)),
    Queue("orders", (("orders", 1),), priority=1, wrap_up=timedelta(seconds=30)),
]
AGENTS = [
    AgentProfile(str(1001 + n), "", (("billing", 3 + n % 5),) if n % 3 else (("billing", 5), ("orders", 3)))
    for n in range(9)
]


def at(hours: float) -> datetime:
    return EIGHT + timedelta(hours=hours)


def plan(seed: str, no_answer: float = 0.05) -> Plan:
    """Three hours with a peak in the middle; a break of half an hour for one agent."""
    patience, talk = Exponential(90), Lognormal(180, 0.9)
    spans = (Span(at(0), at(1), 60), Span(at(1), at(2), 140), Span(at(2), at(3), 50))
    arrivals = [
        Arrivals("billing", spans, talk, Exponential(20), patience, Uniform(1, 14)),
        Arrivals("orders", spans[:2], talk, Fixed(10), patience, Empirical((2.0, 3.0, 5.0))),
    ]
    shifts = [Shift(agent.agent, at(0), at(3)) for agent in AGENTS[1:]]
    shifts.append(Shift(AGENTS[0].agent, at(0), at(3), ((at(1), at(1.5), "meal"),)))
    return Plan(
        all_coming(arrivals, seed), moves(shifts), Habits(answer=Uniform(1, 14), no_answer=no_answer), ends=at(9)
    )


def keep(log: list[tuple[datetime, Log]]) -> Callable[[datetime, Log], None]:
    return lambda when, row: log.append((when, row))


def played(seed: str, **how: float) -> tuple[World, list[tuple[datetime, Log]]]:
    log: list[tuple[datetime, Log]] = []
    world = World(Acd(QUEUES, AGENTS, Rules()), plan(seed, **how), seed, keep(log))
    world.run()
    return world, log


def digest(seed: str) -> str:
    return "\n".join(f"{when} {row}" for when, row in played(seed)[1])


def test_every_caller_ends_once():
    for seed in ("1", "2", "3"):
        world, log = played(seed)
        ended = Counter(row.call for _, row in log if row.kind is Kind.ENDED)
        asked = Counter(row.call for _, row in log if row.kind is Kind.QUEUED)
        assert world.came > 250
        assert ended == asked and set(ended.values()) == {1} and len(ended) == world.came
        assert not world.visits
        assert isinstance(world.engine, Acd) and world.engine.snapshot(world.now)["calls"] == []


def test_nothing_is_told_that_does_not_fit():
    """The world is as careful as an exchange: it answers no ringing that was taken back."""
    _, log = played("1")
    ignored = [row for _, row in log if row.kind is Kind.IGNORED]
    # An agent may be told to be ready who is, when a break and a stepping-out end together.
    assert all(row.detail["event"] in ("AgentReady", "AgentNotReady") for row in ignored), ignored[:3]


def test_the_same_seed_gives_the_same_day_and_another_seed_another():
    assert digest("1") == digest("1")
    assert digest("1") != digest("2")


def test_the_day_does_not_hang_on_the_hash_seed():
    digests = set()
    for hash_seed in ("0", "12345"):
        done = subprocess.run(
            [sys.executable, "-c", "from tests.simulation.test_world import digest; print(digest('1'))"],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        digests.add(done.stdout)
    assert len(digests) == 1 and len(digests.pop()) > 10_000


def test_the_same_callers_come_whatever_the_rules():
    def people(seed: str) -> list[Caller]:
        return list(plan(seed).callers)

    few, many = Acd(QUEUES, AGENTS[:3], Rules()), Acd(QUEUES, AGENTS, Rules())
    waits = []
    for engine in (few, many):
        log: list[tuple[datetime, Log]] = []
        World(engine, plan("7"), "7", keep(log)).run()
        arrivals = [(when, row.call) for when, row in log if row.kind is Kind.ARRIVED]
        assert arrivals == [(caller.at, caller.call) for caller in people("7")]
        talks = {row.call: row.detail["talk_s"] for _, row in log if row.kind is Kind.TALK_ENDED}
        meant = {caller.call: caller.talk_s for caller in people("7")}
        assert talks and all(abs(meant[call] - talk) < 0.001 for call, talk in talks.items())
        waits.append(sum(row.detail["ending"] != Ending.ANSWERED for _, row in log if row.kind is Kind.ENDED))
    assert waits[0] > 1.5 * waits[1] > 0


def test_who_gives_up_does_so_when_his_patience_runs_out():
    _, log = played("2")
    patience = {caller.call: caller.patience_s for caller in plan("2").callers}
    gone = [row for _, row in log if row.kind is Kind.ENDED and row.detail["ending"] == Ending.ABANDONED_QUEUE]
    assert gone and all(abs(row.detail["wait_s"] - patience[row.call]) < 0.001 for row in gone)


def test_who_lets_a_phone_ring_steps_out_and_comes_back():
    _, log = played("3", no_answer=0.3)
    out = [row for _, row in log if row.kind is Kind.AGENT_STATE and row.detail["reason"] == "ring no answer"]
    back = [row for _, row in log if row.kind is Kind.AGENT_STATE and row.detail["was_reason"] == "ring no answer"]
    assert len(out) > 20 and len(back) == len(out)


def test_figures_say_what_the_engine_counted():
    figures = Figures(EIGHT, timedelta(minutes=30), QUEUES, AGENTS)
    engine = Acd(QUEUES, AGENTS, Rules())
    world = World(engine, plan("4"), "4", figures.take)
    world.run()
    counts = engine.snapshot(world.now)["counts"]
    cells = figures.cells()
    for name, counted in (("billing", counts["queues"]["billing"]), ("orders", counts["queues"]["orders"])):
        cell = cells[name, DAY]
        said = cell.figures()
        assert cell.calls == counted["asked"] and cell.answered == counted["answered"]
        assert abs(said["within"] - counted["within_15_s"]) < 1e-6
        assert abs(said["asa_s"] - counted["asa_s"]) < 1e-5
        assert cell.abandoned == counted["abandoned_queue"] + counted["abandoned_ringing"]
    whole = cells[ALL, DAY]
    assert whole.calls == world.came
    parts = [cell for (queue, number), cell in cells.items() if queue == ALL and number != DAY]
    assert sum(cell.calls for cell in parts) == whole.calls
    assert abs(sum(cell.busy_s for cell in parts) - whole.busy_s) < 0.001
    assert 0.3 < whole.figures()["occupancy"] < 1


def test_policies_send_callers_on_and_every_one_ends_once():
    """Rows of every kind on an overcrowded floor: called back, voicemail, another number, another queue."""
    rows = (
        Overflow("lower-skill", "juniors too", after=timedelta(seconds=10), to=1),
        Overflow("offer-callback", "rather than music", after=timedelta(seconds=20), within=timedelta(hours=1)),
        Overflow("number", "the other house", after=timedelta(seconds=60), number="4006009500"),
        Overflow("voicemail", "at last", after=timedelta(seconds=90)),
    )
    more = (Overflow("add-queue", "their neighbours", after=timedelta(seconds=5), queue="billing"),)
    queues = [replace(QUEUES[0], overflow=rows), replace(QUEUES[1], overflow=more)]
    for seed in ("1", "2"):
        log: list[tuple[datetime, Log]] = []
        planned = plan(seed)
        habits = replace(planned.habits, takes_callback=0.6, reached=0.7, leaves_message=0.5, other_answers=0.3)
        figures = Figures(EIGHT, timedelta(minutes=30), queues, AGENTS)

        def follow(when: datetime, row: Log, log: list[Any] = log, figures: Figures = figures) -> None:
            log.append((when, row))
            figures.take(when, row)

        five = {profile.agent for profile in AGENTS[:5]}
        there = tuple(move for move in planned.moves if getattr(move[1], "agent", "") in five)
        crowded = replace(planned, habits=habits, moves=there)
        world = World(Acd(queues, AGENTS[:5], Rules()), crowded, seed, follow)
        world.run()
        ended = Counter(row.call for _, row in log if row.kind is Kind.ENDED)
        assert len(ended) == world.came and set(ended.values()) == {1} and not world.visits
        endings = Counter(row.detail["ending"] for _, row in log if row.kind is Kind.ENDED)
        for ending in (Ending.ANSWERED, Ending.ABANDONED_QUEUE, Ending.SENT_ON, Ending.MESSAGE, Ending.NOT_REACHED):
            assert endings[ending] > 0, (ending, endings)
        called_back = [row for _, row in log if row.kind is Kind.ENDED and row.detail["callback"]]
        assert any(row.detail["ending"] == Ending.ANSWERED for row in called_back)
        applied = figures.cells()["billing", DAY].rows
        assert set(applied) == {1, 2, 3, 4} and applied[1] > applied[2] > applied[3] > applied[4]
        assert figures.cells()["orders", DAY].rows[1] > 0
        assert not [row for _, row in log if row.kind is Kind.IGNORED and row.detail["event"] != "AgentReady"]
