"""The highest rate at which 90 % of 600 callers are with one of 20 agents within 15 s: ours and app_queue's."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.measured_system import System
from tests.bench.measured_system import run as run_once

SEED = 20261122
CALLS = 600
LOW, STEP, STEPS = 5.0, 0.6, 7
"""Rates looked at: LOW + n x STEP, n up to STEPS, halved in each step."""


def run(say: Callable[[str], None] = print, calls: int = CALLS) -> dict[str, Any]:
    """The figures; takes about nine minutes."""
    return asyncio.run(_run(say, calls))


async def _run(say: Callable[[str], None], calls: int) -> dict[str, Any]:
    ours, peer = await _highest("ours", say, calls), await _highest("peer", say, calls)
    return {"ours": ours, "peer": peer, "ratio": round(ours["calls_per_s"] / max(peer["calls_per_s"], 0.1), 2)}


async def _highest(system: System, say: Callable[[str], None], calls: int) -> dict[str, float]:
    """The last rate that kept the promise; bisection over the steps, so it takes three runs."""
    good, bad = 0, STEPS + 1
    kept: dict[str, float] = {"calls_per_s": 0.0, "within_15_s_share": 0.0, "wait_median_s": 0.0}
    while bad - good > 1:
        step = (good + bad) // 2
        rate = round(LOW + step * STEP, 2)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            done = (await run_once(Path(folder), system, calls=calls, rate=rate, seed=SEED)).figures
        say(f"{system} at {rate}/s: {done['within_15_s_share']:.1%} within 15 s")
        if done["within_15_s_share"] >= 0.9:
            good = step
            kept = {"calls_per_s": rate, **{key: done[key] for key in ("within_15_s_share", "wait_median_s")}}
        else:
            bad = step
    return kept
