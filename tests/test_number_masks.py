"""A number is masked wherever Asterisk writes one, and nothing is that bans and explanations need."""

import pytest

from acd.number_masks import masked_asterisk, masked_lines

NUMBERS = {
    "Request 'INVITE' from '\"Lee\" <sip:13800005051@192.0.2.7>' failed for '192.0.2.7:5060' (callid: a@b)": "138****5051",
    "from '<sip:+8613800005051@192.0.2.7:5060>'": "+861****5051",
    "<tel:+86-138-0000-5051;phone-context=x>": "+861****5051",
    "<sip:%2B8613800005051@192.0.2.7>": "%2B861****5051",
    '"+86 138 0000 5051" <sip:a@b>': '"+861****5051"',
    "Channel 'PJSIP/13800005051-0000002a'": "PJSIP/138****5051-0000002a",
    "Extension 'x013800005051' in context 'outside'": "x013****5051",
    'SecurityEvent="ChallengeSent",AccountID="13800005051",SessionID="13800005051@192.0.2.7"': 'AccountID="138****5051"',
    "callerid 95001234 said": "950****1234",
    "Local/13800005051@outside-00000001;1": "Local/138****5051@outside-00000001;1",
    "02087654321,zh": "020****4321",
    "008613800005051": "008****5051",
}
KEPT = (
    'LocalAddress="IPV4/UDP/127.0.0.1/5060",RemoteAddress="IPV4/UDP/203.0.113.109/50612"',
    'RemoteAddress="IPV6/TCP/2001:db8:0:12::1/50612"',
    "[2026-11-28 10:00:00.123] SECURITY[123456] res_security_log.c: ",
    'EventTV="2026-11-28T22:00:00.123+0000"',
    "PJSIP/1001-00000042",
    "PJSIP/trunk-carrier-10000042",
    "c1760000000-42-1234",
    "1760000000.123456",
    "[C-00000012]",
    "0x7f2c10012345",
    "10.20.30.40:50612",
    "95001",
    "Extension '1001'",
)


@pytest.mark.parametrize("line", NUMBERS)
def test_a_number_in_a_line_of_asterisks_is_masked(line: str):
    told = masked_asterisk(line.encode()).decode()
    assert NUMBERS[line] in told
    for whole in ("13800005051", "138-0000-5051", "138 0000 5051", "95001234", "87654321"):
        assert whole not in told
    assert masked_asterisk(told.encode()).decode() == told, "what is masked stays as it is"


@pytest.mark.parametrize("line", KEPT)
def test_addresses_ids_channels_and_times_stay(line: str):
    assert masked_asterisk(line.encode()).decode() == line


def test_bytes_that_are_no_text_are_left_alone():
    assert masked_asterisk(b"\xff 13800005051 \x00\xfe") == b"\xff 138****5051 \x00\xfe"


def test_figures_in_lines_of_ours_stay_and_an_interpreters_last_words_are_masked():
    line = b'{"event": "filed", "bytes": 1234567890123, "caller": "138****5051"}\n'
    assert masked_lines(line * 2) == line * 2
    assert masked_lines(line + b"KeyError: '13800005051'\n\xff\n") == line + b"KeyError: '138****5051'\n\xff\n"
