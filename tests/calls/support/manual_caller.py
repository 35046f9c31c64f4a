"""A caller made by hand, on a socket of his own, for what no decent telephone does: and he notes when sound came.

    line = await system.trials.line()
    await line.is_answered()
    line.key("1")
    ...
    line.vanish()                # no BYE, no RTP, no answer to anything

It sends real RTP (A-law silence, keys as RFC 4733 events) and keeps the moment at which each packet of sound came.
"""

import asyncio
import itertools
import math
import random
import re
import struct
import time
from collections.abc import Callable
from typing import Any

from acd.pbx.install.ports import free_port
from acd.sipp.scenarios import alaw
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

SILENCE = b"\xd5" * 160
_SILENT = {0xD5, 0x55}
"""Zero as A-law, from either side."""
_KEYS = "0123456789*#"


_LOW, _HIGH = (697, 770, 852, 941), (1209, 1336, 1477)
_PAD = ("123", "456", "789", "*0#")


def key_tone(key: str, seconds: float) -> bytes:
    """The two tones of a key (ITU-T Q.23) as A-law, whole packets of 20 ms."""
    row = next(number for number, keys in enumerate(_PAD) if key in keys)
    low, high = _LOW[row], _HIGH[_PAD[row].index(key)]
    samples = round(seconds * 50) * 160
    return bytes(
        alaw(int(5000 * (math.sin(2 * math.pi * low * n / 8000) + math.sin(2 * math.pi * high * n / 8000))))
        for n in range(samples)
    )


def sound_packet(sequence: int, stamp: int, sound: bytes = b"") -> bytes:
    """20 ms of A-law in RTP, with silence after what there is of it."""
    head = struct.pack("!BBHII", 0x80, 8, sequence & 0xFFFF, stamp, 77)
    return head + sound.ljust(160, SILENCE[:1])


