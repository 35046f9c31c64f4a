"""Whether Asterisk works, not only whether its process exists.

A hung Asterisk keeps its sockets open, and AMI's Ping is answered by a thread of its own even when the channels are locked. So
two requests are sent that need more: a SIP OPTIONS (any answer will do), and the list of channels. The list locks all channels,
so it is asked for at most every ten seconds.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence

from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Message

EVERY_S = 2.0
"""Between two looks."""
CHANNELS_EVERY_S = 10.0
WITHIN_S = 2.0
"""How long the answer to OPTIONS may take."""
MISSES = 2
"""After so many failed looks in a row Asterisk is taken for dead: within ten seconds."""


class Probe:
    """Looks at one Asterisk. Raises nothing: what is wrong comes out as a sentence."""

    def __init__(
        self,
        sip_port: int,
        ami: Ami | None = None,
        host: str = "127.0.0.1",
        on_channels: Callable[[Sequence[Message]], Awaitable[None]] | None = None,
    ) -> None:
        """`on_channels` is called with the rows of each list of channels. `ami` None: SIP alone is asked."""
        self.host, self.sip_port, self.ami = host, sip_port, ami
        self._uri_host = f"[{host}]" if ":" in host else host
        self.sip_trouble = ""
        """What the last look has found about SIP alone; empty when it answered."""
        self._answered_before = False
        self._on_channels = on_channels
        self._channels_at = 0.0

    async def look(self) -> str:
        """One look: why Asterisk is taken for dead or hung; empty when it works."""
        answers = await self._sip_answers()
        self._answered_before |= answers
        self.sip_trouble = "" if answers else f"SIP gives no answer on port {self.sip_port}"
        if not answers:
            return self.sip_trouble
        if self.ami is not None and self.ami.up and time.monotonic() - self._channels_at >= CHANNELS_EVERY_S:
            rows: list[Message] | None = None
            try:
                rows = await self.ami.ask("CoreShowChannels")
            except AmiSilent:
                return "its channels can't be listed"
            except (AmiDown, AmiRefused):
                pass  # The link itself tells of this.
            self._channels_at = time.monotonic()  # When there is no answer, they are asked for again at the next look.
            if rows is not None and self._on_channels is not None:
                await self._on_channels(rows)
        return ""

    async def run(self, on_dead: Callable[[str], None]) -> None:
        """Looks for ever; calls `on_dead` with the reason once each time that Asterisk has stopped working."""
        misses = 0
        while True:
            why = await self.look()
            misses = misses + 1 if why else 0
            if misses == MISSES:
                on_dead(why)
            await asyncio.sleep(EVERY_S if not why else 0.2)

    async def _sip_answers(self) -> bool:
        loop = asyncio.get_running_loop()
        # A closed port is no reason to wait while Asterisk starts. Later it takes as long as any other silence.
        answer = _Answer(or_refused=not self._answered_before)
        try:
            transport, _ = await loop.create_datagram_endpoint(lambda: answer, remote_addr=(self.host, self.sip_port))
        except OSError:
            return False
        try:
            transport.sendto(self._options(transport.get_extra_info("sockname")[1]))
            async with asyncio.timeout(WITHIN_S):
                await answer.over.wait()
        except TimeoutError:
            pass  # The answer may have come in time, and this process was late.
        finally:
            transport.close()
        return answer.came

    def _options(self, own_port: int) -> bytes:
        token = secrets.token_hex(8)
        return "\r\n".join(
            (
                f"OPTIONS sip:{self._uri_host}:{self.sip_port} SIP/2.0",
                f"Via: SIP/2.0/UDP {self._uri_host}:{own_port};branch=z9hG4bK{token};rport",
                f"From: <sip:sanxiang-probe@{self._uri_host}>;tag={token}",
                f"To: <sip:{self._uri_host}:{self.sip_port}>",
                f"Call-ID: {token}",
                "CSeq: 1 OPTIONS",
                "Max-Forwards: 1",
                "Content-Length: 0",
                "",
                "",
            )
        ).encode()


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, or_refused: bool) -> None:
        """`or_refused`: it is over, too, when the system says that nobody listens there."""
        self.over = asyncio.Event()
        self.came = False
        self._or_refused = or_refused

    def datagram_received(self, data: bytes, addr: object) -> None:
        if data.startswith(b"SIP/2.0 "):
            self.came = True
            self.over.set()

    def error_received(self, exc: Exception) -> None:
        if self._or_refused:
            self.over.set()
