"""Hundreds of callers made by hand, on one socket for SIP and one for sound: each of their own, they would use up the ports.

async with ManyCallers(system.prepared.sip_port) as many:
    line = many.caller("13900000001")
    line.invite()
    ...
"""

import asyncio
import re
import time
from types import TracebackType
from typing import Any, Self

from acd.pbx.install.ports import free_port
from tests.calls.support.manual_caller import ManualCaller, sound_packet
from tests.support.network import TRUNK_ADDRESS

MURMUR_S = 5.0


class OneOfMany(ManualCaller):
    """Hears nothing, and sends a packet of silence now and then, so that it does not count as vanished; sound when it is told to."""

    invited_at = decided_at = 0.0
    """When the INVITE was sent, and its first final answer came: time.monotonic()."""
    _packets = 0

    def shares(self, sip: asyncio.DatagramTransport, rtp: asyncio.DatagramTransport) -> Self:
        self._sip, self._rtp = sip, rtp
        self.port, self.rtp_port = (each.get_extra_info("sockname")[1] for each in (sip, rtp))
        return self

    def invite(self, body: str | None = None, *, cseq: int = 0, branch: str = "") -> None:
        self.invited_at = self.invited_at or time.monotonic()
        super().invite(body, cseq=cseq, branch=branch)

    def speak(self) -> None:
        """From now on it sends sound, and keys; until `close`."""
        self._task = asyncio.create_task(self._speak(), name=f"line {self.number}")

    def close(self) -> None:
        if self._task:
            self._task.cancel()

    def murmur(self) -> None:
        """One packet of silence, where the call is up and nothing else is sent."""
        if self._media_to is not None and self._task is None and not self.ended_at:
            self._packets += 1
            self._rtp.sendto(sound_packet(self._packets, self._packets * 160), self._media_to)

    def _answer_heard(self, text: str) -> None:
        super()._answer_heard(text)
        if self.status and not self.decided_at:
            self.decided_at = time.monotonic()


class _Sip(asyncio.DatagramProtocol):
    def __init__(self, callers: dict[str, OneOfMany]) -> None:
        self._callers = callers

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        found = re.search(rb"^Call-ID:\s*(\S+)", data, re.M | re.I)
        caller = self._callers.get(found[1].decode("utf-8", "replace")) if found else None
        if caller is not None:
            caller._sip_heard(data)


class ManyCallers:
    def __init__(self, pbx_port: int, *, address: str = TRUNK_ADDRESS) -> None:
        self._pbx_port, self._address = pbx_port, address
        self._callers: dict[str, OneOfMany] = {}
        """By Call-ID."""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def own() -> tuple[str, int]:
            return self._address, free_port("udp", self._address)

        self._sip, _ = await loop.create_datagram_endpoint(lambda: _Sip(self._callers), local_addr=own())
        self._rtp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=own())
        self._murmuring = asyncio.create_task(self._murmur(), name="many callers")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._murmuring.cancel()
        for caller in self._callers.values():
            caller.close()
        self._sip.close()
        self._rtp.close()

    def caller(self, number: str, dialled: str = "95001") -> OneOfMany:
        """One more, who has not dialled yet."""
        caller = OneOfMany(number, self._pbx_port, dialled, address=self._address).shares(self._sip, self._rtp)
        self._callers[caller.call_id] = caller
        return caller

    async def _murmur(self) -> None:
        while True:
            await asyncio.sleep(MURMUR_S)
            for caller in self._callers.values():
                caller.murmur()
