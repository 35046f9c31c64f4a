"""The live stream: the floor whole, then what changed, over Server-Sent Events.

`snapshot` carries the state as /api/state gives it. `change` carries, per table, the rows that are new or different and
the keys of those that are gone; durations that only grow with the clock (`…_s`) make no change: a reader works them out
from `asked_at` and `state_since`. Both carry an id `<start>-<number>`; a reader who comes back with the last one seen
(`Last-Event-ID`) gets what was missed, or a new snapshot when that is no longer known. `beat` comes each second without
an id and says that the data is fresh.

Who is bounded has a channel for each set of teams and brands: snapshot and changes of what these may see, with ids of its own.

Changes are gathered for 120 ms, so that a storm of events costs each reader eight messages a second.
"""

import asyncio
import json
import secrets
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
from acd.web.access.scope import WHOLE, Scope, scope_within
from acd.web.live.hub import BEAT_S, Hub, without_durations
from acd.web.live.seen import seen, seen_by_wall
from acd.web.live.state import look
from acd.web.live.stream import Message, Reader, begin, send_all
from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.web.server.routes import Asked, Route

log = structlog.get_logger(__name__)

GATHER_S = 0.12
SPARED = 19
"""A look at a floor of thousands takes some tens of ms of the loop that calls wait for: at most a twentieth of it."""
KEPT = 512
"""Changes kept for those who come back."""
MOST_UNREAD = 20
"""Channels of a part that are remembered though nobody reads them now."""
FLOOR = "floor"
"""The channel of those who see the whole; others are named after their teams and brands."""
_KEYS = {"queues": "name", "agents": "agent", "calls": "call"}


class _Channel:
    """What the readers of one part of the hotline were shown last, and the changes before."""

    def __init__(self, scope: Scope, of_wall: bool = False) -> None:
        self.of_wall = of_wall
        self.teams, self.brands, self.whole = scope.teams, scope.brands, scope.whole
        self.shown: dict[str, Any] = {}
        self.start, self.number = secrets.token_hex(4), 0
        self.kept: deque[tuple[int, Message]] = deque(maxlen=KEPT)
        self._beat_at = 0.0

    @property
    def id(self) -> str:
        """Of the newest message."""
        return f"{self.start}-{self.number}"

    def show(self, found: dict[str, Any]) -> Message:
        """What differs between `found` and what was shown before; a beat when nothing does."""
        change = _difference(self.shown, found)
        self.shown = found
        beat = {"at": found["at"], "behind": found["behind"]}
        if not change:
            return Message("beat", json.dumps(beat, default=str))
        self.number += 1
        message = Message("change", json.dumps({**beat, **change}, default=str), self.id)
        self.kept.append((self.number, message))
        return message

    def beat_is_due(self) -> bool:
        """About once a second: a beat at each change elsewhere would tell how much goes on there."""
        now = time.monotonic()
        if now - self._beat_at < BEAT_S * 0.9:
            return False
        self._beat_at = now
        return True

    def missed(self, last_id: str) -> list[Message]:
        """What comes after this id; all of it where that is not known any more."""
        start, _, number = last_id.partition("-")
        if start == self.start and number.isdecimal() and len(number) < 18:
            last = int(number)
            oldest = self.kept[0][0] if self.kept else self.number + 1
            if oldest - 1 <= last <= self.number:
                return [message for n, message in self.kept if n > last]
        return [Message("snapshot", json.dumps(self.shown, default=str), self.id)]


class Live(Hub):
    """Knows the last state shown in each channel, and who is listening."""

    def __init__(self, context: WebContext) -> None:
        super().__init__(context)
        self._channels: dict[str, _Channel] = {FLOOR: _Channel(WHOLE)}
        """Beside the whole those of parts that have readers, and some that had."""
        self._took_s = 0.0
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
        """Tells every reader what differs between `found`, the whole floor, and what was shown before; a beat when nothing does."""
        for name in tuple(self._readers):
            channel = self._channels[name]
            message = channel.show(self._seen(channel, found))
            if message.event == "change" or channel.whole or channel.beat_is_due():
                self._hand_out(name, message)

    def join(self, scope: Scope, last_id: str, limit: int, *, of_wall: bool = False) -> Reader:
        """A new reader of this part, with what must be sent first queued. `of_wall`: of what a wall shows of it."""
        name = _channel_of(scope) + (" wall" if of_wall else "")
        if name not in self._readers:
            # Nobody listened: what changed since the last look is one change.
            channel = self._channel(name, scope, of_wall)
            channel.show(self._seen(channel, look(self._context)))
        return self._add_reader(name, limit, self._channels[name].missed(last_id))

    def _channel(self, name: str, scope: Scope, of_wall: bool = False) -> _Channel:
        channel = self._channels.pop(name, None) or _Channel(scope, of_wall)
        self._channels[name] = channel
        for old in [each for each in self._channels if each != FLOOR and each not in self._readers][:-MOST_UNREAD]:
            del self._channels[old]
        return channel

    def _seen(self, channel: _Channel, found: dict[str, Any]) -> dict[str, Any]:
        """By teams and brands as the configuration in force has them."""
        part = seen(found, scope_within(channel.teams, channel.brands, self._context.config))
        return seen_by_wall(part) if channel.of_wall else part

    def _heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        self._dirty.set()


LIVE: web.AppKey[Live] = web.AppKey("live", Live)


def _channel_of(scope: Scope) -> str:
    teams = [f"team:{team}" for team in scope.teams or ()] if scope.teams is None or scope.teams else ["no-team"]
    brands = (
        [f"brand:{brand}" for brand in scope.brands or ()] if scope.brands is None or scope.brands else ["no-brand"]
    )
    return " ".join((FLOOR, *teams, *brands))


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
    return await _stream(asked, of_wall=False)


async def wall_events(asked: Asked) -> web.StreamResponse:
    """The same of what a wall shows: queues, counts, and of calls how long they wait; no caller, no agent, no alarm."""
    return await _stream(asked, of_wall=True)


async def _stream(asked: Asked, *, of_wall: bool) -> web.StreamResponse:
    live = asked.request.app[LIVE]
    response = await begin(asked, len(live))
    last_id = asked.request.headers.get("Last-Event-ID", "")
    reader = live.join(asked.scope, last_id, asked.context.stream_queue, of_wall=of_wall)
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
        "floor-see",
        "Server-Sent Events: `snapshot`, then `change`, `beat` each second; replay by Last-Event-ID",
        content="text/event-stream",
        free=True,
    ),
    Route(
        "GET",
        "/api/wall/events",
        wall_events,
        "wall-see",
        "The same for a wall: queues, counts and waits; no callers, no agents",
        content="text/event-stream",
        free=True,
    ),
]
