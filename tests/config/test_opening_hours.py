"""Opening hours, at their edges: the week, midnight, holidays, working weekends, half days, and what an operator sets for today."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from acd.calls_out import CallsOut, next_hour
from acd.config import BadConfiguration, Config, check
from acd.config.hours.calendar import public_holidays
from acd.config.hours.open_now import open_now, words_prompt
from acd.config.opening_hours import hours_problem

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = ["mon-fri 08:00-20:00", "sat-sun 09:00-18:00"]
NIGHT = ["mon-fri 22:00-06:00"]
QUEUES = {name: {"label": {"zh": "队", "en": "Queue"}} for name in ("orders", "emergency", "sales")}


def house(hours: list[str], holidays: dict[str, Any] | None = None, **more: Any) -> Config:
    """A configuration with these hours of the hotline. `more`: tables beside it."""
    queues = {**QUEUES, **more.pop("queues", {})}
    hotline = {"hours": hours, "numbers": {"95001": "zh"}, **more.pop("hotline", {})}
    return check({"hotline": hotline, "holidays": holidays or {}, "queues": queues, **more})


def at(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)


# 2026-11-20 is a Friday.
@pytest.mark.parametrize(
    ("hours", "when", "open_"),
    [
        ([], "2026-11-22T03:00", True),
        (WEEK, "2026-11-20T07:59:59", False),
        (WEEK, "2026-11-20T08:00", True),
        (WEEK, "2026-11-20T19:59:59", True),
        (WEEK, "2026-11-20T20:00", False),
        (WEEK, "2026-11-21T08:30", False),
        (WEEK, "2026-11-22T17:59", True),
        (["mon-sun 00:00-24:00"], "2026-11-20T23:59:59", True),
        (["sat-mon 09:00-10:00"], "2026-11-22T09:30", True),
        (["sat-mon 09:00-10:00"], "2026-11-24T09:30", False),
        (NIGHT, "2026-11-20T21:59", False),
        (NIGHT, "2026-11-20T22:00", True),
        (NIGHT, "2026-11-21T05:59", True),  # Friday's night lasts into Saturday,
        (NIGHT, "2026-11-21T06:00", False),
        (NIGHT, "2026-11-21T23:00", False),  # which has none of its own,
        (NIGHT, "2026-11-23T03:00", False),  # and Monday's begins in the evening
        (["sun 23:00-01:00"], "2026-11-23T00:30", True),
    ],
)
def test_hours_of_the_week(hours: list[str], when: str, open_: bool):
    assert house(hours).is_open(at(when)) is open_


def test_hours_are_those_of_the_hotline_not_of_the_machine():
    one_in_the_night_in_utc = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    assert house(["mon-fri 08:00-20:00"]).is_open(one_in_the_night_in_utc)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("mon-fri 08:00-20:00", ""),
        ("mon 00:00-24:00", ""),
        ("fri 22:00-06:00", ""),
        ("hol 10:00-16:00", ""),
        ("", "is not a span of days and hours"),
        ("mon-fri 8:00-20:00", "is not a span of days and hours"),
        ("mon-fri 08:00-20:00\n", "is not a span of days and hours"),
        ("mon - fri 08:00-20:00", "is not a span of days and hours"),
        ("mon-fri 08:00-24:01", "must lie within 00:00 and 24:00"),
        ("mon-fri 08:60-20:00", "must lie within 00:00 and 24:00"),
        ("mon-fri 24:00-06:00", "must lie within 00:00 and 24:00"),
        ("mon-fri 08:00-08:00", "begins when it ends; the whole day is 00:00-24:00"),
        ("mon-hol 08:00-20:00", "names a day that is not one of mon, tue, wed, thu, fri, sat, sun, or hol alone"),
        ("hol-mon 08:00-20:00", "names a day that is not one of mon, tue, wed, thu, fri, sat, sun, or hol alone"),
        ("mo 08:00-20:00", "is not a span of days and hours"),
    ],
)
def test_a_line_that_is_none_is_told(line: str, problem: str):
    assert hours_problem(line) == problem


# --- holidays ---

CHINA = {"country": "CN"}


def test_the_library_has_chinas_holidays_and_working_weekends():
    names, worked = public_holidays("CN", "", 2025)
    assert "国庆节" in names[date(2025, 10, 1)]
    assert date(2025, 9, 28) in worked  # a Sunday, worked for the National Day


# 2025-10-01 is a Wednesday, 2025-09-28 a working Sunday, 2025-10-11 a working Saturday.
@pytest.mark.parametrize(
    ("hours", "when", "open_"),
    [
        (WEEK, "2025-10-01T10:00", False),
        ([*WEEK, "hol 10:00-16:00"], "2025-10-01T10:00", True),
        ([*WEEK, "hol 10:00-16:00"], "2025-10-01T16:00", False),
        (["mon-fri 08:00-20:00"], "2025-09-28T10:00", True),
        (["mon-fri 08:00-20:00"], "2025-09-21T10:00", False),
        (["mon-fri 08:00-20:00", "sun 12:00-13:00"], "2025-09-28T19:59", True),
        ([], "2025-10-01T10:00", True),
        (["tue 22:00-06:00"], "2025-10-01T03:00", True),  # a night that began before the holiday lasts
        (["wed 22:00-06:00"], "2025-10-02T03:00", False),
    ],
)
def test_holidays(hours: list[str], when: str, open_: bool):
    assert house(hours, CHINA).is_open(at(when)) is open_


def test_without_a_country_no_day_is_a_holiday():
    assert house(WEEK).is_open(at("2025-10-01T10:00"))


CORRECTED = {
    "country": "CN",
    "days": {
        "2026-12-24": ["09:00-12:00", "14:00-16:00"],
        "2026-12-25": "closed",
        "2026-12-26": "work",  # a Saturday
        "2026-12-28": "holiday",
        "2026-12-30..2027-01-02": "closed",
        "2026-12-31": "work",
    },
}


def test_two_entries_of_one_day_are_refused():
    with pytest.raises(BadConfiguration, match=r"holidays\.days: .* both name 2026-12-31\. Keep one"):
        house(WEEK, CORRECTED)


@pytest.mark.parametrize(
    ("when", "open_"),
    [
        ("2026-12-24T08:30", False),
        ("2026-12-24T11:59", True),
        ("2026-12-24T13:00", False),
        ("2026-12-24T14:00", True),
        ("2026-12-25T10:00", False),
        ("2026-12-26T08:30", True),  # as on a Friday
        ("2026-12-28T11:00", True),  # as on a holiday
        ("2026-12-28T09:00", False),
        ("2026-12-30T10:00", False),
        ("2027-01-02T10:00", False),
    ],
)
def test_a_day_is_corrected_by_the_configuration(when: str, open_: bool):
    days = {day: what for day, what in CORRECTED["days"].items() if day != "2026-12-31"}  # type: ignore[attr-defined]
    assert house([*WEEK, "hol 10:00-12:00"], {**CORRECTED, "days": days}).is_open(at(when)) is open_


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"country": "ZZ"}, r"holidays\.country: the holidays of ZZ are not known"),
        ({"country": "DE", "subdivision": "QQ"}, r"holidays\.subdivision: the holidays of DE-QQ are not known"),
        ({"country": "china"}, r"holidays\.country: 'china' is not written as expected"),
        ({"days": {"2026-13-01": "closed"}}, r"'2026-13-01' is no date\. Write it as"),
        ({"days": {"1.1.2026": "closed"}}, r"is no date"),
        ({"days": {"2026-02-30": "closed"}}, r"is no date"),
        ({"days": {"2026-01-05..2026-01-01": "closed"}}, r"must begin before it ends"),
        ({"days": {"2026-01-05..2028-01-01": "closed"}}, r"at most 60 days"),
        ({"days": {"2026-01-05": "shut"}}, r"'shut' is none of \"closed\", \"work\", \"holiday\""),
        ({"days": {"2026-01-05": ["9-12"]}}, r"'9-12' is not a span of hours\. Write it as"),
        ({"days": {"2026-01-05": [9]}}, r"9 is not a span of hours"),
        ({"days": {"2026-01-05": True}}, r"True is none of"),
        ({"make_up": "friday"}, r"holidays\.make_up: 'friday' is not one of"),
        ({"hours": []}, r"holidays\.hours: unknown key"),
    ],
)
def test_a_table_of_holidays_that_is_none(table: dict[str, Any], sentence: str):
    with pytest.raises(BadConfiguration, match=sentence):
        house(WEEK, table)


# --- whose hours hold ---

OWN = {
    "queues": {
        "emergency": {**QUEUES["emergency"], "hours": []},
        "sales": {**QUEUES["sales"], "hours": ["mon-sun 10:00-22:00"]},
    },
    "hotline": {
        "numbers": {
            "95001": "zh",
            "95003": {"language": "zh", "hours": ["mon-fri 09:00-12:00"]},
            "95009": {"hours": []},
        }
    },
}


@pytest.mark.parametrize(
    ("queue", "number", "when", "open_"),
    [
        ("orders", "95001", "2026-11-20T21:00", False),
        ("sales", "95001", "2026-11-20T21:00", True),
        ("sales", "95001", "2026-11-20T09:00", False),
        ("emergency", "95001", "2026-10-01T03:00", True),  # an empty list of its own: always, holidays too
        ("orders", "95003", "2026-11-20T13:00", False),
        ("orders", "95003", "2026-11-20T09:30", True),
        ("sales", "95003", "2026-11-20T09:30", False),  # both must be open
        ("sales", "95003", "2026-11-20T11:30", True),
        ("orders", "95009", "2026-10-01T03:00", True),
    ],
)
def test_a_queue_and_a_number_may_have_hours_of_their_own(queue: str, number: str, when: str, open_: bool):
    config = house(WEEK, CHINA, **{key: dict(value) for key, value in OWN.items()})
    assert config.is_open(at(when), queue, number) is open_


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"queue": "fire"}, r"hotline\.numbers\.95009\.queue: there is no queue 'fire'"),
        ({"queue": "orders", "menu": "main"}, r"hotline\.numbers\.95009: a number leads to one place"),
        ({"language": "de"}, r"hotline\.numbers\.95009\.language: 'de' is not one of"),
        ({"hours": ["always"]}, r"hotline\.numbers\.95009\.hours: 'always' is not a span"),
        ({"queues": "orders"}, r"hotline\.numbers\.95009\.queues: unknown key \(did you mean \"queue\"\?\)"),
        ({"menu": "a b"}, r"hotline\.numbers\.95009\.menu: 'a b' is not written as expected"),
    ],
)
def test_a_numbers_table_that_is_none(table: dict[str, Any], sentence: str):
    with pytest.raises(BadConfiguration, match=sentence):
        house(WEEK, hotline={"numbers": {"95001": "zh", "95009": table}})


def test_a_number_as_a_table_is_a_number_like_any_other():
    config = house(WEEK, hotline={"numbers": {"95001": "zh", "95009": {"language": "zh", "queue": "emergency"}}})
    assert config.numbers == {"95001": "zh", "95009": "zh"}
    table = config.number_table("95009")
    assert table is not None
    assert table.queue == "emergency"
    assert config.number_table("95001") is None


# --- when it opens ---


@pytest.mark.parametrize(
    ("hours", "when", "opens"),
    [
        (WEEK, "2026-11-20T10:00", "2026-11-20T10:00"),
        (WEEK, "2026-11-20T20:00", "2026-11-21T09:00"),
        (WEEK, "2026-11-20T03:00", "2026-11-20T08:00"),
        (["mon 09:00-10:00"], "2026-11-20T10:00", "2026-11-23T09:00"),
        (NIGHT, "2026-11-21T03:00", "2026-11-21T03:00"),
        (WEEK, "2025-09-30T20:00", "2025-10-09T08:00"),  # over the holidays
    ],
)
def test_the_next_opening(hours: list[str], when: str, opens: str):
    assert house(hours, CHINA).next_open(at(when)) == at(opens)


def test_hours_of_a_queue_and_a_number_that_never_meet():
    config = house(
        WEEK,
        queues={"orders": {**QUEUES["orders"], "hours": ["mon 09:00-10:00"]}},
        hotline={"numbers": {"95003": {"hours": ["tue 09:00-10:00"]}}},
    )
    assert config.next_open(at("2026-11-20T10:00"), "orders", "95003") is None


def test_callbacks_go_by_the_same_days():
    """What the engine is told of hours says of every hour of a year what the configuration says."""
    today = datetime.now(SHANGHAI).date()
    corrected = {
        (today + timedelta(days=3)).isoformat(): "closed",
        (today + timedelta(days=5)).isoformat(): ["10:00-12:00"],
    }
    config = house([*WEEK, "sun 22:00-02:00"], {"country": "CN", "days": corrected})
    rules = config.calls_out_rules()
    midnight = datetime.combine(today, datetime.min.time(), SHANGHAI)
    for hour in range(24 * 60):
        local = midnight + timedelta(hours=hour)
        naive = local.replace(tzinfo=UTC)  # as the engine's clock: local time without its zone
        assert (next_hour(rules, naive) == naive) is config.is_open(local), local


def test_hours_that_never_come_hold_nothing_back():
    never = CallsOut(hours=(), dates=(("2026-01-01", ()),))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert next_hour(never, now) == now


# --- what an operator sets for today ---

SET = {"": {"open": False, "until": "2026-11-20T06:00:00+00:00", "zh": "停电", "en": "Power cut", "by": "li"}}


def test_an_operator_closes_the_hotline_for_some_hours():
    state = open_now(house(WEEK), SET, at("2026-11-20T10:00"), "orders")
    assert not state.open
    assert state.next_open == at("2026-11-20T14:00")
    assert state.prompt == words_prompt("停电", "Power cut")
    assert open_now(house(WEEK), SET, at("2026-11-20T14:00"), "orders").open


def test_what_is_set_for_a_queue_goes_before_what_is_set_for_all():
    both = {**SET, "orders": {**SET[""], "open": True}}
    assert open_now(house(WEEK), both, at("2026-11-20T10:00"), "orders").open
    assert not open_now(house(WEEK), both, at("2026-11-20T10:00"), "sales").open


def test_an_operator_opens_out_of_hours():
    late = {"": {**SET[""], "open": True, "until": "2026-11-20T14:00:00+00:00"}}
    assert open_now(house(WEEK), late, at("2026-11-20T21:00"), "orders").open
    assert not open_now(house(WEEK), late, at("2026-11-20T22:00"), "orders").open
