"""A small TCP server that speaks as Asterisk's AMI does, or as it does on a bad day."""

import asyncio
import contextlib
from collections.abc import Callable

MARK = "0123456789abcdef01"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


def event(name: str, *, mark: str = MARK, **headers: str) -> bytes:
    lines = [f"Event: {name}", "Privilege: call,all", "Timestamp: 1763773200.000001", f"SystemName: {mark}"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def listed(action: dict[str, str], channels: int) -> bytes:
    """The answer to CoreShowChannels."""
    said = f"ActionID: {action['ActionID']}\r\n"
    rows = "".join(f"Event: CoreShowChannel\r\n{said}Channel: PJSIP/x-{each}\r\n\r\n" for each in range(channels))
    end = f"Event: CoreShowChannelsComplete\r\n{said}EventList: Complete\r\nListItems: {channels}\r\n\r\n"
    return f"Response: Success\r\n{said}EventList: start\r\n\r\n{rows}{end}".encode()


class Server:
    """What the far end hears and says. `answers(action, fields)` gives what is sent back, None for silence."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.logins = 0
        self.answers: Callable[[dict[str, str]], bytes | None] = self.success
        self._server: asyncio.Server | None = None
        self.port = 0

    @staticmethod
    def success(action: dict[str, str]) -> bytes:
        return f"Response: Success\r\nActionID: {action['ActionID']}\r\nMessage: fine\r\n\r\n".encode()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(BANNER)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.split(": ", 1) for line in text.strip().split("\r\n"))
                self.heard.append(action)
                self.logins += action["Action"] == "Login"
                if (answer := self.answers(action)) is not None:
                    writer.write(answer)

    def says(self, data: bytes) -> None:
        self.writers[-1].write(data)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for writer in self.writers:
            writer.transport.abort()
        self._server = None
