"""One person, one number: whatever the writing."""

import pytest

from acd.telephone_numbers import (
    UNKNOWN,
    DialAs,
    Numbering,
    canonical,
    dialled_as,
    former_writings,
    is_country,
    is_emergency,
    keyed,
    kind,
    parts,
    shown,
)

MOBILE = "+8613800001111"


@pytest.mark.parametrize(
    "written",
    [
        "13800001111", "013800001111", "8613800001111", "+8613800001111", "008613800001111", "+86013800001111",
        "86013800001111", "0086 138 0000 1111", "+86 (138) 0000-1111", "138.0000.1111", "１３８００００１１１１",
        "1795113800001111", "17951013800001111", "0086013800001111", "+13800001111", "+013800001111",
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


@pytest.mark.parametrize(
    "written", ["19400001111", "019400001111", "8619400001111", "+8619400001111", "008619400001111"]
)
def test_a_range_that_is_newer_than_the_library_is_one_number_too(written: str):
    assert canonical(written, "CN") == "+8619400001111"
    assert shown("+8619400001111", "CN") == "19400001111"
    assert kind(written, "CN") == "other"


@pytest.mark.parametrize("written", ["95588", "+8695588", "008695588", "+95588", "0095588"])
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


@pytest.mark.parametrize("written", ["12345678901234567890", "62345678", "+99912345678"])
def test_digits_that_no_plan_knows_stay_as_they_came(written: str):
    assert canonical(written, "CN") == written
    assert kind(written, "CN") == "other"


def test_a_plus_and_00_are_the_same_also_where_no_plan_knows_the_number():
    assert canonical("0099912345678", "CN") == canonical("+99912345678", "CN") == "+99912345678"


ALL = [
    ("13800001111", "CN"), ("01062345678", "CN"), ("4006009500", "CN"), ("95588", "CN"), ("+447911123456", "CN"), ("19400001111", "CN"),
    ("+99912345678", "CN"), ("62345678", "CN"), ("07911123456", "GB"), ("+8613800001111", "GB"), ("030 901820", "DE"), ("4155550123", "US"),
    ("06 6982", "IT"), ("011 15-2345-6789", "AR"), ("+8613800001111", "US"), ("8 (912) 345-67-89", "RU"), ("0912345678", "TW"),
]  # fmt: skip


@pytest.mark.parametrize("written, country", ALL)
def test_what_is_shown_and_what_is_keyed_is_the_same_number(written: str, country: str):
    number = canonical(written, country)
    assert number
    assert canonical(number, country) == number
    assert canonical(shown(number, country), country) == number
    assert canonical(keyed(number, country), country) == number
    assert keyed(number, country).isdigit()


@pytest.mark.parametrize("written, country", ALL)
def test_the_writings_of_a_number_are_all_that_number(written: str, country: str):
    number = canonical(written, country)
    assert former_writings(number, country)[0] == number
    assert {canonical(each, country) for each in former_writings(number, country)} == {number}


@pytest.mark.parametrize("written", ["13900009999", "8613900009999", "+8613900009999", "008613900009999"])
def test_a_carrier_gets_a_number_as_it_wants_it_written(written: str):
    wanted: dict[DialAs, str] = {
        "national": "13900009999",
        "e164": "+8613900009999",
        "digits": "8613900009999",
        "00": "008613900009999",
    }
    for how, number in wanted.items():
        assert dialled_as(how, written, "CN") == number
        assert dialled_as(how, "10086", "CN") == "10086", "a short number has no country code"
    assert dialled_as("national", "+4930123456", "CN") == "+4930123456"
    assert dialled_as("digits", "030 123456", "DE") == "4930123456"


def test_what_former_versions_have_kept_is_among_the_writings():
    kept = {"13800001111", "013800001111", "8613800001111", "008613800001111"}
    assert kept <= set(former_writings(MOBILE, "CN"))
    assert {"01062345678", "1062345678", "861062345678"} <= set(former_writings("+861062345678", "CN"))
    assert former_writings("unknown", "CN") == ("unknown",)


@pytest.mark.parametrize(
    "typed, in_number",
    [
        ("13800001111", MOBILE), ("+86138", MOBILE), ("0086138", MOBILE), ("86138", MOBILE), ("1111", MOBILE), ("138 0000", MOBILE),
        ("0138", MOBILE), ("138****1111", MOBILE), ("010-6234", "+861062345678"), ("010****5678", "+861062345678"),
        ("+86 138", "13800001111"), ("+44 79", "+447911123456"), ("0044", "+447911123456"),
    ],
)  # fmt: skip
def test_a_part_of_a_number_is_found_in_every_writing(typed: str, in_number: str):
    assert any(all(each in in_number for each in part.split("%")) for part in parts(typed, "CN"))


@pytest.mark.parametrize(
    "typed", ["", "billing", "c1760000000-42-1234", "+", "***", "1001a", "unknown", "%", "138%1111", "138_"]
)
def test_what_is_no_part_of_a_number_is_looked_for_as_none(typed: str):
    assert parts(typed, "CN") == ()


def test_who_calls():
    numbering = Numbering.of("CN", ["95000", "0755 1234 5678", "+8675512345679", "nonsense"])
    for writing in ("13800001111", "+8613800001111", "8613800001111"):
        assert numbering.caller(writing) == MOBILE
    assert numbering.caller("95588") == "95588"
    nobody = (
        "", "anonymous", "unknown", "Anonymous", "0", "00", "0000000000", "+0", "+00000", "95000", "+8695000", "+95000",
        "075512345678", "+8675512345678", "8675512345679",
    )  # fmt: skip
    for writing in nobody:
        assert numbering.caller(writing) == UNKNOWN, writing


def test_what_stands_behind_a_number():
    kinds = {
        "13800001111": "mobile", "01062345678": "fixed", "8008101234": "free", "4006009500": "shared-cost",
        "16812345": "premium", "+881612345678": "satellite", "+882161234567": "satellite", "882161234567": "satellite",
        "95588": "short", "+12125550123": "mobile", "+979123456789": "satellite",
    }  # fmt: skip
    assert {number: kind(number, "CN") for number in kinds} == kinds
    assert kind("+99912345678", "CN") == "other"


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
