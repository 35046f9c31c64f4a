"""What lies between a browser and the daemon, to be cut: a relay of TCP connections, and a page that shares no stream.

`set_offline` of a browser does not reach its shared worker, which holds the stream of all pages.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import Page


class Line:
    """A relay to a port of this machine."""

    def __init__(self, to: int) -> None:
        self._to, self._cut = to, False
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    def cut(self) -> None:
        """Every connection ends, and each new one at once."""
        self._cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """New connections are relayed again."""
        self._cut = False

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relays one connection until either side ends it."""
        if self._cut:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        pair = {writer, far_writer}
        self._writers |= pair
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        self._writers -= pair


async def _copy(source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            goal.write(data)
            await goal.drain()
    goal.close()


@contextlib.asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    """A relay to this port, until the block ends."""
    line = Line(port)
    server = await asyncio.start_server(line.connected, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        server.close()
        line.cut()


async def with_a_stream_of_its_own(page: Page) -> None:
    """Loads the page anew in a browser without shared workers: as one where these are forbidden or not known."""
    await page.add_init_script("delete globalThis.SharedWorker")
    await page.reload()
