"""Menus that listen, as an operator looks at them: what `menu check` warns of, and words typed into `menu try`."""

from pathlib import Path

import pytest

from ivr.hotline import hotline
from ivr.menu_file import read_menus
from ivr.menus.tryout import try_out
from ivr.prompts import languages, read_texts
from ivr.settings import MENU
from ivr.speech.inspect import speech_findings
from ivr.step import Call, Goodbye, GoToQueue

SPEAKING = "speech = true\n" + MENU.read_text("utf-8")
LABELS = {
    "orders": {"zh": "订单查询", "en": "orders"}, "after-sales": {"zh": "售后服务", "en": "after-sales"},
    "complaints": {"zh": "投诉建议", "en": "complaints"}, "general": {"zh": "人工", "en": "general"},
}  # fmt: skip


def found(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "menu.toml"
    file.write_text(text, "utf-8")
    return list(speech_findings(read_menus(file), LABELS))


def test_the_packaged_menu_can_be_spoken_to(tmp_path: Path):
    assert found(tmp_path, SPEAKING) == []


def test_phrases_of_one_menu_that_sound_alike_are_warned_of(tmp_path: Path):
    text = SPEAKING.replace('queue = "after-sales",', 'queue = "after-sales", phrases = ["定单"],')
    assert found(tmp_path, text) == [
        "menus.main: '查询订单' (key 1) and '定单' (key 2) sound alike; callers who say one are asked back. Take other words for one of them."
    ]


def test_a_key_that_nobody_can_say_is_warned_of(tmp_path: Path):
    text = SPEAKING.replace('queue = "after-sales",', 'menu = "below", phrases = ["报修"],')
    text += '[menus.below]\nplay = "menu-main"\nspeech = false\nkeys = [{ key = "1", end = "goodbye" }]\nfailure = { queue = "general" }\n'
    assert found(tmp_path, text) == [
        'menus.main, key 2: callers have no words for it in en. Give it phrases, as phrases = ["…"].'
    ]


def test_menus_that_do_not_listen_are_not_looked_at(tmp_path: Path):
    assert found(tmp_path, SPEAKING.replace("speech = true", "speech = false")) == []


@pytest.mark.parametrize(
    ("typed", "queue"), [(["我要查订单"], "orders"), (["3"], "complaints"), (["今天", "订单", ""], "orders"), (["不要投诉建议", "1"], "complaints")]
)  # fmt: skip
def test_words_are_typed_in_the_place_of_keys(typed: list[str], queue: str):
    said: list[str] = []
    answers = iter(typed)
    labels = {**LABELS, "orders": {"zh": "订单", "en": "orders"}}
    story = hotline(Call("try", "try"), read_menus(MENU, None, None, SPEAKING), {"try": "zh"}, labels=labels)
    texts = {code: read_texts(code).all() for code in languages()}

    def ask(question: str) -> str:
        said.append(question)
        return next(answers)

    ending, _ = try_out(story, texts, lambda step: None, said.append, ask)
    assert isinstance(ending, GoToQueue | Goodbye)
    assert isinstance(ending, GoToQueue)
    assert ending.queue == queue
    assert "key or words> " in said
