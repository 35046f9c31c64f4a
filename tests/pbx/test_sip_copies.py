"""Copies of SIP messages: what an INVITE has offered comes out with its refusal; nothing else does, whatever a datagram holds."""

import random
import struct
from pathlib import Path

import pytest

from acd.daemon.watchdogs.refused_codecs import AGAIN_S, RefusedCodecs
from acd.engine.events import AlarmRaised, Event
from acd.pbx.conf.settings import PbxAgent, PbxMedia, PbxTrunk
from acd.pbx.sip_copies import REMEMBERED, Offer, SipCopies, offered
from tests.pbx.test_conf import settings_in

KEY = "key-of-this-start"


def chunk(kind: int, data: bytes, vendor: int = 0) -> bytes:
    return struct.pack("!HHH", vendor, kind, 6 + len(data)) + data


def copy(text: str, source: str = "192.0.2.10", target: str = "192.0.2.1", key: str = KEY) -> bytes:
    chunks = (
        chunk(1, b"\x02") + chunk(3, bytes(map(int, source.split(".")))) + chunk(4, bytes(map(int, target.split("."))))
    )
    chunks += chunk(11, b"\x01") + chunk(14, key.encode()) + chunk(15, text.encode())
    return struct.pack("!4sH", b"HEP3", 6 + len(chunks)) + chunks


def invite(sdp: str, call: str = "a", user: str = "13800001111", agent: str = "carrier", cseq: int = 1) -> str:
    return (
        f"INVITE sip:95001@192.0.2.1 SIP/2.0\r\nFrom: <sip:{user}@192.0.2.10>;tag=1\r\nTo: <sip:1001@192.0.2.1>\r\nCall-ID: {call}\r\n"
        f"CSeq: {cseq} INVITE\r\nUser-Agent: {agent}\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
    )


def answer(status: int, call: str = "a", method: str = "INVITE", cseq: int = 1) -> str:
    return f"SIP/2.0 {status} No\r\nCall-ID: {call}\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n"


def audio(payloads: str, more: str = "", profile: str = "RTP/AVP") -> str:
    return f"v=0\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 4000 {profile} {payloads}\r\n{more}"


OFFERED = [
    (audio("18"), ("G729",), False),
    (audio("8 0 101", "a=rtpmap:101 telephone-event/8000\r\n"), ("PCMA", "PCMU"), False),
    (audio("97 13", "a=rtpmap:97 AMR-WB/16000\r\n"), ("AMR-WB",), False),
    (audio("111", "a=rtpmap:111 opus/48000/2\r\n", "RTP/SAVPF"), ("opus",), True),
    (audio("8", profile="RTP/SAVP"), ("PCMA",), True),
    (audio("96"), (), False),
    (audio("97", "a=rtpmap:97 a b\x00c/8000\r\n"), (), False),
    (audio("97", f"a=rtpmap:97 {'x' * 200}/8000\r\n"), (), False),
    ("m=video 4000 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n", (), False),
    ("", (), False),
]


@pytest.mark.parametrize(("sdp", "codecs", "encrypted"), OFFERED)
def test_codecs_are_named_in_order_without_what_is_none(sdp: str, codecs: tuple[str, ...], encrypted: bool):
    assert offered(sdp) == (codecs, encrypted)


@pytest.mark.parametrize("status", [488, 606, 415])
def test_a_refusal_gives_what_the_invite_has_offered_once(status: int):
    copies = SipCopies(KEY)
    assert copies.feed(copy(invite(audio("18")))) is None
    assert copies.feed(copy(answer(100))) is None
    assert copies.feed(copy(answer(status))) == Offer("192.0.2.10", "13800001111", False, ("G729",), False)
    assert copies.feed(copy(answer(status))) is None  # a repetition


def test_an_invite_of_our_own_is_the_other_sides_refusal():
    copies = SipCopies(KEY)
    copies.feed(copy(invite(audio("8"), agent="Sanxiang"), source="192.0.2.1", target="192.0.2.50"))
    assert copies.feed(copy(answer(488))) == Offer("192.0.2.50", "1001", True, ("PCMA",), False)


