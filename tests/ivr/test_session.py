"""What each step means on a line, where no story of today shows it."""

import pytest

from ivr.step import Collect, Done, Hangup, Music, Play, Say, Step, Story, Wait
from tests.ivr.support.conversation import Conversation


def steps(*wanted: Step, answers: list[object] | None = None) -> Story:
    for step in wanted:
        answer = yield step
        if answers is not None:
            answers.append(answer)
    return Done()


def test_digits_are_said_one_by_one_and_can_be_cut_short():
    assert Conversation(steps(Say("1001"))).heard == ["zh/number-1", "zh/number-0", "zh/number-0", "zh/number-1"]
    answers: list[object] = []
    talk = Conversation(steps(Say("12x45"), answers=answers), {"zh/number-4": "9"}, language="en")
    assert talk.heard == ["en/number-1", "en/number-2", "en/number-4", "en/number-5"]
    talk = Conversation(steps(Say("1245"), answers=answers), {"zh/number-2": "9"})
    assert talk.heard == ["zh/number-1", "zh/number-2"]
    assert answers == ["", "9"]


def test_a_number_among_prompts_is_said_in_the_calls_language():
    assert Conversation(steps(Play(("position", 21))), language="en").heard == [
        "en/position",
        "en/number-20",
        "en/number-1",
    ]
    assert Conversation(steps(Play(("position", 21)))).heard[1:] == ["zh/number-2", "zh/number-10", "zh/number-1"]


def test_keys_that_a_prompt_does_not_want_do_not_cut_it():
    answers: list[object] = []
    talk = Conversation(steps(Play(("welcome", "goodbye"), keys="1"), answers=answers), {"zh/welcome": "7"})
    assert talk.heard == ["zh/welcome", "zh/goodbye"]
    assert answers == [""]


def test_the_music_goes_off_when_it_is_told_to_and_for_a_prompt():
    assert Conversation(steps(Music())).music_is_on
    assert not Conversation(steps(Music(), Music(on=False))).music_is_on
    assert not Conversation(steps(Wait(1), Play("welcome"))).music_is_on
    assert Conversation(steps(Wait(1), Play("welcome"), Wait(1))).music_is_on


def test_digits_end_by_their_number_by_the_end_key_or_by_silence():
    answers: list[object] = []
    entry = Collect("agent-enter-pin", digits=4, end="#")
    Conversation(steps(entry, answers=answers), {"zh/agent-enter-pin": "1", "wait": "234567"})
    Conversation(steps(entry, answers=answers), {"zh/agent-enter-pin": "1", "wait": "2#"})
    Conversation(steps(entry, answers=answers), {"zh/agent-enter-pin": "1", "wait": "2."})
    Conversation(steps(entry, answers=answers), {"zh/agent-enter-pin": "#"})
    Conversation(steps(entry, answers=answers))
    assert answers == ["1234", "12", "12", "", None]


def test_no_more_keys_are_kept_than_a_menu_could_want():
    talk = Conversation(steps(Play("welcome", whole=True), *[Collect("goodbye")] * 10), {"zh/welcome": "1" * 50})
    assert talk.heard.count("zh/goodbye") == 2
    assert talk.heard.count("zh/welcome") == 1


def test_a_story_may_hang_up():
    def ends() -> Story:
        yield Play("goodbye")
        return Hangup()

    assert Conversation(ends()).hung_up


def test_a_story_is_closed_when_its_caller_goes():
    closed: list[str] = []

    def long() -> Story:
        try:
            while True:
                yield Play("welcome")
        finally:
            closed.append("closed")

    assert Conversation(long(), hangs_up_after=3).hung_up
    assert closed == ["closed"]


def test_a_step_that_is_none_is_said_aloud():
    def wrong() -> Story:
        yield "play welcome"  # type: ignore[misc]
        return Done()

    with pytest.raises(TypeError, match="the stories do not know 'play welcome'"):
        Conversation(wrong())
