"""A bad line between a telephone and Asterisk: SIP goes through, and its sound is lost, delayed, jittered or kept back.

    line = await ImpairedLine.opened(pbx_port=5060)
    line.from_party = Impairment(loss=0.05)          # what the telephone says
    line.to_party = Impairment(delay_s=0.2)          # what it hears
    ... the telephone sends its SIP to 127.0.0.1:line.port instead of Asterisk's port ...
    await line.stop()

There is no netem on the machines that run the tests. This is a relay of UDP in one process: it puts its own ports into the session
descriptions (c=, m=) that go through, and relays RTP and RTCP, each packet with a fate of its own. The fates come from a
seed. As with netem, jitter is a delay between minus and plus `jitter_s` around `delay_s`, evenly spread, so packets may overtake
each other; the mean difference of two such delays, which RFC 3550 calls jitter, is two thirds of `jitter_s`.

SIPp sends no RTCP. With `reports=True` the line sends the receiver reports that a telephone would: of what arrives at the
party, each `REPORT_S` (and by the same bad line). Without it, a telephone's own reports go through.
"""

from __future__ import annotations

import asyncio
import random
import re
import struct
import time
from dataclasses import dataclass, field
from typing import Self

from acd.pbx.install.ports import free_port, free_rtp_range

Address = tuple[str, int]
_C = re.compile(rb"(?m)^c=IN IP4 (\S+)\r$")
_M = re.compile(rb"(?m)^m=audio (\d+) ")
_LINES = re.compile(rb"(?m)^a=(rtcp|rtcp-mux|candidate)\b.*\r\n")
_LENGTH = re.compile(rb"(?mi)^(Content-Length|l)\s*:\s*\d+\r$")
_CALL_ID = re.compile(rb"(?mi)^(?:Call-ID|i)\s*:\s*(\S+)\r$")
_CONTACT = re.compile(rb"(?mi)^(Contact\s*:.*?@)([0-9.]+:\d+)")


@dataclass(frozen=True, slots=True)
class Impairment:
    """What happens to the packets of one direction."""

    loss: float = 0.0
    """Share that is lost; 1.0: nothing goes through."""
    delay_s: float = 0.0
    jitter_s: float = 0.0


REPORT_S = 1.0
"""A real telephone reports every 5 s."""
_REPORTER = 0x5A5A0001


class Receiver:
    """The party's end of what Asterisk sends: counts as RFC 3550 says (A.3, A.8), and reports."""

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self.received = self.first = self.highest = self.cycles = 0
        self.before = (0, 0)
        """Expected and received at the latest report."""
        self.jitter = 0.0
        self.transit: float | None = None
        self.sender_report: tuple[int, float] | None = None
        """The middle of the latest one's NTP time, and when it arrived."""

    def rtp(self, data: bytes, now: float) -> None:
        if len(data) < 12:
            return
        _, kind, seq, stamp, ssrc = struct.unpack("!BBHII", data[:12])
        if ssrc != self.ssrc:  # Asterisk changes it with each source: menu, music, agent. The counts begin anew.
            self.__init__()  # type: ignore[misc]
            self.ssrc, self.first, self.highest = ssrc, seq, seq
        if (seq - self.highest) % 65536 < 32768:
            self.cycles += seq < self.highest
            self.highest = seq
        self.received += 1
        if kind & 0x7F == 8:
            transit = now * 8000 - stamp
            if self.transit is not None:
                self.jitter += (abs(transit - self.transit) - self.jitter) / 16
            self.transit = transit

    def rtcp(self, data: bytes, now: float) -> None:
        if len(data) >= 28 and data[1] == 200:
            seconds, fraction = struct.unpack("!II", data[8:16])
            self.sender_report = ((seconds & 0xFFFF) << 16 | fraction >> 16, now)

    def report(self, now: float) -> bytes | None:
        """A receiver report; None before anything was received."""
        if self.ssrc is None:
            return None
        highest = self.cycles << 16 | self.highest
        expected = highest - self.first + 1
        lost = max(0, expected - self.received)
        new = expected - self.before[0]
        fraction = max(0, new - (self.received - self.before[1])) * 256 // new if new > 0 else 0
        self.before = (expected, self.received)
        lsr, at = self.sender_report or (0, now)
        dlsr = round((now - at) * 65536) if lsr else 0
        words = (
            _REPORTER,
            self.ssrc,
            min(fraction, 255) << 24 | lost & 0xFFFFFF,
            highest,
            round(self.jitter),
            lsr,
            dlsr,
        )
        return struct.pack("!BBH", 0x81, 201, 7) + struct.pack("!7I", *words)


