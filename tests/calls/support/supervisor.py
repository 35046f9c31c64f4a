"""A supervisor as a process of its own over a system that is prepared: `python -m tests.calls.support.supervisor STATE`. It is `up`
without the preparing, which the test has done."""

import asyncio
import sys
from pathlib import Path

from acd.processes.log_files import Bounds
from acd.processes.up import claimed, kept_children, main_file_of, supervise
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan

if __name__ == "__main__":
    installation = Installation.existing(Path(sys.argv[1]))
    with claimed(installation):
        kept = kept_children(installation, StartPlan.of(installation), main_file_of(installation), outlive=True)
        asyncio.run(supervise(installation, Bounds(), kept))
