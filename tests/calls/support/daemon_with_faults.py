"""The daemon with trip wires, in the place of `acd.daemon`: `python -m tests.calls.support.daemon_with_faults <state>`.

What it is to do to itself stands in `<state>/run/trip.json`, and is forgotten as it is done: fall at a point between a
decision and its deed, stumble over one event, block its own loop. What it hears of Asterisk is counted, with its lag, in
`<state>/run/heard.json`. Nothing of it is in the product: the classes that `acd.daemon` joins are replaced here.
"""

import asyncio
import json
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from acd.daemon import core, daemon
from acd.engine.acd import Acd
from acd.engine.commands import Command, Deed, Kind, Log
from acd.engine.events import Event, MenuChosen
from acd.processes import leader_lease
from acd.setup.installation import Installation
from acd.store.journal.journal import Journal

STATE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
TRIP, HEARD = "run/trip.json", "run/heard.json"
ROWS = {Kind.OFFERED: "Offer"}
"""Rows of the log by which a decision is known before it is written."""


def trip(point: str, kind: str = "") -> dict[str, Any] | None:
    """What is to be done here, once."""
    file = STATE / TRIP
    if not file.exists():
        return None
    wanted: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if wanted["point"] != point or wanted.get("kind", "") != kind:
        return None
    file.unlink()
    return wanted


def fall(point: str, kind: str) -> None:
    if trip(point, kind):
        os.kill(os.getpid(), signal.SIGKILL)


class JournalWithFaults(Journal):
    def append(self, at: datetime, event: Event, logs: list[Log]) -> None:
        kinds = [ROWS[row.kind] for row in logs if row.kind in ROWS]
        for kind in kinds:
            fall("decided, not written", kind)
        super().append(at, event, logs)
        for kind in kinds:
            fall("written, not synced", kind)


_handle = Acd.handle


def handle(self: Acd, event: Event, now: datetime) -> list[Command]:
    if isinstance(event, MenuChosen) and trip("poison"):
        raise ZeroDivisionError("a poisonous event, by the test's wish")
    return _handle(self, event, now)


class CoreWithFaults(core.Core):
    async def _carry_out(self, command: Deed) -> None:
        kind = type(command).__name__
        fall("synced, not done", kind)
        await super()._carry_out(command)
        fall("done", kind)


class DaemonWithFaults(daemon.Daemon):
    heard: list[float]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.heard = []
        ami = self.core.pbx.ami
        told = ami.on_message

        def on_message(message: dict[str, str]) -> None:
            if message.get("UserEvent") == "Noise":
                self.heard.append(ami.lag_s)
            told(message)

        ami.on_message = on_message

    async def run(self) -> None:
        looks = asyncio.create_task(self._look_at_the_wishes(), name="trip wires")
        try:
            await super().run()
        finally:
            looks.cancel()

    async def _look_at_the_wishes(self) -> None:
        while True:
            with suppress(OSError):  # A fault may leave no file to open.
                self._look()
            await asyncio.sleep(0.1)

    def _look(self) -> None:
        if wanted := trip("block"):
            time.sleep(wanted["seconds"])
        if trip("forget"):
            self.heard.clear()
        lags = sorted(self.heard)
        figures = {"count": len(lags), "p99_s": lags[int(len(lags) * 0.99)] if lags else 0.0}
        written = STATE / f"{HEARD}.new"
        written.write_text(json.dumps(figures | {"worst_s": lags[-1] if lags else 0.0}), "utf-8")
        written.replace(STATE / HEARD)


def arm(installation: Installation, point: str, **more: Any) -> None:
    """From the test's side: what the daemon is to do to itself next."""
    file = installation.state / f"{TRIP}.new"
    file.write_text(json.dumps({"point": point, **more}), "utf-8")
    file.replace(installation.state / TRIP)


def armed(installation: Installation) -> bool:
    return (installation.state / TRIP).exists()


def heard(installation: Installation) -> dict[str, float]:
    """How many of the storm's events the daemon has heard, and with what lag."""
    file = installation.state / HEARD
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {"count": 0, "p99_s": 0.0, "worst_s": 0.0}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        files = int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    Acd.handle = handle  # type: ignore[method-assign]
    leader_lease.__dict__["Journal"] = JournalWithFaults
    daemon.Daemon = DaemonWithFaults  # type: ignore[misc]
    daemon.__dict__["Core"] = CoreWithFaults
    asyncio.run(daemon.main(STATE))
