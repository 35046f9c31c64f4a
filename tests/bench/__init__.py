"""The benchmarks, by name: `./sanxiang bench NAME --json FILE`. Each compares with a peer in the same run."""

import importlib
import inspect
import json
import sys
import time
from pathlib import Path
from typing import Any

BENCHES = {
    "idle-to-ring": "tests.bench.idle_to_ring",
    "transfer": "tests.bench.transfer",
    "capacity": "tests.bench.capacity",
    "day": "tests.bench.day",
    "engine": "tests.bench.engine",
    "connect-in-prompt": "tests.bench.connect_in_prompt",
    "whisper": "tests.bench.whisper",
    "ivr": "tests.bench.ivr",
    "simulate": "tests.bench.simulate",
    "rules": "tests.bench.rules",
    "screen-pop": "tests.bench.screen_pop",
    "floor": "tests.bench.floor",
    "floor-size": "tests.bench.floor_size",
    "call-list": "tests.bench.call_list",
    "faults": "tests.bench.faults",
    "night": "tests.bench.night",
    "analysis": "tests.bench.analysis",
}


def run_bench(name: str, json_file: Path | None, **how: Any) -> int:
    """0 when it was measured; 1 when a part of it failed; 2 for a name that is none, or a wish that it does not know.

    `how` are the bench's own wishes (`faults`: full, only, write, seed); what is false or empty is no wish.
    """
    if name not in BENCHES:
        sys.stderr.write(f"There is no bench {name!r}. There are: {', '.join(BENCHES)}.\n")
        return 2
    began = time.monotonic()
    run = importlib.import_module(BENCHES[name]).run
    wishes = {wish: value for wish, value in how.items() if value or (value == 0 and value is not False)}
    if unknown := wishes.keys() - inspect.signature(run).parameters.keys():
        sys.stderr.write(f"bench {name} knows no --{', --'.join(sorted(unknown))}.\n")
        return 2
    try:
        result = run(**wishes)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    text = json.dumps(result, indent=1)
    print(text)
    print(f"{name}: measured in {time.monotonic() - began:.0f} s")
    if json_file is not None:
        json_file.write_text(text + "\n", encoding="utf-8")
    return 1 if result.get("failed") else 0
