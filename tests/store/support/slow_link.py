"""A way to PostgreSQL on which every answer comes late, as over a bad line or from a server that is busy."""

import asyncio
import contextlib


class SlowLink:
    """Listens on loopback and passes everything on; what the server says is held back for a while."""

    def __init__(self, host: str, port: int, late_s: float) -> None:
        self._host, self._to, self._late_s = host, port, late_s
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.answers = 0
        """Pieces that the server has said."""

    async def __aenter__(self) -> "SlowLink":
        self._server = await asyncio.start_server(self._link, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there, back = await asyncio.open_connection(self._host, self._to)
        try:
            await asyncio.gather(self._pass(reader, back, 0.0), self._pass(there, writer, self._late_s))
        finally:
            self._tasks.discard(task)
            for each in (back, writer):
                each.close()

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, late_s: float) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                if late_s:
                    self.answers += 1
                    await asyncio.sleep(late_s)
                to.write(piece)
                await to.drain()
            to.close()
