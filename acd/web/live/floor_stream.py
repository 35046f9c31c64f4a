"""The live stream: the floor whole, then what changed, over Server-Sent Events.

`snapshot` carries the state as /api/state gives it. `change` carries, per table, the rows that are new or different and
the keys of those that are gone; durations that only grow with the clock (`…_s`) make no change: a reader works them out
from `asked_at` and `state_since`. Both carry an id `<start>-<number>`; a reader who comes back with the last one seen
(`Last-Event-ID`) gets what was missed, or a new snapshot when that is no longer known. `beat` comes each second without
an id and says that the data is fresh.

Changes are gathered for a fifth of a second, so that a storm of events costs each reader five messages a second.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from acd.engine.commands import Command
from acd.engine.events import Event
from acd.web.live.hub import BEAT_S, Hub, without_durations
from acd.web.live.state import look
from acd.web.live.stream import Message, Reader, begin, send_all
from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.web.server.routes import BOTH, Asked, Route

log = structlog.get_logger(__name__)

GATHER_S = 0.2
SPARED = 19
"""A look at a floor of thousands takes some tens of ms of the loop that calls wait for: at most a twentieth of it."""
KEPT = 512
"""Changes kept for those who come back."""
FLOOR = "floor"
"""The one channel: every reader gets the same."""
_KEYS = {"queues": "name", "agents": "agent", "calls": "call"}


class Live(Hub):
    """Knows the last state shown, and who is listening."""

    def __init__(self, context: WebContext) -> None:
        super().__init__(context)
        self._shown: dict[str, Any] = {}
        self._took_s = 0.0
        self._kept: deque[tuple[int, Message]] = deque(maxlen=KEPT)
        self._dirty = asyncio.Event()

    async def run(self) -> None:
        """Gathers changes and beats until cancelled. Looks at the floor only while somebody listens."""
        while True:
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets the event in the same instant.
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await self._dirty.wait()
            pause = GATHER_S if self._dirty.is_set() else 0.0
            await asyncio.sleep(max(pause, self._took_s * SPARED))
            self._dirty.clear()
            try:
                if self._readers:
                    self._look()
            except Exception:
                log.exception("the live stream missed a change; the next one carries it")
                await asyncio.sleep(BEAT_S)

    def _look(self) -> None:
        began = time.perf_counter()
        self.publish(look(self._context))
        self._took_s = time.perf_counter() - began

    def publish(self, found: dict[str, Any]) -> None:
        """Tells every reader what differs between `found` and what was shown before; a beat when nothing does."""
        change = _difference(self._shown, found)
        self._shown = found
        beat = {"at": found["at"], "behind": found["behind"]}
        if change:
            message = Message("change", json.dumps({**beat, **change}, default=str), self._next_id())
            self._kept.append((self._number, message))
        else:
            message = Message("beat", json.dumps(beat, default=str))
        self._hand_out(FLOOR, message)

    def join(self, last_id: str, limit: int) -> Reader:
        """A new reader, with what must be sent first queued."""
        if not self._readers:
            self._look()  # Nobody listened: what changed since the last look is one change.
        return self._add_reader(FLOOR, limit, self._missed(last_id))

    def _heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        self._dirty.set()

    def _missed(self, last_id: str) -> list[Message]:
        start, _, number = last_id.partition("-")
        if start == self._start and number.isdecimal() and len(number) < 18:
            seen = int(number)
            oldest = self._kept[0][0] if self._kept else self._number + 1
            if oldest - 1 <= seen <= self._number:
                return [message for n, message in self._kept if n > seen]
        state = json.dumps(self._shown, default=str)
        return [Message("snapshot", state, self._id())]


LIVE: web.AppKey[Live] = web.AppKey("live", Live)


class Change(ApiModel):
    """What a `change` carries beside `at` and `behind`; absent tables did not change."""

    queues: list[dict[str, Any]] | None = None
    agents: list[dict[str, Any]] | None = None
    calls: list[dict[str, Any]] | None = None
    gone: dict[str, list[str]] | None = None
    counts: dict[str, Any] | None = None
    pbx: bool | None = None
    trunks: list[dict[str, Any]] | None = None
    """All of them, when one is different."""
    self_calls: list[dict[str, Any]] | None = None
    """All of them, when one is different."""
    alarms: list[dict[str, Any]] | None = None
    """All that are open, when one is different."""


async def events(asked: Asked) -> web.StreamResponse:
    """The stream of the live state. It ends with the session; a reader who is too slow is cut off and may come back."""
    live = asked.request.app[LIVE]
    response = await begin(asked, len(live))
    reader = live.join(asked.request.headers.get("Last-Event-ID", ""), asked.context.stream_queue)
    await send_all(asked, response, reader, live)
    return response


def _difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    change: dict[str, Any] = {}
    gone: dict[str, list[str]] = {}
    for table, key in _KEYS.items():
        old = {row[key]: row for row in before.get(table, ())}
        new = {row[key]: row for row in now[table]}
        if rows := [row for id_, row in new.items() if without_durations(row) != without_durations(old.get(id_, {}))]:
            change[table] = rows
        if missing := [id_ for id_ in old if id_ not in new]:
            gone[table] = missing
    if gone:
        change["gone"] = gone
    for word in ("counts", "pbx", "trunks", "self_calls", "alarms"):
        if before.get(word) != now.get(word):
            change[word] = now.get(word)
    return change


ROUTES = [
    Route(
        "GET",
        "/api/events",
        events,
        BOTH,
        "Server-Sent Events: `snapshot`, then `change`, `beat` each second; replay by Last-Event-ID",
        content="text/event-stream",
        free=True,
    )
]
