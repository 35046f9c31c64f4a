"""Callers who speak, as conversations: what is taken, what is asked back, and when there are keys alone."""

from typing import Any

import pytest

from ivr.facts import Facts
from ivr.hotline import hotline
from ivr.menu_file import MenuError, read_menus
from ivr.prompts import prompt_names
from ivr.services import SERVICES
from ivr.settings import MENU
from ivr.step import Call, GoToQueue
from tests.ivr.support.conversation import Conversation

QUEUES = ("orders", "after-sales", "complaints", "general")
LABELS = {
    "orders": {"zh": "订单查询", "en": "orders"},
    "after-sales": {"zh": "售后服务", "en": "after-sales"},
    "complaints": {"zh": "投诉建议", "en": "complaints"},
    "general": {"zh": "综合服务", "en": "general enquiries"},
}
SPEAKING = "speech = true\n" + MENU.read_text("utf-8")


def call(
    says: list[str | None] | None, keys: dict[str, str] | None = None, text: str = SPEAKING, dialled: str = "95001"
) -> Conversation:
    menus = read_menus(MENU, QUEUES, None, text)
    story = hotline(Call("c1", dialled), menus, {"95001": "zh", "95002": "en"}, ("zh", "en"), labels=LABELS)
    return Conversation(story, keys, says=says)


def queue_of(heard: Conversation) -> str:
    assert isinstance(heard.ending, GoToQueue)
    return heard.ending.queue


@pytest.mark.parametrize(
    ("said", "queue"),
    [
        ("我要查一下订单查询", "orders"),
        ("售后服务。", "after-sales"),
        ("受厚服务", "after-sales"),
        ("投訴建議", "complaints"),
        ("转人工", "general"),
        ("按3", "complaints"),
    ],
)
def test_a_phrase_of_the_menu_is_a_key(said: str, queue: str):
    heard = call([said])
    assert queue_of(heard) == queue
    assert heard.spoken[:4] == ["zh/recording-notice", "zh/welcome", "zh/menu-main", "zh/speech-say-choice"]


@pytest.mark.parametrize(
    ("said", "queue"),
    [("Orders.", "orders"), ("I want to speak to an agent", "general"), ("after sales", "after-sales")],
)
def test_english_callers_speak_english(said: str, queue: str):
    assert queue_of(call([said], dialled="95002")) == queue


@pytest.mark.parametrize("said", ["我不要投诉建议", "投诉建议?"], ids=["denied", "the recogniser is not certain"])
def test_what_is_unsure_is_asked_back_and_1_confirms(said: str):
    heard = call([said], {"zh/speech-confirm": "1"})
    assert queue_of(heard) == "complaints"
    assert heard.spoken[-3:] == ["zh/speech-did-you-say", "zh/queue-complaints", "zh/speech-confirm"]


def test_a_key_without_a_name_is_asked_back_by_its_digit():
    text = SPEAKING.replace(
        '{ key = "2", queue = "after-sales",', '{ key = "2", end = "goodbye", phrases = ["谢谢再见"],'
    )
    heard = call(["不要谢谢再见"], {"zh/speech-confirm": "1"}, text)
    assert heard.spoken[-3:] == ["zh/speech-did-you-mean-key", "zh/number-2", "zh/speech-confirm"]


def test_after_two_things_that_were_not_understood_there_are_keys_alone():
    heard = call(["今天天气怎么样", "哈哈哈", "订单查询"], {"zh/menu-main": "..2"})
    assert queue_of(heard) == "after-sales"
    assert heard.spoken.count("zh/speech-say-choice") == 2
    assert heard.spoken.count("zh/welcome") == 1
    assert "zh/speech-keys-only" in heard.spoken
    assert heard.hearing is not None
    assert len(heard.hearing.listened) == 2


def test_a_choice_that_is_denied_twice_leads_to_keys_and_0_stays_a_person():
    heard = call(["不要投诉建议", "不要投诉建议"], {"zh/speech-confirm": "20"})
    assert queue_of(heard) == "general"


def test_a_key_ends_the_listening_at_once_and_leads_on():
    assert queue_of(call(["key 3"])) == "complaints"


