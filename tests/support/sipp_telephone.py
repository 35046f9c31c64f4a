"""An agent's telephone that does what it is told, at a word: answer, refuse, hold, retrieve, key, transfer, hang up.

SIPp plays a scenario whose next step the test chooses: a datagram with the call's id and a method of our own (`SHELVE`,
`SENDON` …) reaches SIPp as one more message of that call, and leads it to the step of that name. So everything that
Asterisk sees comes from one telephone with one port and one count of requests, and no step waits by the clock.

Each telephone hums a tone of its own (`hz_of`), so that a recording tells who was heard in it, and on which side.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import socket

from acd.sipp.actors import SippAgents
from acd.sipp.scenarios import Phone, key_sounds, phone_scenario, session_description
from tests.support.sipp import header
from tests.support.waiting import eventually

KEYS = "0123456789*#"
_TONES = {"1001": 440, "1002": 730, "1003": 1010, "1004": 1130, "1005": 1250, "1006": 1370, "1007": 1490}
AGENTS = tuple(_TONES)


def hz_of(agent: str) -> int:
    """The tone that this extension's telephone hums; no other, no caller and no prompt of ours has it."""
    return _TONES[agent]


class Telephone(SippAgents):
    """One extension's telephone, all its lines. It rings until it is told otherwise, or answers after `phone.ring_s`."""

    keys_both_ways = False
    """Tells each key as an RFC 4733 event and as SIP INFO; set before the start."""

    _words = itertools.count(1)

    @property
    def agent(self) -> str:
        return next(iter(self.agents))

    async def start(self) -> None:
        key_sounds(self.uas.folder, KEYS)
        await super().start()

    def scenario(self) -> str:
        if self.phone.silent:
            return phone_scenario(self.phone)
        return telephone_scenario(self.phone, keys_both_ways=self.keys_both_ways)

    # --- words ---

    def pick_up(self, line: int = -1) -> None:
        self._say("PICKUP", line)

    def refuse(self, line: int = -1) -> None:
        """486 Busy Here."""
        self._say("REFUSE", line)

    def hang_up(self, line: int = -1) -> None:
        self._say("HANGUP", line)

    def hold(self, line: int = -1) -> None:
        """The softphone's own hold: a re-INVITE, sendonly; it hums no more."""
        self._say("SHELVE", line)

    def retrieve(self, line: int = -1) -> None:
        self._say("FETCH", line)

    def transfer(self, to: str, line: int = -1, replaces: str = "") -> None:
        """REFER. `to`: "1002", "1002*3", or "1002@elsewhere.example". `replaces`: forged, or of another line."""
        address = to if "@" in to else f"{to}@{self.host}:{self.pbx_port}"
        query = f"?Replaces={replaces}" if replaces else ""
        self._say("SENDON", line, f"<sip:{address}{query}>")

    async def key(self, keys: str, gap_s: float = 0.35, line: int = -1) -> None:
        """Keys in the talk, as RFC 4733 events; `,` is a second's pause."""
        for key in keys:
            if key == ",":
                await asyncio.sleep(1)
                continue
            self._say(f"KEY{KEYS.index(key)}", line)
            await asyncio.sleep(gap_s)

    def _say(self, word: str, line: int, argument: str = "") -> None:
        call_id = _call_id(self.invites()[line])
        number = next(self._words)
        lines = [
            f"{word} sip:{self.agent}@{self.address}:{self.port} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address}:9;branch=z9hG4bK-word-{number}",
            f"From: <sip:test@{self.address}>;tag=word{number}",
            f"To: <sip:{self.agent}@{self.address}>",
            f"Call-ID: {call_id}",
            f"CSeq: {number} {word}",
            f"Argument: {argument or '-'}",
            "Content-Length: 0",
        ]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto("\r\n".join([*lines, "", ""]).encode(), (self.address, self.port))

    # --- what it has seen ---

    def lines(self) -> int:
        """How many calls have come in so far."""
        return len(self.invites())

    def said(self, line: int = -1) -> list[str]:
        """First lines of this line's SIP messages, ">" sent and "<" received, in order, without repetitions."""
        call_id = _call_id(self.invites()[line])
        found: list[str] = []
        for block in re.split(r"^-{10,}.*$", self.uas.messages("agents"), flags=re.M):
            if call_id not in block or "message" not in block:
                continue
            first = re.search(r"^(SIP/2\.0 .+|[A-Z0-9]+ sip:.+)$", block, re.M)
            if first is None or "z9hG4bK-word-" in block:
                continue
            text = f"{'>' if 'message sent' in block else '<'} {first[1].strip()}"
            if not found or found[-1] != text:
                found.append(text)
        return found

    async def rings(self, count: int = 1) -> str:
        """Waits for its `count`th INVITE; the message."""
        await eventually(lambda: self.lines() >= count, f"ring {count} at {self.agent}'s telephone", 90)
        return self.invites()[count - 1]

    async def was_told(self, text: str, line: int = -1) -> None:
        """Waits until a message with this beginning was received on the line."""
        await eventually(
            lambda: any(said.startswith(f"< {text}") for said in self.said(line)), f"{text} at {self.agent}'s telephone"
        )


def caller_name(invite: str) -> str:
    """The name that the telephone shows."""
    found = re.search(r'^From:\s*"([^"]*)"', invite, re.M | re.I)
    return found[1] if found else ""


def _call_id(message: str) -> str:
    return header(message, "Call-ID")


_TAG = "tag=[pid]t[call_number]"


