"""The offer of a callback as conversations: a clear yes to a number that was heard, or back to the waiting room."""

from typing import Any

import pytest

from ivr.callback_offer import from_when, promise
from ivr.settings import Settings
from ivr.step import Call, Done, LookUp
from ivr.stories import STORIES
from tests.ivr.support.conversation import Conversation

MINE = "13800001111"
BARRED = {"110": "emergency", "95001": "own-number", "16812345": "premium", "12": "no-number", "00441": "not-allowed"}


class Daemon(Conversation):
    """A conversation whose daemon knows what may be called; `answer` is what it says of everything, instead."""

    offer: Any = {"possible": True}
    answer: Any = None

    def look_up(self, step: LookUp) -> dict[str, Any] | None:
        self.asked.append(step)
        assert (step.what, step.key) == ("callback", "c1")
        number = step.parameters.get("number", "")
        if not number:
            return self.offer  # type: ignore[no-any-return]
        if self.answer is not None:
            return self.answer if isinstance(self.answer, dict) else None
        if why := BARRED.get(number):
            return {"possible": False, "why": why}
        return {
            "possible": True,
            "number": number.removeprefix("86"),
            **{k: v for k, v in self.offer.items() if k != "possible"},
        }


def offered(
    keys: dict[str, str],
    caller: str = MINE,
    language: str = "zh",
    within_s: int = 7200,
    offer: Any = None,
    answer: Any = None,
) -> Daemon:
    from pathlib import Path

    settings = Settings("", Path(), Path(), Path(), ("zh", "en"), {}, 0)
    story = STORIES["callback_offer"](Call("c1", caller=caller, within_s=within_s, language=language), settings)
    kind = type("Told", (Daemon,), {"offer": offer or Daemon.offer, "answer": answer})
    return kind(story, keys, language=language)  # type: ignore[no-any-return]


def accepted(talk: Daemon) -> str | None:
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
    keys = {"zh/callback-keep-place": "1", "zh/callback-confirm": "1", "zh/callback-enter-number": "1", "wait": "39#"}
    talk = offered(keys, caller="unknown")
    assert accepted(talk) == "139"
    assert talk.spoken[4] == "zh/callback-enter-number"


def test_a_number_that_is_none_is_asked_for_again_three_times():
    entries = {"zh/callback-keep-place": "1", "zh/callback-enter-number": "191", "wait": "2#5001#10#"}
    talk = offered(entries, caller="unknown")
    assert accepted(talk) is None  # too short; the hotline itself; the police
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


@pytest.mark.parametrize("silent", ["offer", "number"])
def test_a_daemon_that_does_not_answer_has_not_said_yes(silent: str):
    keys = {"zh/callback-keep-place": "1", "zh/callback-enter-number": "1", "wait": "39#", "zh/callback-confirm": "1"}
    if silent == "offer":
        talk = offered(keys, offer={"other": 1})
        assert talk.spoken == [], "the offer is not made"
    else:
        talk = offered(keys, answer="silent")
        assert talk.spoken[-1] == "zh/callback-not-now"
    assert accepted(talk) is None


@pytest.mark.parametrize(
    "answer", [{}, {"possible": "yes", "number": MINE}, {"possible": True}, {"possible": True, "number": "+44123"}]
)
def test_an_answer_that_is_no_yes_is_a_no(answer: dict[str, Any]):
    keys = {"zh/callback-keep-place": "1", "zh/callback-enter-number": "1", "wait": "39#", "zh/callback-confirm": "1"}
    assert accepted(offered(keys, answer=answer)) is None


def test_no_offer_is_made_where_none_may_be():
    talk = offered({"zh/callback-keep-place": "1"}, offer={"possible": False, "why": "queue-full"})
    assert accepted(talk) is None
    assert talk.spoken == []


@pytest.mark.parametrize(
    ("why", "said"), [("queue-full", "not-now"), ("callback-open", "already"), ("emergency", "wrong-number")]
)
def test_a_refusal_is_told_in_words(why: str, said: str):
    keys = {"en/callback-keep-place": "1", "en/callback-enter-number": "1", "wait": "39#"}
    talk = offered(keys, "unknown", "en", answer={"possible": False, "why": why})
    assert accepted(talk) is None
    assert f"en/callback-{said}" in talk.spoken


def test_the_number_is_read_as_it_will_be_dialled():
    keys = {"zh/callback-keep-place": "1", "zh/callback-confirm": "1"}
    assert accepted(offered(keys, caller=f"86{MINE}")) == MINE


def test_outside_the_hours_the_caller_hears_from_when():
    tomorrow = {"possible": True, "day": "tomorrow", "hour": 8, "minute": 0}
    talk = offered({"en/callback-keep-place": "1", "en/callback-confirm": "1"}, language="en", offer=tomorrow)
    assert accepted(talk) == MINE
    said = ["en/callback-tomorrow", "en/number-8", "en/callback-oclock"]
    assert talk.spoken[:4] == [*said, "en/callback-keep-place"], "in the place of the promise"
    assert talk.spoken[-4:] == [*said, "en/callback-confirm"], "and before the yes that counts"


@pytest.mark.parametrize(
    ("language", "answer", "said"),
    [
        ("zh", ("tomorrow", 8, 0), ("callback-tomorrow", 8, "callback-oclock")),
        ("zh", ("mon", 8, 30), ("callback-mon", 8, "callback-past", 30, "callback-past-end")),
        ("zh", ("today", 2, 0), ("callback-today", "callback-two", "callback-oclock")),
        ("en", ("sun", 13, 5), ("callback-sun", 13, 5)),
        ("en", ("", 8, 0), ()),
        ("en", ("today", 24, 0), ()),
        ("en", ("../x", 8, 0), ()),
        ("en", ("today", "8", 0), ()),
    ],
)
def test_from_when(language: str, answer: tuple[Any, Any, Any], said: tuple[str | int, ...]):
    assert from_when(dict(zip(("day", "hour", "minute"), answer, strict=True)), language) == said


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
