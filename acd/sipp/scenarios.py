"""What SIPp's callers and telephones say and sound like: scenario files, tones and keys.

The texts of `acd/sipp/actors.py`, which runs them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

AGENT_HZ, CALLER_HZ = 440, 660
_ALAW_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Phone:
    """How a row of telephones behaves at an INVITE."""

    ring_s: float = 1.0
    """From ringing to the answer."""
    talk_s: tuple[float, float] | None = None
    """The agent hangs up after a time between these; None: the agent stays until the caller goes."""
    talks_s: tuple[float, ...] = ()
    """Instead of `talk_s`: how long the first, second, … talk of the row lasts, the same in every run."""
    code: int = 200
    """Else the SIP answer that refuses: 486, 600, 603, 480, 404, 500."""
    forwards_to: str = ""
    """The phone answers 302 with this address as its Contact, as "sip:1002@192.0.2.1"."""
    muted: bool = False
    """Answers, and sends no sound."""
    presses: str = ""
    """Keys, each `presses_after_s` after the answer or the one before; `,` only waits."""
    presses_after_s: float = 0.5
    never_answers: bool = False
    """Rings until it is cancelled."""
    silent: bool = False
    """Answers OPTIONS, so that it seems reachable, and nothing else."""
    rings: bool = True
    """Some phones answer at once and never say 180."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What a caller does."""

    number: str = "95001"
    caller: str = "13800001111"
    """User part of the caller's From header, as it stands in the SIP message: tests put hostile text here. `[field0]` in a row of
    callers comes from `numbers`."""
    name: str = ""
    """Displayed name of the caller's From header."""
    from_address: str = ""
    """The whole address in From, as <sip:…> has it, where `caller` does not stand there: a carrier's account."""
    account: str = ""
    """User part of the request's URI where the number is told elsewhere, in To or another header."""
    keys: str = ""
    """Keyed one after the other, `,` is a second's pause."""
    keys_after_s: float = 1.0
    key_gap_s: float = 0.6
    stays_s: float = 60.0
    """Hangs up so long after the answer by the hotline, unless it has ended by itself."""
    headers: Mapping[str, str] = field(default_factory=dict)
    refers_to: str = ""
    """Once answered, the caller tries to send this call to that number (REFER); for the tests that refuse it."""
    password: str = ""
    """Of the SIP account named `caller`, for who is told by a digest: a guest, or an agent who dials a feature code."""


def alaw(sample: int) -> int:
    """One 16-bit sample as A-law (ITU-T G.711)."""
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(abs(sample) >> 4, 0x7FF)
    exponent = max(0, magnitude.bit_length() - 5)
    mantissa = (magnitude >> max(1, exponent)) & 0x0F if exponent else (magnitude >> 1) & 0x0F
    return (sign | (exponent << 4) | mantissa) ^ 0x55


def sound(file: Path, hz: int) -> None:
    """A tone of `hz`, loud and soft in turns like speech, as raw A-law at 8 kHz."""
    table = [
        alaw(int(9000 * math.sin(2 * math.pi * hz * n / 8000) * (0.55 + 0.45 * math.sin(2 * math.pi * 2 * n / 8000))))
        for n in range(8000)
    ]
    file.write_bytes(struct.pack("8000B", *table) * _ALAW_SECONDS)


