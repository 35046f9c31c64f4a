"""From an agent's becoming free to the telephone's ring, while the caller hears a prompt of two minutes, as a ratio to the same while the
caller hears music.

One agent, callers one after the other, the two in turn; times are those of Asterisk's own events, as the call log has them. A prompt that
delays a connect shows as a ratio above 1.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.audio import tone

LONG_S = 120.0
CALLS = 10
TALKS = Phone(ring_s=0.2, talk_s=(1.2, 1.2))


def run(say: Callable[[str], None] = print, calls: int = CALLS) -> dict[str, Any]:
    """Median and longest delay in ms of both, and their ratio; takes two minutes. `calls`: of each."""
    return asyncio.run(_run(say, calls))


async def _run(say: Callable[[str], None], calls: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # In English the place in the queue does not end; in Chinese it is over in a moment, and music follows.
        tone(Path(folder) / "prompts" / "en" / "position.wav", 500, LONG_S)
        async with FullSystem(Path(folder), ("1001",), ring_s=1, brisk=True) as system:
            await system.present("1001", TALKS)
            found: dict[str, list[float]] = {"prompt": [], "music": []}
            for number in range(2 * calls):
                heard = ("prompt", "music")[number % 2]
                found[heard].append(
                    await _delay_ms(system, "95002" if heard == "prompt" else "95001", f"1380000{number:04}")
                )
                say(f"call {number + 1} of {2 * calls}, {heard}: {found[heard][-1]:.1f} ms")
    result: dict[str, Any] = {
        f"{heard}_{name}_ms": round(figure(ms), 1)
        for heard, ms in found.items()
        for name, figure in (("median", statistics.median), ("longest", max))
    }
    result["ratio"] = round(result["prompt_median_ms"] / max(result["music_median_ms"], 0.1), 2)
    return result


async def _delay_ms(system: FullSystem, number: str, caller: str) -> float:
    person = await system.asks("1", caller, number=number)
    call = await system.log.call_of(caller)
    await system.log.row(Kind.QUEUED, lambda row: row.call == call)
    await asyncio.sleep(2.0)  # into the middle of it
    await system.ready("1001")
    await system.log.row(Kind.CONNECTED, lambda row: row.call == call)
    times = {
        row.kind: at for at, row in system.log.rows() if row.call == call and row.kind in (Kind.OFFERED, Kind.RINGING)
    }
    await system.log.ending_of(call)
    await person.wait()
    await system.ask("POST", "/api/agents/1001/not-ready", {"reason": "break"})
    await system.comes_to_be("1001", "not ready", "break")
    return (times[Kind.RINGING] - times[Kind.OFFERED]).total_seconds() * 1000
