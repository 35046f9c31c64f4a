"""A caller for tests: SIPp speaks SIP, an ear of ours holds the media. The ear sends real RTP (silence, and keys as
RFC 2833 events) from the very address that stands in SIPp's SDP, and keeps every packet of sound with its arrival."""

import contextlib
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acd.pbx.install.ports import free_port, free_rtp_range

KEYS = "0123456789*#ABCD"
SILENT = b"\xff" * 160
SAMPLE_S = 0.02


def _ulaw() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return np.where(code & 0x80, 0x84 - size, size - 0x84).astype(np.int16)


ULAW = _ulaw()


def as_ulaw(samples: NDArray[np.int16]) -> bytes:
    """The same in mu-law, a byte a sample."""
    order = np.argsort(ULAW, kind="stable")
    at = np.clip(np.searchsorted(ULAW[order], samples), 0, 255)
    return bytes(order[at].astype(np.uint8))


class Ear:
    """Hears what Asterisk sends and keys what it is told, in a thread of its own."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(SAMPLE_S / 2)
        self.port: int = self.socket.getsockname()[1]
        self.heard: list[tuple[float, bytes]] = []
        """(arrival, 20 ms of mu-law)"""
        self.keyed: list[tuple[float, str]] = []
        self._keys: list[tuple[str, float]] = []
        self._says = b""
        self._to: tuple[str, int] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def key(self, keys: str, gap_s: float = 0.12) -> None:
        """Presses these keys one after the other, each 80 ms long."""
        self._keys += [(key, gap_s) for key in keys]

    def say(self, samples: NDArray[np.int16]) -> None:
        """Speaks from now on, at 8 kHz."""
        self._says += as_ulaw(samples)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self.socket.close()

    def _run(self) -> None:
        sequence, stamp, due, quiet_until = 1, 0, time.monotonic(), 0.0
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError, ConnectionError):
                data, self._to = self.socket.recvfrom(2048)
                if len(data) > 12 and data[1] & 0x7F == 0:
                    self.heard.append((time.monotonic(), data[12:]))
            if self._to is None or time.monotonic() < due:
                continue
            due += SAMPLE_S
            if self._keys and time.monotonic() >= quiet_until:
                key, gap_s = self._keys.pop(0)
                self.keyed.append((time.monotonic(), key))
                for part in range(4 + 3):  # 80 ms, and the end three times as the RFC asks
                    end, long = part >= 4, min(part + 1, 4) * 160
                    head = struct.pack("!BBHII", 0x80, 101 | (0x80 if part == 0 else 0), sequence & 0xFFFF, stamp, 77)
                    event = struct.pack("!BBH", KEYS.index(key), (0x80 if end else 0) | 10, long)
                    self._send(head + event)
                    sequence += 1
                    if not end:
                        time.sleep(SAMPLE_S / 4)
                stamp += 640
                quiet_until = time.monotonic() + gap_s
            self._send(struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, stamp, 77) + self._spoken())
            sequence, stamp = sequence + 1, stamp + 160

    def _spoken(self) -> bytes:
        part, self._says = self._says[:160], self._says[160:]
        return part.ljust(160, SILENT[:1]) if part else SILENT

    def _send(self, packet: bytes) -> None:
        if self._to:
            with contextlib.suppress(OSError):
                self.socket.sendto(packet, self._to)

    def sound(self) -> NDArray[np.int16]:
        """All that was heard, on the clock: where no packet came, there is silence."""
        if not self.heard:
            return np.zeros(0, dtype=np.int16)
        begin = self.heard[0][0]
        long = int((self.heard[-1][0] - begin + 1) * 8000)
        result = np.zeros(long, dtype=np.int16)
        next_at = 0
        for arrival, data in list(self.heard):
            at = int((arrival - begin) * 8000)
            at = next_at if abs(at - next_at) < 2400 else max(at, next_at)  # jitter of a busy machine is no gap
            part = ULAW[np.frombuffer(data, dtype=np.uint8)]
            part = part[: max(0, long - at)]
            result[at : at + len(part)] = part
            next_at = at + len(part)
        return result[:next_at]

    def loudness(self, block_s: float = 0.1) -> NDArray[np.float64]:
        """RMS of each 100 ms heard."""
        sound = self.sound().astype(np.float64)
        block = int(block_s * 8000)
        whole = len(sound) // block
        rms: NDArray[np.float64] = np.sqrt((sound[: whole * block].reshape(whole, block) ** 2).mean(axis=1))
        return rms

    def dead_air_s(self, quieter_than: float = 20.0) -> float:
        """The longest stretch without any sound."""
        longest = run = 0
        for loud in self.loudness():
            run = run + 1 if loud < quieter_than else 0
            longest = max(longest, run)
        return longest * 0.1


SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="caller">
  <send retrans="500"><![CDATA[

INVITE sip:{dialled}@127.0.0.1:{pbx_port} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:13800001111@[local_ip]:[local_port]>;tag=[pid]t[call_number]
To: <sip:{dialled}@127.0.0.1:{pbx_port}>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {ear_port} RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15

]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[

ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
{end}
</scenario>
"""
STAY = """  <recv request="BYE" timeout="{most_ms}"/>
  <send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>"""
LEAVE = """  <pause milliseconds="{after_ms}"/>
  <send retrans="500"><![CDATA[

BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200" timeout="5000"/>"""


class Caller:
    """One call. `leave_after_s`: hangs up then; else he stays until Asterisk hangs up."""

    def __init__(self, sipp: list[str], folder: Path, pbx_port: int, dialled: str, leave_after_s: float | None = None):
        self.ear = Ear()
        end = (
            STAY.format(most_ms=120_000) if leave_after_s is None else LEAVE.format(after_ms=int(leave_after_s * 1000))
        )
        scenario = folder / f"caller-{self.ear.port}.xml"
        text = SCENARIO.format(dialled=dialled, pbx_port=pbx_port, ear_port=self.ear.port, end=end)
        scenario.write_text(text, encoding="utf-8")
        port, media_port = free_port("udp"), free_rtp_range("127.0.0.1", 10)[0]
        command = [*sipp, f"127.0.0.1:{pbx_port}", "-sf", str(scenario), "-m", "1", "-i", "127.0.0.1", "-p", str(port)]
        command += ["-nostdin", "-timeout", "150s", "-mp", str(media_port)]
        self.log = (folder / f"caller-{self.ear.port}.log").open("wb")
        self.process = subprocess.Popen(command, cwd=folder, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)

    def wait(self, seconds: float = 90) -> int:
        """SIPp's exit status once the call is over: 0 for a call that went by the book."""
        try:
            return self.process.wait(seconds)
        finally:
            self.close()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.ear.close()
        self.log.close()
