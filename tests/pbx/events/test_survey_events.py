"""What the dialplan tells of a survey, as events; told by anybody but the caller's own channel it is none."""

import pytest

from acd.engine.surveys.events import SurveyAnswered, SurveyWordLeft
from acd.pbx.events.survey_events import answers_of, told_in_call_back
from acd.pbx.events.translator import Translator

ARRIVED = {
    "Event": "UserEvent", "UserEvent": "CallArrived", "Channel": "PJSIP/trunk-carrier-00000001", "Uniqueid": "100.1", "Linkedid": "100.1",
    "Call": "c100-1-1111", "Caller": "13800001111", "Withheld": "", "Identity": "", "Dialled": "95001", "Unlisted": "", "Trunk": "carrier",
}  # fmt: skip
TOLD = {**ARRIVED, "UserEvent": "SurveyTold", "Answers": "satisfied.4-solved.1-recommend.9"}
WORD = {**ARRIVED, "UserEvent": "SurveyWord", "Bytes": "56044"}


def test_answers_and_a_word_of_the_callers_own_channel():
    translator = Translator()
    assert translator.feed(ARRIVED)
    assert translator.feed(TOLD) == [SurveyAnswered("c100-1-1111", 4, "yes", 9)]
    assert translator.feed(WORD) == [SurveyWordLeft("c100-1-1111", 3.5)]
    assert translator.feed({**WORD, "Bytes": "20000"}) == [], "a breath"
    assert translator.ignored == 0


@pytest.mark.parametrize(
    "changed", [{"Uniqueid": "100.2"}, {"Call": "c100-2-2222"}, {"Call": "c1\r\nAction: Originate"}]
)
def test_what_another_channel_tells_is_no_event(changed: dict[str, str]):
    translator = Translator()
    translator.feed(ARRIVED)
    for message in (TOLD, WORD):
        assert translator.feed({**message, **changed}) == []
    assert translator.ignored == 2


@pytest.mark.parametrize("size", ["", "-1", "x", "99999999999"])
def test_a_size_that_is_none_is_no_word(size: str):
    translator = Translator()
    translator.feed(ARRIVED)
    assert translator.feed({**WORD, "Bytes": size}) == []
    assert translator.ignored == 1


@pytest.mark.parametrize(
    "written", ["", "satisfied", "satisfied.10", "satisfied.4-", "satisfied.4\r\nX: y", "a.1-" * 20 + "a.1"]
)
def test_what_the_story_never_writes_is_no_answer(written: str):
    assert answers_of("c1", written) is None


def test_names_of_a_later_version_are_passed_over():
    assert answers_of("c1", "mood.3-solved.2") == SurveyAnswered("c1", solved="no")


def test_answers_in_a_call_back_belong_to_the_call_that_is_asked_about():
    translator = Translator()
    call = {"Call": "survey-c100-1-1111", "Uniqueid": "st-survey-c100-1-1111-1_0"}
    assert translator.feed({**TOLD, **call}) == [SurveyAnswered("c100-1-1111", 4, "yes", 9)]
    assert translator.feed({**WORD, **call}) == [SurveyWordLeft("c100-1-1111", 3.5)]
    for other in ({"Uniqueid": "st-survey-c100-2-2222-1_0"}, {"Call": "c100-1-1111"}, {"Uniqueid": "100.1"}):
        assert translator.feed({**TOLD, **call, **other}) == []
    fault = {"Call": "fault-1-1-1", "Uniqueid": "st-fault-1-1-1-1_0"}
    assert translator.feed({**TOLD, **fault}) == []


@pytest.mark.parametrize(
    ("kept", "events"),
    [
        ("satisfied.4-solved.1/56044", [SurveyAnswered("c1", 4, "yes"), SurveyWordLeft("c1", 3.5)]),
        ("satisfied.4/", [SurveyAnswered("c1", 4)]),
        ("/20000", []),
        ("", []),
        ("x\r\n/-1", []),
    ],
)
def test_what_asterisk_has_kept_of_a_call_back(kept: str, events: list[object]):
    assert told_in_call_back("survey-c1", kept) == events
    assert told_in_call_back("fault-1-1-1", kept) == []
