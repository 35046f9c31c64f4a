"""Stands between two that talk over TCP on loopback, and does to them what networks do."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.waiting import eventually


class TcpProxy:
    """Listens at `port` (0: a free one) and carries to `target`, which may be set later."""

    def __init__(self, port: int = 0, target: int = 0, *, late_s: float = 0.0) -> None:
        """`late_s`: so long each piece of what the target says is held back, one after the other, as by a bad line or a busy server."""
        self.port, self.target, self.late_s = port, target, late_s
        self.links = 0
        """How many have been made so far."""
        self.answers = 0
        """Pieces that the target has said."""
        self._silent = asyncio.Event()
        self._pairs: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "TcpProxy":
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pair in self._pairs:
            for writer in pair:
                writer.close()

    async def joined_again(self, links: int) -> None:
        """Waits until more than so many links have been made."""
        await eventually(lambda: self.links > links, "the next link")

    def reset(self) -> None:
        """RST to both sides of every link there is."""
        for pair in self._pairs:
            for writer in pair:
                writer.transport.abort()
        self._pairs.clear()

    @asynccontextmanager
    async def half_open(self) -> AsyncIterator[float]:
        """Every link stays open and carries nothing more, nor do new ones; what was sent meanwhile is lost."""
        self._silent.set()
        try:
            yield time.monotonic()
        finally:
            self.reset()
            self._silent.clear()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self.links += 1
        self._pairs.append((writer, onward))
        for source, sink in ((reader, onward), (there, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _goes_to_target(self, sink: asyncio.StreamWriter) -> bool:
        peer = sink.get_extra_info("peername")
        return peer is not None and peer[1] == self.target

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            answers = not self._goes_to_target(sink)
            while data := await source.read(65536):
                if self._silent.is_set():
                    continue
                if answers:
                    self.answers += 1
                    if self.late_s:
                        await asyncio.sleep(self.late_s)
                sink.write(data)
                await sink.drain()
            sink.close()
        except OSError:
            sink.transport.abort()
