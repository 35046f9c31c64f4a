"""Offers of sound that were refused, from the copies of SIP messages that Asterisk sends us. Pure: datagrams in, refusals out.

Asterisk makes no event and no log line with names of a 488. Its `res_hep_pjsip` sends a copy of each SIP message as a datagram in
the format HEP, version 3 (https://github.com/sipcapture/HEP): "HEP3", the length, and chunks of vendor, type, length and data. An
INVITE is remembered until its final answer; where that is 488 (or 606, 415), what it offered comes out. Our own 503 comes out too:
it is what Asterisk answers beyond its `maxcalls`. How often an INVITE of ours was sent without any answer is counted: Asterisk makes no
event of a 100 either, and repeats an INVITE (UDP) after 0.5, 1.5 and 3.5 s until the first one.

Everything in a copy was written by somebody else: what comes out are addresses that were parsed, and names of codecs in letters,
digits, dots and dashes.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import struct
from collections import OrderedDict
from dataclasses import dataclass

REFUSED = (415, 488, 606)
"""RFC 3261: unsupported media type, not acceptable here, not acceptable."""
UNAVAILABLE = 503
"""Our answer beyond Asterisk's `maxcalls`, and the dialplan's where a trunk has `when_full = "503"`."""
REMEMBERED = 500
"""INVITEs without a final answer that are kept."""
MOST_CODECS = 12
OURS = "Sanxiang"
"""User-Agent of Asterisk's own messages (pjsip.conf)."""
_HEAD = struct.Struct("!4sH")
_CHUNK = struct.Struct("!HHH")
_SOURCE, _TARGET = (3, 5), (4, 6)
"""Chunks with an address, of IPv4 and of IPv6."""
_PROTOCOL, _KEY, _PAYLOAD = 11, 14, 15
_SIP = 1
_NAME = re.compile(r"[A-Za-z0-9.-]{1,20}")
_USER = re.compile(r"[A-Za-z0-9_.+-]{1,40}")
_STATIC = {0: "PCMU", 3: "GSM", 4: "G723", 8: "PCMA", 9: "G722", 15: "G728", 18: "G729"}
"""Payload types that need no rtpmap (RFC 3551, section 6)."""
_NO_CODECS = {"telephone-event", "cn"}
"""What stands among the codecs of an offer and is none."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an INVITE has offered."""

    address: str
    """The other side's."""
    user: str
    """The other side's user part in From, or, of our own INVITE, in To; empty when it has other characters than names have."""
    ours: bool
    """The offer is ours, and the other side has refused it."""
    codecs: tuple[str, ...]
    encrypted: bool
    """Its sound is SRTP (RTP/SAVP and the like)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The final answer to an INVITE that was not taken."""

    offer: Offer
    status: int
    """One of REFUSED, or UNAVAILABLE."""


