"""Single SIP requests, as anybody on the network can write them: no dialog, no retransmission, no good manners."""

import asyncio
import hashlib
import re
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

WITHIN_S = 10.0
"""Against hanging only."""

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"
)
_BODIES = {"INVITE": ("application/sdp", _SDP), "MESSAGE": ("text/plain", "hello\r\n")}
_MORE = {
    "REGISTER": "Expires: 60\r\n",
    "SUBSCRIBE": "Event: presence\r\nAccept: application/pidf+xml\r\nExpires: 60\r\n",
    "REFER": "Refer-To: <sip:95001@{host}>\r\n",
}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    from_user: str
    number: str = "95001"
    """User part of the request URI; a REGISTER has none there."""
    to_user: str = ""
    """Of the To header; empty: the number."""
    contact_user: str = "x"
    auth_user: str = ""
    """Answers a challenge with this account's name …"""
    password: str = "wrong-password"
    """… and this password."""
    headers: str = ""
    """More header lines, each with its CR LF."""
    uri: str = ""
    """The request's URI, whole; empty: made of `number`."""
    from_value: str = ""
    """What stands in From before its tag; empty: made of `from_user`."""
    to_value: str = ""
    """What stands in To; empty: made of `to_user`."""
    hangs_up: bool = False
    """Whoever is answered hangs up at once: ACK, BYE. Else no more is said, and the PBX waits for an ACK."""


def ask(request: Request, port: int, source: str, host: str = "127.0.0.1") -> list[int]:
    """The status codes that came, in order, provisional ones too, until the first final one.

    With `auth_user` a 401 is answered once, and what comes then follows. TimeoutError when no final answer came.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((source, 0))
        line.settimeout(WITHIN_S)
        call = secrets.token_hex(8)
        codes, answer = _exchange(line, request, (host, port), call, 1, "")
        if codes[-1] == 401 and request.auth_user:
            more, answer = _exchange(line, request, (host, port), call, 2, _authorization(request, answer, host, port))
            codes += more
        if request.hangs_up and request.method == "INVITE" and codes[-1] < 300:
            count = 2 if 401 in codes else 1
            line.sendto(_within("ACK", answer, line.getsockname(), call, count), (host, port))
            line.sendto(_within("BYE", answer, line.getsockname(), call, count + 1), (host, port))
            while not re.search(rf"(?im)^CSeq:\s*{count + 1}\s", line.recv(65535).decode("utf-8", "replace")):
                pass
        return codes


async def asked(request: Request, port: int, source: str) -> list[int]:
    return await asyncio.to_thread(ask, request, port, source)


def _exchange(
    line: socket.socket, request: Request, to: tuple[str, int], call: str, count: int, more: str
) -> tuple[list[int], str]:
    line.sendto(_text(request, line.getsockname(), to, call, count, more), to)
    codes = list[int]()
    while True:
        answer = line.recv(65535).decode("utf-8", "replace")
        if not re.search(rf"(?im)^CSeq:\s*{count}\s", answer):
            continue
        codes.append(int(answer.split()[1]))
        if codes[-1] >= 200:
            return codes, answer


def _uri(request: Request, host: str, port: int) -> str:
    if request.uri:
        return request.uri
    return f"sip:{host}:{port}" if request.method == "REGISTER" else f"sip:{request.number}@{host}:{port}"


def _text(request: Request, own: tuple[str, int], to: tuple[str, int], call: str, count: int, more: str) -> bytes:
    host, port = to
    kind, body = _BODIES.get(request.method, ("", ""))
    body = body.format(host=own[0])
    return (
        f"{request.method} {_uri(request, host, port)} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {own[0]}:{own[1]};branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
        f"From: {request.from_value or f'<sip:{request.from_user}@{host}>'};tag={call}\r\n"
        f"To: {request.to_value or f'<sip:{request.to_user or request.number}@{host}>'}\r\n"
        f"Call-ID: {call}\r\nCSeq: {count} {request.method}\r\nMax-Forwards: 70\r\n"
        f"Contact: <sip:{request.contact_user}@{own[0]}:{own[1]}>\r\n"
        + _MORE.get(request.method, "").format(host=host)
        + request.headers
        + more
        + (f"Content-Type: {kind}\r\n" if kind else "")
        + f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _within(method: str, answer: str, own: tuple[str, int], call: str, count: int) -> bytes:
    """A request inside the dialog that this 200 has begun."""
    said = {name: re.findall(rf"(?im)^{name}:\s*(.*?)\r?$", answer)[0] for name in ("From", "To", "Contact")}
    uri = re.sub(r"^.*<|>.*$", "", said["Contact"])
    return (
        f"{method} {uri} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {own[0]}:{own[1]};branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
        f"From: {said['From']}\r\nTo: {said['To']}\r\nCall-ID: {call}\r\nCSeq: {count} {method}\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def _authorization(request: Request, challenge: str, host: str, port: int) -> str:
    """The answer to a challenge, by RFC 2617 with qop=auth."""
    [line] = re.findall(r"(?im)^WWW-Authenticate:\s*Digest (.*MD5.*)$", challenge)
    said = dict(re.findall(r'(\w+)="?([^",]*)"?', line))
    uri = _uri(request, host, port)
    digest = _digest(request.method, uri, request.auth_user, request.password, said["realm"], said["nonce"], "1", "c")
    return (
        f'Authorization: Digest username="{request.auth_user}", realm="{said["realm"]}", nonce="{said["nonce"]}", '
        f'uri="{uri}", algorithm=MD5, qop=auth, nc=1, cnonce="c", response="{digest}", opaque="{said.get("opaque", "")}"'
        "\r\n"
    )


def _digest(method: str, uri: str, user: str, password: str, realm: str, nonce: str, count: str, client: str) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    return md5(f"{md5(f'{user}:{realm}:{password}')}:{nonce}:{count}:{client}:auth:{md5(f'{method}:{uri}')}")


class _Registrar(asyncio.DatagramProtocol):
    def __init__(self, user: str, password: str) -> None:
        self.user, self.password = user, password
        self._nonce = secrets.token_hex(8)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: asyncio's own datagram transport in Python 3.11 is no subclass of DatagramTransport.
        self._line = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        if not text.startswith("REGISTER "):
            return
        kept = re.findall(r"(?im)^((?:Via|From|Call-ID|CSeq|Contact|Expires):.*)$", text)
        to = re.findall(r"(?im)^To:.*?(?=\r)", text)[0] + ";tag=r"
        said = dict(re.findall(r'(\w+)="?([^",\r]*)"?', (re.findall(r"(?im)^Authorization:(.*)$", text) or [""])[0]))
        good = said.get("username") == self.user and said.get("response") == _digest(
            *("REGISTER", said["uri"], self.user, self.password, "carrier", self._nonce, said["nc"], said["cnonce"])
        )
        challenge = f'WWW-Authenticate: Digest realm="carrier", nonce="{self._nonce}", algorithm=MD5, qop="auth"'
        first = ["SIP/2.0 200 OK"] if good else ["SIP/2.0 401 Unauthorized", challenge]
        lines = [*first, to, *(line.strip() for line in kept), "Content-Length: 0"]
        self._line.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), addr)


@asynccontextmanager
async def registrar(host: str, user: str, password: str) -> AsyncIterator[None]:
    """A carrier at `host` (address:port) that takes a REGISTER of this account by digest, and nothing else."""
    address, _, port = host.partition(":")
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Registrar(user, password), local_addr=(address, int(port))
    )
    try:
        yield
    finally:
        transport.close()
