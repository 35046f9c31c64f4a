"""Alarms in words: titles and sentences in both languages, and none without."""

import ast
import re
from pathlib import Path

import pytest

from acd.alarms.kinds import KINDS
from acd.engine.commands import Kind
from acd.words import alarm, sentence
from acd.words.alarm_titles import TITLES, title
from acd.words.alarms import ALARMS


def _named_alarms(tree: ast.AST) -> set[str]:
    """The alarms that a module names where it raises them: `AlarmRaised("…", …)`, or `{"name": "…", "detail": …}` of the log."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "AlarmRaised":
            first = node.args[0] if node.args else None
            found |= {first.value} if isinstance(first, ast.Constant) and isinstance(first.value, str) else set()
        elif isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
            if {"name", "detail"} <= set(keys) and "habit" not in keys:
                value = node.values[keys.index("name")]
                found |= {value.value} if isinstance(value, ast.Constant) and isinstance(value.value, str) else set()
    return found


def test_every_alarm_has_its_sentence_in_chinese_and_no_sentence_is_left_over():
    root = Path(__file__).parents[1]
    sources = [file for part in ("acd", "recordings", "ivr") for file in (root / part).rglob("*.py")]
    texts = {file: file.read_text("utf-8") for file in sources if file.parent.name != "words"}
    named = {name for text in texts.values() for name in _named_alarms(ast.parse(text))}
    assert len(named) > 20
    assert named <= set(ALARMS)
    for name in ALARMS:
        assert any(f'"{name}"' in text for text in texts.values()), f"no part raises {name!r} any more"
        said = sentence(Kind.ALARM, "", "", {"name": name, "detail": "why"}, "zh")
        assert said == f"告警 {ALARMS[name]}：why"
        assert re.search("[一-鿿]", said)


def _all_alarms() -> list[str]:
    """Of the table of kinds, of the sentences, and what any module raises by its name."""
    root = Path(__file__).parents[1]
    sources = [file for part in ("acd", "recordings", "ivr") for file in (root / part).rglob("*.py")]
    named = {name for file in sources for name in _named_alarms(ast.parse(file.read_text("utf-8")))}
    return sorted({*KINDS, *ALARMS, *named})


@pytest.mark.parametrize("name", _all_alarms())
def test_every_alarm_has_a_title_in_each_language_that_is_not_its_name_for_machines(name: str):
    english, chinese = title(name), title(name, "zh")
    assert name in TITLES
    assert re.fullmatch(r"[A-Z][A-Za-z0-9 ,:'-]{3,47}", english) and "trunk-" not in english, english
    assert re.search("[一-鿿]{2}", chinese) and len(chinese) <= 16, chinese


def test_no_two_alarms_have_the_same_title_and_no_title_is_left_over():
    assert set(TITLES) == set(_all_alarms())
    for language in (0, 1):
        shown = [both[language] for both in TITLES.values()]
        assert len(shown) == len(set(shown)), [one for one in shown if shown.count(one) > 1]


def test_a_late_callback_is_told_by_the_clock_of_the_hotline():
    detail = {
        "name": "callback late",
        "subject": "p1",
        "until": "2026-03-03T09:00:00+00:00",
        "local": "2026-03-03 17:00",
    }
    for language in ("en", "zh"):
        said = alarm("", detail, language)
        assert "2026-03-03 17:00" in said and "UTC" not in said
        earlier = {name: value for name, value in detail.items() if name != "local"}
        assert "2026-03-03 09:00 UTC" in alarm("", earlier, language)  # of an earlier version
