"""Opening hours, at their edges."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from acd.config.opening_hours import hours_problem, is_open

SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("hours", "when", "open_"),
    [
        ([], "2026-11-22 03:00", True),
        (["mon-fri 08:00-20:00"], "2026-11-20 08:00", True),
        (["mon-fri 08:00-20:00"], "2026-11-20 07:59", False),
        (["mon-fri 08:00-20:00"], "2026-11-20 20:00", False),
        (["mon-fri 08:00-20:00"], "2026-11-21 12:00", False),
        (["mon-fri 08:00-20:00", "sat 09:00-12:00"], "2026-11-21 11:59", True),
        (["sat-mon 00:00-24:00"], "2026-11-22 23:59", True),
        (["sat-mon 00:00-24:00"], "2026-11-24 00:00", False),
    ],
)
def test_hours(hours: list[str], when: str, open_: bool):
    assert is_open(hours, SHANGHAI, datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(SHANGHAI))) is open_


def test_hours_are_those_of_the_hotline_not_of_the_machine():
    one_in_the_night_in_utc = datetime.fromisoformat("2026-11-20T01:00:00+00:00")
    assert is_open(["mon-fri 08:00-20:00"], SHANGHAI, one_in_the_night_in_utc)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("mon-fri 08:00-20:00", ""),
        ("sun 00:00-24:00", ""),
        ("", "is not a span of days and hours"),
        ("mon-fri 8:00-20:00", "is not a span of days and hours"),
        ("mon-fri 08:00-20:00\n", "is not a span of days and hours"),
        ("mon - fri 08:00-20:00", "is not a span of days and hours"),
        ("mon-fry 08:00-20:00", "names a day that is not one of mon, tue, wed, thu, fri, sat, sun"),
        ("mon 20:00-08:00", "must begin before it ends, within 00:00 and 24:00"),
        ("mon 08:00-08:00", "must begin before it ends, within 00:00 and 24:00"),
        ("mon 08:60-09:00", "must begin before it ends, within 00:00 and 24:00"),
        ("mon 08:00-24:01", "must begin before it ends, within 00:00 and 24:00"),
    ],
)
def test_a_line_is_refused_with_its_reason(line: str, problem: str):
    assert hours_problem(line) == problem
    if problem:
        with pytest.raises(ValueError, match=problem):
            is_open([line], SHANGHAI, datetime.fromisoformat("2026-11-20T01:00:00+00:00"))
