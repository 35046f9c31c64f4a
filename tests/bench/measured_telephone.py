"""An agent's telephone that answers at once and notes, packet by packet, when it hears its caller. One call at a time."""

from __future__ import annotations

import asyncio
import math
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\na=ptime:20\r\n"
)
_COPIED = ("Via", "From", "Call-ID", "CSeq", "Record-Route")
LOUD = 200.0
"""Amplitude, of 32767, from which a tone counts as heard in a packet of 20 ms."""


def _linear(byte: int) -> int:
    """A byte of A-law (ITU-T G.711) as a 16-bit sample."""
    byte ^= 0x55
    exponent, sample = (byte & 0x70) >> 4, (byte & 0x0F) << 4
    sample = sample + 8 if exponent == 0 else (sample + 0x108) << (exponent - 1)
    return sample if byte & 0x80 else -sample


_LINEAR = np.array([_linear(byte) for byte in range(256)], dtype=np.float64)


def amplitude(payload: bytes, hz: float) -> float:
    """How loud this tone is in A-law sound of 8 kHz, of 32767."""
    samples = _LINEAR[np.frombuffer(payload, dtype=np.uint8)]
    if not len(samples):
        return 0.0
    window = np.hanning(len(samples))
    wave = np.exp(-2j * math.pi * hz / 8000 * np.arange(len(samples)))
    return float(2 * abs(samples @ (window * wave)) / window.sum())


@dataclass
class Heard:
    """One call, in seconds of the monotonic clock."""

    answered_at: float
    """When the 200 OK was written to the socket."""
    packets: list[tuple[float, bytes]] = field(default_factory=list)
    """Arrival and sound of each RTP packet."""

    def first_at(self, hz: float) -> float | None:
        """When the first packet came in which this tone is heard; None: in none yet."""
        return next((at for at, sound in self.packets if amplitude(sound, hz) > LOUD), None)


class MeasuredTelephone:
    """At `host`:`port`; whatever comes in is answered 180, then 200 at once."""

    def __init__(self, host: str, port: int, rtp_port: int, pbx_port: int) -> None:
        self.host, self.port, self.rtp_port, self.pbx = host, port, rtp_port, (host, pbx_port)
        self.calls: list[Heard] = []
        self.changed = asyncio.Event()
        self._dialog: dict[str, str] = {}
        self._ended = asyncio.Event()

    async def start(self) -> None:
        """Listens on both ports."""
        loop = asyncio.get_running_loop()
        phone = self

        class Sip(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:
                phone._message(data.decode("utf-8", "replace"))

        class Rtp(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:
                if phone.calls and len(data) > 12 and data[1] & 0x7F == 8:
                    phone.calls[-1].packets.append((time.monotonic(), data[12:]))
                    phone.changed.set()

        self._sip, _ = await loop.create_datagram_endpoint(Sip, local_addr=(self.host, self.port))
        self._rtp, _ = await loop.create_datagram_endpoint(Rtp, local_addr=(self.host, self.rtp_port))

    def stop(self) -> None:
        """Listens no more."""
        self._sip.close()
        self._rtp.close()

    async def hears(self, hz: float, number: int, within_s: float = 20.0) -> Heard:
        """The `number`th call (from 0), once this tone was heard in it. TimeoutError: it was not."""
        async with asyncio.timeout(within_s):
            while len(self.calls) <= number or self.calls[number].first_at(hz) is None:
                self.changed.clear()
                await self.changed.wait()
        return self.calls[number]

    async def hang_up(self) -> None:
        """BYE, and Asterisk's answer to it."""
        self._ended.clear()
        there = self._dialog
        self._send(
            f"BYE {there['uri']} SIP/2.0\r\nVia: SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            f"From: {there['to']}\r\nTo: {there['from']}\r\nCall-ID: {there['call']}\r\nCSeq: 1 BYE\r\nMax-Forwards: 70\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        await asyncio.wait_for(self._ended.wait(), 10.0)

    def _message(self, text: str) -> None:
        if text.startswith("SIP/2.0"):
            self._ended.set()
        elif text.startswith("INVITE ") and not re.search(r"(?im)^To:.*;tag=", text):
            self._invited(text)
        elif not text.startswith("ACK "):
            self._answer(text, "200 OK", _header(text, "To"))

    def _invited(self, text: str) -> None:
        contact = re.search(r"<([^>]+)>", _header(text, "Contact"))
        to = f"{_header(text, 'To')};tag={secrets.token_hex(6)}"
        uri = contact[1] if contact else ""
        self._dialog = {"uri": uri, "to": to, "from": _header(text, "From"), "call": _header(text, "Call-ID")}
        self._answer(text, "180 Ringing", to)
        self.calls.append(Heard(time.monotonic()))
        self._pick_up(text, to)

    def _pick_up(self, text: str, to: str) -> None:
        self._answer(text, "200 OK", to, _SDP.format(host=self.host, port=self.rtp_port))
        self.calls[-1].answered_at = time.monotonic()
        self.changed.set()

    def _answer(self, request: str, status: str, to: str, body: str = "") -> None:
        copied = "".join(f"{line}\r\n" for line in request.split("\r\n") if line.partition(":")[0].strip() in _COPIED)
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self._send(
            f"SIP/2.0 {status}\r\n{copied}To: {to}\r\nContact: <sip:x@{self.host}:{self.port}>\r\n{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _send(self, text: str) -> None:
        self._sip.sendto(text.encode(), self.pbx)


def _header(text: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}:\s*(.*?)\s*$", text)
    return found[1] if found else ""
