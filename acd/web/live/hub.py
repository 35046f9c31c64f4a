"""What both live streams share: the readers of each channel, the ids of the messages, and how the readers are ended.

A channel is a stream that all its readers get alike: the floor has one, the desks have one for each agent. Ids are `<start>-<number>`;
`start` differs with every start of the daemon.
"""

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from acd.engine.commands import Command
from acd.engine.events import Event
from acd.web.live.stream import Message, Reader
from acd.web.server.context import WebContext

BEAT_S = 1.0


class Hub(ABC):
    """Hears of every event of the engine and hands messages to its readers."""

    def __init__(self, context: WebContext) -> None:
        self._context = context
        self._start, self._number = secrets.token_hex(4), 0
        self._readers: dict[str, set[Reader]] = {}
        """Channel to its readers; a channel without readers is absent."""
        self._unsubscribe = context.subscribe(self._heard)
        self.dropped = 0
        """Readers cut off because they were too slow."""

    def __len__(self) -> int:
        return sum(map(len, self._readers.values()))

    def readers(self, channel: str) -> tuple[Reader, ...]:
        """The readers of the channel now; they may leave while these are gone through."""
        return tuple(self._readers.get(channel, ()))

    def leave(self, reader: Reader, *, dropped: bool = False) -> None:
        """Forgets the reader; `dropped`: it was too slow."""
        for channel, readers in self._readers.items():
            if reader in readers:
                readers.discard(reader)
                self.dropped += dropped
                if not readers:
                    del self._readers[channel]
                return

    def close(self) -> None:
        """Ends all streams; without this a daemon that stops waits for every open page."""
        self._unsubscribe()
        for channel in tuple(self._readers):
            for reader in self.readers(channel):
                reader.end()

    @abstractmethod
    async def run(self) -> None:
        """Hands out what is due, and beats, until cancelled."""

    @abstractmethod
    def _heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """The engine has handled an event."""

    def _add_reader(self, channel: str, limit: int, first: Iterable[Message]) -> Reader:
        reader = Reader(self, limit, first)
        self._readers.setdefault(channel, set()).add(reader)
        return reader

    def _hand_out(self, channel: str, message: Message) -> None:
        for reader in self.readers(channel):
            reader.hand(message)

    def _id(self) -> str:
        """The id of the newest message."""
        return f"{self._start}-{self._number}"

    def _next_id(self) -> str:
        self._number += 1
        return self._id()


class Runs(Protocol):
    """What has work to do while the application runs."""

    async def run(self) -> None:
        """Works until cancelled."""


def running(part: Runs, name: str) -> Callable[[web.Application], AsyncIterator[None]]:
    """Runs the part while the application runs (an aiohttp cleanup context). `name`: of its task."""

    async def run(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(part.run(), name=name)
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return run


def without_durations(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without what grows with the clock (`…_s`)."""
    return {name: value for name, value in row.items() if not name.endswith("_s")}
