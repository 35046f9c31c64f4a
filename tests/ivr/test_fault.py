"""The announcement of a fault, and the call with its news, as conversations: what each key does, and what a silent daemon changes."""

from pathlib import Path
from typing import Any

import pytest

from ivr.settings import MENU, Settings
from ivr.step import Call, Done, Goodbye, GoToQueue, LookUp
from ivr.stories import STORIES
from tests.ivr.support.conversation import Conversation

MINE = "13800001111"
START = {"fault": "3", "at": "start", "say_zh": "told-a", "other_zh": "told-b", "register": "yes"}
PARTS = [
    "zh/told-a",
    "zh/told-b",
    "zh/fault-register",
    "zh/fault-person",
    "zh/fault-other-matter",
    "zh/fault-or-hang-up",
]


class Daemon(Conversation):
    """A daemon that knows these faults; `says` is its answer about numbers."""

    faults: list[dict[str, str]]
    says: Any

    def look_up(self, step: LookUp) -> dict[str, Any] | None:
        self.asked.append(step)
        if step.what == "caller":
            return {"faults": self.faults}
        if step.what != "fault":
            return {"open": True, "staffed": 1} if step.what == "queue" else None
        if step.parameters["did"] in ("heard", "told"):
            return {"possible": True}
        if isinstance(self.says, dict):
            return self.says
        return {"possible": True, "number": step.parameters["number"]} if self.says else None

    def did(self) -> list[str]:
        return [each.parameters["did"] for each in self.asked if each.what == "fault"]


def calls(
    keys: dict[str, str] | None = None,
    faults: list[dict[str, str]] | None = None,
    says: Any = True,
    language: str = "zh",
    caller: str = MINE,
    settings: Settings | None = None,
) -> Daemon:
    settings = settings or Settings("", Path(), Path(), MENU, ("zh", "en"), {"95001": language}, 0)
    story = STORIES["hotline"](Call("c1", "95001", caller=caller), settings)
    kind = type("Told", (Daemon,), {"faults": [START] if faults is None else faults, "says": says})
    return kind(story, keys, language=language)  # type: ignore[no-any-return]


def test_who_presses_nothing_hears_it_whole_and_goodbye():
    talk = calls()
    assert talk.ending == Goodbye("zh/-")
    assert talk.spoken[-6:] == PARTS
    assert talk.did() == ["heard", "told"]


def test_without_words_in_the_language_the_general_sentence_is_said():
    talk = calls(language="en")
    assert "en/fault-general" in talk.spoken


def test_it_says_when_it_should_be_mended():
    talk = calls(faults=[START | {"day": "today", "hour": "18", "minute": "30"}])
    at = talk.spoken.index("zh/fault-today")
    words = talk.spoken[at : at + 7]
    assert words[0] == "zh/fault-today" and words[-1] == "zh/opens-past-end" and "zh/opens-past" in words


@pytest.mark.parametrize("at", ["zh/told-a", "zh/fault-register", "listening"])
def test_1_registers_the_number_that_calls_once_it_is_confirmed(at: str):
    talk = calls({at: "1", "zh/callback-confirm": "1"})
    assert talk.ending == Goodbye("zh/-")
    assert talk.did()[-2:] == ["judge", "register"]
    assert talk.asked[-1].parameters["number"] == MINE
    assert talk.spoken[-1] == "zh/fault-registered"


def test_another_number_is_keyed_and_ended_by_hash():
    keys = {"zh/told-a": "1", "zh/callback-confirm": "21", "zh/callback-enter-number": "1", "wait": "39#"}
    talk = calls(keys)
    assert talk.asked[-1].parameters | {"did": "register", "number": "139"} == talk.asked[-1].parameters


@pytest.mark.parametrize(
    ("why", "said", "end"),
    [
        ("already", "zh/fault-registered-already", Goodbye("zh/-")),
        ("do-not-call", "zh/fault-not-now", Goodbye("zh/-")),
        ("full", "zh/fault-not-now", Goodbye("zh/-")),
    ],
)
def test_a_refusal_is_said_and_the_call_ends(why: str, said: str, end: Goodbye):
    talk = calls({"zh/told-a": "1"}, says={"possible": False, "why": why})
    assert talk.ending == end
    assert talk.spoken[-1] == said


