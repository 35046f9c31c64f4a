"""A carrier made of SIPp: its registrar, its answers to OPTIONS, and whoever is called beyond it. One process on one port, as a
border controller is.

    carrier = SippCarrier(sipp, address="127.0.0.3", port=port, pbx_port=sip_port, folder=folder,
                          registrar=registrar("acc1", "secret", answers=(404,)), called=taken())
    await carrier.start()
    carrier.requests("REGISTER")     # the messages that came, whole

Which part of the scenario plays is chosen by the request that opens a dialog.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from acd.sipp.actors import Sipp
from acd.sipp.scenarios import session_description

REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    423: "Interval Too Brief",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}


def _reply(
    code: int, extra: str = "", *, tag: str = ";tag=[pid]s[call_number]", body: str = "Content-Length: 0"
) -> str:
    lines = [
        f"SIP/2.0 {code} {REASONS.get(code, 'No')}",
        "[last_Via:]",
        "[last_From:]",
        f"[last_To:]{tag}",
        "[last_Call-ID:]",
        "[last_CSeq:]",
        *([extra] if extra else []),
        *body.splitlines(),
    ]
    text = "\n".join(lines)
    return f"<send><![CDATA[\n\n{text}\n\n]]></send>\n"


def _challenge(code: int, realm: str, nonce: str) -> str:
    header = "Proxy-Authenticate" if code == 407 else "WWW-Authenticate"
    return _reply(code, f'{header}: Digest realm="{realm}", nonce="{nonce}", algorithm=MD5, qop="auth"')


def _verified(request: str, user: str, password: str, bad: str) -> str:
    """Receives the request; jumps to `bad` when its digest is not that of the password."""
    return (
        f'<recv request="{request}"><action>'
        f'<verifyauth assign_to="valid_{bad}" username="{escape(user)}" password="{escape(password, {chr(34): "&quot;"})}"/>'
        f'</action></recv>\n<nop test="valid_{bad}" next="{bad}_good"/>\n'
        + _reply(403)
        + f'<nop next="end"/>\n<label id="{bad}_good"/>\n'
    )


def registrar(
    user: str, password: str, *, realm: str = "carrier.example", answers: Sequence[int] = (), expires: int = 3600
) -> str:
    """Gives these answers to the first REGISTERs, then registers whoever has the password. 401: the right password is refused."""
    body = ""
    for number, code in enumerate(answers):
        if code == 401:
            body += _challenge(401, realm, f"first{number}") + '<recv request="REGISTER"/>\n'
            body += _challenge(401, realm, f"again{number}")
        else:
            body += _reply(code)
        body += '<recv request="REGISTER"/>\n'
    body += _challenge(401, realm, "nonce[call_number]") + _verified("REGISTER", user, password, "register")
    return body + _reply(200, f"[last_Contact:]\nExpires: {expires}")


def refused(code: int) -> str:
    """Whoever is called: the carrier answers this."""
    return _reply(code) + '<recv request="ACK"/>\n'


def silent(for_s: float = 120.0, then: str = "") -> str:
    """No answer to an INVITE at all for so long."""
    return f'<pause milliseconds="{for_s * 1000:.0f}"/>\n{then}'


def slow(for_s: float, then: str, *, answer: int) -> str:
    """A provisional answer (100, 180), and the rest after so long."""
    return _reply(answer, tag="" if answer == 100 else ";tag=[pid]s[call_number]") + silent(for_s, then)


def taken(realm: str = "") -> str:
    """The called person picks up at once and stays until we hang up. With a realm the INVITE is challenged first; SIPp can't
    verify what answers a 407, so a test looks at it with `proves`."""
    body = ""
    if realm:
        body += _challenge(407, realm, "call[call_number]") + '<recv request="ACK"/>\n<recv request="INVITE"/>\n'
    body += _reply(180)
    body += _reply(200, "Contact: <sip:[local_ip]:[local_port]>", body=session_description())
    return body + '<recv request="ACK"/>\n<recv request="BYE"/>\n' + _reply(200, tag="")


def _invite(wants: str) -> str:
    """Receives the INVITE; answers 404 unless the called number is written so. Empty: however it is written."""
    if not wants:
        return '<recv request="INVITE"/>\n'
    return (
        f'<recv request="INVITE"><action><ereg regexp="INVITE sip:{re.escape(wants)}@" search_in="msg" assign_to="fits"/>'
        '</action></recv>\n<nop test="fits" next="fitting"/>\n'
        + refused(404)
        + '<nop next="end"/>\n<label id="fitting"/>\n'
    )


def scenario(registers: str, called: str, *, options: bool = True, wants: str = "") -> str:
    """All parts; `options`: whether OPTIONS are answered; `wants`: how called numbers must be written, else 404."""
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="carrier">\n'
        '<recv request="REGISTER" optional="true" next="register"/>\n'
        '<recv request="OPTIONS" optional="true" next="options"/>\n'
        + _invite(wants)
        + (called or refused(404))
        + '<nop next="end"/>\n<label id="register"/>\n'
        + (registers or _reply(404))
        + '<nop next="end"/>\n<label id="options"/>\n'
        + (_reply(200) if options else '<pause milliseconds="10"/>\n')
        + '<label id="end"/>\n</scenario>\n'
    )


class SippCarrier:
    def __init__(
        self,
        sipp: Sequence[str],
        *,
        address: str,
        port: int,
        pbx_port: int,
        folder: Path,
        registers: str = "",
        called: str = "",
        options: bool = True,
        wants: str = "",
    ) -> None:
        self.sipp = Sipp(sipp, folder)
        self.address, self.port, self.pbx_port = address, port, pbx_port
        self._text = scenario(registers, called, options=options, wants=wants)

    async def start(self) -> SippCarrier:
        await self.sipp.run(
            self._text,
            # A registration keeps its Call-ID: without deadcall_wait 0 SIPp takes the next one for a late message of the last.
            *("-i", self.address, "-p", str(self.port), "-mi", self.address, "-deadcall_wait", "0"),
            f"127.0.0.1:{self.pbx_port}",
            name="carrier",
        )
        return self

    async def stop(self) -> None:
        await self.sipp.stop()

    def requests(self, method: str) -> list[str]:
        """The requests of this method that came, whole and without repetitions."""
        found: dict[str, str] = {}
        for block in re.split(r"^-{10,}.*$", self.sipp.messages("carrier"), flags=re.M):
            if "message received" in block and (at := block.find(f"{method} sip:")) >= 0:
                message = block[at:]
                found.setdefault(value(message, "Via"), message)
        return list(found.values())


def value(message: str, header: str) -> str:
    """The value of the first header of this name; empty when there is none."""
    found = re.search(rf"^{re.escape(header)}\s*:\s*(.*?)\s*$", message, re.M | re.I)
    return found[1] if found else ""


def proves(message: str, password: str) -> bool:
    """Whether the digest in this request is that of the password (RFC 7616, MD5, qop auth)."""
    said = value(message, "Proxy-Authorization") or value(message, "Authorization")
    words = {key: quoted or bare for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^",\s]+))', said)}

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    method = message.split(" ", 1)[0]
    secret = md5(f"{words['username']}:{words['realm']}:{password}")
    asked = md5(f"{method}:{words['uri']}")
    proof = md5(f"{secret}:{words['nonce']}:{words['nc']}:{words['cnonce']}:auth:{asked}")
    return bool(words["response"] == proof)
