"""Copies of SIP messages: what an INVITE has offered comes out with its refusal; nothing else does, whatever a datagram holds."""

import random
import struct
from collections import Counter
from pathlib import Path

import pytest

from acd.daemon.watchdogs.refused_codecs import AGAIN_S, LOOKS, RefusedCodecs
from acd.engine.events import AlarmRaised, Event
from acd.pbx.conf.settings import PbxAgent, PbxMedia, PbxTrunk
from acd.pbx.sip_copies import REMEMBERED, UNAVAILABLE, Offer, Refusal, SipCopies, offered
from tests.pbx.support.rendered_conf import settings_in

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
    offer = Offer("192.0.2.10", "13800001111", False, ("G729",), False)
    assert copies.feed(copy(answer(status))) == Refusal(offer, status)
    assert copies.feed(copy(answer(status))) is None  # a repetition


@pytest.mark.parametrize("status", [100, 180, 183, 200, 401, 486, 503])
def test_an_invite_of_ours_counts_as_unanswered_until_anything_comes_back(status: int):
    copies = SipCopies(KEY)
    for sent in range(1, 5):
        copies.feed(copy(invite(audio("8"), call="out", agent="Sanxiang"), source="192.0.2.1"))
        assert copies.unanswered("out") == sent
    copies.feed(copy(answer(status, call="other")))
    copies.feed(copy(answer(200, call="out", method="OPTIONS")))
    assert copies.unanswered("out") == 4
    copies.feed(copy(answer(status, call="out")))
    assert copies.unanswered("out") == copies.unanswered("") == 0


def test_others_invites_are_not_counted_and_of_ours_no_more_than_are_remembered():
    copies = SipCopies(KEY)
    copies.feed(copy(invite(audio("8"), call="in")))
    assert copies.unanswered("in") == 0
    for number in range(REMEMBERED + 1):
        copies.feed(copy(invite(audio("8"), call=f"out-{number}", agent="Sanxiang")))
    assert (copies.unanswered("out-0"), copies.unanswered(f"out-{REMEMBERED}")) == (0, 1)


def test_an_invite_of_our_own_is_the_other_sides_refusal():
    copies = SipCopies(KEY)
    copies.feed(copy(invite(audio("8"), agent="Sanxiang"), source="192.0.2.1", target="192.0.2.50"))
    assert copies.feed(copy(answer(488))) == Refusal(Offer("192.0.2.50", "1001", True, ("PCMA",), False), 488)


def test_a_503_of_ours_is_told_and_one_of_the_other_sides_is_not():
    copies = SipCopies(KEY)
    copies.feed(copy(invite(audio("8"), call="theirs")))
    told = copies.feed(copy(answer(UNAVAILABLE, call="theirs")))
    assert told is not None and told.status == UNAVAILABLE
    copies.feed(copy(invite(audio("8"), call="ours", agent="Sanxiang")))
    assert copies.feed(copy(answer(UNAVAILABLE, call="ours"))) is None


def test_what_is_no_refusal_of_an_offer_gives_nothing():
    copies = SipCopies(KEY)
    for status in (200, 401, 404, 486, 500):
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


async def test_the_alarm_names_the_side_says_what_to_write_and_comes_once_in_ten_minutes(tmp_path: Path):
    trunks = (
        PbxTrunk("carrier", ("192.0.2.0/24",)),
        PbxTrunk("secure", ("198.51.100.7",), media=PbxMedia(encryption="required")),
    )
    settings = settings_in(tmp_path, trunks=trunks, agents=(PbxAgent("1001", "password-1001"),))
    told: list[Event] = []
    now = [0.0]
    not_taken = Counter[tuple[str, str]]()
    alarms = RefusedCodecs(lambda: settings, told.append, lambda: now[0], not_taken)
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
    for _ in range(2):  # Asterisk's log says nothing of it.
        await alarms.look()
    said = [event.detail for event in told if isinstance(event, AlarmRaised)]
    assert [text.partition(" offers ")[0] for text in said] == [
        "carrier carrier", "carrier carrier", "carrier secure", "agent 1001's telephone", "203.0.113.10", "carrier carrier",
    ]  # fmt: skip
    assert said[0].startswith(
        "carrier carrier offers only G729. We take alaw, ulaw, g722: have it add one of these, or add one to"
    )
    assert "offers only G723." in said[1] and 'media_encryption = "required"' in said[2] and "[sip.agents]" in said[3]
    assert "for another reason than its codecs" in said[5]
    assert alarms.refused == 7 and not not_taken
    now[0] = AGAIN_S + 1
    refused(8, "192.0.2.10", audio("18"))
    assert len(told) == 7


LOG = """\
[2026-11-28 10:00:00.001] ERROR[811][C-00000007] res_rtp_asterisk.c: Oh dear... we couldn't allocate a port for RTP instance '0x7f0'
[2026-11-28 10:00:00.002] WARNING[811] res_rtp_asterisk.c: Unable to allocate RTP socket: Too many open files
[2026-11-28 10:00:00.003] WARNING[811] pbx.c: Maximum call limit of 4 calls exceeded by 'PJSIP/trunk-carrier-00000009'!
[2026-11-28 10:00:00.004] NOTICE[811] chan_pjsip.c: x [2026-11-28 10:00:00.004] ERROR[1] res_rtp_asterisk.c: couldn't allocate a port for RTP instance
"""


async def test_a_refusal_that_codecs_do_not_explain_is_counted_by_what_asterisks_log_says_was_missing(tmp_path: Path):
    settings = settings_in(tmp_path, trunks=(PbxTrunk("carrier", ("192.0.2.0/24",)),))
    log = settings.run_folder / "log" / "messages.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    not_taken, told = Counter[tuple[str, str]](), list[Event]()
    alarms = RefusedCodecs(lambda: settings, told.append, lambda: 0.0, not_taken)
    key = settings.secrets.copies_key
    ports, files, calls, strangers = LOG.splitlines(keepends=True)

    async def refused(status: int, line: str, times: int = 1) -> dict[tuple[str, str], int]:
        """What is counted of a call that is refused while Asterisk writes this line."""
        for _ in range(LOOKS):  # what was written before is read no more
            await alarms.look()
        before = not_taken.copy()
        for number in range(times):
            call = f"{status}-{line}-{number}"
            alarms.heard(copy(invite(audio("8"), call=call), key=key))
            alarms.heard(copy(answer(status, call=call), key=key))
        with log.open("a") as file:
            file.write(line)
        for _ in range(2):
            await alarms.look()
        return dict(not_taken - before)

    assert await refused(488, ports) == {("carrier", "ports"): 1}
    assert await refused(488, files, times=3) == {("carrier", "files"): 3}
    assert await refused(503, calls) == {("carrier", "calls"): 1}
    assert await refused(503, calls, times=2) == {("carrier", "calls"): 1}  # the other is the dialplan's own 503
    assert await refused(503, "") == {}
    assert told == []
    assert await refused(488, strangers) == {}
    [alarm] = told
    assert isinstance(alarm, AlarmRaised) and "for another reason than its codecs" in alarm.detail
    log.write_text("")  # A log that has grown too long was cut.
    assert await refused(488, ports) == {("carrier", "ports"): 1}