def test_mended_meanwhile_the_menu_goes_on():
    talk = calls({"zh/told-a": "1", "zh/menu": "."}, says={"possible": False, "why": "mended"})
    assert "zh/fault-mended" in talk.spoken
    assert talk.spoken.index("zh/fault-mended") < len(talk.spoken) - 1


def test_a_daemon_that_is_silent_registers_nobody():
    talk = calls({"zh/told-a": "1"}, says=None)
    assert talk.spoken[-1] == "zh/fault-not-now"
    assert "register" not in talk.did()


def test_0_is_a_person_and_star_is_the_menu():
    talk = calls({"zh/told-a": "0"}, faults=[START | {"queue": "orders"}])
    assert isinstance(talk.ending, GoToQueue) and talk.ending.queue == "orders"
    talk = calls({"zh/told-a": "*", "zh/main-menu": "1"})
    assert "zh/fault-or-hang-up" not in talk.spoken
    assert talk.did() == ["heard"]


def test_a_fault_of_a_queue_is_told_on_the_way_there_and_once():
    fault = {"fault": "4", "queues": "orders,general", "say_zh": "told-q"}
    talk = calls(faults=[fault])
    told = [each for each in talk.spoken if each == "zh/told-q"]
    assert told == ["zh/told-q"]
    assert talk.did() == ["heard", "told"]


def test_nothing_is_told_where_no_fault_is():
    assert calls(faults=[]).did() == []


def test_what_the_daemon_says_wrongly_harms_nobody():
    wrong: list[list[dict[str, str]]] = [
        [{}],
        [{"fault": "9"}],
        [{"at": "start"}],
        [START | {"hour": "99", "day": "never", "minute": "x"}],
    ]
    for odd in wrong:
        assert calls(faults=odd).ending is not None


# --- the call with the news ---


def told(
    keys: dict[str, str] | None = None, answer: Any = None, *, ask_key: bool = False, language: str = "zh"
) -> Conversation:
    settings = Settings("", Path(), Path(), MENU, ("zh", "en"), {}, 0)
    story = STORIES["fault_news"](Call("fault-3-1", "95001", language, subject="3", ask_key=ask_key), settings)
    return Conversation(story, keys, {("fault-news", "3"): answer}, language=language)


def test_the_news_is_heard_without_waiting_for_anybody():
    talk = told(answer={"say_zh": "told-n"})
    assert talk.ending == Done()
    assert talk.spoken == ["zh/fault-news-hello", "zh/told-n", "zh/fault-news-after", "zh/goodbye"]
    assert talk.variables["STORY_RESULT"] == "told"


def test_a_silent_daemon_leaves_the_general_sentence():
    assert "en/fault-news-mended" in told(language="en").spoken


@pytest.mark.parametrize("at", ["zh/fault-news-mended", "zh/fault-news-after"])
def test_1_is_a_person_after_the_notice(at: str):
    talk = told({at: "1"}, {"queue": "orders"})
    assert isinstance(talk.ending, GoToQueue) and talk.ending.queue == "orders"
    assert talk.spoken[-1] == "zh/recording-notice"
    assert talk.variables["NEXT"] == "queue"


def test_hash_says_it_again_and_no_more_than_four_times():
    talk = told({"zh/fault-news-after": "######"})
    assert talk.spoken.count("zh/fault-news-mended") == 4


def test_who_hangs_up_in_it_has_not_heard_it():
    settings = Settings("", Path(), Path(), MENU, ("zh", "en"), {}, 0)
    story = STORIES["fault_news"](Call("fault-3-1", "95001", "zh", subject="3"), settings)
    talk = Conversation(story, {}, {}, language="zh", hangs_up_after=1)
    assert talk.hung_up
    assert "STORY_RESULT" not in talk.variables


def test_a_mailbox_presses_no_key():
    talk = told(ask_key=True)
    assert talk.variables["STORY_RESULT"] == "no key"
    assert talk.spoken == 2 * ["zh/fault-news-press-one"]
    assert told({"zh/fault-news-press-one": ".1"}, ask_key=True).variables["STORY_RESULT"] == "told"
