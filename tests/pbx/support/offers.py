"""One INVITE with an SDP of the test's own from an address, its answer, and a BYE: as a carrier that only asks."""

import asyncio
import re
import secrets
import socket
from dataclasses import dataclass

from tests.pbx.support.asterisk_fixture import AsteriskFixture

WITHIN_S = 15.0
"""Against hanging only."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    connection: str
    """The address of its SDP, empty when it has none."""
    contact: str
    then: int = 0
    """The status of the request within the call."""


def codecs_offer(payloads: str, profile: str = "RTP/AVP", more: str = "") -> str:
    """SDP from `{host}` with these payload types."""
    return (
        "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio 40000 {profile} {payloads}\r\n{more}a=sendrecv\r\n"
    )


async def answer_to(house: AsteriskFixture, source: str, sdp: str, then: str = "") -> Answer:
    """The final answer to an INVITE of the hotline's number from this address; `then`: a request within the call."""
    return await asyncio.to_thread(_asked, house.settings.sip_port, source, sdp, then)


def _asked(port: int, source: str, sdp: str, then: str) -> Answer:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((source, 0))
        line.settimeout(WITHIN_S)
        own = f"{source}:{line.getsockname()[1]}"
        call, tag = secrets.token_hex(8), secrets.token_hex(4)
        target, to = f"sip:95001@127.0.0.1:{port}", f"<sip:95001@127.0.0.1:{port}>"

        def send(method: str, count: int, to: str, target: str, body: str = "") -> None:
            kind = "Content-Type: application/sdp\r\n" if body else ""
            line.sendto(
                (
                    f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{call}{count}{method};rport\r\n"
                    f"From: <sip:13800001111@{own}>;tag={tag}\r\nTo: {to}\r\nCall-ID: {call}\r\nCSeq: {count} {method}\r\n"
                    f"Contact: <sip:x@{own}>\r\nMax-Forwards: 70\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
                ).encode(),
                ("127.0.0.1", port),
            )

        def final(count: int, method: str) -> str:
            while True:
                text = line.recv(65535).decode("utf-8", "replace")
                if re.search(rf"(?im)^CSeq:\s*{count} {method}", text) and not text.startswith("SIP/2.0 1"):
                    return text

        send("INVITE", 1, to, target, sdp.format(host=source))
        text = final(1, "INVITE")
        status = int(text[8:11])
        to = re.findall(r"(?im)^To:\s*(.*?)\s*$", text)[0]
        contact = (re.findall(r"(?im)^Contact:\s*<([^>]+)>", text) or [target])[0]
        connection = (re.findall(r"(?m)^c=IN IP4 (\S+)", text) or [""])[0]
        later = 0
        if status < 300:
            # To where the call came from, for the contact may be a public address that is not ours here.
            send("ACK", 1, to, target)
            if then:
                send(then, 2, to, target)
                later = int(final(2, then)[8:11])
            send("BYE", 3, to, target)
            final(3, "BYE")
        else:
            line.sendto(
                (
                    f"ACK {target} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{call}1INVITE;rport\r\n"
                    f"From: <sip:13800001111@{own}>;tag={tag}\r\nTo: {to}\r\nCall-ID: {call}\r\nCSeq: 1 ACK\r\n"
                    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
                ).encode(),
                ("127.0.0.1", port),
            )
        return Answer(status, connection, contact, later)