def _scenario(name: str, body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="{name}">\n{body}</scenario>\n'


def _send(text: str, attributes: str = "") -> str:
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return f"<send {attributes}><![CDATA[\n\n{lines}\n\n]]></send>\n"


_SOUND = "{}.alaw,-1,8,PCMA/8000"
_EVENTS = "0123456789*#ABCD"
_KEY_S = 0.25


def _stream(what: str) -> str:
    return f'<nop><action><exec rtp_stream="{what}"/></action></nop>\n'


def key_sounds(folder: Path, keys: str) -> None:
    """Each key as RTP telephone events, for SIPp to play like sound.

    SIPp's own play_dtmf wants raw sockets, thus root, and sends from another port, which Asterisk's strict RTP drops.
    A packet of an "iLBC" stream has 50 bytes each 30 ms: RFC 4733's four, and padding that nobody reads.
    """
    for key in set(keys) - {","}:
        event = _EVENTS.index(key)
        packets = [struct.pack("!BBH46x", event, (0x80 if n == 4 else 0) | 10, 240 * (n + 1)) for n in range(5)]
        (folder / f"key-{event}.rtp").write_bytes(b"".join(packets))


def session_description(version: int = 1, direction: str = "") -> str:
    """SIPp's text of an SDP body with its headers: PCMA and telephone events. `direction`: sendrecv, sendonly …"""
    text = f"""
        Content-Type: application/sdp
        Content-Length: [len]

        v=0
        o=- 1 {version} IN IP[local_ip_type] [local_ip]
        s=-
        c=IN IP[media_ip_type] [media_ip]
        t=0 0
        m=audio [rtpstream_audio_port] RTP/AVP 8 101
        a=rtpmap:8 PCMA/8000
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-16
        a=ptime:20
        """
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\n".join([*lines, f"a={direction}"] if direction else lines)


def register_scenario(address: str, port: int, expires_s: int) -> str:
    def message(extra: str) -> str:
        return f"""
            REGISTER sip:[remote_ip] SIP/2.0
            Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
            From: <sip:[field0]@[remote_ip]>;tag=[call_number]
            To: <sip:[field0]@[remote_ip]>
            Call-ID: [call_id]
            CSeq: [cseq] REGISTER
            Contact: <sip:[field0]@{address}:{port}>
            Max-Forwards: 70
            Expires: {expires_s}
            {extra}
            Content-Length: 0
            """

    first = "\n".join(line for line in message("").splitlines() if line.strip())
    return _scenario(
        "register",
        _send(first, 'retrans="500"')
        + '<recv response="100" optional="true"/><recv response="401" auth="true"/>\n'
        + _send(message("[authentication username=[field0] password=[field1]]"), 'retrans="500"')
        + '<recv response="100" optional="true"/><recv response="200"/>\n',
    )


def _answer(status: str, body: str = "Content-Length: 0") -> str:
    return f"""
        SIP/2.0 {status}
        [last_Via:]
        [last_From:]
        [last_To:];tag=[pid]a[call_number]
        [last_Call-ID:]
        [last_CSeq:]
        Contact: <sip:[local_ip]:[local_port];transport=[transport]>
        {body.strip()}
        """


_REASONS = {
    302: "Moved Temporarily",
    404: "Not Found",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    500: "Server Error",
    600: "Busy Everywhere",
    603: "Decline",
}
_BYE_AS_CALLED = """
    BYE sip:[$remote] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: [$to];tag=[pid]a[call_number]
    To: [$from]
    Call-ID: [call_id]
    CSeq: 2 BYE
    Max-Forwards: 70
    Content-Length: 0
    """


def phone_scenario(phone: Phone) -> str:
    """The scenario of a called phone."""
    invite = """<recv request="INVITE" crlf="true"><action>
        <ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>
        <ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
        <ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
        <ereg regexp="sip:([^&gt;;]*)" search_in="hdr" header="Contact:" assign_to="contact,remote"/>
        </action></recv><Reference variables="cseq,from,to,contact,remote"/>
        """
    if phone.silent:
        return _scenario("silent", invite + '<pause milliseconds="60000"/>\n')
    if phone.forwards_to:
        moved = _answer(f"302 {_REASONS[302]}")
        moved = moved.replace("<sip:[local_ip]:[local_port];transport=[transport]>", f"<{phone.forwards_to}>")
        return _scenario("forwards", invite + _send(moved, 'retrans="500"') + '<recv request="ACK"/>\n')
    if phone.code != 200:
        refuse = _send(_answer(f"{phone.code} {_REASONS.get(phone.code, 'No')}"), 'retrans="500"')
        return _scenario("refuses", invite + refuse + '<recv request="ACK"/>\n')
    body = invite
    if phone.rings:
        body += _send(_answer("180 Ringing"))
    wait = 'timeout="3600000"' if phone.never_answers else f'timeout="{max(1, round(phone.ring_s * 1000))}"'
    body += f'<recv request="CANCEL" {wait} ontimeout="answer" next="cancelled"/>\n<label id="answer"/>\n'
    body += _send(_answer("200 OK", session_description()), 'retrans="500"')
    body += '<recv request="ACK" crlf="true"/>\n'
    if not phone.muted:
        body += _stream(_SOUND.format("agent"))
    for key in phone.presses:
        body += f'<pause milliseconds="{round(phone.presses_after_s * 1000)}"/>\n'
        if key == ",":
            continue
        body += _stream(f"key-{_EVENTS.index(key)}.rtp,1,101,iLBC/8000")
        body += f'<pause milliseconds="{round(_KEY_S * 1000)}"/>\n' + _stream(_SOUND.format("agent"))
    if phone.talks_s:
        body += '<nop><action><assignstr assign_to="row" value="[field0]"/>'
        body += '<todouble assign_to="talk" variable="row"/></action></nop>\n<pause variable="talk"/>\n'
        body += _send(_BYE_AS_CALLED, 'retrans="500"') + '<recv response="200" crlf="true"/>\n'
    elif phone.talk_s is None:
        body += '<recv request="BYE"/>\n' + _send(_answer("200 OK").replace(";tag=[pid]a[call_number]", ""))
    else:
        low, high = (round(seconds * 1000) for seconds in phone.talk_s)
        how = f'milliseconds="{low}"' if low == high else f'distribution="uniform" min="{low}" max="{high}"'
        body += f"<pause {how}/>\n" + _send(_BYE_AS_CALLED, 'retrans="500"')
        body += '<recv response="200" crlf="true"/>\n'
    body += '<nop next="end"/>\n<label id="cancelled"/>\n' + _send(_answer("200 OK"))
    body += _send(_answer("487 Request Terminated").replace("[last_CSeq:]", "CSeq:[$cseq]"), 'retrans="500"')
    body += '<recv request="ACK"/>\n<label id="end"/>\n'
    return _scenario("answers", body)


KeysBy = Literal["event", "info", "both"]
"""How a telephone tells its keys: RFC 4733, SIP INFO, or each key in both ways."""


def caller_scenario(caller: Caller, keys_by: KeysBy) -> str:
    """The scenario of a caller."""
    name = f'"{caller.name}" ' if caller.name else ""
    headers = "".join(f"{key}: {value}\n" for key, value in caller.headers.items())
    address = caller.from_address or f"sip:{caller.caller}@[local_ip]:[local_port]"
    who = f"From: {name}<{address}>;tag=[pid]c[call_number]"
    to = f"<sip:{caller.number}@[remote_ip]:[remote_port]>"

    def request(method: str, cseq: int, extra: str = "Content-Length: 0", target: str = "[next_url]") -> str:
        return f"""
            {method} {target} SIP/2.0
            Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
            {who}
            To: {to}{"" if target != "[next_url]" else "[peer_tag_param]"}
            Call-ID: [call_id]
            CSeq: {cseq} {method}
            Contact: <sip:caller@[local_ip]:[local_port]>
            Max-Forwards: 70
            {extra.strip()}
            """

    target = f"sip:{caller.account or caller.number}@[remote_ip]:[remote_port]"
    cseq = 1
    body = _send(request("INVITE", cseq, headers + session_description(), target), 'retrans="500"')
    if caller.password:
        digest = f"[authentication username={caller.caller} password={caller.password}]\n"
        body += '<recv response="100" optional="true"/><recv response="401" auth="true"/>\n'
        body += _send(request("ACK", cseq, target=target).replace(f"To: {to}", "[last_To:]"))
        cseq += 1
        body += _send(request("INVITE", cseq, digest + headers + session_description(), target), 'retrans="500"')
    body += '<recv response="100" optional="true"/><recv response="180" optional="true"/>'
    body += '<recv response="183" optional="true"/><recv response="200" rrs="true" crlf="true"/>\n'
    body += _send(request("ACK", cseq))
    body += _stream(_SOUND.format("caller"))
    left_s = caller.stays_s
    cseq += 1
    if caller.refers_to:
        refer = f"Refer-To: <sip:{caller.refers_to}@[remote_ip]:[remote_port]>\nContent-Length: 0"
        body += _send(request("REFER", cseq, refer), 'retrans="500"') + '<recv response="603"/>\n'
        cseq += 1
    if caller.keys:
        body += _may_end(caller.keys_after_s)
        left_s -= caller.keys_after_s
    for key in caller.keys:
        if key == ",":
            body += _may_end(1.0)
            left_s -= 1.0
            continue
        if keys_by != "info":
            body += _stream(f"key-{_EVENTS.index(key)}.rtp,1,101,iLBC/8000")
        if keys_by != "event":
            info = f"Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal={key}\nDuration=160"
            body += _send(request("INFO", cseq, info), 'retrans="500"') + '<recv response="200"/>\n'
            cseq += 1
        if keys_by != "info":
            body += _may_end(_KEY_S) + _stream(_SOUND.format("caller"))
            left_s -= _KEY_S
        body += _may_end(caller.key_gap_s)
        left_s -= caller.key_gap_s
    body += _may_end(max(0.1, left_s))
    body += _send(request("BYE", cseq), 'retrans="500"') + '<recv response="200" crlf="true"/>\n<nop next="end"/>\n'
    body += '<label id="ended"/>\n' + _send(_answer("200 OK").replace(";tag=[pid]a[call_number]", ""))
    body += '<label id="end"/>\n'
    return _scenario("caller", _numbered(body))


def _may_end(seconds: float) -> str:
    """Waits so long; the hotline may hang up meanwhile."""
    return f'<recv request="BYE" timeout="{round(seconds * 1000)}" ontimeout="@@" next="ended"/>\n<label id="@@"/>\n'


def _numbered(body: str) -> str:
    """Every wait gets a label of its own."""
    parts = body.split("@@")
    return parts[0] + "".join(f"w{n // 2}{part}" for n, part in enumerate(parts[1:]))
