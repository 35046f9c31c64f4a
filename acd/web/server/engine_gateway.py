"""Telling the engine something and hearing what it made of it, so that a client's answer is about what has happened.

The wishes about one call are told one after the other: of two that come together the second meets what the first did.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from weakref import WeakValueDictionary

from aiohttp import web

from acd.engine.commands import Command
from acd.engine.events import Event
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem

WITHIN_S = 5.0


class EngineGateway:
    """Tells the engine events and waits for its answer to each."""

    def __init__(self, context: WebContext) -> None:
        self._context = context
        self._waiting: dict[int, tuple[Event, asyncio.Future[list[Command]]]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._unsubscribe = context.subscribe(self._heard)

    def close(self) -> None:
        """Stops listening to the switchboard."""
        self._unsubscribe()

    @asynccontextmanager
    async def turn(self, call: str) -> AsyncIterator[None]:
        """Nobody else tells anything about this call meanwhile."""
        lock = self._turns.get(call)
        if lock is None:
            lock = self._turns[call] = asyncio.Lock()
        async with lock:
            yield

    async def tell(self, event: Event) -> list[Command]:
        """The engine's answer to it, once that is written down and carried out. Raises Problem (503) when none comes."""
        future: asyncio.Future[list[Command]] = asyncio.get_running_loop().create_future()
        self._waiting[id(event)] = (event, future)
        try:
            self._context.tell(event)
            async with asyncio.timeout(WITHIN_S):
                return await future
        except TimeoutError:
            detail = "The hotline has not taken this up within 5 seconds. See how the call stands before you try again."
            raise Problem(503, "not-handled", detail) from None
        finally:
            del self._waiting[id(event)]

    def _heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        told, future = self._waiting.get(id(event), (None, None))
        if future is not None and told is event and not future.done():
            future.set_result(commands)


ENGINE_GATEWAY: web.AppKey[EngineGateway] = web.AppKey("engine gateway", EngineGateway)
