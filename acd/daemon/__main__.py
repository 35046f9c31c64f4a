"""`python -m acd.daemon <state>`: runs the daemon until it is told to stop."""

import asyncio
import gc
import sys
from pathlib import Path

from acd.errors import SanxiangError
from acd.processes import plain_structlog  # noqa: F401  (before whatever imports structlog)


def run(state: Path) -> int:
    """The exit status. A daemon that can't start logs why."""
    gc.disable()
    import structlog

    from acd.daemon.daemon import main

    # What is imported stays: no later look for garbage, which stops the event loop, goes through it again.
    gc.freeze()
    gc.enable()
    try:
        asyncio.run(main(state))
    except SanxiangError as error:
        structlog.get_logger("acd.daemon").error("the daemon can't start", why=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
