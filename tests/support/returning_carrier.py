"""A carrier that returns a call: what the hotline dials over its trunk comes in again at the same hotline. SIP and sound by UDP.

It stands between two calls of the same Asterisk as a back-to-back user agent and passes the sound on. It can do what carriers do:
refuse, never answer, answer itself, change the caller's number, lose one direction, some packets, or the keys, and take its time.
"""

import asyncio
import random
import re
import secrets
from dataclasses import dataclass, field
from typing import Self, cast

Address = tuple[str, int]
KEYS_TYPE = 101
"""Payload type of telephone-event, as Asterisk offers it."""


@dataclass
class Habits:
    """How this carrier treats a call; may be changed between calls."""

    refuse: int = 0
    """This status at once."""
    wants: str = ""
    """A pattern of the whole called number; any other writing is answered 404."""
    never_answers: bool = False
    keeps_it: bool = False
    """Answers, and brings nothing in."""
    caller: str = ""
    """The caller's number that it shows; empty: the one that came. "-" withholds it."""
    asserted: str = ""
    lose: dict[str, float] = field(default_factory=dict)
    """Direction ("out", "back") to the part of its sound packets that is lost, 0 to 1."""
    lose_keys: set[str] = field(default_factory=set)
    delay_s: float = 0.0
    """One way, each way."""
    jitter_s: float = 0.0
    """Each packet takes up to so much longer."""


class _Port(asyncio.DatagramProtocol):
    def __init__(self, heard) -> None:
        self._heard = heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.line = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._heard(data, addr)


class _Leg:
    """One dialog with Asterisk."""

    def __init__(self, call_id: str) -> None:
        self.call_id, self.tag = call_id, secrets.token_hex(6)
        self.invite, self.remote, self.target = "", "", ""
        self.media: Address | None = None
        self.port: _Port | None = None
        self.cseq = 1
        self.over = False


