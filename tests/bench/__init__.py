"""Figures, each from one command: `./sanxiang bench NAME --json FILE`. Never part of the test suite.

A bench is a module here, named as the figure with underscores; its `run()` returns JSON-able data: `ours`, and where there
is one `peer` and `floor` with the same keys (units in their names), and `ratio`, the headline.
"""

import importlib
import inspect
import json
import pkgutil
import sys
from pathlib import Path


def run_bench(name: str, json_file: Path | None = None, full: bool = False) -> int:
    """Exit status: 0 when measured; 2 when there is no bench of that name. `full` is for those that have a long form."""
    benches = sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))
    if name not in benches:
        print(f"There is no bench {name!r}; there are: {', '.join(benches)}.", file=sys.stderr)
        return 2
    run = importlib.import_module(f"{__name__}.{name.replace('-', '_')}").run
    figures = run(full=full) if "full" in inspect.signature(run).parameters else run()
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    print(text)
    if json_file is not None:
        json_file.write_text(text + "\n", encoding="utf-8")
    return 0
