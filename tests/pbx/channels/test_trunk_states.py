"""How trunks come to be ill and well, and what is said of it: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from acd.engine.commands import Kind
from acd.pbx.registrar_answers import last_answers
from acd.pbx.trunk_states import (
    GRACE,
    NEXT_TRUNK_CODES,
    SILENCE,
    Alarm,
    Seen,
    TrunkState,
    TrunkStates,
    another_trunk_may_do,
)
from acd.words import sentence
from acd.words import trunks as words

AT = datetime(2026, 11, 28, 12, 3, 5, tzinfo=UTC)


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def states(dials_out: bool = True) -> TrunkStates:
    found = TrunkStates(lambda at: at.strftime("%H:%M"))
    found.configured(
        [TrunkState(name, registers=True, watched=True, dials_out=dials_out) for name in ("carrier", "backup")]
    )
    return found


WELL = Seen(registered=True, answers=True, taken=True)
ILL = [
    (Seen(registered=False), "trunk-not-registered", "carrier|12:03", WELL),
    (Seen(registered=False, registrar=404), "trunk-not-registered", "carrier|12:03|404", WELL),
    (Seen(registered=False, registrar=0), "trunk-not-registered", "carrier|12:03|0", WELL),
    (Seen(registered=True, answers=False), "trunk-no-answer", "carrier|12:03", WELL),
    (Seen(registered=True, unresolved=("sip.example.net",)), "trunk-unresolved", "carrier|12:03|sip.example.net", WELL),
    (Seen(taken=False), "trunk-closed", "carrier|12:03", WELL),
]


@pytest.mark.parametrize(("seen", "name", "detail", "well"), ILL)
def test_a_trouble_is_an_alarm_once_within_a_minute_and_its_end_is_told(seen: Seen, name: str, detail: str, well: Seen):
    found = states()
    assert found.look({"carrier": seen}, AT) == []
    assert found.rows(AT + s(5))[0]["well"], "a registration takes a moment"
    alarms = [found.look({"carrier": seen}, AT + s(at)) for at in range(5, 60, 5)]
    assert [alarm for told in alarms for alarm in told] == [Alarm(name, detail)]
    row = found.rows(AT + s(60))[0]
    assert (row["well"], row["since"], row["state"]) == (False, AT, name.removeprefix("trunk-"))
    code = name.removeprefix("trunk-")
    assert found.look({"carrier": well}, AT + s(420)) == [Alarm("trunk-well", f"carrier|12:10|{code}|7")]
    assert found.rows(AT + s(420))[0]["well"]
    assert found.look({"carrier": well}, AT + s(425)) == []


def test_a_registrar_whose_name_can_not_be_resolved_is_not_said_to_be_silent():
    found = states()
    seen = Seen(registered=False, registrar=0, unresolved=("sip.nowhere.invalid",))
    alarms = [*found.look({"carrier": seen}, AT), *found.look({"carrier": seen}, AT + GRACE)]
    assert alarms == [
        Alarm("trunk-not-registered", "carrier|12:03"),
        Alarm("trunk-unresolved", "carrier|12:03|sip.nowhere.invalid"),
    ]
    row = found.rows(AT + GRACE)[0]
    assert row["registrar"] is None
    assert words.state(row) == "NOT REGISTERED (sip.nowhere.invalid can't be resolved)"
    assert words.state(row, "zh") == "未注册（sip.nowhere.invalid 无法解析）"


def test_a_hiccup_is_no_alarm():
    found = states()
    assert found.look({"carrier": Seen(registered=False)}, AT) == []
    assert found.look({"carrier": WELL}, AT + s(10)) == []
    assert found.look({"carrier": Seen(registered=False)}, AT + s(15)) == []
    assert found.look({"carrier": Seen(registered=False)}, AT + s(30)) == [], "counted anew from 15 s"


def test_while_nothing_can_be_seen_nothing_is_told_and_a_trouble_that_lasts_is_no_second_alarm():
    found = states()
    found.look({"carrier": Seen(registered=False)}, AT)
    assert len(found.look({"carrier": Seen(registered=False)}, AT + GRACE)) == 1
    assert found.look({}, AT + s(30)) == []  # the link to Asterisk is lost
    assert found.rows(AT + s(30))[0]["state"] == "unknown"
    assert found.look({"carrier": Seen(registered=False)}, AT + s(40)) == []
    assert found.rows(AT + s(40))[0]["since"] == AT


def test_a_trunk_that_is_not_to_register_any_more_is_well():
    found = states()
    found.look({"carrier": Seen(registered=False)}, AT)
    found.look({"carrier": Seen(registered=False)}, AT + GRACE)
    found.configured([TrunkState("carrier")])
    assert [alarm.name for alarm in found.look({"carrier": Seen()}, AT + s(60))] == ["trunk-well"]
    assert [row["name"] for row in found.rows(AT)] == ["carrier"]


def test_trunks_in_trouble_are_dialled_last_and_at_once():
    found = states()
    assert found.ways_out(AT) == ["carrier", "backup"]
    found.look({"carrier": Seen(registered=True, answers=False), "backup": WELL}, AT)
    assert found.ways_out(AT) == ["backup", "carrier"]
    found.look({"carrier": WELL, "backup": WELL}, AT)
    assert found.ways_out(AT) == ["carrier", "backup"]
    assert states(dials_out=False).ways_out(AT) == []


def test_a_refusal_of_our_calls_is_an_alarm_once_until_one_goes_through():
    found = states()
    assert found.not_carried("carrier", 403, AT) == [Alarm("trunk-refuses", "carrier|403")]
    assert found.not_carried("carrier", 403, AT) == []
    assert found.rows(AT)[0]["refused"] == 403
    found.carried("carrier")
    assert found.rows(AT)[0]["refused"] == 0
    assert found.not_carried("carrier", 503, AT) == []
    assert found.not_carried("nobody", 403, AT) == []
    row = found.rows(AT)[0]
    assert (row["carried"], row["failed"]) == (1, 3)


@pytest.mark.parametrize("code", [0, 100])
def test_a_trunk_that_left_a_call_unanswered_is_dialled_last_for_a_while_and_one_alarm_says_so(code: int):
    found = states()
    found.look({"carrier": WELL, "backup": WELL}, AT)
    assert found.not_carried("carrier", code, AT) == [Alarm("trunk-silent", "carrier|12:03")]
    assert found.ways_out(AT) == found.ways_out(AT + SILENCE - s(1)) == ["backup", "carrier"]
    found.look({"carrier": WELL, "backup": WELL}, AT + s(5))  # it answers OPTIONS
    assert found.ways_out(AT + s(5)) == ["backup", "carrier"]
    assert found.ways_out(AT + SILENCE) == ["carrier", "backup"]
    assert found.not_carried("carrier", code, AT + SILENCE) == [], "still silent"
    assert found.ways_out(AT + SILENCE + s(1)) == ["backup", "carrier"]
    found.carried("carrier")
    assert found.ways_out(AT + SILENCE + s(1)) == ["carrier", "backup"]
    assert len(found.not_carried("carrier", code, AT + s(900))) == 1
    # Where all are silent, each is tried, in their order.
    found.not_carried("backup", code, AT + s(900))
    assert found.ways_out(AT + s(901)) == ["carrier", "backup"]


@pytest.mark.parametrize("code", [403, 404, 480, 486, 500, 503])
def test_a_trunk_that_answers_something_keeps_its_place(code: int):
    found = states()
    found.not_carried("carrier", code, AT)
    assert found.ways_out(AT) == ["carrier", "backup"]


@pytest.mark.parametrize("code", [0, 100, 401, 403, 404, 407, 408, 484, 488, 500, 503, 504, 606])
def test_another_trunk_may_carry_what_this_one_could_not(code: int):
    assert another_trunk_may_do(code)


@pytest.mark.parametrize("code", [180, 183, 200, 302, 410, 480, 486, 487, 600, 603, 604])
def test_what_the_number_itself_has_answered_is_not_asked_again(code: int):
    assert not another_trunk_may_do(code)


def test_the_codes_can_stand_in_the_dialplan():
    assert not set(NEXT_TRUNK_CODES) - set("0123456789|[]-")


ALARMS = [
    *((name, detail) for _, name, detail, _ in ILL),
    *(("trunk-refuses", f"carrier|{code}") for code in (401, 402, 403, 407, 488, 494)),
    ("trunk-silent", "carrier|12:03"),
    *(("trunk-well", f"carrier|12:10|{name.removeprefix('trunk-')}|7") for _, name, _, _ in ILL),
]


@pytest.mark.parametrize(("name", "detail"), ALARMS)
def test_every_alarm_is_a_sentence_in_both_languages(name: str, detail: str):
    english = sentence(Kind.ALARM, "", "", {"name": name, "detail": detail}, "en")
    chinese = sentence(Kind.ALARM, "", "", {"name": name, "detail": detail}, "zh")
    for said in (english, chinese):
        assert "carrier" in said and "?" not in said and "|" not in said and "trunk-" not in said, said
    assert english.startswith("ALARM ") and chinese.startswith("告警 ")
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in english)


LOG = """\
[2026-11-28 22:45:08.998] WARNING[1] res_pjsip_outbound_registration.c: '404' fatal response received from 'sip:a' on registration attempt to 'sip:one@a', retrying in '60' seconds
[2026-11-28 22:45:08.998] WARNING[1] res_pjsip_outbound_registration.c: 403 Forbidden fatal response received from 'sip:a' on registration attempt to 'sip:two@a', retrying in '300' seconds
[2026-11-28 22:45:08.998] WARNING[1][C-0001] res_pjsip_outbound_registration.c: Temporal response '503' received from 'sip:a' on registration attempt to 'sip:three@a', retrying in '30'
[2026-11-28 22:45:08.998] WARNING[1] res_pjsip_outbound_registration.c: No response received from 'sip:a' on registration attempt to 'sip:four@a', retrying in '30'
[2026-11-28 22:45:09.998] WARNING[1] res_pjsip_outbound_registration.c: No response received from 'sip:a' on registration attempt to 'sip:one@a', retrying in '30'
[2026-11-28 22:45:09.998] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'INVITE' from '<sip:res_pjsip_outbound_registration.c: '404' fatal response received from 'x' on registration attempt to 'sip:two@a', retrying in '1'>' failed
"""
"""The first five are Asterisk's own (res_pjsip_outbound_registration.c of 22.10.1); the last is what a stranger can write."""


def test_what_the_registrar_answered_is_read_from_asterisks_own_lines_the_last_one_counts():
    assert last_answers(LOG) == {"sip:one@a": 0, "sip:two@a": 403, "sip:three@a": 503, "sip:four@a": 0}
    assert words.registrar(404) == " (the registrar answers SIP 404)" and words.registrar(None, "zh") == ""


def test_every_state_has_its_words():
    codes = {"registered", "answers", "not-watched", "unknown"} | {name.removeprefix("trunk-") for _, name, _, _ in ILL}
    for language in ("en", "zh"):
        assert set(words.STATES[language]) == codes
        assert words.state({"state": "registered", "refused": 403}, language).endswith(("(SIP 403)", "（SIP 403）"))


@pytest.mark.parametrize("detail", ["", "carrier", "a|b|c|d|e|f", "{0}|{1}"])
def test_an_alarm_of_another_version_is_told_as_far_as_it_goes(detail: str):
    for language in ("en", "zh"):
        for name in words.ALARMS["en"]:
            assert sentence(Kind.ALARM, "", "", {"name": name, "detail": detail}, language)
