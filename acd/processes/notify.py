"""What systemd is told of the supervisor: that all has started, that it lives, that it stops (sd_notify(3)).

Without NOTIFY_SOCKET in the environment, as in a terminal or a container, nobody is told anything.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

ALIVE_EVERY_S = 10.0
"""The unit's WatchdogSec is three times as long."""
STARTED_EVERY_S = 0.05


def tell(*lines: str) -> None:
    """Sends these lines, as "READY=1". Nothing is raised: no call depends on it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.setblocking(False)
        line.sendto("\n".join(lines).encode(), "\0" + address[1:] if address.startswith("@") else address)


async def keep_telling(started: Callable[[], bool], alive_every_s: float = ALIVE_EVERY_S) -> NoReturn:
    """Tells once that everything has started, and then again and again that this loop runs; STOPPING when it is cancelled."""
    ready = False
    try:
        while True:
            if not ready and (ready := started()):
                tell("READY=1")
            if ready:
                tell("WATCHDOG=1")
            await asyncio.sleep(alive_every_s if ready else STARTED_EVERY_S)
    finally:
        tell("STOPPING=1")
