"""The hotline as conversations: each branch of the menu, in both languages."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.hotline import hotline, merge
from ivr.menu import Menus, When
from ivr.menu_file import read_menus
from ivr.prompts import prompt_names
from ivr.settings import MENU
from ivr.step import Call, Goodbye, GoToQueue, Skills, TurnAway
from tests.ivr.support.conversation import Conversation

QUEUES = ("orders", "after-sales", "complaints", "general")
NUMBERS = {"95001": "zh", "95002": "en", "95000": "ask"}
MENUS = read_menus(MENU, QUEUES, prompt_names())
ENGLISH: Skills = (("en", 1),)


def call(dialled: str, keys: dict[str, str], menus: Menus = MENUS, **more: Any) -> Conversation:
    story = hotline(Call("c1", dialled), menus, NUMBERS, ("zh", "en"))
    return Conversation(story, keys, **more)


@pytest.mark.parametrize(
    ("key", "queue"), [("1", "orders"), ("2", "after-sales"), ("3", "complaints"), ("0", "general")]
)
@pytest.mark.parametrize(("dialled", "language", "skills"), [("95001", "zh", ()), ("95002", "en", ENGLISH)])
def test_each_key_leads_to_its_queue(key: str, queue: str, dialled: str, language: str, skills: Skills):
    talk = call(dialled, {f"{language}/menu-main": key})
    assert talk.spoken == [f"{language}/recording-notice", f"{language}/welcome", f"{language}/menu-main"]
    assert talk.ending == GoToQueue(queue, skills, f"{language}/{key}")
    skill = ",".join(f"{name}:{level}" for name, level in skills)
    assert talk.variables == {
        "NOTICE": "said",
        "LANG": language,
        "MENU_TRAIL": f"{language} main:{key}",
        "QUEUE": queue,
        "SKILLS": skill,
        "MENU_PATH": f"{language}/{key}",
        "NEXT": "queue",
    }
    assert list(talk.variables)[-1] == "NEXT"
    assert [(step.what, step.key, step.parameters) for step in talk.asked] == [
        ("caller", "unknown", {"dialled": dialled, "call": "c1"}),
        ("queue", queue, {"language": language, "dialled": dialled}),
    ]


def test_the_texts_are_the_manuals_own_words():
    from ivr.prompts import read_texts

    assert (
        read_texts("zh").prompts["menu-main"].startswith("查询订单请按1，售后问题请按2，投诉建议请按3，人工服务请按0")
    )


@pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "en")])
def test_a_number_for_both_languages_gives_both_notices_and_asks(key: str, language: str):
    talk = call("95000", {"en/choose-language": key, f"{language}/menu-main": "2"})
    assert talk.spoken[:2] == ["zh/recording-notice", "en/recording-notice"]
    assert talk.spoken[2:] == [
        "zh/choose-language",
        "en/choose-language",
        f"{language}/welcome",
        f"{language}/menu-main",
    ]
    assert talk.variables["LANG"] == language
    assert talk.variables["QUEUE"] == "after-sales"


def test_a_key_in_the_first_languages_question_is_enough():
    talk = call("95000", {"zh/choose-language": "2", "en/menu-main": "1"})
    assert "en/choose-language" not in talk.heard
    assert talk.ending == GoToQueue("orders", ENGLISH, "en/1")


def test_who_chooses_no_language_is_asked_twice_and_gets_the_first():
    talk = call("95000", {"en/choose-language": "9", "zh/menu-main": "1"})
    assert talk.spoken.count("zh/choose-language") == 2
    assert talk.ending == GoToQueue("orders", (), "zh/1")


def test_a_number_that_nobody_configured_asks_for_the_language():
    assert "zh/choose-language" in call("4711", {"zh/choose-language": "1", "zh/menu-main": "1"}).heard


def test_the_dialplan_may_have_chosen_the_language_and_said_the_notice():
    story = hotline(Call("c1", "4711", language="en", notice="said"), MENUS, NUMBERS)
    assert Conversation(story, {"en/menu-main": "1"}).spoken == ["en/welcome", "en/menu-main"]


def test_keys_during_the_notice_neither_cut_it_nor_are_lost():
    talk = call("95001", {"zh/recording-notice": "3"})
    assert talk.spoken == ["zh/recording-notice"]  # and the menu need not be said any more
    assert talk.ending == GoToQueue("complaints", (), "zh/3")


def test_a_key_during_the_welcome_counts_for_the_menu():
    assert call("95001", {"zh/welcome": "2"}).ending == GoToQueue("after-sales", (), "zh/2")


def test_a_wrong_key_is_said_and_the_menu_said_again():
    talk = call("95001", {"zh/menu-main": "71"})
    assert talk.spoken[2:] == ["zh/menu-main", "zh/invalid-key", "zh/menu-main"]
    assert talk.ending == GoToQueue("orders", (), "zh/1")


def test_no_key_is_said_and_the_menu_said_again():
    talk = call("95001", {"zh/menu-main": ".1"})
    assert talk.heard[2:] == ["zh/menu-main", *["listening"] * 5, "zh/no-key", "zh/menu-main"]
    assert talk.ending == GoToQueue("orders", (), "zh/1")


def test_a_key_while_the_menu_listens():
    assert call("95001", {"listening": ".2"}).ending == GoToQueue("after-sales", (), "zh/2")


@pytest.mark.parametrize("keys", ["", "777", "#*7B", ".8."])
def test_three_tries_then_a_person(keys: str):
    talk = call("95001", {"zh/menu-main": keys})
    assert talk.ending == GoToQueue("general", (), "zh/-")
    assert talk.spoken.count("zh/menu-main") == (5 if "*" in keys else 3)  # * and # ask for it once more and are no try


def test_sixty_keys_of_garbage_end_with_a_person():
    talk = call("95001", {"zh/recording-notice": "*#ABCD" * 10, "zh/menu-main": "*#ABCD" * 10})
    assert talk.ending == GoToQueue("general", (), "zh/-")
    assert talk.spoken.count("zh/menu-main") <= 4


@pytest.mark.parametrize("key", ["*", "#"])
def test_one_key_for_ever_ends_with_a_person(key: str):
    talk = call("95001", {"zh/menu-main": key * 1000})
    assert talk.ending == GoToQueue("general", (), "zh/-")
    assert len(talk.heard) < 60


def test_outside_its_hours_the_queue_says_so_and_lets_go():
    talk = call("95001", {"zh/menu-main": "1"}, answers={("queue", "orders"): {"open": False, "staffed": 0}})
    assert talk.spoken[-3:] == ["zh/closed", "zh/closed-message", "zh/closed-callback"]
    assert talk.ending == TurnAway("closed", "zh/1")
    assert talk.variables["NEXT"] == "turned-away"
    assert talk.variables["REASON"] == "closed"
    assert "QUEUE" not in talk.variables


@pytest.mark.parametrize(
    ("key", "ending"),
    [
        ("1", GoToQueue("orders", ENGLISH, "en/1")),
        (".", GoToQueue("orders", ENGLISH, "en/1")),
        ("2", TurnAway("unstaffed", "en/1")),
    ],
)
def test_nobody_staffed_is_said_and_the_caller_chooses(key: str, ending: object):
    answers = {("queue", "orders"): {"open": True, "staffed": 0}}
    talk = call("95002", {"en/menu-main": "1", "en/wait-or-leave": key}, answers=answers)
    assert talk.spoken[-2:] == ["en/unstaffed", "en/wait-or-leave"]
    assert talk.ending == ending


@pytest.mark.parametrize(("then", "away"), [("wait", False), ("goodbye", True)])
def test_the_house_may_decide_for_the_caller(then: Any, away: bool):
    menus = replace(MENUS, unstaffed=When(("unstaffed",), then))
    talk = call("95001", {"zh/menu-main": "1"}, menus, answers={("queue", "orders"): {"open": True, "staffed": 0}})
    assert talk.spoken[-1] == "zh/unstaffed"
    assert isinstance(talk.ending, TurnAway if away else GoToQueue)


def test_a_silent_daemon_counts_as_open_and_staffed():
    assert call("95001", {"zh/menu-main": "1"}, answers={}).ending == GoToQueue("orders", (), "zh/1")


def test_an_answer_without_sense_counts_as_none():
    talk = call("95001", {"zh/menu-main": "1"}, answers={("queue", "orders"): {"open": "perhaps", "staffed": None}})
    assert talk.ending == GoToQueue("orders", (), "zh/1")


def test_a_missing_prompt_is_skipped_and_the_story_goes_on():
    missing = ("zh/recording-notice", "zh/menu-main", "zh/welcome")
    talk = call("95001", {"listening": "1"}, missing=missing)
    assert talk.heard == ["listening"]
    assert talk.ending == GoToQueue("orders", (), "zh/1")


def test_without_any_sound_the_menu_still_takes_keys():
    missing = ("zh/recording-notice", "zh/menu-main", "zh/welcome", "tones/listening")
    assert call("95001", {"wait": "1"}, missing=missing).ending == GoToQueue("orders", (), "zh/1")


def test_a_caller_may_hang_up_at_every_command():
    whole = call("95000", {"en/choose-language": "2", "en/menu-main": "9.1"})
    assert not whole.hung_up
    for commands in range(len(whole.heard) + len(whole.variables)):
        talk = call("95000", {"en/choose-language": "2", "en/menu-main": "9.1"}, hangs_up_after=commands)
        assert talk.hung_up
        assert talk.ending is None
        assert "NEXT" not in talk.variables


def test_sub_menus_back_and_goodbye(tmp_path: Any):
    (tmp_path / "m.toml").write_text(
        MENU.read_text(encoding="utf-8").replace('queue = "after-sales", ', 'menu = "sub",')
        + """