@pytest.mark.parametrize("says", [None, [None, None, None]], ids=["none is there", "it does not answer"])
def test_without_a_recogniser_nothing_is_missing(says: list[str | None] | None):
    keys = {"listening": "1"}
    heard, plain = call(says, keys), call(None, keys, MENU.read_text("utf-8"))
    assert heard.ending == plain.ending
    assert heard.variables == plain.variables
    if says is None:
        assert heard.heard == plain.heard  # nothing is said of speech that nobody hears


def test_silence_and_noise_are_as_no_key():
    heard = call([".", "", "."])
    assert queue_of(heard) == "general"
    assert heard.spoken.count("zh/no-key") == 2


def test_only_menus_that_say_so_listen():
    heard = call(
        ["订单查询"],
        {"listening": "2"},
        SPEAKING.replace("speech = true\n", "").replace("tries = 3", "tries = 3\nspeech = false"),
    )
    assert queue_of(heard) == "after-sales"
    assert heard.hearing is not None
    assert not heard.hearing.listened


def ticket(says: list[str | None], keys: dict[str, str] | None = None) -> Conversation:
    def story() -> Any:
        ended = yield from SERVICES["ticket"](Call("c1", "95001", language="zh"), Facts())
        return GoToQueue(ended)

    row = {"ticket": "20261103", "status": "in-progress", "due_at": "2026-12-01T18:00"}
    answers = {("lookup", "tickets"): {"state": "found", "records": [row], "today": "2026-11-29", "why": ""}}
    return Conversation(story(), keys, answers, "zh", says=says)


def test_a_number_may_be_said_is_said_again_and_confirmed():
    heard = ticket(["我的工单号是二零二六幺幺零三"], {"zh/speech-number-confirm": "1"})
    asked = next(step for step in heard.asked if step.what == "lookup")
    assert asked.parameters["keyed"] == "20261103"
    at = heard.spoken.index("zh/speech-number-said")
    assert heard.spoken[at + 1 : at + 9] == [f"zh/{'digit' if each == '1' else 'number'}-{each}" for each in "20261103"]


def test_a_number_that_is_not_confirmed_is_keyed_after_the_second():
    heard = ticket(
        ["一二三四", "一二三五", "一二三六"],
        {"zh/speech-number-confirm": "22", "zh/ticket-enter": "..2", "wait": "0261103#"},
    )
    asked = next(step for step in heard.asked if step.what == "lookup")
    assert asked.parameters["keyed"] == "20261103"
    assert heard.hearing is not None
    assert len(heard.hearing.listened) == 2


def test_a_caller_who_says_a_person_in_the_place_of_a_number_gets_one():
    assert queue_of(ticket(["转人工服务"])) == "person"


def test_a_card_number_that_is_said_is_refused_goes_nowhere_and_is_not_said_again():
    heard = ticket(["4111 1111 1111 1111", "4111 1111 1111 1111"])
    assert "zh/identity-never-key" in heard.spoken
    assert "zh/speech-number-said" not in heard.spoken
    assert not [step for step in heard.asked if step.what == "lookup"]


def test_nothing_that_was_said_stands_in_the_log(capfd: pytest.CaptureFixture[str]):
    call(["售后服务", "."])
    ticket(["我的工单号是二零二六幺幺零三"], {"zh/speech-number-confirm": "1"})
    said = capfd.readouterr().err
    assert "speech: choice sure, key 2, confidence 1.00" in said
    assert "a number of 8 digits" in said
    assert not any(word in said for word in ("售后", "二零", "20261103"))


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('speech = "yes"\n', "speech: is 'yes'; must be true or false."),
        ('phrases = "订单"', "must be a list of at most 20 phrases"),
        ('phrases = ["!!"]', "a phrase has words or Chinese characters"),
        (f'phrases = ["{"长" * 41}"]', "at most 40 letters"),
    ],
)
def test_a_mistake_is_told_with_its_place(written: str, sentence: str):
    text = MENU.read_text("utf-8")
    text = (
        written + text
        if written.startswith("speech")
        else text.replace('"1", queue = "orders",', f'"1", queue = "orders", {written},')
    )
    with pytest.raises(MenuError) as error:
        read_menus(MENU, QUEUES, prompt_names(), text)
    assert len(error.value.faults) == 1
    assert sentence in error.value.faults[0]