def _send(text: str, attributes: str = "") -> str:
    return f"<send {attributes}><![CDATA[\n\n{text.strip()}\n\n]]></send>\n"


def _reply(status: str, body: str = "Content-Length: 0") -> str:
    """To the INVITE, whatever has been received since."""
    return (
        f"SIP/2.0 {status}\nVia:[$via]\nFrom:[$from]\nTo:[$to];{_TAG}\n[last_Call-ID:]\nCSeq:[$cseq]\n"
        f"Contact: <sip:[local_ip]:[local_port];transport=[transport]>\n{body}"
    )


def _ok() -> str:
    """To a request inside the talk."""
    return _send(
        "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
        "Contact: <sip:[local_ip]:[local_port];transport=[transport]>\nContent-Length: 0"
    )


def _request(method: str, body: str = "Content-Length: 0") -> str:
    return (
        f"{method} sip:[$remote] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From:[$to];{_TAG}\nTo:[$from]\n[last_Call-ID:]\nCSeq: [cseq] {method}\n"
        f"Contact: <sip:[local_ip]:[local_port];transport=[transport]>\nMax-Forwards: 70\n{body}"
    )


def _stream(what: str) -> str:
    return f'<nop><action><exec rtp_stream="{what}"/></action></nop>\n'


_HUM = "agent.alaw,-1,8,PCMA/8000"
_ARGUMENT = '<action><ereg regexp=".*" search_in="hdr" header="Argument:" assign_to="argument"/></action>'


def telephone_scenario(phone: Phone, *, keys_both_ways: bool = False) -> str:
    """The scenario of a telephone that does what it is told; `phone` says what it does unasked."""
    body = """<recv request="INVITE" crlf="true"><action>
        <ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>
        <ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>
        <ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
        <ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
        <ereg regexp="sip:([^&gt;;]*)" search_in="hdr" header="Contact:" assign_to="contact,remote"/>
        </action></recv><Reference variables="via,cseq,from,to,contact,remote"/>
        """
    body += _send(_reply("180 Ringing"))
    unasked = "3600000" if phone.never_answers else str(max(1, round(phone.ring_s * 1000)))
    # SIPp looks at the time-out of the first of those that it waits for.
    body += f'<recv request="CANCEL" optional="true" next="cancelled" timeout="{unasked}" ontimeout="answer"/>'
    body += '<recv request="REFUSE" optional="true" next="refuse"/><recv request="PICKUP"/>\n<label id="answer"/>\n'
    body += _send(_reply("200 OK", session_description(1, "sendrecv")), 'retrans="500"')
    body += '<recv request="ACK" crlf="true"/>\n' + _stream(_HUM)
    body += '<label id="talks"/>\n'
    words = {"SHELVE": "hold", "FETCH": "retrieve", "HANGUP": "hangup", **{f"KEY{n}": f"key{n}" for n in range(12)}}
    requests = {"BYE": "ended", "NOTIFY": "told", "ACK": "talks", "OPTIONS": "told"}
    body += "".join(
        f'<recv request="{word}" optional="true" next="{step}"/>\n' for word, step in (requests | words).items()
    )
    body += f'<recv request="SENDON" next="sendon">{_ARGUMENT}</recv>\n'
    for step, version, direction, hum in (("hold", 2, "sendonly", "pause"), ("retrieve", 3, "sendrecv", "resume")):
        body += f'<label id="{step}"/>\n' + _stream(hum)
        body += _send(_request("INVITE", session_description(version, direction)), 'retrans="500"')
        body += '<recv response="100" optional="true"/><recv request="BYE" optional="true" next="ended"/>'
        body += '<recv response="200" rrs="false"/>\n' + _send(_request("ACK")) + '<nop next="talks"/>\n'
    for number, key in enumerate(KEYS):
        body += f'<label id="key{number}"/>\n' + _stream(f"key-{number}.rtp,1,101,iLBC/8000")
        if keys_both_ways:
            info = f"Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal={key}\nDuration=160"
            body += _send(_request("INFO", info), 'retrans="500"') + '<recv response="200" rrs="false"/>\n'
        body += '<pause milliseconds="200"/>\n' + _stream(_HUM) + '<nop next="talks"/>\n'
    body += '<label id="sendon"/>\n' + _send(
        _request("REFER", "Refer-To:[$argument]\nReferred-By:[$to]\nContent-Length: 0"), 'retrans="500"'
    )
    # Whatever the answer is, the talk goes on for as long as Asterisk lets it.
    body += "".join(
        f'<recv response="{code}" optional="true" next="talks"/>\n' for code in (202, 200, 403, 404, 481, 603)
    )
    body += '<recv request="NOTIFY" optional="true" next="told"/><recv request="BYE" next="ended"/>\n'
    body += '<label id="told"/>\n' + _ok() + '<nop next="talks"/>\n'
    body += '<label id="hangup"/>\n' + _send(_request("BYE"), 'retrans="500"')
    body += '<recv request="BYE" optional="true" next="ended"/><recv response="200" next="end"/>\n'
    body += '<label id="refuse"/>\n' + _send(_reply("486 Busy Here"), 'retrans="500"')
    body += '<recv request="ACK" next="end"/>\n'
    body += '<label id="cancelled"/>\n' + _ok()
    body += _send(_reply("487 Request Terminated"), 'retrans="500"') + '<recv request="ACK" next="end"/>\n'
    body += '<label id="ended"/>\n' + _ok() + '<label id="end"/>\n'
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="telephone">\n{body}</scenario>\n'
