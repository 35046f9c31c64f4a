"""SIPp's messages, and what one of its telephones does at a word of the test, not after so many seconds."""

import re
import socket

from acd.sipp.actors import SippAgents
from tests.support.waiting import eventually


def header(message: str, name: str) -> str:
    """The value of the SIP message's header; empty when it is not there."""
    found = re.search(rf"^{re.escape(name)}:\s*(.*?)\s*$", message, re.M | re.I)
    return found[1] if found else ""


async def hang_up(phone: SippAgents) -> None:
    """The phone ends the talk it is in: a BYE, made from the answer that it gave to the last INVITE.

    SIPp hangs up only at a time that its scenario knows beforehand. It does not learn of this BYE, and can take other
    calls; the phone must be one that waits for the caller to go.
    """
    invite = phone.invites()[-1]
    call_id = header(invite, "Call-ID")

    def answered() -> str:
        blocks = re.split(r"^-{10,}.*$", phone.uas.messages("agents"), flags=re.M)
        said = (block for block in blocks if "message sent" in block and call_id in block and " INVITE" in block)
        return next((block for block in said if "SIP/2.0 200 OK" in block), "")

    # SIPp writes down what it sends after it has sent it; Asterisk may have told us of the answer before that.
    answer = await eventually(answered, "SIPp's note of its own answer")
    contact = re.search(r"<([^>]+)>", header(invite, "Contact"))
    assert contact is not None, invite
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((phone.address, 0))
        bye = f"""
            BYE {contact[1]} SIP/2.0
            Via: SIP/2.0/UDP {phone.address}:{line.getsockname()[1]};rport;branch=z9hG4bK-{call_id[:12]}-bye
            From: {header(answer, "To")}
            To: {header(answer, "From")}
            Call-ID: {call_id}
            CSeq: 2 BYE
            Max-Forwards: 70
            Content-Length: 0
            """
        lines = [line.strip() for line in bye.strip().splitlines()]
        line.sendto("\r\n".join([*lines, "", ""]).encode(), (phone.host, phone.pbx_port))
        line.settimeout(5)
        assert line.recv(4096).startswith(b"SIP/2.0 200"), "Asterisk did not take the BYE"