class _Socket(asyncio.DatagramProtocol):
    def __init__(self, line: ImpairedLine, media: _Media | None, to_party: bool, rtcp: bool = False) -> None:
        self.line, self.media, self.to_party, self.rtcp = line, media, to_party, rtcp

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Address) -> None:
        if self.media is None:
            self.line.sip(data, address, self.to_party)
        else:
            self.line.sound(self.media, data, self.to_party, self.rtcp)

    def error_received(self, error: Exception) -> None:
        """The other side has closed its port: its call is over."""


@dataclass(slots=True)
class _Media:
    """The sound of one call: of each side its address, and our sockets that face it (RTP, RTCP)."""

    party_at: Address | None = None
    pbx_at: Address | None = None
    receiver: Receiver = field(default_factory=Receiver)
    to_party: list[asyncio.DatagramTransport] = field(default_factory=list)
    to_pbx: list[asyncio.DatagramTransport] = field(default_factory=list)


class ImpairedLine:
    """One relay, for any number of calls of one telephone."""

    def __init__(self, pbx: Address, address: str, pbx_side: str, seed: int, reports: bool) -> None:
        self.pbx, self.address, self.pbx_side = pbx, address, pbx_side
        self._reports = reports
        self._reporter: asyncio.Task[None] | None = None
        self.from_party = Impairment()
        self.to_party = Impairment()
        self.port = 0
        """For the telephone's SIP, at `address`."""
        self.carried: dict[str, int] = {"from": 0, "to": 0}
        """RTP packets that came in, lost ones too, by direction."""
        self.lost: dict[str, int] = {"from": 0, "to": 0}
        self._random = {True: random.Random(seed), False: random.Random(seed + 1)}
        self._party_at: Address | None = None
        self._sip: dict[bool, asyncio.DatagramTransport] = {}
        self._media: dict[bytes, _Media] = {}
        self._ports: list[asyncio.DatagramTransport] = []
        self._later: set[asyncio.TimerHandle] = set()
        self._opening: dict[bytes, asyncio.Task[_Media]] = {}
        self._closed = False

    @classmethod
    async def opened(
        cls,
        *,
        pbx_port: int,
        pbx_host: str = "127.0.0.1",
        address: str = "127.0.0.1",
        pbx_side: str = "",
        seed: int = 7,
        reports: bool = False,
    ) -> Self:
        """`pbx_side`: the address that Asterisk sees, where that is not `address` (a trunk is told by it)."""
        line = cls((pbx_host, pbx_port), address, pbx_side or address, seed, reports)
        loop = asyncio.get_running_loop()
        for to_party, host in ((False, line.address), (True, line.pbx_side)):
            # The socket that faces the party hears what goes to Asterisk, and the other way round.
            port = free_port("udp", host)
            transport, _ = await loop.create_datagram_endpoint(
                lambda to_party=to_party: _Socket(line, None, to_party),  # type: ignore[misc]
                local_addr=(host, port),
            )
            line._sip[to_party] = transport
        line.port = line._sip[False].get_extra_info("sockname")[1]
        if reports:
            line._reporter = loop.create_task(line._report(), name="receiver reports")
        return line

    async def stop(self) -> None:
        """Nothing goes through any more."""
        self._closed = True
        if self._reporter is not None:
            self._reporter.cancel()
        for handle in self._later:
            handle.cancel()
        for transport in (*self._sip.values(), *self._ports):
            transport.close()
        await asyncio.sleep(0)

    # --- SIP ---

    def sip(self, data: bytes, address: Address, to_party: bool) -> None:
        """One message; `to_party`: it came from Asterisk."""
        if not to_party:
            self._party_at = address
        if b"\r\n\r\nv=0" not in data:
            self._on(data, to_party)
            return
        task = asyncio.get_running_loop().create_task(self._pass(data, to_party))
        task.add_done_callback(lambda done: done.exception())

    async def _pass(self, data: bytes, to_party: bool) -> None:
        head, gap, body = data.partition(b"\r\n\r\n")
        found = _CALL_ID.search(head + b"\r\n")
        if body and found and (port := _M.search(body)) and (host := _C.search(body)):
            media = await self._media_of(found[1])
            at = (host[1].decode(), int(port[1]))
            if to_party:
                media.pbx_at = at
            else:
                media.party_at = at
            own = (media.to_party if to_party else media.to_pbx)[0].get_extra_info("sockname")
            body = _C.sub(b"c=IN IP4 %s\r" % own[0].encode(), body)
            body = _LINES.sub(b"", _M.sub(b"m=audio %d " % own[1], body, count=1))
            head = _LENGTH.sub(b"Content-Length: %d\r" % len(body), head + b"\r")[:-1]
        self._on(head + gap + body, to_party)

    def _on(self, whole: bytes, to_party: bool) -> None:
        if to_party:  # Requests within the dialog come this way, too.
            head, gap, body = whole.partition(b"\r\n\r\n")
            here = f"{self.address}:{self.port}".encode()
            whole = _CONTACT.sub(rb"\g<1>" + here, head) + gap + body
        if to_party and self._party_at:
            self._sip[False].sendto(whole, self._party_at)
        elif not to_party:
            self._sip[True].sendto(whole, self.pbx)

    async def _media_of(self, call: bytes) -> _Media:
        # INVITE and answer may come while the ports are being opened: both wait for the same ones.
        if call not in self._opening:
            self._opening[call] = asyncio.get_running_loop().create_task(self._opened_media(call))
        return await self._opening[call]

    async def _opened_media(self, call: bytes) -> _Media:
        media = self._media[call] = _Media()
        loop = asyncio.get_running_loop()
        for faces_party, host, into in ((True, self.address, media.to_party), (False, self.pbx_side, media.to_pbx)):
            first, _ = free_rtp_range(host, 4)
            for rtcp in (False, True):
                transport, _ = await loop.create_datagram_endpoint(
                    lambda media=media, f=faces_party, rtcp=rtcp: _Socket(self, media, not f, rtcp),  # type: ignore[misc]
                    local_addr=(host, first + rtcp),
                )
                into.append(transport)
                self._ports.append(transport)
        return media

    # --- sound ---

    def sound(self, media: _Media, data: bytes, to_party: bool, rtcp: bool) -> None:
        """One packet of RTP or RTCP; `to_party`: it came from Asterisk."""
        fate, chance = (self.to_party if to_party else self.from_party), self._random[to_party]
        way = "to" if to_party else "from"
        self.carried[way] += not rtcp
        if chance.random() < fate.loss:
            self.lost[way] += not rtcp
            return
        wait_s = max(0.0, fate.delay_s + chance.uniform(-fate.jitter_s, fate.jitter_s))
        if wait_s <= 0:
            self._send(media, data, to_party, rtcp)
            return
        loop = asyncio.get_running_loop()

        def go() -> None:
            self._later.discard(handle)
            self._send(media, data, to_party, rtcp)

        handle = loop.call_later(wait_s, go)
        self._later.add(handle)

    def _send(self, media: _Media, data: bytes, to_party: bool, rtcp: bool) -> None:
        at, sockets = (media.party_at, media.to_party) if to_party else (media.pbx_at, media.to_pbx)
        if self._reports and to_party:
            receiver, now = media.receiver, time.monotonic()
            (receiver.rtcp if rtcp else receiver.rtp)(data, now)
        if at is not None and not self._closed:
            sockets[rtcp].sendto(data, (at[0], at[1] + rtcp))

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            for media in self._media.values():
                report = media.receiver.report(time.monotonic())
                if report is not None:
                    self.sound(media, report, False, True)
