"""Menus of a folder, the keys of every menu, and a story of the house's own, on a real Asterisk with keys by RFC 4733."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.settings import MENU
from tests.ivr.conftest import Callers
from tests.ivr.support.ivr_system import IvrSystem
from tests.ivr.test_calls import after, ended, plays
from tests.support.waiting import eventually_blocking

SUB = """play = "menu-main"
keys = [ { key = "4", story = "parcel", queue = "after-sales" } ]
failure = { queue = "general" }
"""
PARCEL = """
def story(call):
    number = yield ask("agent-enter-pin", digits=4, wait_s=8, end="#")
    if number == "4711":
        yield say_digits(number)
        return "served"
    raise ValueError(number)
"""


@pytest.fixture
def folder(house: IvrSystem, tmp_path: Path) -> Iterator[IvrSystem]:
    """The house with a folder of menus: 2 leads to a menu of its own, and 4 there to a story of its own."""
    menus, stories = tmp_path / "menus", tmp_path / "stories"
    menus.mkdir()
    stories.mkdir()
    (menus / "hotline.toml").write_text(
        MENU.read_text("utf-8").replace('queue = "after-sales", ', 'menu = "sub", '), "utf-8"
    )
    (menus / "sub.toml").write_text(SUB, "utf-8")
    (stories / "parcel.py").write_text(PARCEL, "utf-8")
    house.write_settings(menu=str(menus), stories=str(stories), straight={"95002": {"queue": "orders"}})
    yield house
    house.write_settings()


def test_0_is_a_person_at_the_question_for_the_language(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    caller = dial("95000")
    eventually_blocking(lambda: plays(caller, house.sounds / "zh/choose-language.wav"), "the question is heard", 60)
    caller.ear.key("0")
    assert caller.wait() == 0
    assert ended(house, "95000", mark).startswith("next=queue queue=general skills= lang=zh path=zh/0")


def test_a_story_of_the_houses_own_serves_a_caller_two_menus_down(folder: IvrSystem, dial: Callers):
    mark = len(folder.messages())
    caller = dial("95001")
    after(caller, 1)
    caller.ear.key("2*2#4")
    eventually_blocking(lambda: plays(caller, folder.sounds / "zh/agent-enter-pin.wav"), "the story asks", 60)
    caller.ear.key("4711")
    assert caller.wait() == 0
    assert ended(folder, "95001", mark).startswith("next=goodbye queue= skills= lang=zh path=zh/2/4")
    assert plays(caller, folder.sounds / "zh/number-7.wav")


def test_a_story_that_raises_hands_its_caller_to_a_person_and_tells_no_digit(folder: IvrSystem, dial: Callers):
    mark = len(folder.messages())
    caller = dial("95001")
    after(caller, 1)
    caller.ear.key("24")
    eventually_blocking(lambda: plays(caller, folder.sounds / "zh/agent-enter-pin.wav"), "the story asks", 60)
    caller.ear.key("8642")
    assert caller.wait() == 0
    assert ended(folder, "95001", mark).startswith("next=queue queue=after-sales skills= lang=zh path=zh/2/4")
    assert "The story parcel broke off: ValueError at line 7" in folder.stories_log()
    assert "8642" not in folder.stories_log()


def test_a_number_leads_straight_to_its_queue_behind_the_notice(folder: IvrSystem, dial: Callers):
    mark = len(folder.messages())
    caller = dial("95002")
    assert caller.wait() == 0
    assert ended(folder, "95002", mark).startswith("next=queue queue=orders skills=en:1 lang=en path=en/")
    assert plays(caller, folder.sounds / "en/recording-notice.wav")
    assert not plays(caller, folder.sounds / "en/menu-main.wav")
