"""Which faults a caller hears of: by number, brand and area; and what the menu is told of each."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from acd.faults.concerned import MOST_TOLD, Concerned, expected, told
from acd.faults.report import report_of
from acd.faults.shown import suggestions
from acd.faults.words import all_texts, prompt_of

NOW = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
HERE = ZoneInfo("Asia/Shanghai")
FAULT: dict[str, Any] = {
    "fault": "1", "open": True, "zh": "断网", "en": "", "other_zh": "见公众号", "other_en": "", "areas": [], "unknown_area": False,
    "numbers": [], "brand": "", "queues": [], "keys": [], "plan": {"queue": "", "register": True}, "expected": None, "alarm": "",
    "news_zh": "", "news_en": "",
}  # fmt: skip


async def heard(rows: list[dict[str, Any]], dialled: str = "95001", area: str | None = None) -> list[str]:
    looked: list[str] = []

    async def customer(caller: str, dialled: str, call: str) -> Mapping[str, Any]:
        looked.append(caller)
        return {} if area is None else {"customer": {"area": area}}

    brand = SimpleNamespace(numbers={"95100": "zh"})
    config: Any = SimpleNamespace(brands={"acme": brand}, hotline=SimpleNamespace(timezone="Asia/Shanghai"))
    concerned = Concerned(lambda: rows, customer, lambda: config, lambda: NOW, lambda language, prompt: True)
    found = await concerned.facts("+8613800000001", dialled, "c1")
    assert bool(looked) == any(row["areas"] and row["open"] for row in rows), "nobody is looked up in vain"
    return [fault["fault"] for fault in found.get("faults", [])]


@pytest.mark.parametrize(
    ("more", "dialled", "area", "hears"),
    [
        ({}, "95001", None, True),
        ({"open": False}, "95001", None, False),
        ({"numbers": ["95001"]}, "95001", None, True),
        ({"numbers": ["95002"]}, "95001", None, False),
        ({"brand": "acme"}, "95100", None, True),
        ({"brand": "acme"}, "95001", None, False),
        ({"areas": ["Pudong"]}, "95001", " pudong", True),
        ({"areas": ["浦东", "徐汇"]}, "95001", "徐汇", True),
        ({"areas": ["浦东"]}, "95001", "徐汇", False),
        ({"areas": ["浦东"]}, "95001", None, False),
        ({"areas": ["浦东"]}, "95001", "", False),
        ({"areas": ["浦东"], "unknown_area": True}, "95001", None, True),
        ({"areas": ["浦东"], "unknown_area": True}, "95001", "徐汇", False),
    ],
)
async def test_whom_a_fault_concerns(more: dict[str, Any], dialled: str, area: str | None, hears: bool):
    assert await heard([FAULT | more], dialled, area) == (["1"] if hears else [])


async def test_no_caller_hears_more_than_three():
    rows = [FAULT | {"fault": str(number)} for number in range(9)]
    assert len(await heard(rows)) == MOST_TOLD


def test_a_menu_is_told_texts_alone_and_nothing_that_could_not_be_spoken():
    row = FAULT | {"keys": ["2", "2/1"], "plan": {"queue": "outage", "register": False}}
    spoken = {prompt_of("断网")}
    found = told(row, NOW, HERE, lambda language, prompt: prompt in spoken)
    assert found == {"fault": "1", "keys": "2,2/1", "queue": "outage", "say_zh": prompt_of("断网")}
    assert told(FAULT, NOW, HERE, lambda language, prompt: False) == {"fault": "1", "at": "start", "register": "yes"}


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW + timedelta(hours=2), {"day": "today", "hour": "14", "minute": "0"}),
        (NOW + timedelta(hours=13, minutes=30), {"day": "tomorrow", "hour": "1", "minute": "30"}),
        (NOW + timedelta(days=3), {"day": "wed", "hour": "12", "minute": "0"}),
        (NOW - timedelta(minutes=1), {}),
        (NOW + timedelta(days=8), {}),
    ],
)
def test_when_it_should_be_mended(at: datetime, said: dict[str, str]):
    assert expected({"expected": at.isoformat()}, NOW, HERE) == said


def test_each_sentence_is_spoken_once_by_the_hash_of_its_text():
    rows = [FAULT, FAULT | {"fault": "2", "news_zh": "好了"}]
    assert [text for _, _, text in all_texts(rows)] == ["断网", "见公众号", "好了"]
    assert prompt_of("") == ""
    assert prompt_of("断网") != prompt_of("断电")


def test_alarms_that_rise_with_the_calls_suggest_a_fault_until_one_names_them():
    alarms = [
        {"number": 1, "kind": "queue-waiting", "subject": "orders", "raised_at": NOW.isoformat()},
        {"number": 2, "kind": "recordings-disk-full", "subject": "", "raised_at": NOW.isoformat()},
    ]
    assert [each["number"] for each in suggestions(alarms, [])] == [1]
    assert suggestions(alarms, [FAULT | {"alarm": "queue-waiting orders"}]) == []
    assert len(suggestions(alarms, [FAULT | {"alarm": "queue-waiting orders", "open": False}])) == 1


def test_the_repair_time_counts_from_the_alarm():
    row = FAULT | {
        "declared_at": NOW.isoformat(),
        "detected": (NOW - timedelta(minutes=6)).isoformat(),
        "cleared_at": (NOW + timedelta(minutes=30)).isoformat(),
    }
    found = report_of(row, [])
    assert (found["until_declared_m"], found["until_mended_m"]) == (6.0, 36.0)
    assert report_of(row | {"detected": None, "cleared_at": None}, [])["until_mended_m"] is None