class _Socket(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self.heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.heard(data)


class ManualCaller:
    def __init__(
        self,
        number: str,
        pbx_port: int,
        dialled: str = "95001",
        *,
        address: str = TRUNK_ADDRESS,
        offers_events: bool = True,
    ) -> None:
        """`offers_events`: whether the SDP offers telephone-event (RFC 4733); else keys can come as tones or INFO only."""
        self.address, self.offers_events = address, offers_events
        self.number, self.dialled, self.pbx = number, dialled, ("127.0.0.1", pbx_port)
        self.call_id = f"{number}-{random.randrange(10**9)}"
        self.tag = f"t{random.randrange(10**9)}"
        self.cseq = 0
        self.target = f"sip:{dialled}@127.0.0.1:{pbx_port}"
        self.their_tag = ""
        self.answered_at = self.ended_at = 0.0
        self.status: list[tuple[int, str]] = []
        """Every final answer: status and the CSeq that it is for; repetitions are not counted."""
        self._vias: set[str] = set()
        self.sound_at: list[float] = []
        """When each packet of sound came, time.monotonic()."""
        self.loud_at: list[float] = []
        """The same, without packets of silence."""
        self.sends_sound = True
        self._deaf = False
        self._media_to: tuple[str, int] | None = None
        self._task: asyncio.Task[None] | None = None
        self._keys: list[str] = []
        self._sound = b""
        """Sent in the place of silence, packet by packet."""
        self._asks_for_an_offer = False

    async def open(self) -> "ManualCaller":
        loop = asyncio.get_running_loop()
        address = self.address
        self._sip, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(self._sip_heard), local_addr=(address, free_port("udp", address))
        )
        self._rtp, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(self._rtp_heard), local_addr=(address, free_port("udp", address))
        )
        self.port = self._sip.get_extra_info("sockname")[1]
        self.rtp_port = self._rtp.get_extra_info("sockname")[1]
        self._task = asyncio.create_task(self._speak(), name=f"line {self.number}")
        return self

    def close(self) -> None:
        if self._task:
            self._task.cancel()
        self._sip.close()
        self._rtp.close()

    # --- SIP ---

    def sdp(self, codec: str = "8 PCMA/8000", direction: str = "sendrecv", version: int = 1) -> str:
        payload, name = codec.split()
        return (
            f"v=0\r\no=- 1 {version} IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\n"
            f"m=audio {self.rtp_port} RTP/AVP {payload}{' 101' if self.offers_events else ''}\r\na=rtpmap:{payload} {name}\r\n"
            + ("a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n" if self.offers_events else "")
            + f"a={direction}\r\n"
        )

    def invite(self, body: str | None = None, *, cseq: int = 0, branch: str = "") -> None:
        """The first, or one within the call. `body` empty: no SDP, the house is to offer."""
        self.cseq = cseq or self.cseq + 1
        self._asks_for_an_offer = body == ""
        self._request("INVITE", self.cseq, self.sdp() if body is None else body, branch)

    def bye(self) -> None:
        self.cseq += 1
        self._request("BYE", self.cseq)

    def vanish(self) -> None:
        """No BYE, no RTP, no answer to anything any more."""
        self._deaf, self.sends_sound = True, False

    def _request(self, method: str, cseq: int, body: str = "", branch: str = "", kind: str = "application/sdp") -> None:
        branch = branch or f"z9hG4bK{random.randrange(10**12)}"
        to = f"<sip:{self.dialled}@127.0.0.1:{self.pbx[1]}>" + (f";tag={self.their_tag}" if self.their_tag else "")
        kind = f"Content-Type: {kind}\r\n" if body else ""
        self._send(
            f"{method} {self.target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.address}:{self.port};branch={branch};rport\r\n"
            f"From: <sip:{self.number}@{self.address}:{self.port}>;tag={self.tag}\r\nTo: {to}\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:{self.number}@{self.address}:{self.port}>\r\nMax-Forwards: 70\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _send(self, text: str) -> None:
        self._sip.sendto(text.encode(), self.pbx)

    def _sip_heard(self, data: bytes) -> None:
        if self._deaf:
            return
        text = data.decode("utf-8", "replace")
        if text.startswith("SIP/2.0 "):
            self._answer_heard(text)
        elif not text.startswith("ACK "):
            if text.startswith("BYE "):
                self.ended_at = time.monotonic()
            self._send(self._ok(text))

    def _answer_heard(self, text: str) -> None:
        status, cseq = int(text[8:11]), self._of(text, "CSeq")
        if status < 200:
            return
        said = (status, cseq)
        if said not in self.status or self._of(text, "Via") not in self._vias:
            self.status.append(said)
            self._vias.add(self._of(text, "Via"))
        if cseq.endswith("BYE"):
            self.ended_at = time.monotonic()
        if not cseq.endswith("INVITE"):
            return
        if status < 300:
            found = re.search(r"tag=([^;\s]+)", self._of(text, "To"))
            self.their_tag = found[1] if found else ""
            contact = re.search(r"<([^>]+)>", self._of(text, "Contact"))
            self.target = contact[1] if contact else self.target
            if media := re.search(r"^m=audio (\d+)", text, re.M):
                self._media_to = ("127.0.0.1", int(media[1]))
            self.answered_at = self.answered_at or time.monotonic()
        # A refusal's ACK belongs to the INVITE's own transaction.
        found = re.search(r"branch=([^;\s]+)", self._of(text, "Via")) if status >= 300 else None
        branch = found[1] if found else ""
        self._request(
            "ACK", int(cseq.split()[0]), self.sdp() if self._asks_for_an_offer and status < 300 else "", branch
        )

    def _ok(self, request: str) -> str:
        kept = "".join(
            f"{name}: {value}\r\n"
            for name in ("Via", "From", "To", "Call-ID", "CSeq")
            for value in re.findall(rf"^{name}:\s*(.+?)\s*$", request, re.M | re.I)
        )
        body = self.sdp() if request.startswith(("INVITE ", "UPDATE ")) and "m=audio" in request else ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        contact = f"Contact: <sip:{self.number}@{self.address}:{self.port}>\r\n"
        return f"SIP/2.0 200 OK\r\n{kept}{contact}{kind}Content-Length: {len(body)}\r\n\r\n{body}"

    @staticmethod
    def _of(text: str, name: str) -> str:
        found = re.search(rf"^{name}:\s*(.+?)\s*$", text, re.M | re.I)
        return found[1] if found else ""

    async def is_answered(self) -> None:
        await eventually(lambda: self.answered_at or self.status, f"an answer to {self.number}")
        assert self.answered_at, self.status

    async def has_answers(self, count: int) -> None:
        await eventually(lambda: len(self.status) >= count, f"{count} final answers")

    async def is_over(self, patience_s: float = 45) -> float:
        """When the house hung up, or took his BYE: time.monotonic()."""
        return await eventually(lambda: self.ended_at, f"the end of {self.number}'s call", patience_s)  # type: ignore[no-any-return]

    # --- sound ---

    def key(self, keys: str) -> None:
        """As RFC 4733 events, one after the other."""
        self._keys += keys

    def tone(self, key: str, seconds: float = 0.12) -> None:
        """As the two tones of that key in the sound."""
        self._sound += key_tone(key, seconds)

    def say(self, sound: bytes) -> None:
        """This A-law, behind what is being said."""
        self._sound += sound

    def info(self, key: str) -> None:
        """As SIP INFO."""
        self.cseq += 1
        self._request("INFO", self.cseq, f"Signal={key}\r\nDuration=160\r\n", kind="application/dtmf-relay")

    def gaps_s(self, since: float = 0.0) -> float:
        """The longest time without a packet of sound between two of them."""
        at = [moment for moment in self.sound_at if moment >= since]
        return max((b - a for a, b in itertools.pairwise(at)), default=0.0)

    def _rtp_heard(self, data: bytes) -> None:
        if len(data) > 12 and data[1] & 0x7F != 101:
            self.sound_at.append(time.monotonic())
            if set(data[12:]) - _SILENT:
                self.loud_at.append(self.sound_at[-1])

    async def _speak(self) -> None:
        sequence, stamp, due = 1, 0, time.monotonic()
        while True:
            due = max(due + 0.02, time.monotonic() - 0.2)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self._media_to is None or not self.sends_sound:
                continue
            if self._keys:
                key = self._keys.pop(0)
                for part in range(8):
                    end, long = part >= 5, min(part + 1, 5) * 160
                    head = struct.pack("!BBHII", 0x80, 101 | (0x80 if part == 0 else 0), sequence & 0xFFFF, stamp, 77)
                    event = struct.pack("!BBH", _KEYS.index(key), (0x80 if end else 0) | 10, long)
                    self._rtp.sendto(head + event, self._media_to)
                    sequence += 1
                    if not end:
                        await asyncio.sleep(0.02)
                stamp += 1600
                continue
            packet, self._sound = self._sound[:160], self._sound[160:]
            self._rtp.sendto(sound_packet(sequence, stamp, packet), self._media_to)
            sequence, stamp = sequence + 1, stamp + 160
