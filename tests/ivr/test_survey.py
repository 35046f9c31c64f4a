"""The survey as conversations: what is asked, what the keys mean, and what is left of it when the caller hangs up."""

from pathlib import Path
from typing import Any

import pytest

from ivr.settings import Settings
from ivr.step import Call, Done
from ivr.stories import STORIES
from ivr.survey import ORDER, PAUSE_S, ROUNDS, answers_in, written
from tests.ivr.support.conversation import Conversation

SETTINGS = Settings("", Path(), Path(), Path(), ("zh", "en"), {}, 0)
WHOLE: dict[str, Any] = {"questions": list(ORDER), "low": 2, "callback": True}


def asked(
    satisfied: str = "",
    solved: str = "",
    recommend: str = "",
    low: str = "",
    *,
    told: Any = WHOLE,
    before: str = "",
    **more: Any,
) -> Conversation:
    """The conversation with these keys at the questions, "." being none."""
    language = more.get("language", "zh")
    keys = {"satisfied": satisfied, "solved": solved, "recommend": recommend, "low": low}
    pressed = {f"{language}/survey-{name}": given for name, given in keys.items() if given}
    story = STORIES["survey"](Call("c1", language=language, survey=before), SETTINGS)
    return Conversation(story, pressed, {("survey", "c1"): told}, **more)


def names(talk: Conversation) -> list[str]:
    return [name.partition("/survey-")[2] or name.partition("/")[2] for name in talk.spoken]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_questions_in_their_order_and_then_a_word(language: str):
    talk = asked("5", "1", "9", language=language)
    assert names(talk) == ["intro", "satisfied", "solved", "recommend", "thanks", "word"]
    assert talk.variables == {"SURVEY": "satisfied.5-solved.1-recommend.9", "SURVEY_WORD": "1"}
    assert talk.ending == Done()


def test_only_the_questions_that_are_configured():
    talk = asked("4", "2", told={"questions": ["solved"], "low": 2, "callback": True})
    assert names(talk) == ["intro", "solved", "thanks"]
    assert talk.variables == {"SURVEY": "solved.2"}


@pytest.mark.parametrize("told", [{}, {"questions": []}, {"questions": ["what"]}])
def test_who_is_not_asked_hears_nothing(told: dict[str, Any]):
    talk = asked(told=told)
    assert (talk.heard, talk.variables, talk.ending) == ([], {}, Done())


@pytest.mark.parametrize(("mark", "offered"), [("1", True), ("2", True), ("3", False), ("5", False)])
def test_a_low_mark_offers_a_callback_at_once(mark: str, offered: bool):
    talk = asked(mark, "2", "0", low="1")
    assert ("low" in names(talk)) is offered
    assert ("callback.1" in talk.variables["SURVEY"]) is offered


def test_who_wants_no_callback_gets_none_and_is_asked_on():
    talk = asked("1", "2", "0", low="2")
    assert names(talk) == ["intro", "satisfied", "low", "solved", "recommend", "thanks", "word"]
    assert talk.variables["SURVEY"] == "satisfied.1-solved.2-recommend.0"


def test_no_callback_is_offered_where_nobody_would_call_back():
    assert "low" not in names(asked("1", "2", "0", told={**WHOLE, "callback": False}))


def test_a_wrong_key_is_said_and_asked_again_and_the_third_time_the_next_question_comes():
    talk = asked("785", "1", "9")
    assert talk.variables["SURVEY"].startswith("satisfied.5")
    assert talk.spoken.count("zh/invalid-key") == 2
    talk = asked("789", "1", "9")
    assert talk.variables["SURVEY"] == "solved.1-recommend.9"


def test_who_presses_nothing_twice_is_not_asked_on():
    talk = asked(".", ".", "9")
    assert names(talk) == ["intro", "satisfied", "solved"]
    assert talk.variables == {}
    assert asked(".", "1", "9").variables["SURVEY"] == "solved.1-recommend.9"


def test_the_star_ends_it_and_what_was_keyed_is_kept():
    talk = asked("4", "*")
    assert names(talk) == ["intro", "satisfied", "solved"]
    assert talk.variables == {"SURVEY": "satisfied.4"}


def test_who_hangs_up_in_the_middle_has_answered_what_they_keyed():
    kept = set()
    for after in range(12):
        talk = asked("4", "1", "8", hangs_up_after=after)
        kept.add(talk.variables.get("SURVEY", ""))
    assert kept == {"", "satisfied.4", "satisfied.4-solved.1", "satisfied.4-solved.1-recommend.8"}


