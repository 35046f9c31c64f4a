"""What a waiting caller hears beside the place: the wait to expect, what the keys do, comfort; and what the keys do."""

from typing import Any

import pytest

from ivr import expected_wait
from ivr.step import Call, Done
from ivr.waiting_room import Said, Waiting, last_said, waiting_room
from tests.ivr.support.conversation import Conversation

HERE = ("call", "c1")
BOTH = {"callback": True, "message": True}


def answer(position: int = 3, median_s: float = 180, p90_s: float = 300, **more: Any) -> dict[str, Any]:
    return {"position": position, "median_s": median_s, "p90_s": p90_s, **more}


def wait(
    *answers: dict[str, Any], said: str = "", keys: dict[str, str] | None = None, house: Waiting | None = None,
    language: str = "zh",
) -> Conversation:  # fmt: skip
    told = [*answers, *answers[-1:] * 40]
    return Conversation(
        waiting_room(Call("c1", said=said, language=language), house or Waiting()), keys, {HERE: told}, language
    )


def words(talk: Conversation) -> list[str]:
    return [name.removeprefix("zh/").removeprefix("en/").removeprefix("number-") for name in talk.spoken]


@pytest.mark.parametrize(
    ("median_s", "p90_s", "wait"),
    [
        (0, 0, None),  # an agent is free
        (5, 20, (0, 1)),
        (59, 60, (0, 1)),
        (20, 61, (0, 2)),
        (180, 300, (3, 5)),
        (200, 290, (3, 5)),
        (299, 301, (4, 6)),
        (300, 300, (5, 5)),
        (420, 420, (6, 8)),
        (1800, 4000, (30, 0)),
        (30, 4000, None),  # from nothing to more than an hour is no answer
        (7200, 9000, (60, 0)),
        (300, 200, None),
        (-1, 5, None),
        (1, float("nan"), None),
        (1, float("inf"), None),
    ],
)
def test_a_wait_is_a_range_of_minutes_as_people_round(median_s: float, p90_s: float, wait: tuple[int, int] | None):
    assert expected_wait.range_of(median_s, p90_s) == wait


@pytest.mark.parametrize(
    ("wait", "zh", "en"),
    [
        ((0, 1), "wait-under-a-minute", "wait-under-a-minute"),
        ((0, 2), "wait-up-to callback-two wait-minutes", "wait-up-to 2 wait-minutes"),
        ((2, 5), "wait-about callback-two wait-to 5 wait-minutes", "wait-about 2 wait-to 5 wait-minutes"),
        ((5, 5), "wait-about 5 wait-minutes", "wait-about 5 wait-minutes"),
        ((30, 0), "wait-over 30 wait-minutes", "wait-over 30 wait-minutes"),
    ],
)
def test_how_a_range_is_said(wait: tuple[int, int], zh: str, en: str):
    assert [" ".join(map(str, expected_wait.said(wait, language))) for language in ("zh", "en")] == [zh, en]


def test_place_wait_and_keys_are_said_in_one_breath_and_the_keys_not_every_time():
    talk = wait(answer(**BOTH), answer(2, **BOTH))
    assert words(talk)[:10] == [
        "please-wait", "position", "3", "position-end", "wait-about", "3", "wait-to", "5", "wait-minutes", "hint-callback",
    ]  # fmt: skip
    assert talk.spoken.count("zh/hint-callback") == talk.spoken.count("zh/hint-message") == 1
    assert talk.spoken.count("zh/position") >= 2
    later = wait(answer(1, **BOTH), said=talk.variables["POSITION_SAID"].replace("@10", "@9"))
    assert later.spoken.count("zh/hint-callback") == 1, "a minute later they are said again"


def test_a_key_that_can_not_be_is_not_named():
    assert not [word for word in words(wait(answer())) if word.startswith("hint")]
    only = wait(answer(**BOTH), house=Waiting(keys=("message",)))
    assert [word for word in words(only) if word.startswith("hint")] == ["hint-message"]


def test_a_longer_wait_than_was_named_is_said_to_be_one():
    talk = wait(answer(3, 60, 120), answer(4, 600, 900))
    assert talk.spoken.count("zh/wait-longer") == 1
    before = talk.spoken.index("zh/wait-longer")
    assert words(talk)[before : before + 4] == ["wait-longer", "wait-about", "10", "wait-to"]
    assert not wait(answer(3, 60, 600), answer(4, 300, 600)).spoken.count("zh/wait-longer")


def test_no_wait_is_said_where_none_is_known_or_the_house_says_none():
    for talk in (wait({"position": 3}), wait(answer(3, 0, 0)), wait(answer(), house=Waiting(say_wait=False))):
        assert not [word for word in words(talk) if word.startswith("wait-")]
        assert "zh/position" in talk.spoken


@pytest.mark.parametrize("at", ["zh/please-wait", "zh/position", "zh/wait-about", "zh/hint-message", "wait"])
@pytest.mark.parametrize(("key", "wish"), [("1", "callback"), ("2", "message")])
def test_a_wish_is_heard_at_any_time(at: str, key: str, wish: str):
    talk = wait(answer(**BOTH), keys={at: key})
    assert talk.ending == Done()
    assert talk.variables["WISH"] == wish
    assert talk.heard[-1] == at or at == "wait"


def test_a_wish_that_can_not_be_is_answered_once_and_the_wait_goes_on():
    talk = wait(answer(message=True), keys={"wait": "1" * 50})
    assert talk.spoken.count("zh/callback-not-now") == 1
    assert "WISH" not in talk.variables and talk.music_is_on
    assert 30 <= talk.now - 1000 <= 40
    second = wait(answer(message=True), keys={"wait": "1.2"})
    assert second.variables["WISH"] == "message"


def test_a_silent_daemon_takes_no_wish():
    talk = Conversation(waiting_room(Call("c1")), {"zh/please-wait": "2"}, {}, "zh")
    assert "WISH" not in talk.variables and talk.music_is_on


def test_words_of_comfort_take_turns_over_the_stays():
    house = Waiting(comfort=("comfort", "also-online"), comfort_s=20)
    said, heard, now = "3@1000.0@5@1000.0@1000.0@0", [], 1000.0
    for _ in range(4):
        talk = wait(answer(), said=said, house=house)
        heard += [word for word in words(talk) if word in house.comfort]
        # The conversation's clock begins at 1000 each time: the next stay begins where this one has ended.
        passed, before = talk.now - now, last_said(talk.variables["POSITION_SAID"])
        said = str(Said(before.position, before.at - passed, before.most_min, before.hint_at - passed, before.comfort_at - passed,
                        before.comforts))  # fmt: skip
    assert heard[:4] == ["comfort", "also-online", "comfort", "also-online"]
    none = wait(answer(), said="3@1000.0@5@1000.0@900.0@0", house=Waiting(comfort_s=0))
    assert not [word for word in words(none) if word == "comfort"]


def test_what_was_said_is_read_as_it_was_written():
    said = Said(3, 1001.5, 5, 1001.5, 990.0, 2)
    assert last_said(str(said)) == said
    assert last_said("3@1001.5") == Said(3, 1001.5, comfort_at=1001.5)


def test_english():
    talk = wait(answer(2, 120, 300, **BOTH), language="en")
    assert " ".join(words(talk)).startswith("please-wait position 2 position-end wait-about 2 wait-to 5 wait-minutes")
