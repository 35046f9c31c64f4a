"""The manual's line, as the manual writes it."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from acd.context_card.transfer_summary import line, lines
from acd.store.context_card import new

CHINA = timezone(timedelta(hours=8))
NAMES = {
    ("queue", "technical", "en"): "technical support",
    ("queue", "technical", "zh"): "技术支持",
    ("agent", "1234", "en"): "Li Ming",
    ("agent", "1234", "zh"): "李明",
    ("reason", "fault", "en"): "a technical fault",
    ("reason", "fault", "zh"): "技术故障",
}


def named(what: str, which: str, language: str) -> str:
    return NAMES.get((what, which, language), "")


def handed(**said: Any) -> dict[str, Any]:
    plain = {
        "number": 1,
        "at": "2026-11-22T06:30:12.000000+00:00",
        "kind": "queue",
        "to": "technical",
        "receiver": "1234",
    }
    return plain | {"reason": "fault", "note": "", "state": "completed"} | said


@pytest.mark.parametrize(
    ("matter", "transfer", "en", "zh"),
    [
        ("APP无法登录", handed(), "14:30 to technical support, 1234, APP无法登录", "14:30 转技术支持 1234，APP无法登录"),
        ("can't log in to the app", handed(), "14:30 to technical support, 1234, can't log in to the app", "14:30 转技术支持 1234，can't log in to the app"),
        ("", handed(note="two\nlines"), "14:30 to technical support, 1234, two lines", "14:30 转技术支持 1234，two lines"),
        ("", handed(kind="agent", to="1234"), "14:30 to Li Ming 1234, a technical fault", "14:30 转李明 1234，技术故障"),
        ("", handed(kind="agent", to="1002", receiver=""), "14:30 to 1002, a technical fault", "14:30 转 1002，技术故障"),
        ("", handed(kind="number", to="4008001234", receiver="", reason=""), "14:30 to 4008001234", "14:30 转 4008001234"),
        ("", handed(kind="skill", to="refund", reason="odd"), "14:30 to refund, 1234, odd", "14:30 转 refund 1234，odd"),
    ],
)  # fmt: skip
def test_when_to_whom_and_what_about(matter: str, transfer: dict[str, Any], en: str, zh: str) -> None:
    card = new("c1") | {"matter": matter, "transfers": [transfer]}
    assert (line(card, transfer, "en", CHINA, named), line(card, transfer, "zh", CHINA, named)) == (en, zh)


def test_only_those_who_came_to_somebody_have_a_line() -> None:
    tried = [handed(number=1, state="taken back"), handed(number=2), handed(number=3, state="failed")]
    assert lines(new("c1") | {"transfers": tried}, "en", CHINA, named) == [
        "14:30 to technical support, 1234, a technical fault"
    ]
