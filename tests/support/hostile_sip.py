"""INVITEs as nobody should write them: RFC 4475's kinds, line breaks in every writing and every place, and mutations of a good one.

`hostile(seed, count, host, port, own)` gives the same messages again for the same seed. Each is one datagram.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from urllib.parse import quote

NUMBER = "95001"
FORGED = (
    "\r\n\r\nEvent: UserEvent\r\nPrivilege: user,all\r\nTimestamp: 1.0\r\nUserEvent: AgentLoggedOut\r\nAgent: 1001\r\n\r\n",
    "\r\n\r\nEvent: UserEvent\r\nUserEvent: CallArrived\r\nCall: c1-1-1111\r\nCaller: 110\r\n\r\n",
    "\r\nEvent: Hangup\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nCause: 16\r\n\r\n",
    '\nAction: Originate\nChannel: PJSIP/110\n\n"><sip:110@x>;a="',
)
"""What a text would have to be believed as, if a line break of it were ever one."""

BREAKS: tuple[Callable[[str], str], ...] = (
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe="").lower(),
    lambda text: text.replace("\r\n", "%0D%0A").replace("\n", "%0a").replace(" ", "%20").replace('"', "%22"),
    lambda text: text.replace("\r\n", "%250d%250a").replace(" ", "%2520").replace("\n", "%250a"),
    lambda text: text.replace("\r\n", "\\r\\n").replace("\n", "\\n"),
    lambda text: text.replace("\r\n", "\r\n ").replace("\n", "\n "),
    lambda text: text.replace("\r\n", "\r").replace("\n", "\r"),
    lambda text: text.replace("\r\n", "\u2028").replace("\n", "\x85"),
    lambda text: text.replace("\r\n", "\x0b").replace("\n", "\x0c"),
    lambda text: text.replace("\r\n", "\\\r\\\n").replace('"', '\\"'),
    lambda text: "=?UTF-8?Q?" + quote(text, safe="").replace("%", "=") + "?=",
)
"""How somebody may write a line break so that one of the programs on the way makes one of it again."""


class Message:
    """A good INVITE, in parts that can be changed before it is put together."""

    def __init__(self, mark: str, host: str, port: int, own: tuple[str, int]) -> None:
        self.uri = f"sip:{NUMBER}@{host}:{port}"
        self.method, self.version = "INVITE", "SIP/2.0"
        self.headers: list[tuple[str, str]] = [
            ("Via", f"SIP/2.0/UDP {own[0]}:{own[1]};branch=z9hG4bK{mark};rport"),
            ("From", f'"Zhang" <sip:13800001111@{host}>;tag={mark}'),
            ("To", f"<{self.uri}>"),
            ("Call-ID", f"{mark}@{own[0]}"),
            ("CSeq", "1 INVITE"),
            ("Max-Forwards", "70"),
            ("Contact", f"<sip:13800001111@{own[0]}:{own[1]}>"),
            ("Content-Type", "application/sdp"),
        ]
        self.body = (
            f"v=0\r\no=- 1 1 IN IP4 {own[0]}\r\ns=-\r\nc=IN IP4 {own[0]}\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
        )
        self.length: str | None = None
        """Of the body, as the message claims it; None: the true one."""

    def put(self, name: str, value: str) -> None:
        """Sets a header that is there, or adds one."""
        names = [each for each, _ in self.headers]
        if name in names:
            self.headers[names.index(name)] = name, value
        else:
            self.headers.append((name, value))

    def header(self, name: str) -> str:
        return dict(self.headers)[name]

    def without(self, name: str) -> None:
        self.headers = [each for each in self.headers if each[0] != name]

    def bytes(self) -> bytes:
        body = self.body.encode("utf-8", "surrogateescape")
        lines = [f"{self.method} {self.uri} {self.version}", *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(body) if self.length is None else self.length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body


Change = Callable[[Message], None]


def _set(name: str, value: str) -> Change:
    return lambda message: message.put(name, value)


def _add(name: str, value: str) -> Change:
    return lambda message: message.headers.append((name, value))


def _all(*changes: Change) -> Change:
    def change(message: Message) -> None:
        for each in changes:
            each(message)

    return change


def _adds(*headers: tuple[str, str]) -> Change:
    return lambda message: message.headers.extend(headers)


def _without(name: str) -> Change:
    return lambda message: message.without(name)


def _body(old: str, new: str) -> Change:
    return lambda message: setattr(message, "body", message.body.replace(old, new))


def _field(name: str, value: object) -> Change:
    return lambda message: setattr(message, name, value)


def _person(name: str) -> Callable[[str], Change]:
    return lambda text: _set(name, f'"{text}" <sip:1380000{text}@127.0.0.1>')


TORTURE: dict[str, Change] = {
    # RFC 4475, 3.1.1: odd, and valid
    "white space and folding everywhere": _set("From", '"J Rosenberg \\\\\\""\r\n  <sip:13800001111@x>\r\n  ;\r\n  tag = 98asjd8'),
    "compact forms and odd cases": _adds(("s", ""), ("NewFangledHeader", "a;b=c"), ("k", "100rel")),
    "odd method": _field("method", "!interesting-Method0123456789_*+`.%indeed'~"),
    "escapes in the user": _field("uri", "sip:%39%35%30%30%31@127.0.0.1"),
    "escaped NUL": _set("From", "<sip:null-%00-null@127.0.0.1>;tag=1"),
    "percent that is no escape": _set("To", '"%Z%45" <sip:resource@127.0.0.1>'),
    "no space before the address": _set("From", "caller<sip:13800001111@127.0.0.1>;tag=323"),
    "values of 3,000 characters": _set("From", f'"{"longname" * 300}" <sip:{"l" * 3000}@127.0.0.1>;tag=12'),
    "60 Vias": _adds(*(("Via", f"SIP/2.0/UDP h{n}.x;branch=z9hG4bK{n}") for n in range(60))),
    "something behind the body": _all(_field("length", "20"), _add("X", "1")),
    "semicolon in the user": _field("uri", f"sip:{NUMBER};par=u%40x@127.0.0.1"),
    "transports of every kind": _adds(
        *(("Via", f"SIP/2.0/{kind} t.x;branch=z9hG4bK{kind}") for kind in ("UDP", "SCTP", "TLS", "UNKNOWN", "TCP"))
    ),
    "a body of several parts": _all(
        _set("Content-Type", "multipart/mixed;boundary=7a9cbec02ceef655"),
        _body("v=0", "--7a9cbec02ceef655\r\nContent-Type: application/sdp\r\n\r\nv=0"),
        _body("sendrecv\r\n", "sendrecv\r\n--7a9cbec02ceef655--\r\n"),
    ),
    # 3.1.2: not valid
    "commas and semicolons too many": _set("Via", "SIP/2.0/UDP 192.0.2.15;;,;,,"),
    "length beyond the datagram": _field("length", "9999"),
    "negative length": _field("length", "-999"),
    "numbers beyond 32 bits": _all(_set("CSeq", "36893488147419103232 INVITE"), _set("Max-Forwards", "300")),
    "numbers beyond 64 bits": _all(
        _set("Expires", "1" + "0" * 200), _set("Contact", "<sip:x@127.0.0.1>;expires=" + "9" * 300)
    ),
    "quotes that do not close": _set("To", '"Mr. J. User <sip:95001@127.0.0.1>'),
    "URI in angle brackets": _field("uri", f"<sip:{NUMBER}@127.0.0.1>"),
    "spaces in the URI": _field("uri", f"sip:{NUMBER}@127.0.0.1; lr"),
    "spaces in the first line": _field("method", "INVITE  "),
    "spaces behind the version": _field("version", "SIP/2.0  "),
    "headers in the URI": _field("uri", f"sip:{NUMBER}@127.0.0.1?Route=%3Csip:example.com%3E"),
    "a date of another zone": _add("Date", "Fri, 01 Jan 2010 16:00:00 EST"),
    "Contact's parameters unbracketed": _set("Contact", "sip:13800001111@127.0.0.1?Route=%3Csip:sip.x%3E"),
    "several Contacts": _set("Contact", "<sip:a@127.0.0.1>, <sip:b@127.0.0.1>, *"),
    "spaces in the address": _set("To", f'"Watson, Thomas" < sip:{NUMBER}@127.0.0.1 >'),
    "display names that are no tokens": _set("From", "Bell, Alexander <sip:13800001111@127.0.0.1>;tag=43"),
    "another protocol": _field("version", "SIP/7.0"),
    "CSeq of another method": _set("CSeq", "8 REGISTER"),
    "two of everything": _adds(
        ("CSeq", "2 INVITE"), ("From", "<sip:110@x>;tag=2"), ("To", "<sip:110@x>"), ("Call-ID", "second"), ("Via", "x")
    ),
    "two lengths": _add("Content-Length", "1"),
    # 3.2 and 3.3: of transactions, and of what is asked for
    "branch without a value": _set("Via", "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK"),
    "nothing but the first line": lambda m: m.headers.clear(),
    **{f"without {name}": _without(name) for name in ("Via", "From", "To", "Call-ID", "CSeq", "Contact")},
    "unknown scheme": _field("uri", f"nobodyKnowsThisScheme:{NUMBER}"),
    "tel": _field("uri", f"tel:{NUMBER}"),
    "sips": _field("uri", f"sips:{NUMBER}@127.0.0.1"),
    "novel scheme in To": _set("To", "isbn:2983792873"),
    "required extensions": _adds(("Require", "nothingSupportsThis"), ("Proxy-Require", "nor-this")),
    "a body of an unknown type": _all(_set("Content-Type", "application/unknownformat"), _field("body", "<x/>")),
    "no hops left": _set("Max-Forwards", "0"),
    "credentials of an unknown kind": _add("Authorization", 'NoOneKnowsThisScheme opaque-data="x"'),
    "a hundred credentials": _adds(*(("Authorization", f'Digest username="{n}"') for n in range(100))),
    "RFC 2543": _all(_set("Via", "SIP/2.0/UDP 127.0.0.1:5060"), _set("From", "<sip:13800001111@127.0.0.1>")),
    "SDP of nothing": _field("body", "v=0\r\n"),
    "SDP with a codec list of 2,000": _body("RTP/AVP 8 101", "RTP/AVP " + " ".join(map(str, range(2000)))),
    "SDP with numbers that are none": _all(_body("40000", "99999999999"), _body("8000", "-1")),
    "SDP of 60 media": _body("sendrecv\r\n", "sendrecv\r\n" + "m=audio 40002 RTP/AVP 0\r\n" * 60),
    "SDP without line ends": _body("\r\n", " "),
    "Replaces and Join": _adds(
        ("Replaces", "x;to-tag=1;from-tag=2"), ("Join", "x;to-tag=1;from-tag=2"), ("Refer-To", "<sip:110@x>")
    ),
    "Record-Route to ourselves": _adds(("Record-Route", "<sip:127.0.0.1;lr>"), ("Route", "<sip:x;lr>")),
}  # fmt: skip

PLACES: dict[str, Callable[[str], Change]] = {
    "user of the URI": lambda text: _field("uri", f"sip:{NUMBER}{text}@127.0.0.1"),
    "From's user": lambda text: _set("From", f"<sip:1380000{text}@127.0.0.1>;tag=1"),
    "From's host": lambda text: _set("From", f"<sip:13800001111@x{text}>;tag=1"),
    "From's name": lambda text: _set("From", f'"{text}" <sip:13800001111@127.0.0.1>;tag=1'),
    "From's tag": lambda text: _set("From", f"<sip:13800001111@127.0.0.1>;tag=1{text}"),
    "From's parameter": lambda text: _set("From", f"<sip:13800001111@127.0.0.1;x={text}>;tag=1"),
    "To": lambda text: _set("To", f'"{text}" <sip:{NUMBER}{text}@127.0.0.1>'),
    "Contact": lambda text: _set("Contact", f'"{text}" <sip:x{text}@127.0.0.1:5060>'),
    "Call-ID": lambda text: _set("Call-ID", f"1{text}@x"),
    "branch": lambda text: _set("Via", f"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK{text};rport"),
    "User-Agent": lambda text: _set("User-Agent", text),
    "Subject": lambda text: _set("Subject", text),
    **{
        name: _person(name)
        for name in ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID", "Diversion", "P-Called-Party-ID",
                     "History-Info", "Referred-By", "Reply-To")
    },
    "a header's name": lambda text: _set(f"X-{text}", "1"),
    "Reason": lambda text: _set("Reason", f'Q.850;cause=16;text="{text}"'),
    "X-Offer": lambda text: _set("X-Offer", f"1,1001,9,{text}"),
    "SDP": lambda text: _all(_body("s=-", f"s={text}"), _body("o=-", f"o={text}")),
}  # fmt: skip


def hostile(seed: int, count: int, host: str, port: int, own: tuple[str, int]) -> Iterator[tuple[str, bytes]]:
    """So many messages with what is wrong with each; first each kind of torture and each place once, then whatever chance gives."""
    chance = random.Random(seed)
    kinds = [*(("torture", name) for name in TORTURE), *(("lines", name) for name in PLACES)]
    for number in range(count):
        kind, name = (
            kinds[number] if number < len(kinds) else (chance.choice(("lines", "lines", "mutation", "torture")), "")
        )
        message = Message(f"{seed:x}x{number}", host, port, own)
        if kind == "lines":
            name = name or chance.choice(list(PLACES))
            text = chance.choice(BREAKS)(chance.choice(FORGED))
            PLACES[name](text)(message)
            yield f"{number}: line breaks in {name}", message.bytes()
        elif kind == "torture":
            name = name or chance.choice(list(TORTURE))
            TORTURE[name](message)
            yield f"{number}: {name}", message.bytes()
        else:
            yield f"{number}: mutation", _mutated(message.bytes(), chance)


def _mutated(good: bytes, chance: random.Random) -> bytes:
    """The message with one to eight mutations, of single bytes and of pieces."""
    bad = bytearray(good)
    for _ in range(chance.randint(1, 8)):
        if not bad:
            break
        at = chance.randrange(len(bad))
        piece = bad[at : at + chance.choice((1, 4, 16, 64))]
        match chance.randrange(7):
            case 0:
                bad[at] = chance.randrange(256)
            case 1:
                bad[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 8, 300))))
            case 2:
                del bad[at : at + len(piece)]
            case 3:
                bad[at:at] = piece * chance.choice((1, 3, 40))
            case 4:
                bad[at:at] = chance.choice(
                    (b"\0", b"\r\n", b"\r\n\r\n", b"%0d%0a", b"%00", b'"', b"<", b">", b";", b",", b"\\")
                )
            case 5:
                bad[at:at] = chance.choice((b"A", b"9", b" ", b"\t", b"\xff", b"%")) * chance.choice((50, 1000, 4000))
            case _:
                del bad[at:]
    return bytes(bad[:60_000])
