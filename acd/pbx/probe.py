"""Whether Asterisk works, not only whether its process exists.

Two questions are asked, because each alone misleads. **SIP**: an OPTIONS request, to which any answer will do. Asterisk ignores
new UDP requests while it is overloaded and relies on the sender to repeat them (`distributor()` in res_pjsip/pjsip_distributor.c),
and a flood fills the socket's buffer: so the request is repeated as SIP does it, and then sent over TCP as well, where an
overloaded Asterisk answers 503. **AMI**: the list of channels. It locks all channels, so it is asked for at most every ten seconds
while SIP is answered; AMI's Ping would be answered by a thread of its own even when the channels are locked.

What follows from the answers is not decided here (acd/daemon/watchdogs/asterisk.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Message

CHANNELS_EVERY_S = 10.0
WITHIN_S = 2.0
"""How long the answer to OPTIONS, and to the list of channels, may take."""
REPEAT_AT_S = (0.0, 0.5, 1.5)
"""When OPTIONS is sent over UDP: SIP's timer T1 and its doublings (RFC 3261 17.1.2.2)."""
DOUBT_AFTER_S = 0.8
"""So long without an answer over UDP, and TCP and AMI are asked too."""


class Finding(StrEnum):
    """What a look has found. The value is for logs."""

    WELL = "well"
    OVERLOADED = "overloaded"
    """SIP is answered over TCP and not over UDP."""
    DEAF = "deaf"
    """SIP gives no answer, and AMI lists the channels."""
    LOCKED = "locked"
    """SIP is answered, and the channels can't be listed."""
    SILENT = "silent"
    """Neither gives an answer."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at Asterisk."""

    finding: Finding
    why: str = ""
    """A sentence for the log; empty when all is well."""
    channels: int | None = None
    """Number of channels in the list; None when it was not asked for or did not come."""


class Probe:
    """Looks at one Asterisk. Raises nothing."""

    def __init__(
        self,
        sip_port: int,
        ami: Ami | None = None,
        host: str = "127.0.0.1",
        on_channels: Callable[[Sequence[Message]], Awaitable[None]] | None = None,
    ) -> None:
        """`on_channels` is called with the rows of each list of channels that was due. `ami` None: SIP alone is asked."""
        self.host, self.sip_port, self.ami = host, sip_port, ami
        self._on_channels = on_channels
        self._channels_at = 0.0

    async def look(self) -> Look:
        """One look; takes less than three seconds."""
        asked = [asyncio.create_task(self._udp_answers())]
        try:
            await asyncio.wait(asked, timeout=DOUBT_AFTER_S)
            if asked[0].done() and asked[0].result():
                return await self._listed_when_due()
            asked.append(asyncio.create_task(self._tcp_answers()))
            listed, _ = await self._list()
            return self._judged(*[await each for each in asked], listed=listed)
        finally:
            for each in asked:
                each.cancel()

    def _judged(self, by_udp: bool, by_tcp: bool, *, listed: int | None) -> Look:
        """SIP over UDP was late, or silent, so everything was asked. `listed`: None where no list of channels came."""
        silent = f"SIP gives no answer on port {self.sip_port}"
        if not by_udp and not by_tcp:
            if listed is None:
                return Look(Finding.SILENT, silent)
            return Look(Finding.DEAF, f"{silent}, though its channels can be listed", listed)
        if listed is None and self._linked:
            return Look(Finding.LOCKED, "its channels can't be listed")
        if by_udp:
            return Look(Finding.WELL, "", listed)
        return Look(Finding.OVERLOADED, f"{silent} over UDP, and an answer over TCP", listed)

    @property
    def _linked(self) -> bool:
        """Whether the link to AMI is up. When it is not, the link itself tells of it."""
        return self.ami is not None and self.ami.up

    async def _listed_when_due(self) -> Look:
        """SIP is answered. The channels are listed where that is due and the link is up."""
        if not self._linked or time.monotonic() - self._channels_at < CHANNELS_EVERY_S:
            return Look(Finding.WELL)
        listed, rows = await self._list()
        if listed is None and self._linked:
            return Look(Finding.LOCKED, "its channels can't be listed")  # They are asked for again at the next look.
        self._channels_at = time.monotonic()
        if rows is not None and self._on_channels is not None:
            await self._on_channels(rows)
        return Look(Finding.WELL, "", listed)

    async def _list(self) -> tuple[int | None, list[Message] | None]:
        """How many channels there are, and their rows; None where no list came. A refusal is an answer, of no channel."""
        if self.ami is None:
            return None, None
        try:
            rows = await self.ami.ask("CoreShowChannels", WITHIN_S)
        except (AmiSilent, AmiDown):
            return None, None
        except AmiRefused:
            return 0, None
        return len(rows), rows

    async def _udp_answers(self) -> bool:
        loop = asyncio.get_running_loop()
        answered = asyncio.Event()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Answer(answered), remote_addr=(self.host, self.sip_port)
            )
        except OSError:
            return False
        request = self._options("UDP", transport.get_extra_info("sockname")[1])
        began = loop.time()
        try:
            for at in (*REPEAT_AT_S[1:], WITHIN_S):
                transport.sendto(request)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(began + at - loop.time()):
                        await answered.wait()
                if answered.is_set():  # It may have come in time, and this process was late.
                    return True
            return False
        finally:
            transport.close()

    async def _tcp_answers(self) -> bool:
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(WITHIN_S - DOUBT_AFTER_S):
                reader, writer = await asyncio.open_connection(self.host, self.sip_port)
                writer.write(self._options("TCP", writer.get_extra_info("sockname")[1]))
                return (await reader.readuntil(b"\r\n")).startswith(b"SIP/2.0 ")
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return False
        finally:
            if writer is not None:
                writer.transport.abort()

    def _options(self, transport: str, own_port: int) -> bytes:
        token = secrets.token_hex(8)
        return "\r\n".join(
            (
                f"OPTIONS sip:{self.host}:{self.sip_port} SIP/2.0",
                f"Via: SIP/2.0/{transport} {self.host}:{own_port};branch=z9hG4bK{token};rport",
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


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Event) -> None:
        self.answered = answered

    def datagram_received(self, data: bytes, addr: object) -> None:
        if data.startswith(b"SIP/2.0 "):
            self.answered.set()
