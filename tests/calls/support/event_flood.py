"""An AMI session of the test's own that makes Asterisk send events by the thousand, which mean nothing to anybody."""

import asyncio
import time
from types import TracebackType


class EventFlood:
    def __init__(self, port: int, secret: str) -> None:
        self._port, self._secret = port, secret
        self.acknowledged = 0
        """Events that Asterisk says it has sent to everybody."""

    async def __aenter__(self) -> "EventFlood":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**22)
        await self._reader.readline()
        self._writer.write(
            f"Action: Login\r\nUsername: tester\r\nSecret: {self._secret}\r\nEvents: off\r\n\r\n".encode()
        )
        answer = await self._reader.readuntil(b"\r\n\r\n")
        assert b"Response: Success" in answer, answer
        self._reads = asyncio.create_task(self._read(), name="storm")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._reads.cancel()
        self._writer.close()

    async def _read(self) -> None:
        rest = b""
        while data := await self._reader.read(1 << 20):
            *whole, rest = (rest + data).split(b"\r\n\r\n")
            self.acknowledged += sum(message.startswith(b"Response: Success") for message in whole)

    async def blow(self, events: int, per_s: float) -> float:
        """So many, at no more than this rate; returns, with the seconds that it took, when Asterisk has sent them all."""
        began, before, sent = time.monotonic(), self.acknowledged, 0
        while sent < events:
            due = min(events, int((time.monotonic() - began + 0.05) * per_s))
            if due > sent:
                one = "Action: UserEvent\r\nUserEvent: Noise\r\nNote: nothing happened here\r\n\r\n"
                self._writer.write((one * (due - sent)).encode())
                sent = due
                await self._writer.drain()
            await asyncio.sleep(0.02)
        while self.acknowledged - before < events:
            await asyncio.sleep(0.02)
        return time.monotonic() - began
