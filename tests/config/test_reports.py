"""[reports]: what can't be is told with its place and remedy."""

from pathlib import Path
from typing import Any

import pytest

from acd import config as configuration
from acd.config import BadConfiguration, warnings
from acd.config.diff import differences

MAIL = {"host": "mail.example.com", "sender": "hotline@example.com", "to": ["night@example.com"]}


def checked(reports: dict[str, Any], mail: bool = False) -> configuration.Config:
    return configuration.check(
        {
            "hotline": {"name": "Test", "numbers": {"95001": "zh"}},
            "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
            "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
            "alarms": {"mail": MAIL} if mail else {},
            "reports": reports,
        }
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "reports.weekly.every: is missing"),
        ({"every": "yearly"}, "reports.weekly.every"),
        ({"every": "weekly", "at": "7:00"}, 'Write it as "07:00"'),
        ({"every": "weekly", "at": "24:00"}, 'Write it as "07:00"'),
        ({"every": "weekly", "at": "07:00\n"}, None),
        ({"every": "weekly", "what": []}, "reports.weekly.what"),
        ({"every": "weekly", "what": ["brands"]}, "reports.weekly.what (entry 1)"),
        ({"every": "weekly", "formats": ["xlsx", "xlsx"]}, "xlsx stands twice"),
        ({"every": "weekly", "formats": ["docx"]}, "reports.weekly.formats (entry 1)"),
        ({"every": "weekly", "queues": ["order"]}, "there is no queue 'order' (orders)"),
        ({"every": "weekly", "language": "fr"}, "reports.weekly.language"),
        ({"every": "weekly", "folder": "reports"}, "no whole path"),
        ({"every": "weekly", "folder": "/srv/re\nports"}, "control character"),
        ({"every": "weekly", "to": ["boss@example.com"]}, "Add [alarms.mail]"),
        ({"every": "weekly", "to": ["boss@example.com\r\nBcc: x@example.com"]}, "one e-mail address"),
        ({"every": "weekly", "ever": 1}, "unknown key"),
    ],
)
def test_a_report_that_can_not_be_is_told(table: dict[str, Any], said: str | None):
    if said is None:
        assert checked({"weekly": table}).reports["weekly"].at == "07:00"  # blanks around a value are nothing
        return
    with pytest.raises(BadConfiguration) as bad:
        checked({"weekly": table})
    assert any(said in mistake for mistake in bad.value.mistakes), bad.value.mistakes


def test_a_name_that_is_no_name_and_more_than_twenty_reports_are_told():
    with pytest.raises(BadConfiguration, match="Write lower-case letters"):
        checked({"Weekly ../x": {"every": "weekly"}})
    with pytest.raises(BadConfiguration):
        checked({f"r{number}": {"every": "daily"} for number in range(21)})


def test_a_report_is_by_queue_as_a_workbook_at_seven_unless_said_otherwise():
    found = checked({"weekly": {"every": "weekly"}}).reports["weekly"]
    assert (found.at, found.what, found.formats, found.folder, found.to) == ("07:00", ["queues"], ["xlsx"], None, [])


def test_a_folder_that_is_not_there_is_a_warning_and_a_mail_server_lets_reports_be_mailed(tmp_path: Path):
    there = {"every": "weekly", "folder": str(tmp_path), "to": ["boss@example.com"]}
    missing = {"every": "daily", "folder": str(tmp_path / "none")}
    said = [
        each for each in warnings(checked({"weekly": there, "daily": missing}, True)) if each.startswith("reports.")
    ]
    assert said == [
        f"reports.daily.folder: there is no folder {tmp_path / 'none'}. The report is made once it is there."
    ]


def test_a_changed_report_is_told_by_reload():
    was, now = (
        checked({"weekly": {"every": "weekly"}}),
        checked({"weekly": {"every": "weekly", "at": "06:30"}, "daily": {"every": "daily"}}),
    )
    assert [each.said for each in differences(was, now)] == [
        "report weekly: at 07:00 -> 06:30.",
        "report daily: new (every daily).",
    ]
