"""One person, one number: whatever the writing."""

import pytest

from acd.telephone_numbers import canonical, is_country, is_emergency, kind, shown

MOBILE = "+8613800001111"


@pytest.mark.parametrize(
    "written",
    [
        "13800001111", "013800001111", "8613800001111", "+8613800001111", "008613800001111", "+86013800001111",
        "86013800001111", "0086 138 0000 1111", "+86 (138) 0000-1111", "138.0000.1111", "１３８００００１１１１",
        "1795113800001111", "17951013800001111", "0086013800001111",
    ],
)  # fmt: skip
def test_one_mobile_in_every_writing(written: str):
    assert canonical(written, "CN") == MOBILE
    assert canonical(canonical(written, "CN"), "CN") == MOBILE


@pytest.mark.parametrize("written", ["01062345678", "1062345678", "861062345678", "+861062345678", "0086 10 6234 5678"])
def test_one_fixed_line_in_every_writing(written: str):
    assert canonical(written, "CN") == "+861062345678"
    assert shown(canonical(written, "CN"), "CN") == "01062345678"


@pytest.mark.parametrize("written", ["+447911123456", "00447911123456", "447911123456"])
def test_a_number_of_another_country_keeps_its_plus(written: str):
    assert canonical(written, "CN") == "+447911123456"
    assert shown("+447911123456", "CN") == "+447911123456"
    assert canonical("07911123456", "GB") == "+447911123456"
    assert shown("+447911123456", "GB") == "07911123456"


@pytest.mark.parametrize("written", ["95588", "+8695588", "008695588"])
def test_a_short_number_has_no_country_code(written: str):
    assert canonical(written, "CN") == "95588"
    assert shown("95588", "CN") == "95588"


@pytest.mark.parametrize(
    "written",
    ["", "1", "+", "anonymous", "unknown", "13800001111;ext=2", "+8613800001111x12", "1380000a111", "1" * 21, "\n", "++861"],
)  # fmt: skip
def test_what_is_no_number_is_nobody(written: str):
    assert canonical(written, "CN") == ""
    assert kind(written, "CN") == "none"


@pytest.mark.parametrize("written", ["99999999999", "12345678901234567890", "62345678"])
def test_digits_that_no_plan_knows_stay_as_they_came(written: str):
    assert canonical(written, "CN") == written
    assert kind(written, "CN") == "other"


def test_what_stands_behind_a_number():
    kinds = {
        "13800001111": "mobile", "01062345678": "fixed", "8008101234": "free", "4006009500": "shared-cost",
        "16812345": "premium", "+881612345678": "satellite", "+882161234567": "satellite", "882161234567": "satellite",
        "95588": "short", "+12125550123": "mobile", "+979123456789": "satellite",
    }  # fmt: skip
    assert {number: kind(number, "CN") for number in kinds} == kinds


@pytest.mark.parametrize(
    "written",
    ["110", "+86110", "0086110", "86110", "0110", "119", "120", "122", "112", "911", "999", "1 1 0", "+86 0110"],
)
def test_emergency_numbers_in_every_writing(written: str):
    assert is_emergency(written, "CN")


@pytest.mark.parametrize(
    "written", ["13800001111", "01011012345", "95588", "12345", "11012345678", "+12015550123", "4006009500"]
)
def test_a_number_that_only_begins_like_one_is_no_emergency_number(written: str):
    assert not is_emergency(written, "CN")


def test_countries():
    assert is_country("CN")
    assert is_country("DE")
    assert not is_country("XX")
    assert not is_country("china")