[menus.sub]
play = "menu-main"
keys = [ { key = "1", end = "goodbye", say = "goodbye" }, { key = "9", end = "back" },
         { key = "2", queue = "after-sales", skills = { repair = 3 } } ]
failure = { queue = "general" }
""",
        encoding="utf-8",
    )
    menus = read_menus(tmp_path / "m.toml", QUEUES, prompt_names())
    assert call("95001", {"zh/menu-main": "21"}, menus).ending == Goodbye("zh/2/1")
    assert call("95001", {"zh/menu-main": "22"}, menus).ending == GoToQueue("after-sales", (("repair", 3),), "zh/2/2")
    assert call("95001", {"zh/menu-main": "291"}, menus).ending == GoToQueue("orders", (), "zh/1")
    assert call("95001", {"zh/menu-main": "2...."}, menus).ending == GoToQueue("general", (), "zh/2/-")
    up_and_down = call("95001", {"zh/menu-main": "29" * 100}, menus)
    assert up_and_down.ending == GoToQueue("general", (), "zh/-")
    assert len(up_and_down.spoken) < 30


def test_skills_are_joined_at_the_higher_level():
    assert merge((("en", 3), ("orders", 1)), (("en", 1), ("vip", 2))) == (("en", 3), ("orders", 1), ("vip", 2))


def test_a_brands_hours_are_asked_for_and_no_others():
    story = hotline(Call("c1", "95001"), MENUS, NUMBERS, ("zh", "en"), "acme")
    talk = Conversation(story, {"zh/menu-main": "1"}, {("queue", "orders"): {"open": False, "staffed": 1}})
    assert talk.ending == TurnAway("closed", "zh/1")
    assert talk.asked[-1].parameters == {"language": "zh", "brand": "acme", "dialled": "95001"}
