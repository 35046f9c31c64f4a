"""Spans of days as they are typed; what is typed wrong is said with what to type."""

import pytest

from acd.cli.spans import instants, typed_span
from acd.cli.times import clock_named
from acd.processes.api_client import Refused

CLOCK = clock_named("Asia/Shanghai")


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ({"week": "2026-W48"}, "2026-11-23", "2026-11-29"),
        ({"week": "2026-W53"}, "2026-12-28", "2027-01-03"),
        ({"month": "2028-02"}, "2028-02-01", "2028-02-29"),
        ({"first": "2026-11-01", "last": "2026-11-30"}, "2026-11-01", "2026-11-30"),
        ({"first": "2199-01-01"}, "2199-01-01", "2199-01-01"),
    ],
)
def test_a_week_a_month_and_two_days_are_spans(typed: dict[str, str], first: str, last: str):
    span = typed_span(CLOCK, **typed)
    assert span is not None and (str(span.first), str(span.last)) == (first, last)


def test_nothing_and_a_day_alone_are_left_to_the_api():
    assert typed_span(CLOCK) is None
    assert typed_span(CLOCK, day="2026-11-29") is None


def test_the_instants_are_the_hotlines_midnights():
    span = typed_span(CLOCK, week="2026-W48")
    assert span is not None
    assert instants(span, CLOCK) == {"since": "2026-11-23T00:00:00+08:00", "until": "2026-11-30T00:00:00+08:00"}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"first": "2026-11-31"}, "--from 2026-11-31: write the day as"),
        ({"first": "20261101"}, "--from 20261101: write the day as"),
        ({"first": "2026-11-01", "last": "tomorrow"}, "--to tomorrow: write the day as"),
        ({"last": "2026-11-30"}, "--to needs --from"),
        ({"first": "2026-11-30", "last": "2026-11-01"}, "Swap them"),
        ({"week": "2026-48"}, "write the week as"),
        ({"week": "2026-W54"}, "there is no such week"),
        ({"week": "0000-W01"}, "there is no such week"),
        ({"month": "11.2026"}, "write the month as"),
        ({"month": "2026-13"}, "write the month as"),
        ({"month": "2026-11", "week": "2026-W48"}, "--week and --month name different spans"),
        ({"day": "2026-11-29", "month": "2026-11"}, "--day and --month name different spans"),
        ({"day": "2026-11-29", "last": "2026-11-30"}, "--day and --from name different spans"),
    ],
)
def test_what_is_typed_wrong_is_said_with_what_to_type(typed: dict[str, str], why: str):
    with pytest.raises(Refused) as refused:
        typed_span(CLOCK, **typed)
    assert why in str(refused.value)
