"""The wall before every call out: what may be called back, what the configuration may name, what nothing opens."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.calls_out import CallsOut, dialled, forbidden, next_hour, no_callback, no_way_out, problem, same
from acd.telephone_numbers import canonical, kind
from tests.support.examples import examples

WALL = CallsOut(
    own=("95000", "+8695001"), never=("00", "160", "168", "86160", "86168"), numbers=("10086", "110", "+8610010")
)
OPEN = CallsOut(
    kinds=("mobile", "fixed", "free", "shared-cost"), allow=("+1", "+44", "+852xxxxxxxx", "+86", "+881612345678")
)
"""All that an operator can open, and more than they should."""


@pytest.mark.parametrize(
    "number", ["13800001111", "+8613800001111", "013800001111", "008613800001111", "02166668888", "+861062345678"]
)
def test_mobiles_and_fixed_lines_at_home_are_called_back_in_whatever_writing(number: str):
    assert no_callback(WALL, number) == ""
    assert dialled(WALL, number) in ("13800001111", "02166668888", "01062345678")


BARRED = {
    "emergency": [
        "110", "119", "120", "122", "112", "911", "999", "000", "+86110", "0086110", "86110", "0110", "021110", "+8621110",
        "0755119", "1101234", "11012345678", "11913800001111", "12119",
    ],
    "own-number": ["95000", "+95000", "95001", "8695001", "0095000", "008695001", "+8695000"],
    "short-number": ["10086", "12345", "95588", "02112345", "075595588", "139"],
    "premium": ["12590123", "+8612590123", "02116812345", "02112590123", "+862116012345"],
    "never-dial": ["16812345", "+8616812345", "8616012345", "00441234567890", "+447911123456", "447911123456", "+12025550123", "+881612345678"],
    "not-allowed": ["4006009500", "8008101234", "9996666", "66668888", "1900555123", "99999999999"],
    "no-number": ["", "1", "12", "unknown", "12a4", "1" * 16, "13800001111\n", "13800001111;ext=2", "+"],
}  # fmt: skip


@pytest.mark.parametrize(("why", "number"), [(why, number) for why, numbers in BARRED.items() for number in numbers])
def test_everything_else_is_refused(why: str, number: str):
    assert no_callback(WALL, number) == why


@pytest.mark.parametrize("number", BARRED["emergency"])
def test_no_setting_opens_an_emergency_number(number: str):
    for rules in (OPEN, CallsOut(allow=(number, f"+{number}", f"+86{number}"), numbers=(number,))):
        assert no_callback(rules, number) == no_way_out(rules, number) == forbidden(rules, number) == "emergency"


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+447911123456", ""), ("+12025550123", ""), ("+85298765432", ""), ("+8529876543", "not-allowed"), ("4006009500", ""),
        ("+449012345678", "premium"), ("+19005550123", "premium"), ("16812345", "premium"), ("+881612345678", ""),
        ("+8816123456789", "satellite"), ("+882161234567", "satellite"), ("12590123", "premium"), ("+33612345678", "not-allowed"),
    ],
)  # fmt: skip
def test_what_the_allow_list_opens_and_what_it_does_not(number: str, why: str):
    assert no_callback(OPEN, number) == why


def test_a_country_that_shares_a_code_is_another_country():
    home = CallsOut(country="US")
    assert no_callback(home, "2025550123") == ""
    assert no_callback(home, "8765551234") == no_callback(home, "+18765551234") == "not-allowed", "Jamaica"
    assert no_callback(CallsOut(country="GB"), "+441481960194") == "not-allowed", "Guernsey"
    assert no_callback(CallsOut(country="DE"), "03012345678") == ""


def test_a_caller_is_sent_on_to_a_number_of_the_configuration_and_to_no_other():
    assert no_way_out(WALL, "10086") == "", "a short number that the operator has named"
    assert no_way_out(WALL, "110") == "emergency", "whoever has named it"
    assert no_way_out(WALL, "13800001111") == "not-allowed", "which may be called back"
    assert no_way_out(CallsOut(), "10086") == "not-allowed"


def test_one_number_is_the_same_in_every_writing():
    assert same(WALL, "013800001111", "+8613800001111")
    assert not same(WALL, "13800001111", "13800001112")
    assert not same(WALL, "unknown", "unknown"), "nobody is not the same as nobody"


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ("+852", ""), ("+8621xxxxxxxx", ""), ("+881612345678", ""), ("852", "is not written"), ("+", "is not written"),
        ("+44x5", "is not written"), ("+86110", "emergency"), ("+110", "emergency"), ("+881", "satellites"),
        ("+8816xxxxxxxx", "satellites"), ("+86168", "never_dial"), ("+168", "never_dial"),
    ],
)  # fmt: skip
def test_an_entry_of_the_allow_list_says_what_is_wrong_with_it(entry: str, wrong: str):
    said = problem(entry, CallsOut(never=("168",)))
    assert wrong in said if wrong else said == ""
    assert not wrong or any(
        remedy in said for remedy in ("Take it away", "take it away", "Write", "take this entry away")
    )


def test_abroad_is_closed_by_00_alone_and_home_is_not():
    assert "never_dial" in problem("+852", WALL)
    assert problem("+8613", WALL) == ""


ANYTHING = st.one_of(
    st.text("0123456789", max_size=20),
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["", "+", "00", "0", "+86", "86", "0086", "+860", "17951", "12593", "021", "+1", "+44"]),
            st.sampled_from(["", "110", "119", "120", "168", "138", "139", "95000", "1259", "400", "10", "8816"]),
            st.text("0123456789", max_size=12),
        ),
    ),
)


@given(ANYTHING)
@settings(max_examples=examples(3000), deadline=None, derandomize=True, database=None)
def test_whatever_is_called_back_is_a_mobile_or_fixed_line_at_home_and_dialled_in_one_writing(number: str):
    if no_callback(WALL, number) != "":
        return
    out = dialled(WALL, number)
    assert kind(out, "CN") in ("mobile", "fixed")
    assert canonical(out, "CN").startswith("+86")
    assert no_callback(WALL, out) == "" and dialled(WALL, out) == out, "what is dialled passes too, as it is"
    assert len(out) >= 9 and not out.startswith(("00", "110", "119", "120", "122", "168", "160"))


MONDAY = datetime(2026, 11, 23)
WEEK = CallsOut(hours=((0, 4, 480, 1200), (5, 6, 540, 1080)))
"""mon-fri 08:00-20:00, sat-sun 09:00-18:00"""


@pytest.mark.parametrize(
    ("days", "hour", "minute", "opens"),
    [
        (0, 8, 0, (0, 8)), (0, 19, 59, (0, 19)), (0, 20, 0, (1, 8)), (0, 2, 11, (0, 8)), (4, 20, 30, (5, 9)),
        (6, 18, 0, (7, 8)), (5, 8, 59, (5, 9)),
    ],
)  # fmt: skip
def test_when_customers_may_be_called_again(days: int, hour: int, minute: int, opens: tuple[int, int]):
    at = MONDAY + timedelta(days=days, hours=hour, minutes=minute)
    begins = next_hour(WEEK, at)
    assert begins == at or (begins > at and begins.minute == 0)
    assert ((begins - MONDAY).days, begins.hour) == opens


def test_hours_that_run_over_the_end_of_the_week():
    rules = CallsOut(hours=((6, 0, 600, 660),))  # sun-mon 10:00-11:00
    assert next_hour(rules, MONDAY + timedelta(hours=12)) == MONDAY + timedelta(days=6, hours=10)
    assert next_hour(CallsOut(), MONDAY) == MONDAY, "without hours: always"
