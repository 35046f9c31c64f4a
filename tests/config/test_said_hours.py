"""What a caller is told of the opening hours: today's override, the days ahead, the week."""

from datetime import UTC, datetime
from typing import Any

import pytest

from acd import config as configuration
from acd.config.hours.said_hours import said_hours

WEEK = [{"first": "mon", "last": "fri", "opens": "08:00", "closes": "20:00"}]
HOURS = ["mon-fri 08:00-20:00", "hol 10:00-16:00"]
CONFIG = {
    "hotline": {
        "timezone": "Asia/Shanghai",
        "hours": HOURS,
        "numbers": {"95000": "zh", "95010": {"language": "zh", "hours": []}},
    },
    "holidays": {"country": "CN", "days": {"2026-12-24": ["09:00-12:00"], "2026-12-28..2026-12-31": "closed"}},
    "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
}


def told(day: str, hours_set: dict[str, Any] | None = None, number: str = "95000") -> list[dict[str, str]]:
    now = datetime.fromisoformat(f"{day}T03:00:00+00:00")  # eleven in Shanghai
    return said_hours(configuration.check(CONFIG), hours_set or {}, now, number, "")


def test_an_ordinary_week_is_the_week_and_a_number_that_is_always_open_has_no_hours():
    assert told("2026-11-30") == WEEK
    assert told("2026-12-28", number="95010") == []


def test_a_half_day_and_a_break_are_told_when_they_begin_within_a_week_the_break_to_its_end():
    half = {"date": "2026-12-24", "to": "2026-12-24", "opens": "09:00", "closes": "12:00"}
    # New Year's Day has the hours of holidays, and the two days after it belong to it.
    days = {f"2027-01-0{day}": {"opens": "10:00", "closes": "16:00"} for day in (1, 2, 3)}
    closed = {"date": "2026-12-28", "to": "2026-12-31", "closed": "yes"}
    assert told("2026-12-17") == WEEK
    assert told("2026-12-18") == [half, *WEEK]
    assert told("2026-12-23") == [half, closed, *WEEK]
    assert told("2026-12-30")[0] == {"date": "2026-12-30", "to": "2026-12-31", "closed": "yes"}
    later = told("2026-12-30")[1:-1]
    assert {row["date"]: {name: row[name] for name in ("opens", "closes")} for row in later} == days


@pytest.mark.parametrize(
    ("until", "is_open", "row"),
    [
        ("2026-12-24T14:00:00+08:00", False, {"now": "closed", "until": "14:00", "say": ""}),
        ("2026-12-25T00:00:00+08:00", False, {"now": "closed", "until": "24:00", "say": ""}),
        ("2026-12-24T22:00:00+08:00", True, {"now": "open", "until": "22:00", "say": ""}),
    ],
)
def test_what_is_set_for_today_takes_the_place_of_what_today_would_be(until: str, is_open: bool, row: dict[str, str]):
    set_ = {"": {"open": is_open, "until": until, "by": "zhang"}}
    assert told("2026-12-24", set_)[0] == row
    over = {"": {**set_[""], "until": datetime(2026, 12, 24, 2, tzinfo=UTC).isoformat()}}
    assert told("2026-12-24", over)[0]["opens"] == "09:00"


def test_the_operators_words_are_named():
    set_ = {"": {"open": False, "until": "2026-12-24T14:00:00+08:00", "by": "zhang", "zh": "停电", "en": "No power"}}
    assert told("2026-12-24", set_)[0]["say"].startswith("today-")
