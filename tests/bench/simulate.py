"""The simulator against theory: Erlang C and Erlang A waits at four occupancies, by the engine itself.

10 agents, one queue, exponential talks (mean 180 s), no wrap-up, answers at once: what M/M/c assumes; for Erlang A
callers give up after an exponential time (mean 180 s). Per seed and occupancy one long run: the first batch is cut as
warm-up, then 20 batches of 5,000 calls (30,000 at 97 % without abandonment), and the 99 % interval from their means
(Student, 19 degrees of freedom). Batches are long against the time over which the queue remembers, which without
abandonment is occupancy / (1 - sqrt(occupancy))^2 calls: 6, 72, 342 and 4,250 at 50, 80, 90 and 97 %. The seeds are 1 to
5, all of them, as they come: of intervals of 99 % one in a hundred is expected not to hold the truth. A seed draws the
same numbers at every occupancy, so where one misses, its neighbours are likely to miss with it.
"""

import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Kind, Log
from acd.engine.events import AgentReady
from acd.engine.model import AgentProfile, Queue, Rules
from acd.simulation.distributions import Exponential, Fixed
from acd.simulation.erlang import erlang_a, erlang_c, load_for, mean_wait_c
from acd.simulation.intervals import Interval, batch_means
from acd.simulation.people import AT_ONCE, Arrivals, Habits, Plan, Span, coming
from acd.simulation.world import World

INSTANT = Habits(dial_s=0, sign_s=0, bridge_s=0, answer=AT_ONCE)
"""Agents as queueing theory has them: they talk at the instant they are asked to."""
AGENTS, TALK_S, PATIENCE_S = 10, 180.0, 180.0
OCCUPANCIES = (0.50, 0.80, 0.90, 0.97)
SEEDS = (1, 2, 3, 4, 5)
BATCHES = 20
BATCH: dict[tuple[float, float | None], int] = {(0.97, None): 30_000}
"""Calls in a batch, by occupancy and patience; else 5,000."""
ELSE = 5_000
BEGAN = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
TINY_S = 1e-3
"""A wait below this is none: the engine's clock has microseconds, and both are told at the same instant."""


@dataclass(frozen=True)
class Run:
    """One seed at one occupancy."""

    occupancy: float
    patience_s: float | None
    seed: int
    calls: int
    waits: Interval
    """P(wait > 0)."""
    mean_wait_s: Interval
    """Of all callers, those who gave up and those who did not wait among them."""
    theory_waits: float
    theory_mean_wait_s: float
    took_s: float
    """CPU."""


def simulated(
    occupancy: float,
    patience_s: float | None,
    seed: int,
    agents: int = AGENTS,
    batch: int = ELSE,
    batches: int = BATCHES,
) -> Run:
    """One long run, beginning with an empty floor; `batches` + 1 batches, of which the first is not counted."""
    load = load_for(occupancy, agents, TALK_S, patience_s)
    calls = batch * (batches + 1)
    per_hour = load / TALK_S * 3600
    ends = BEGAN + timedelta(hours=2 * calls / per_hour)
    patience = Fixed(math.inf) if patience_s is None else Exponential(patience_s)
    arrivals = Arrivals("all", (Span(BEGAN, ends, per_hour),), Exponential(TALK_S), Fixed(0), patience)
    profiles = [AgentProfile(str(1001 + number)) for number in range(agents)]
    waits: dict[str, float] = {}

    def follow(at: datetime, row: Log) -> None:
        if row.kind is Kind.ENDED:
            waits[row.call] = row.detail["wait_s"]

    # However short a talk, it served: theory knows no second that is too short.
    engine = Acd([Queue("all", wrap_up=timedelta(0))], profiles, Rules(well_after=timedelta(0)))
    moves = tuple((BEGAN, AgentReady(profile.agent)) for profile in profiles)
    began = time.process_time()
    World(engine, Plan(islice(coming(arrivals, str(seed)), calls), moves, INSTANT), str(seed), follow).run()
    took_s = time.process_time() - began
    series = [waits[f"all-{number}"] for number in range(batch + 1, calls + 1)]
    if patience_s is None:
        theory_waits, theory_mean_s = erlang_c(agents, load), mean_wait_c(agents, load, TALK_S)
    else:
        impatient = erlang_a(agents, load, TALK_S, patience_s)
        theory_waits, theory_mean_s = impatient.waits, impatient.mean_wait_s
    return Run(
        occupancy,
        patience_s,
        seed,
        calls,
        batch_means([float(wait > TINY_S) for wait in series], batches),
        batch_means(series, batches),
        theory_waits,
        theory_mean_s,
        took_s,
    )


