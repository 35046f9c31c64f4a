"""`python -m acd.daemon <state>`: runs the daemon until it is told to stop."""

import asyncio
import sys
from pathlib import Path

import structlog

from acd.daemon.daemon import main
from acd.errors import SanxiangError

if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1])))
    except SanxiangError as error:
        structlog.get_logger("acd.daemon").error("the daemon can't start", why=str(error))
        sys.exit(1)