def test_what_is_no_refusal_of_an_offer_gives_nothing():
    copies = SipCopies(KEY)
    for status in (200, 401, 404, 486, 503):
        copies.feed(copy(invite(audio("18"), call=str(status))))
        assert copies.feed(copy(answer(status, call=str(status)))) is None
    copies.feed(copy(invite("", call="empty")))
    assert copies.feed(copy(answer(488, call="empty"))) is None
    copies.feed(copy(invite(audio("18"), call="other")))
    assert copies.feed(copy(answer(488, call="another"))) is None
    assert copies.feed(copy(answer(488, call="other", method="OPTIONS"))) is None
    assert copies.unread == 0


def test_a_datagram_without_the_key_or_cut_anywhere_gives_nothing_and_breaks_nothing():
    copies = SipCopies(KEY)
    whole = copy(invite(audio("18")))
    for length in range(len(whole)):
        assert copies.feed(whole[:length]) is None
    assert copies.feed(copy(invite(audio("18")), key="another")) is None
    assert copies.unread == len(whole) + 1
    assert copies.feed(copy(answer(488))) is None  # none of them was remembered
    chance = random.Random(5)
    for _ in range(3000):
        garbled = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            garbled[chance.randrange(len(garbled))] = chance.randrange(256)
        copies.feed(bytes(garbled))


def test_no_more_invites_are_kept_than_so_many():
    copies = SipCopies(KEY)
    for number in range(2 * REMEMBERED):
        copies.feed(copy(invite(audio("18"), call=str(number))))
    assert len(copies._offers) == REMEMBERED
    assert copies.feed(copy(answer(488, call="0"))) is None
    assert copies.feed(copy(answer(488, call=str(2 * REMEMBERED - 1)))) is not None


def test_the_alarm_names_the_side_says_what_to_write_and_comes_once_in_ten_minutes(tmp_path: Path):
    trunks = (
        PbxTrunk("carrier", ("192.0.2.0/24",)),
        PbxTrunk("secure", ("198.51.100.7",), media=PbxMedia(encryption="required")),
    )
    settings = settings_in(tmp_path, trunks=trunks, agents=(PbxAgent("1001", "password-1001"),))
    told: list[Event] = []
    now = [0.0]
    alarms = RefusedCodecs(lambda: settings, told.append, lambda: now[0])
    key = settings.secrets.copies_key

    def refused(number: int, source: str, sdp: str, user: str = "13800001111") -> None:
        alarms.heard(copy(invite(sdp, call=str(number), user=user), source=source, key=key))
        alarms.heard(copy(answer(488, call=str(number)), key=key))

    refused(1, "192.0.2.10", audio("18"))
    refused(2, "192.0.2.11", audio("18"))  # the same carrier, the same offer
    refused(3, "192.0.2.10", audio("4"))
    refused(4, "198.51.100.7", audio("8"))
    refused(5, "203.0.113.9", audio("18"), user="1001")
    refused(6, "203.0.113.10", audio("18"), user="nobody")
    refused(7, "192.0.2.10", audio("8 99", "a=rtpmap:99 x\r\n"))
    said = [event.detail for event in told if isinstance(event, AlarmRaised)]
    assert [text.partition(" offers ")[0] for text in said] == [
        "carrier carrier", "carrier carrier", "carrier secure", "agent 1001's telephone", "203.0.113.10", "carrier carrier",
    ]  # fmt: skip
    assert said[0].startswith(
        "carrier carrier offers only G729. We take alaw, ulaw, g722: have it add one of these, or add one to"
    )
    assert "offers only G723." in said[1] and 'media_encryption = "required"' in said[2] and "[sip.agents]" in said[3]
    assert "for another reason than its codecs" in said[5]
    assert alarms.refused == 7
    now[0] = AGAIN_S + 1
    refused(8, "192.0.2.10", audio("18"))
    assert len(told) == 7