class SipCopies:
    """INVITEs on their way, by Call-ID and CSeq."""

    def __init__(self, key: str) -> None:
        """`key`: what Asterisk writes into each datagram; any other datagram is thrown away."""
        self._key = key.encode()
        self._offers: OrderedDict[tuple[str, str], Offer] = OrderedDict()
        self._sent: OrderedDict[str, int] = OrderedDict()
        """Call-ID of an INVITE of ours to how often it was sent, until its first answer."""
        self.unread = 0
        """Datagrams that were not Asterisk's, or could not be read."""

    def feed(self, datagram: bytes) -> Refusal | None:
        """The refusal that this datagram is; nothing for any other."""
        try:
            source, target, payload = self._unpacked(datagram)
        except (ValueError, struct.error):
            self.unread += 1
            return None
        start, _, rest = payload.partition(b"\r\n")
        if start.startswith(b"INVITE "):
            self._note(source, target, rest)
        elif start.startswith(b"SIP/2.0 ") and b"INVITE" in rest:
            return self._answered(start, rest)
        return None

    def unanswered(self, call_id: str) -> int:
        """How often our INVITE with this Call-ID was sent, as long as nothing has come back; 0: something has, or it is not known."""
        return self._sent.get(call_id, 0)

    def _unpacked(self, datagram: bytes) -> tuple[str, str, bytes]:
        """Source, target and text. ValueError or struct.error for what is not a copy of a SIP message by our Asterisk."""
        mark, length = _HEAD.unpack_from(datagram)
        if mark != b"HEP3" or length != len(datagram):
            raise ValueError("not HEP3")
        source = target = ""
        payload, known, at = b"", False, _HEAD.size
        while at < length:
            vendor, kind, size = _CHUNK.unpack_from(datagram, at)
            if size < _CHUNK.size or at + size > length:
                raise ValueError("a chunk is cut off")
            data, at = datagram[at + _CHUNK.size : at + size], at + size
            if vendor:
                continue
            if kind in _SOURCE:
                source = str(ipaddress.ip_address(data))
            elif kind in _TARGET:
                target = str(ipaddress.ip_address(data))
            elif kind == _KEY:
                known = hmac.compare_digest(data, self._key)
            elif kind == _PROTOCOL and data != bytes((_SIP,)):
                raise ValueError("no SIP")
            elif kind == _PAYLOAD:
                payload = data
        if not known:
            raise ValueError("not our Asterisk")
        return source, target, payload

    def _note(self, source: str, target: str, rest: bytes) -> None:
        head, _, body = rest.partition(b"\r\n\r\n")
        headers = head.decode("utf-8", "replace")
        if not body.strip():
            return  # No offer in it: Asterisk makes one in its answer.
        ours = _header(headers, "User-Agent") == OURS
        transaction = _transaction(headers)
        if ours:
            self._sent[transaction[0]] = self._sent.pop(transaction[0], 0) + 1
            while len(self._sent) > REMEMBERED:
                self._sent.popitem(last=False)
        codecs, encrypted = offered(body.decode("utf-8", "replace"))
        user = re.search(r"sips?:([^@;>]*)@", _header(headers, "To" if ours else "From"))
        name = user[1] if user and _USER.fullmatch(user[1]) else ""
        self._offers[transaction] = Offer(target if ours else source, name, ours, codecs, encrypted)
        while len(self._offers) > REMEMBERED:
            self._offers.popitem(last=False)

    def _answered(self, start: bytes, rest: bytes) -> Refusal | None:
        status = int(start[8:11]) if start[8:11].isdigit() else 0
        transaction = _transaction(rest.partition(b"\r\n\r\n")[0].decode("utf-8", "replace"))
        if transaction[1].endswith("INVITE"):
            self._sent.pop(transaction[0], None)
        if status < 200:
            return None
        offer = self._offers.pop(transaction, None) if transaction[1].endswith("INVITE") else None
        if offer is None or not (status in REFUSED or (status == UNAVAILABLE and not offer.ours)):
            return None
        return Refusal(offer, status)


def offered(sdp: str) -> tuple[tuple[str, ...], bool]:
    """The names of the codecs of the first audio stream, in order, and whether its sound is encrypted."""
    found = re.search(r"(?m)^m=audio \d+ ([A-Z/]+)((?: \d{1,3})+)", sdp)
    if found is None:
        return (), False
    names = {int(number): name for number, name in re.findall(r"(?m)^a=rtpmap:(\d{1,3}) ([^/\s]+)/", sdp)}
    payloads = [int(number) for number in found[2].split()]
    known = (names.get(number) or _STATIC.get(number, "") for number in payloads)
    codecs = [name for name in known if _NAME.fullmatch(name) and name.lower() not in _NO_CODECS]
    return tuple(codecs[:MOST_CODECS]), "SAVP" in found[1]


def _transaction(headers: str) -> tuple[str, str]:
    return (_header(headers, "Call-ID") or _header(headers, "i"), " ".join(_header(headers, "CSeq").split()))


def _header(headers: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}[ \t]*:[ \t]*(.*?)[ \t]*\r?$", headers)
    return found[1] if found else ""
