"""The benchmarks, by name: `./sanxiang bench NAME --json FILE`. Each compares with a peer in the same run."""

import importlib
import json
import sys
import time
from pathlib import Path

BENCHES = {
    "idle-to-ring": "tests.bench.idle_to_ring",
    "capacity": "tests.bench.capacity",
    "day": "tests.bench.day",
    "engine": "tests.bench.engine",
    "ivr": "tests.bench.ivr",
    "simulate": "tests.bench.simulate",
    "rules": "tests.bench.rules",
}


def run_bench(name: str, json_file: Path | None) -> int:
    """0 when it was measured; 2 for a name that is none."""
    if name not in BENCHES:
        sys.stderr.write(f"There is no bench {name!r}. There are: {', '.join(BENCHES)}.\n")
        return 2
    began = time.monotonic()
    result = importlib.import_module(BENCHES[name]).run()
    text = json.dumps(result, indent=1)
    print(text)
    print(f"{name}: measured in {time.monotonic() - began:.0f} s")
    if json_file is not None:
        json_file.write_text(text + "\n", encoding="utf-8")
    return 0
