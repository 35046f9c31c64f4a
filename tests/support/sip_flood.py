"""A stranger who sends SIP requests at a set pace and listens to no answer: `python -m tests.support.sip_flood …`, and `SipFlood`.

Each request is another call, from another port. What comes out is the number that was sent; how many of them the kernel dropped
for want of room in Asterisk's socket is `dropped_at`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PORTS = 64
"""Sockets that the stranger sends from, in turn."""
AT_ONCE_S = 0.005
"""What is due in so much time is sent in one go."""


def request(method: str, host: str, port: int, source: str, number: int, mark: str) -> bytes:
    """One request of a scanner: another account, branch and Call-ID each time."""
    uri = f"sip:{host}:{port}" if method == "REGISTER" else f"sip:{1000 + number % 9000}@{host}:{port}"
    return (
        f"{method} {uri} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {source}:5060;branch=z9hG4bK{mark}{number};rport\r\n"
        f"From: <sip:{1000 + number % 9000}@{host}>;tag={number}\r\n"
        f"To: <sip:{1000 + number % 9000}@{host}>\r\n"
        f"Call-ID: {mark}-{number}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n"
        f"Contact: <sip:x@{source}:5060>\r\nUser-Agent: friendly-scanner\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def flood(method: str, host: str, port: int, source: str, per_s: int, seconds: float) -> tuple[int, float]:
    """Sends; how many were sent, and within how many seconds."""
    lines = []
    for _ in range(PORTS):
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.bind((source, 0))
        line.setblocking(False)
        lines.append(line)
    mark, sent, began = secrets.token_hex(4), 0, time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        due = round(passed * per_s)
        for number in range(sent, due):
            try:
                lines[number % PORTS].sendto(request(method, host, port, source, number, mark), (host, port))
            except BlockingIOError:
                break
            sent += 1
        time.sleep(AT_ONCE_S)
    return sent, time.monotonic() - began


def dropped_at(port: int) -> int:
    """Datagrams that the kernel has dropped at the UDP sockets of this port since they were opened."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return sum(int(row[12]) for row in rows if int(row[1].split(":")[1], 16) == port)


@dataclass(slots=True)
class SipFlood:
    """A flood from a process of its own."""

    port: int
    per_s: int
    seconds: float
    method: str = "REGISTER"
    source: str = "127.0.0.3"
    host: str = "127.0.0.1"
    sent: int = 0
    lasted_s: float = 0.0
    dropped: int = 0

    async def run(self) -> None:
        """Returns when the flood is over."""
        before = dropped_at(self.port)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.sip_flood", self.method, self.host, str(self.port)),
            *(self.source, str(self.per_s), str(self.seconds)),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        self.sent, self.lasted_s = json.loads(output)
        self.dropped = dropped_at(self.port) - before

    def __str__(self) -> str:
        arrived = (self.sent - self.dropped) / self.lasted_s
        return (
            f"{self.sent / self.lasted_s:,.0f} {self.method}/s sent for {self.lasted_s:.0f} s, {arrived:,.0f}/s arrived"
        )


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    for name, kind in (
        ("method", str),
        ("host", str),
        ("port", int),
        ("source", str),
        ("per_s", int),
        ("seconds", float),
    ):
        words.add_argument(name, type=kind)
    print(json.dumps(flood(**vars(words.parse_args()))))
