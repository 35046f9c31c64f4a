"""Whether Asterisk does its work, not only whether its process is there.

A hung Asterisk keeps its sockets open. AMI's Ping answers from a thread of its own even when the channels are locked, so
two things are asked that touch more: a SIP OPTIONS (any answer is life), and, at most every ten seconds, for it takes
the lock of all channels, the list of channels.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence

from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Message

EVERY_S = 2.0
CHANNELS_EVERY_S = 10.0
WITHIN_S = 2.0
MISSES = 2
"""So many looks in vain, one after the other, and it is called dead: within ten seconds."""


class Probe:
    def __init__(
        self,
        sip_port: int,
        ami: Ami | None = None,
        host: str = "127.0.0.1",
        on_channels: Callable[[Sequence[Message]], Awaitable[None]] | None = None,
    ) -> None:
        """`on_channels` is given each list of channels: whoever wants one need not ask for another."""
        self.host, self.sip_port, self.ami = host, sip_port, ami
        self._on_channels = on_channels
        self._channels_at = 0.0

    async def look(self) -> str:
        """Why Asterisk is thought dead or hung; empty when it works."""
        if not await self._sip_answers():
            return f"SIP gives no answer on port {self.sip_port}"
        if self.ami is not None and self.ami.up and time.monotonic() - self._channels_at >= CHANNELS_EVERY_S:
            rows: list[Message] | None = None
            try:
                rows = await self.ami.ask("CoreShowChannels")
            except AmiSilent:
                return "its channels can't be listed"
            except (AmiDown, AmiRefused):
                pass  # The link itself tells of this.
            self._channels_at = time.monotonic()  # asked in vain, they are asked for again at the next look
            if rows is not None and self._on_channels is not None:
                await self._on_channels(rows)
        return ""

    async def run(self, on_dead: Callable[[str], None]) -> None:
        """Looks for ever; tells the reason once each time that Asterisk has stopped working."""
        misses = 0
        while True:
            why = await self.look()
            misses = misses + 1 if why else 0
            if misses == MISSES:
                on_dead(why)
            await asyncio.sleep(EVERY_S if not why else 0.2)

    async def _sip_answers(self) -> bool:
        loop = asyncio.get_running_loop()
        answered = asyncio.Event()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Ear(answered), remote_addr=(self.host, self.sip_port)
            )
        except OSError:
            return False
        try:
            transport.sendto(self._options(transport.get_extra_info("sockname")[1]))
            async with asyncio.timeout(WITHIN_S):
                await answered.wait()
            return True
        except TimeoutError:
            return answered.is_set()  # If it came in time and it was we who were late, it came.
        finally:
            transport.close()

    def _options(self, own_port: int) -> bytes:
        token = secrets.token_hex(8)
        return "\r\n".join(
            (
                f"OPTIONS sip:{self.host}:{self.sip_port} SIP/2.0",
                f"Via: SIP/2.0/UDP {self.host}:{own_port};branch=z9hG4bK{token};rport",
                f"From: <sip:sanxiang-probe@{self.host}>;tag={token}",
                f"To: <sip:{self.host}:{self.sip_port}>",
                f"Call-ID: {token}",
                "CSeq: 1 OPTIONS",
                "Max-Forwards: 1",
                "Content-Length: 0",
                "",
                "",
            )
        ).encode()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Event) -> None:
        self.answered = answered

    def datagram_received(self, data: bytes, addr: object) -> None:
        if data.startswith(b"SIP/2.0 "):
            self.answered.set()
