"""Opening hours, at their edges."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from acd.config.opening_hours import is_open

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
