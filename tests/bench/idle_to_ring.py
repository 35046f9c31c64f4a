"""From an agent's hanging up, with callers waiting, to the next telephone's ring: ours, app_queue, and the floor.

20 agents (answer after 0.3 s, talk 1 to 4 s, no wrap-up), 600 callers at 6.4 a second, the same talks for all three,
orders alternating, the median of three runs. Ours runs with recording, database, stories and log; app_queue and the
floor do nothing but connect.
"""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from tests.bench.measured_system import System, medians
from tests.bench.measured_system import run as run_once

SEED = 20261122
RUNS, CALLS, RATE = 3, 600, 6.4


def run(say: Callable[[str], None] = print, runs: int = RUNS, calls: int = CALLS, rate: float = RATE) -> dict[str, Any]:
    """The figures; takes about a quarter of an hour."""
    return asyncio.run(_run(say, runs, calls, rate))


async def _run(say: Callable[[str], None], runs: int, calls: int, rate: float) -> dict[str, Any]:
    figures: dict[str, list[dict[str, float]]] = {system: [] for system in get_args(System)}
    order = list(get_args(System))
    for number in range(runs):
        for system in order[number % 3 :] + order[: number % 3]:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                done = await run_once(Path(folder), system, calls=calls, rate=rate, seed=SEED + number)
            figures[system].append(done.figures)
            say(f"run {number + 1} of {runs}, {system}: {done.figures}")
    result: dict[str, Any] = {system: medians(found) for system, found in figures.items()}
    ours, peer, floor = result["ours"], result["peer"], result["floor"]
    result["ratio"] = round(peer["idle_to_ring_median_ms"] / ours["idle_to_ring_median_ms"], 1)
    result["ratio_to_floor_median"] = round(ours["idle_to_ring_median_ms"] / floor["idle_to_ring_median_ms"], 2)
    result["ratio_to_floor_p99"] = round(ours["idle_to_ring_p99_ms"] / floor["idle_to_ring_p99_ms"], 2)
    return result
