"""The highest rate at which 500 recorded calls lose nothing: ours, and app_queue with MixMonitor.

Nothing lost is: every call one ending and that a talk, every answered leg one recording whose length agrees with the
talk within 1 s and, ours, whose checksum stands in the book and is the file's.
"""

import asyncio
import hashlib
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from acd.engine.commands import Ending
from tests.bench.measured_system import MeasuredSystem, System
from tests.bench.measured_system import run as run_once
from tests.support.audio import seconds_of

SEED = 20261122
CALLS = 500
RATES = (8.0, 16.0, 24.0, 32.0)


def run(say: Callable[[str], None] = print, calls: int = CALLS) -> dict[str, Any]:
    """The figures; takes some ten minutes."""
    return asyncio.run(_run(say, calls))


async def _run(say: Callable[[str], None], calls: int) -> dict[str, Any]:
    ours, peer = await _highest("ours", say, calls), await _highest("peer", say, calls)
    return {"ours": ours, "peer": peer, "ratio": round(ours["calls_per_s"] / max(peer["calls_per_s"], 0.1), 2)}


async def _highest(system: System, say: Callable[[str], None], calls: int) -> dict[str, Any]:
    kept: dict[str, Any] = {"calls_per_s": 0.0}
    for rate in RATES:
        agents = math.ceil(rate * 3.5 * 1.3)
        look = _ours_lost if system == "ours" else _peer_lost
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            try:
                done = await run_once(
                    Path(folder), system, calls=calls, rate=rate, seed=SEED, agents=agents, talk_s=(2.0, 4.0),
                    record=True, look=look,
                )  # fmt: skip
                faults, figures = done.faults, done.figures
                if (missing := calls - figures["calls_asked"]) > 0:
                    faults.append(f"{missing:.0f} callers never got as far as asking for a person")
            except (TimeoutError, AssertionError, RuntimeError) as error:
                faults, figures = [f"{type(error).__name__}: {str(error)[:200]}"], {}
        say(f"{system} at {rate:g}/s, {agents} agents: {len(faults)} lost {faults[:3]} {figures}")
        if faults:
            return {**kept, "limited_at_calls_per_s": rate, "limited_by": f"{len(faults)} faults, first: {faults[0]}"}
        keys = ("wait_median_s", "asterisk_cpu_ms_per_call", "ours_cpu_ms_per_call")
        kept = {"calls_per_s": rate, **{key: figures[key] for key in keys}}
    return {**kept, "limited_at_calls_per_s": None, "limited_by": "not reached"}


async def _ours_lost(running: MeasuredSystem) -> list[str]:
    """What PostgreSQL, the recordings and the eye do not agree on."""
    await running.caught_up()
    lost: list[str] = []
    root = Path(running.prepared.recordings)
    for call in running.eye.calls.values():
        row = await running.store.call(call)
        if row is None or row.ending != Ending.ANSWERED:
            lost.append(f"{call}: {row and row.ending}")
            continue
        legs = [leg for leg in await running.store.recordings(call=call) if leg.path]
        if len(legs) != 1:
            lost.append(f"{call}: {len(legs)} recordings")
            continue
        leg = legs[0]
        if leg.state != "complete" or leg.seconds is None or leg.talk_s is None or abs(leg.seconds - leg.talk_s) > 1:
            lost.append(f"{call}: {leg.state} {leg.seconds} s of {leg.talk_s} s {leg.reason}")
        elif hashlib.sha256((root / leg.path).read_bytes()).hexdigest() != leg.sha256:
            lost.append(f"{call}: the file is not the one in the book")
    return lost


async def _peer_lost(running: MeasuredSystem) -> list[str]:
    lost = []
    live = Path(running.prepared.recordings) / "live"
    for call in running.eye.calls.values():
        talk = running.eye.talks_s.get(call)
        file = live / f"{call}-1.wav"
        if talk is None:
            lost.append(f"{call}: never with an agent")
        elif not file.exists() or abs(seconds_of(file) - talk) > 1:
            lost.append(f"{call}: recording of {seconds_of(file) if file.exists() else 0} s for {talk} s")
    return lost
