"""One open stream of Server-Sent Events: what it has still to be sent, and how it ends.

A reader has a short queue; when it is full the stream is cut off, and the browser comes back by itself. A stream ends with the
session that opened it, at the latest with the next beat.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from aiohttp_sse import EventSourceResponse

from acd.web.access.auth import DOOR, Who
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked

SEND_WITHIN_S = 10.0
READERS = 500
"""Streams of a kind at most; a page has one."""
OF_A_SESSION = 6
"""So many pages of one browser; a token counts as a session."""
OF_AN_ACCOUNT = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One Server-Sent Event."""

    event: str
    data: str
    id: str | None = None


class Teller(Protocol):
    """Whoever hands the messages out."""

    def leave(self, reader: "Reader", *, dropped: bool = False) -> None:
        """No more for this one; `dropped`: it was too slow."""


class Reader:
    """One client of a stream, with the messages that it has still to be sent."""

    def __init__(self, teller: Teller, limit: int, first: Iterable[Message] = ()) -> None:
        self._queue = deque(first)
        self._teller, self._limit = teller, limit + len(self._queue)
        self._wake = asyncio.Event()
        self._over = False

    def hand(self, message: Message) -> None:
        """Queues a message; a beat only where nothing else waits. A full queue ends the stream."""
        if message.event == "beat" and self._queue:
            return  # What waits is news enough.
        self._queue.append(message)
        if len(self._queue) > self._limit:
            self._teller.leave(self, dropped=True)
            self.end()
        self._wake.set()

    def end(self) -> None:
        """Ends the stream; what waits is not sent."""
        self._over = True
        self._queue.clear()
        self._wake.set()

    async def next(self) -> Message | None:
        """The next message; None when this stream is over."""
        while not self._queue:
            if self._over:
                return None
            self._wake.clear()
            await self._wake.wait()
        return self._queue.popleft()


class OpenStreams:
    """Who has which streams open. Of too many of one session, or one account, the oldest ends: nobody takes what others need."""

    def __init__(self) -> None:
        self._open: dict[Reader, tuple[str, str]] = {}
        """The readers with session and account, the oldest first."""

    def enter(self, reader: Reader, who: Who) -> None:
        """One more; ends the oldest where it is one too many."""
        session = who.session.key if who.session else f"token {who.name}"
        self._open[reader] = (session, who.name)
        for most, place, owner in ((OF_A_SESSION, 0, session), (OF_AN_ACCOUNT, 1, who.name)):
            own = [reader for reader, owners in self._open.items() if owners[place] == owner]
            for oldest in own[: max(0, len(own) - most)]:
                oldest.end()
                self.leave(oldest)

    def leave(self, reader: Reader) -> None:
        """One less."""
        self._open.pop(reader, None)

    def __len__(self) -> int:
        return len(self._open)


OPEN_STREAMS: web.AppKey[OpenStreams] = web.AppKey("open streams", OpenStreams)


async def begin(asked: Asked, open_already: int) -> EventSourceResponse:
    """The answer that the messages go into. Raises Problem (503) when too many are open."""
    if open_already >= READERS:
        raise Problem(
            503, "too-many-streams", f"{READERS} pages listen already. Close some.", headers={"Retry-After": "5"}
        )
    response = EventSourceResponse(send_timeout=SEND_WITHIN_S, headers={"Cache-Control": "no-store"})
    await response.prepare(asked.request)
    return response


async def send_all(
    asked: Asked,
    response: EventSourceResponse,
    reader: Reader,
    teller: Teller,
    at_work: Callable[[], bool] = lambda: False,
) -> None:
    """Sends until the stream is over, the session ended, or the client is gone or too slow.

    `at_work`: whether the listener is known to be present: then the session does not grow old.
    """
    sessions, streams = asked.request.app[DOOR].sessions, asked.request.app[OPEN_STREAMS]
    streams.enter(reader, asked.who)
    try:
        while (message := await reader.next()) is not None:
            if asked.who.session and sessions.by_key(asked.who.session.key, touch=at_work()) is None:
                break  # Logged out, or the account is gone: the stream ends with the session.
            await response.send(message.data, id=message.id, event=message.event)
    except ConnectionResetError:
        pass
    except TimeoutError:
        teller.leave(reader, dropped=True)
    finally:
        streams.leave(reader)
        teller.leave(reader)
