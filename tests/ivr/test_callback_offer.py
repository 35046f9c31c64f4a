"""The offer of a callback as conversations: a clear yes to a number that was heard, or back to the waiting room."""

import pytest

from ivr.callback_offer import can_be_called, promise
from ivr.settings import Settings
from ivr.step import Call, Done
from ivr.stories import STORIES
from tests.ivr.support.conversation import Conversation

NUMBERS = {"95001": "zh", "+86950020": "en"}
MINE = "13800001111"


def offered(keys: dict[str, str], caller: str = MINE, language: str = "zh", within_s: int = 7200) -> Conversation:
    from pathlib import Path

    settings = Settings("", Path(), Path(), Path(), ("zh", "en"), NUMBERS, 0, ("168",))
    story = STORIES["callback_offer"](Call("c1", caller=caller, within_s=within_s), settings)
    return Conversation(story, keys, language=language)


def accepted(talk: Conversation) -> str | None:
    assert talk.ending == Done()
    assert set(talk.variables) <= {"CALLBACK"}
    return talk.variables.get("CALLBACK")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_takes_it_hears_his_number_and_confirms_it(language: str):
    talk = offered({f"{language}/callback-keep-place": "1", f"{language}/callback-confirm": "1"}, language=language)
    assert accepted(talk) == MINE
    digits = [f"{language}/number-{digit}" for digit in MINE]
    assert talk.spoken == [
        *(f"{language}/callback-{part}" for part in ("within", "two", "hours", "keep-place", "number")),
        *digits,
        f"{language}/callback-confirm",
    ]


@pytest.mark.parametrize("key", [".", "2", "*", "#", "0"])
def test_anything_but_a_yes_is_a_wish_to_wait_on(key: str):
    talk = offered({"zh/callback-keep-place": key})
    assert accepted(talk) is None
    assert talk.spoken[-1] == "zh/callback-keep-place"
    assert talk.now - 1000 < 10


def test_another_number_is_entered_and_heard_again():
    keys = {
        "zh/callback-keep-place": "1",
        "zh/callback-confirm": "21",
        "zh/callback-enter-number": "0",
        "wait": "2112345#",
    }
    talk = offered(keys)
    assert accepted(talk) == "02112345"
    assert [name for name in talk.spoken if "number-" in name][-8:] == [f"zh/number-{digit}" for digit in "02112345"]


def test_who_calls_without_a_number_must_enter_one():
    keys = {"zh/callback-keep-place": "1", "zh/callback-confirm": "1", "zh/callback-enter-number": "1", "wait": "10#"}
    talk = offered(keys, caller="unknown")
    assert accepted(talk) == "110"
    assert talk.spoken[4] == "zh/callback-enter-number"


def test_a_number_that_is_none_is_asked_for_again_three_times():
    entries = {"zh/callback-keep-place": "1", "zh/callback-enter-number": "191", "wait": "2#5001#68123#"}
    talk = offered(entries, caller="unknown")
    assert accepted(talk) is None  # too short; the hotline itself; never to be dialled
    assert talk.spoken.count("zh/callback-wrong-number") == 3


def test_who_does_not_enter_or_confirm_waits_on():
    assert accepted(offered({"zh/callback-keep-place": "1"}, caller="unknown")) is None
    talk = offered({"zh/callback-keep-place": "1", "zh/callback-confirm": "9.5"})
    assert accepted(talk) is None
    assert talk.spoken.count("zh/callback-confirm") == 3


def test_a_number_without_end_is_capped():
    keys = {
        "zh/callback-keep-place": "1",
        "zh/callback-enter-number": "1",
        "wait": "2" * 40,
        "zh/callback-confirm": "1",
    }
    assert accepted(offered(keys, caller="unknown")) == "1" + "2" * 14


@pytest.mark.parametrize("number", ["95001", "86950020", "12", "1" * 16, "", "unknown", "12a4", "١٢٣٤", "+861380000"])
def test_what_cannot_be_called(number: str):
    assert not can_be_called(number, NUMBERS)


@pytest.mark.parametrize(
    ("within_s", "said"),
    [
        (3600, ("callback-within", 1, "callback-hour")),
        (7200, ("callback-within", "callback-two", "callback-hours")),
        (36000, ("callback-within", 10, "callback-hours")),
        (5400, ("callback-within", 90, "callback-minutes")),
        (61, ("callback-within", "callback-two", "callback-minutes")),
        (30, ("callback-within", 1, "callback-minute")),
        (0, ("callback-some-time",)),
        (9_999_999 * 60, ("callback-some-time",)),
    ],
)
def test_what_is_promised(within_s: int, said: tuple[str | int, ...]):
    assert promise(within_s) == said