class ReturningCarrier:
    """`async with ReturningCarrier(address, port, hotline)`; `hotline` is Asterisk's SIP address."""

    def __init__(self, address: str, port: int, hotline: Address) -> None:
        self.address, self.port, self.hotline = address, port, hotline
        self.habits = Habits()
        self.invites: list[str] = []
        """Those that came from the hotline."""
        self._legs: dict[str, tuple[str, _Leg, _Leg]] = {}
        self._lines: list[asyncio.DatagramTransport] = []
        self._chance = random.Random(1)

    async def __aenter__(self) -> Self:
        self._sip = await self._open(self.port, self._request)
        return self

    async def __aexit__(self, *_: object) -> None:
        for line in self._lines:
            line.close()

    async def _open(self, port: int, heard) -> _Port:
        loop = asyncio.get_running_loop()
        line, made = await loop.create_datagram_endpoint(lambda: _Port(heard), local_addr=(self.address, port))
        self._lines.append(line)
        return made

    # --- SIP ---

    def _request(self, data: bytes, addr: Address) -> None:
        text = data.decode("utf-8", "replace")
        if not text.strip():
            return
        call_id = _header(text, "Call-ID")
        first = text.split(" ", 1)[0]
        if first == "INVITE" and call_id not in self._legs:
            self.invites.append(text)
            asyncio.get_running_loop().create_task(self._incoming(text, call_id))
        elif first == "OPTIONS":
            self._answer(text, 200, "", secrets.token_hex(4))
        elif first == "BYE":
            self._bye(text, call_id)
        elif first == "CANCEL":
            self._cancelled(text, call_id)
        elif first == "SIP/2.0" and call_id in self._legs and "INVITE" in _header(text, "CSeq"):
            self._answered(text, call_id)

    async def _incoming(self, invite: str, call_id: str) -> None:
        a, b = _Leg(call_id), _Leg(secrets.token_hex(12))
        a.invite, a.media = invite, _media(invite)
        a.remote, a.target = _header(invite, "From"), _uri(_header(invite, "Contact"))
        self._legs[a.call_id] = ("out", a, b)
        self._legs[b.call_id] = ("back", a, b)
        self._answer(invite, 100, "", a.tag)
        number = re.search(r"sip:([^@;]+)@", invite.split("\r\n", 1)[0])
        assert number is not None
        unfit = bool(self.habits.wants) and not re.fullmatch(self.habits.wants, number[1])
        if self.habits.refuse or unfit:
            self._answer(invite, 404 if unfit else self.habits.refuse, "", a.tag)
            return
        a.port = await self._open(0, lambda data, addr: self._sound("out", b, a, data, addr))
        b.port = await self._open(0, lambda data, addr: self._sound("back", a, b, data, addr))
        if self.habits.never_answers:
            self._answer(invite, 180, "", a.tag)
            return
        if self.habits.keeps_it:
            self._answer(invite, 200, _with_media(invite, self.address, _port_of(a)), a.tag)
            return
        shown = re.search(r"sip:([^@>;]+)@", a.remote)
        caller = self.habits.caller or (shown[1] if shown else "")
        who = "<sip:anonymous@anonymous.invalid>" if caller == "-" else f"<sip:{caller}@{self.address}>"
        more = "Privacy: id\r\n" if caller == "-" else ""
        more += f"P-Asserted-Identity: <sip:{self.habits.asserted}@{self.address}>\r\n" if self.habits.asserted else ""
        host = f"{self.hotline[0]}:{self.hotline[1]}"
        body = _with_media(invite, self.address, _port_of(b))
        b.target, b.remote = f"sip:{number[1]}@{host}", f"<sip:{number[1]}@{host}>"
        b.invite = (
            f"INVITE {b.target} SIP/2.0\r\nVia: {self._via()}\r\n"
            f"From: {who};tag={b.tag}\r\nTo: {b.remote}\r\nCall-ID: {b.call_id}\r\nCSeq: 1 INVITE\r\n"
            f"Max-Forwards: 60\r\nContact: <sip:carrier@{self.address}:{self.port}>\r\n{more}"
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        self._send(b.invite)

    def _answered(self, text: str, call_id: str) -> None:
        way, a, b = self._legs[call_id]
        code = int(text.split()[1])
        if way != "back" or a.over:
            return
        if code == 180:
            self._answer(a.invite, 180, "", a.tag)
        if code < 200:
            return
        b.remote = _header(text, "To")
        if code >= 300:
            self._send(self._in_dialog("ACK", b, branch=_branch(b.invite)))
            self._answer(a.invite, code, "", a.tag)
            return
        b.target, b.media = _uri(_header(text, "Contact")), _media(text)
        self._send(self._in_dialog("ACK", b))
        self._answer(a.invite, 200, _with_media(text, self.address, _port_of(a)), a.tag)

    def _bye(self, text: str, call_id: str) -> None:
        self._answer(text, 200, "", "")
        if call_id not in self._legs:
            return
        way, a, b = self._legs[call_id]
        other = b if way == "out" else a
        mine = a if way == "out" else b
        if not other.over and other.media is not None and not self.habits.keeps_it:
            other.over = True
            self._send(self._in_dialog("BYE", other))
        mine.over = True

    def _cancelled(self, text: str, call_id: str) -> None:
        self._answer(text, 200, "", "")
        if call_id in self._legs:
            _, a, _ = self._legs[call_id]
            a.over = True
            self._answer(a.invite, 487, "", a.tag)

    def _in_dialog(self, method: str, leg: _Leg, branch: str = "") -> str:
        called = leg.invite.startswith("INVITE") and leg.call_id == _header(leg.invite, "Call-ID") and leg.cseq >= 1
        own = _header(leg.invite, "From")
        if leg.remote == own:  # The leg that Asterisk began: we are its To.
            own = _header(leg.invite, "To") + f";tag={leg.tag}"
        assert called
        if method == "BYE":
            leg.cseq += 1
        return (
            f"{method} {leg.target} SIP/2.0\r\nVia: {self._via(branch)}\r\nFrom: {own}\r\nTo: {leg.remote}\r\n"
            f"Call-ID: {leg.call_id}\r\nCSeq: {leg.cseq} {method}\r\nMax-Forwards: 60\r\nContent-Length: 0\r\n\r\n"
        )

    def _answer(self, request: str, code: int, body: str, tag: str) -> None:
        kept = re.findall(r"(?im)^((?:Via|From|Call-ID|CSeq|Record-Route):.*?)\r$", request)
        to = "To: " + _header(request, "To")
        to += f";tag={tag}" if tag and code > 100 and "tag=" not in to else ""
        more = [f"Contact: <sip:carrier@{self.address}:{self.port}>"]
        more += ["Content-Type: application/sdp"] if body else []
        lines = [f"SIP/2.0 {code} So", *kept, to, *more, f"Content-Length: {len(body)}"]
        self._send("\r\n".join(lines) + "\r\n\r\n" + body)

    def _via(self, branch: str = "") -> str:
        return f"SIP/2.0/UDP {self.address}:{self.port};branch={branch or 'z9hG4bK' + secrets.token_hex(8)};rport"

    def _send(self, text: str) -> None:
        self._sip.line.sendto(text.encode(), self.hotline)

    # --- sound ---

    def _sound(self, way: str, to: _Leg, mine: _Leg, data: bytes, addr: Address) -> None:
        """A packet came from Asterisk's leg `mine`; it goes on to the other, from the port that the other knows."""
        if mine.media is None or to.media is None or len(data) < 12 or to.port is None:
            return
        if 200 <= data[1] <= 207:  # RTCP on the same port: not passed on.
            return
        keys = data[1] & 0x7F == KEYS_TYPE
        if keys and way in self.habits.lose_keys:
            return
        if not keys and self._chance.random() < self.habits.lose.get(way, 0.0):
            return
        port, media = to.port, to.media
        if self.habits.delay_s or self.habits.jitter_s:
            after_s = self.habits.delay_s + self._chance.random() * self.habits.jitter_s
            asyncio.get_running_loop().call_later(after_s, _sent, port, data, media)
        else:
            port.line.sendto(data, media)


def _sent(port: _Port, data: bytes, to: Address) -> None:
    if not port.line.is_closing():
        port.line.sendto(data, to)


def _header(text: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}:\s*(.*?)\r$", text)
    return found[1] if found else ""


def _uri(contact: str) -> str:
    found = re.search(r"<([^>]+)>", contact)
    return found[1] if found else contact


def _branch(invite: str) -> str:
    found = re.search(r"branch=([^;\r]+)", invite)
    return found[1] if found else ""


def _media(text: str) -> Address:
    address, port = re.search(r"(?m)^c=IN IP4 (\S+)", text), re.search(r"(?m)^m=audio (\d+)", text)
    assert address is not None and port is not None, text
    return address[1], int(port[1])


def _with_media(text: str, address: str, port: int) -> str:
    body = text.partition("\r\n\r\n")[2]
    body = re.sub(r"(?m)^c=IN IP4 \S+", f"c=IN IP4 {address}", body)
    return re.sub(r"(?m)^m=audio \d+", f"m=audio {port}", body)


def _port_of(leg: _Leg) -> int:
    assert leg.port is not None
    return int(leg.port.line.get_extra_info("sockname")[1])
