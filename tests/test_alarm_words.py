"""Alarms in words: titles and sentences in both languages, and none without."""

import ast
import re
from pathlib import Path

import pytest

from acd.alarms.kinds import KINDS
from acd.engine.commands import Kind
from acd.words import alarm, sentence
from acd.words.alarm_details_zh import detail_in_chinese
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


@pytest.mark.parametrize(
    ("name", "detail", "chinese"),
    [
        (
            "caller forgotten on hold",
            "agent 1006 has had the caller of c1796098564-115-0115 on hold for 254 s",
            "座席 1006 已将客户保持 254 秒",
        ),
        ("low mark", "call c1-1: satisfied 1 of 5, agent 1009", "座席 1009，评分 1 分（满分 5 分）"),
        (
            "low mark",
            "call c1-1: satisfied 2 of 5, agent 1009; the caller wants to be called back",
            "座席 1009，评分 2 分（满分 5 分）；客户要求回电",
        ),
        (
            "call cannot be connected",
            "call c1-1: two offers in a row reached no phone; tried again every 5 s",
            "每 5 秒重试一次",
        ),
        (
            "transferred below the tier",
            "agent 1001 (tier 1) has a caller for refund, which needs tier 2",
            "座席 1001（1 级），此事项需由 2 级及以上座席处理",
        ),
        ("recording silent", "c1-1-1: both sides are silent", "c1-1-1：双方无声"),
        ("recording silent", "c1-1-1: the caller's side is silent", "c1-1-1：客户侧无声"),
        ("recording incomplete", "c1-1-1: disk full; there is no file", "c1-1-1：磁盘已满；没有文件"),
        ("low mark", "of another version", "of another version"),
    ],
)
def test_what_a_supervisor_meets_has_its_detail_in_chinese_too(name: str, detail: str, chinese: str):
    assert alarm("", {"name": name, "detail": detail}, "zh") == f"{ALARMS[name]}：{chinese}"
    assert detail in alarm("", {"name": name, "detail": detail}, "en")


def test_a_forgotten_caller_and_a_low_mark_are_told_in_chinese_as_the_engine_writes_them():
    """The engine's own sentences, found where it writes them: one that changes there must be understood here."""
    root = Path(__file__).parents[1]
    written = {
        "caller forgotten on hold": "acd/engine/transfers/holds.py",
        "low mark": "acd/engine/calls/surveys.py",
        "call cannot be connected": "acd/engine/routing/queueing.py",
        "transferred below the tier": "acd/engine/transfers/transfer.py",
    }
    for name, file in written.items():
        details = [
            re.sub(r"\{[^}]+\}", "7", text) for text in _texts_with_values(ast.parse((root / file).read_text("utf-8")))
        ]
        understood = [detail for detail in details if detail_in_chinese(name, detail) != detail]
        assert len(understood) == 1, (name, details)


def _texts_with_values(tree: ast.AST) -> list[str]:
    """Each f-string of a module, its values as {7}."""
    return [
        "".join(str(part.value) if isinstance(part, ast.Constant) else "{7}" for part in node.values)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
    ]