def _run(what: tuple[float, float | None, int, int]) -> Run:
    occupancy, patience_s, seed, batch = what
    return simulated(occupancy, patience_s, seed, batch=batch)


def run(say: Callable[[str], None] = print, share: float = 1.0) -> dict[str, Any]:
    """Every interval, how many hold the theory, and the CPU time of a million calls; `share` shortens all batches."""
    work = [
        (occupancy, patience_s, seed, round(share * BATCH.get((occupancy, patience_s), ELSE)))
        for patience_s in (None, PATIENCE_S)
        for occupancy in OCCUPANCIES
        for seed in SEEDS
    ]
    runs: list[Run] = []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("forkserver")) as pool:
        for done in pool.map(_run, work):
            runs.append(done)
            say(_line(done))
    held = sum(done.waits.holds(done.theory_waits) for done in runs)
    held_mean = sum(done.mean_wait_s.holds(done.theory_mean_wait_s) for done in runs)
    calls, took_s = sum(done.calls for done in runs), sum(done.took_s for done in runs)
    return {
        "agents": AGENTS,
        "talk_s": TALK_S,
        "patience_s": PATIENCE_S,
        "batches": BATCHES,
        "confidence": 0.99,
        "intervals": 2 * len(runs),
        "hold_the_theory": held + held_mean,
        "hold_the_theory_p_wait": held,
        "hold_the_theory_mean_wait": held_mean,
        "calls": calls,
        "cpu_s_per_million_calls": round(1e6 * took_s / calls, 1),
        "rows": [_row(done) for done in sorted(runs, key=lambda r: (r.patience_s or 0, r.occupancy, r.seed))],
    }


def _row(done: Run) -> dict[str, Any]:
    return {
        "model": "Erlang C" if done.patience_s is None else "Erlang A",
        "occupancy": done.occupancy,
        "seed": done.seed,
        "calls": done.calls,
        "theory_p_wait": round(done.theory_waits, 5),
        "p_wait": round(done.waits.mean, 5),
        "p_wait_half_width": round(done.waits.half_width, 5),
        "p_wait_holds": done.waits.holds(done.theory_waits),
        "theory_mean_wait_s": round(done.theory_mean_wait_s, 4),
        "mean_wait_s": round(done.mean_wait_s.mean, 4),
        "mean_wait_half_width_s": round(done.mean_wait_s.half_width, 4),
        "mean_wait_holds": done.mean_wait_s.holds(done.theory_mean_wait_s),
    }


def _line(done: Run) -> str:
    row = _row(done)
    return (
        f"{row['model']} {row['occupancy']:.0%} seed {row['seed']}: P(wait) {row['p_wait']} ± {row['p_wait_half_width']}"
        f" (theory {row['theory_p_wait']}{'' if row['p_wait_holds'] else ', OUTSIDE'}), mean wait {row['mean_wait_s']} s"
        f" ± {row['mean_wait_half_width_s']} (theory {row['theory_mean_wait_s']}"
        f"{'' if row['mean_wait_holds'] else ', OUTSIDE'}), {done.took_s / done.calls * 1e6:.0f} µs a call"
    )
