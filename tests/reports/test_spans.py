"""When a report is due, and of which days: by the hotline's clock, over month ends and changes of the clock, after an absence."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from acd.reports.spans import BEHIND, Every, Span, due, due_at, latest, next_due, span_with

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
SEVEN = time(7, 0)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def days(spans: list[Span]) -> list[tuple[str, str]]:
    return [(str(span.first), str(span.last)) for span in spans]


@pytest.mark.parametrize(
    ("every", "day", "span"),
    [
        ("daily", "2026-11-29", ("2026-11-29", "2026-11-29")),
        ("weekly", "2026-11-29", ("2026-11-23", "2026-11-29")),  # a Sunday
        ("weekly", "2026-11-30", ("2026-11-30", "2026-12-06")),  # a Monday
        ("weekly", "2027-01-01", ("2026-12-28", "2027-01-03")),
        ("monthly", "2026-11-29", ("2026-11-01", "2026-11-30")),
        ("monthly", "2028-02-29", ("2028-02-01", "2028-02-29")),
        ("monthly", "2027-02-01", ("2027-02-01", "2027-02-28")),
        ("monthly", "2026-12-31", ("2026-12-01", "2026-12-31")),
    ],
)
def test_a_day_lies_in_its_day_week_or_month(every: Every, day: str, span: tuple[str, str]):
    assert days([span_with(every, date.fromisoformat(day))]) == [span]


@pytest.mark.parametrize("every", ["daily", "weekly", "monthly"])
def test_spans_follow_each_other_without_a_gap_over_four_years(every: Every):
    span = span_with(every, date(2024, 1, 1))
    while span.last < date(2028, 3, 1):
        following = span_with(every, span.last + timedelta(days=1))
        assert following.first == span.last + timedelta(days=1)
        assert span_with(every, span.first) == span == span_with(every, span.last)
        span = following


def test_a_weeks_report_is_due_on_monday_at_its_time_and_once():
    since = at("2026-11-20 12:00")
    assert due("weekly", SEVEN, SHANGHAI, at("2026-11-30 06:59:59"), since, date(2026, 11, 22)) == ([], [])
    found, _ = due("weekly", SEVEN, SHANGHAI, at("2026-11-30 07:00"), since, date(2026, 11, 22))
    assert days(found) == [("2026-11-23", "2026-11-29")]
    assert due("weekly", SEVEN, SHANGHAI, at("2026-12-06 23:00"), since, found[-1].last) == ([], [])


def test_what_was_due_before_the_report_was_configured_is_not_made():
    configured = at("2026-11-29 12:00")
    assert due("daily", SEVEN, SHANGHAI, at("2026-11-29 23:59"), configured, None) == ([], [])
    found, _ = due("daily", SEVEN, SHANGHAI, at("2026-11-30 07:01"), configured, None)
    assert days(found) == [("2026-11-29", "2026-11-29")]


def test_what_was_missed_is_made_afterwards_oldest_first_and_not_without_end():
    since, done = at("2026-01-01 00:00"), date(2026, 3, 1)
    found, left_out = due("daily", SEVEN, SHANGHAI, at("2026-03-05 08:00"), since, done)
    assert days(found) == [(f"2026-03-0{day}",) * 2 for day in (2, 3, 4)]
    assert left_out == []
    found, left_out = due("daily", SEVEN, SHANGHAI, at("2026-06-01 08:00"), since, done)
    assert len(found) == BEHIND["daily"] and found[-1].last == date(2026, 5, 31)
    assert left_out[0].last == date(2026, 3, 2) and left_out[-1].last == found[0].first - timedelta(days=1)


def test_a_report_whose_every_was_changed_makes_no_span_twice_and_leaves_no_end_out():
    since = at("2026-11-01 00:00")
    found, _ = due("monthly", SEVEN, SHANGHAI, at("2026-12-01 08:00"), since, date(2026, 11, 29))
    assert days(found) == [("2026-11-01", "2026-11-30")]
    found, _ = due("daily", SEVEN, SHANGHAI, at("2026-12-02 08:00"), since, date(2026, 11, 30))
    assert days(found) == [("2026-12-01", "2026-12-01")]


@pytest.mark.parametrize(
    ("day", "at_", "utc"),
    [
        (date(2026, 3, 27), time(2, 30), "2026-03-28 01:30"),  # the night before
        (date(2026, 3, 28), time(2, 30), "2026-03-29 01:30"),  # left out by the clock: 03:30 then
        (date(2026, 10, 24), time(2, 30), "2026-10-25 00:30"),  # twice: the first of the two
        (date(2026, 10, 25), time(2, 30), "2026-10-26 01:30"),
    ],
)
def test_a_time_that_the_clock_leaves_out_or_has_twice_is_one_moment(day: date, at_: time, utc: str):
    assert due_at(Span(day, day), at_, BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_over_a_change_of_the_clock_each_day_is_made_once_at_whatever_moment_one_looks():
    made: list[date] = []
    now = at("2026-10-23 12:00", BERLIN)
    since, end = now, at("2026-10-28 00:00", BERLIN)
    while now < end:
        found, _ = due("daily", time(2, 30), BERLIN, now, since, made[-1] if made else None)
        made += [span.last for span in found]
        now += timedelta(minutes=7)
    assert made == [date(2026, 10, day) for day in (23, 24, 25, 26)]


def test_a_day_has_23_24_or_25_hours():
    edges = Span(date(2026, 10, 24), date(2026, 10, 26)).edges(BERLIN)
    utc = [edge.astimezone(UTC) for edge in edges]
    assert [(b - a).total_seconds() / 3600 for a, b in pairwise(utc)] == [24, 25, 24]
    march = [edge.astimezone(UTC) for edge in Span(date(2026, 3, 29), date(2026, 3, 29)).edges(BERLIN)]
    assert (march[1] - march[0]).total_seconds() / 3600 == 23


@pytest.mark.parametrize(
    ("every", "now", "newest", "moment"),
    [
        ("daily", "2026-11-29 06:00", "2026-11-28", "2026-11-29 07:00"),
        ("daily", "2026-11-29 07:00", "2026-11-28", "2026-11-30 07:00"),
        ("weekly", "2026-11-29 08:00", "2026-11-22", "2026-11-30 07:00"),
        ("monthly", "2026-12-31 23:59", "2026-11-30", "2027-01-01 07:00"),
        ("monthly", "2027-01-01 07:30", "2026-12-31", "2027-02-01 07:00"),
    ],
)
def test_the_newest_span_that_is_over_and_the_next_moment(every: Every, now: str, newest: str, moment: str):
    assert str(latest(every, SHANGHAI, at(now)).last) == newest
    assert next_due(every, SEVEN, SHANGHAI, at(now)) == at(moment)