def test_a_story_that_broke_off_goes_on_with_the_open_question():
    talk = asked("1", "2", "7", before="satisfied.4-solved.1")
    assert names(talk) == ["recommend", "thanks", "word"]
    assert talk.variables["SURVEY"] == "satisfied.4-solved.1-recommend.7"


def test_a_daemon_that_is_being_started_is_waited_for_with_music():
    talk = asked("5", "1", "9", told=[None, None, WHOLE])
    assert talk.variables["SURVEY"] == "satisfied.5-solved.1-recommend.9"
    assert talk.now >= 1000 + 2 * PAUSE_S


def test_a_daemon_that_stays_away_keeps_nobody_long():
    talk = asked(told=None)
    assert talk.ending == Done() and talk.heard == []
    assert talk.now == 1000 + (ROUNDS - 1) * PAUSE_S and not talk.music_is_on


@pytest.mark.parametrize(
    "told", [{"questions": "satisfied", "low": True}, {"questions": ["satisfied"], "low": "2", "callback": 1}]
)
def test_an_answer_that_is_none_harms_nobody(told: Any):
    assert asked("1", told=told).ending == Done()


@pytest.mark.parametrize("word", ["satisfied.4-solved.1", "recommend.0-callback.1", ""])
def test_the_answers_survive_in_a_variable(word: str):
    assert written(answers_in(word)) == word


@pytest.mark.parametrize("word", ["satisfied.6", "solved.3", "x.1", "satisfied", "-", ".1", "callback.2"])
def test_what_is_no_answer_is_passed_over(word: str):
    assert answers_in(word) == {}


def called(hello: str, satisfied: str = "", solved: str = "", **more: Any) -> Conversation:
    """The conversation of a call back with these keys."""
    language = more.get("language", "zh")
    keys = {"call-hello": hello, "satisfied": satisfied, "solved": solved}
    pressed = {f"{language}/survey-{name}": given for name, given in keys.items() if given}
    call = Call("survey-c1", language=language, subject="c1", survey=more.pop("before", ""))
    told = more.pop("told", {"questions": ["satisfied", "solved"], "low": 2, "callback": True})
    return Conversation(STORIES["survey_call"](call, SETTINGS), pressed, {("survey", "survey-c1"): told}, **more)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_is_called_back_hears_who_calls_and_presses_1_before_the_first_question(language: str):
    talk = called("1", "5", "1", language=language)
    assert names(talk) == ["call-hello", "intro", "satisfied", "solved", "thanks", "goodbye"]
    assert talk.variables == {"STORY_RESULT": "told", "SURVEY": "satisfied.5-solved.1"}
    assert talk.ending == Done()


def test_who_does_not_want_to_be_asked_says_so_by_one_key():
    talk = called("*", "5", "1")
    assert names(talk) == ["call-hello", "call-declined"]
    assert talk.variables == {"STORY_RESULT": "declined"}


@pytest.mark.parametrize("pressed", ["...", "777"])
def test_a_mailbox_and_wrong_keys_are_asked_three_times_and_nothing_else(pressed: str):
    talk = called(pressed, "5", "1")
    assert names(talk) == ["call-hello"] * 3
    assert talk.variables == {"STORY_RESULT": "no key"}
    assert called("71", "5", "1").variables["STORY_RESULT"] == "told"


def test_who_hangs_up_at_the_hello_has_said_nothing_and_later_what_they_keyed():
    kept = [called("1", "4", "1", hangs_up_after=after).variables for after in range(12)]
    assert kept[0] == {}
    assert {each.get("SURVEY", "") for each in kept if each.get("STORY_RESULT") == "told"} == {
        "", "satisfied.4", "satisfied.4-solved.1",
    }  # fmt: skip


def test_a_call_back_that_broke_off_goes_on_with_the_open_question_and_a_silent_daemon_asks_nothing():
    assert names(called("", "", "2", before="satisfied.4")) == ["solved", "thanks", "goodbye"]
    assert names(called("1", told=None)) == ["call-hello", "goodbye"]


def test_a_word_in_the_call_back_is_the_last_thing_of_the_story():
    talk = called("1", "4", told={"questions": ["satisfied", "word"], "low": 2, "callback": True})
    assert names(talk)[-2:] == ["thanks", "word"] and talk.variables["SURVEY_WORD"] == "1"
