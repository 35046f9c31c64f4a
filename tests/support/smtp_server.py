"""A mail server on loopback: takes letters, with STARTTLS and log-in where a test wants them. It says what it was told."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass
class MailServer:
    port: int = 0
    tls: ssl.SSLContext | None = None
    """With it STARTTLS is offered."""
    password: bytes = b""
    """With it nobody sends without AUTH PLAIN; as base64 of "\\0user\\0password"."""
    refuses: str = ""
    """A recipient that is not taken."""
    hangs: bool = False
    """Says nothing at all."""
    letters: list[str] = field(default_factory=list)
    in_clear: list[str] = field(default_factory=list)
    """What was said before the encryption."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            if self.hangs:
                await reader.read()
                return
            await self._conversation(reader, writer)
        writer.close()

    async def _conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted = known = False
        writer.write(b"220 mail.test ESMTP\r\n")
        while line := (await reader.readline()).decode().strip():
            if not encrypted:
                self.in_clear.append(line)
            word = line.partition(" ")[0].upper()
            match word:
                case "EHLO":
                    offers = ["mail.test"]
                    offers += ["STARTTLS"] if self.tls and not encrypted else []
                    offers += ["AUTH PLAIN"] if self.password else []
                    lines = [f"250{'-' if offer != offers[-1] else ' '}{offer}" for offer in offers]
                    writer.write(("\r\n".join(lines) + "\r\n").encode())
                case "STARTTLS":
                    assert self.tls is not None
                    writer.write(b"220 go ahead\r\n")
                    await writer.drain()
                    await writer.start_tls(self.tls)
                    encrypted = True
                case "AUTH":
                    known = line.split(" ")[-1].encode() == self.password
                    writer.write(b"235 welcome\r\n" if known else b"535 5.7.8 no\r\n")
                case "MAIL" if self.password and not known:
                    writer.write(b"530 5.7.0 who are you\r\n")
                case "RCPT" if self.refuses and self.refuses in line:
                    writer.write(b"550 5.1.1 nobody here\r\n")
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    letter = await reader.readuntil(b"\r\n.\r\n")
                    self.letters.append(letter.decode())
                    writer.write(b"250 taken\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    writer.write(b"250 fine\r\n")


@contextlib.asynccontextmanager
async def mail_server(**how: object) -> AsyncIterator[MailServer]:
    """A server until the block ends; `how`: fields of MailServer."""
    server = MailServer(**how)  # type: ignore[arg-type]
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
