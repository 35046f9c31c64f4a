"""May this customer be called now? By the hotline's hours, the region's, holidays, and what an operator has set."""

from datetime import UTC, datetime, timedelta

import pytest

from acd.calling_hours import CallingHours, Region, may_call, region_of
from acd.config.callbacks.table import offsets_of

WEEK = ((0, 6, 9 * 60, 20 * 60),)
SHANGHAI = timedelta(hours=8)
XINJIANG = Region("xinjiang", ("+86991",), ("新疆", "Xinjiang"), ((0, 6, 11 * 60, 22 * 60),))
LONDON = Region(
    "london",
    ("+44",),
    (),
    ((0, 6, 9 * 60, 20 * 60),),
    (),
    (("2026-03-01T00:00:00+00:00", 0), ("2026-03-29T01:00:00+00:00", 60)),
)
RULES = CallingHours(WEEK, (("2026-03-04", ()),), SHANGHAI, (XINJIANG, LONDON))


def at(text: str) -> datetime:
    """A time of Shanghai's clock."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "number", "area", "begins"),
    [
        ("2026-03-02T09:00", "+8613800001111", "", None),
        ("2026-03-02T08:59", "+8613800001111", "", "2026-03-02T09:00"),
        ("2026-03-02T20:00", "+8613800001111", "", "2026-03-03T09:00"),
        ("2026-03-03T20:00", "+8613800001111", "", "2026-03-05T09:00"),  # a holiday between
        ("2026-03-02T10:00", "+869915550000", "", "2026-03-02T11:00"),  # by the city's code
        ("2026-03-02T21:00", "+869915550000", "", None),
        ("2026-03-02T10:00", "+8613800001111", "xinjiang", "2026-03-02T11:00"),  # by the record, whatever the number
        ("2026-03-02T10:00", "+8613800001111", "Shanghai", None),
        ("2026-03-02T16:59", "+442075550000", "", "2026-03-02T17:00"),  # 9:00 in London, in winter
        ("2026-04-01T16:00", "+442075550000", "", None),  # 9:00 in London, in summer
        ("2026-04-01T15:59", "+442075550000", "", "2026-04-01T16:00"),
    ],
)
def test_each_customer_is_called_by_the_hours_of_their_region(now: str, number: str, area: str, begins: str | None):
    assert may_call(RULES, at(now), number, area) == (None if begins is None else at(begins))


def test_without_hours_every_time_is_right():
    assert may_call(CallingHours(), at("2026-03-02T03:00"), "+8613800001111") is None


def test_an_operator_who_opens_the_hotline_opens_no_regions_night():
    rules = CallingHours(WEEK, (), SHANGHAI, (XINJIANG,), open_until=at("2026-03-02T23:59"))
    assert may_call(rules, at("2026-03-02T22:30"), "+8613800001111") is None
    assert may_call(rules, at("2026-03-02T22:30"), "+869915550000") == at("2026-03-03T11:00")


def test_an_operator_who_closes_it_closes_it_for_all():
    rules = CallingHours(WEEK, (), SHANGHAI, (XINJIANG,), closed_until=at("2026-03-02T15:00"))
    for number in ("+8613800001111", "+869915550000"):
        assert may_call(rules, at("2026-03-02T12:00"), number) == at("2026-03-02T15:00")


def test_hours_that_never_come_forbid_nothing():
    never = CallingHours(
        WEEK,
        tuple((f"{datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=n):%Y-%m-%d}", ()) for n in range(500)),
        SHANGHAI,
    )
    assert may_call(never, at("2026-03-02T03:00")) is None


def test_the_longest_beginning_of_a_number_counts():
    near, far = Region("near", ("+86991",)), Region("far", ("+869",))
    assert region_of((far, near), "+869915550000") is near
    assert region_of((near, far), "+869005550000") is far
    assert region_of((near, far), "+8613800001111") is None


def test_a_zones_changes_of_the_clock_are_known_ahead():
    found = offsets_of("Europe/London", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert found[0][1] == 0
    assert ("2026-03-29T01:00:00+00:00", 60) in found and ("2026-10-25T01:00:00+00:00", 0) in found
    assert offsets_of("Asia/Shanghai", datetime(2026, 3, 1, 12, tzinfo=UTC)) == (("2026-02-28T12:00:00+00:00", 480),)
