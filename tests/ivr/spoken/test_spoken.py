"""Numbers, references, money, days and times as they are said in both languages."""

from datetime import date, time, timedelta

import pytest

from ivr.prompts import read_texts
from ivr.spoken.dates import clock, day, year
from ivr.spoken.money import minor_units, money
from ivr.spoken.numbers import MOST, groups, reference, whole
from ivr.step import PAUSE

TEXTS = {language: read_texts(language).numbers for language in ("zh", "en")}
TODAY = date(2026, 11, 29)  # a Sunday


def said(words: tuple[str, ...], language: str) -> str:
    """As it is heard; a pause is a comma."""
    texts = [", " if word == PAUSE else TEXTS[language][word] for word in words]
    if language == "zh":
        return "".join(text.strip() for text in texts)
    return " ".join(text.strip() for text in texts).replace(" ,", ",")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"), (2, "两"), (12, "十二"), (22, "二十二"), (10000, "一万"), (20000, "两万"), (10001, "一万零一"),
        (10010, "一万零一十"), (12345, "一万二千三百四十五"), (100000, "十万"), (110000, "十一万"), (1050000, "一百零五万"),
        (100000000, "一亿"), (100000005, "一亿零五"), (200500000, "两亿零五十万"), (100012000, "一亿零一万二千"),
    ],
)  # fmt: skip
def test_large_chinese_numbers(number: int, words: str):
    assert said(whole(number, "zh", counts=True), "zh") == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"), (999, "nine hundred and ninety nine"), (1000, "one thousand"), (12345, "twelve thousand three hundred and forty five"),
        (1000001, "one million and one"), (2000050, "two million and fifty"), (100100, "one hundred thousand one hundred"),
        (999999999, "nine hundred and ninety nine million nine hundred and ninety nine thousand nine hundred and ninety nine"),
    ],
)  # fmt: skip
def test_large_english_numbers(number: int, words: str):
    assert said(whole(number, "en"), "en") == words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_up_to_the_bound_can_be_said(language: str):
    for number in (*range(0, 30_000, 7), *range(0, MOST, 7_654_321), MOST):
        assert said(whole(number, language), language)
    for number in (-1, MOST + 1):
        with pytest.raises(ValueError, match="can't be said"):
            whole(number, language)


@pytest.mark.parametrize(
    ("length", "sizes"),
    [(1, (1,)), (4, (4,)), (5, (3, 2)), (6, (3, 3)), (7, (3, 4)), (8, (4, 4)), (9, (3, 3, 3)), (10, (3, 3, 4)), (11, (3, 4, 4)),
     (12, (4, 4, 4)), (13, (3, 3, 3, 4)), (20, (4, 4, 4, 4, 4))],
)  # fmt: skip
def test_groups_of_a_reference(length: int, sizes: tuple[int, ...]):
    assert groups(length) == sizes
    assert sum(groups(length)) == length


def test_a_reference_is_said_digit_by_digit_in_groups():
    assert said(reference("13800138000", "zh"), "zh") == "幺三八,零零幺三,八零零零"
    assert said(reference("SO-2026 1103", "en"), "en") == "two zero two six, one one zero three"
    with pytest.raises(ValueError, match="without a digit"):
        reference("SO-", "zh")


@pytest.mark.parametrize(
    ("amount", "currency", "zh", "en"),
    [
        ("0", "CNY", "零元", "zero yuan"),
        ("2", "CNY", "两元", "two yuan"),
        ("12.30", "CNY", "十二元三角", "twelve point three yuan"),
        ("12.34", "CNY", "十二元三角四分", "twelve point three four yuan"),
        ("100.05", "CNY", "一百元零五分", "one hundred point zero five yuan"),
        ("0.5", "CNY", "五角", "zero point five yuan"),
        ("0.20", "CNY", "两角", "zero point two yuan"),
        ("0.02", "CNY", "两分", "zero point zero two yuan"),
        ("3.20", "CNY", "三元二角", "three point two yuan"),
        ("-45.60", "CNY", "负四十五元六角", "minus forty five point six yuan"),
        ("12345.6", "CNY", "一万二千三百四十五元六角", "twelve thousand three hundred and forty five point six yuan"),
        ("1", "USD", "一美元", "one dollar"),
        ("12.34", "USD", "十二美元三十四美分", "twelve dollars and thirty four cents"),
        ("2.05", "USD", "两美元零五美分", "two dollars and five cents"),
        ("0.01", "USD", "一美分", "one cent"),
    ],
)
def test_amounts(amount: str, currency: str, zh: str, en: str):
    assert said(money(minor_units(amount), currency, "zh"), "zh") == zh
    assert said(money(minor_units(amount), currency, "en"), "en") == en


@pytest.mark.parametrize(
    "text", ["", "twelve", "1e9", "1.234", "1,5", "9999999999", "1.", ".5", "--1", "1 2", "１２", "NaN"]
)
def test_what_is_no_amount(text: str):
    with pytest.raises(ValueError, match="amount"):
        minor_units(text)
    with pytest.raises(ValueError, match="currency"):
        money(100, "XYZ", "zh")


@pytest.mark.parametrize(
    ("away", "zh", "en"),
    [
        (0, "今天", "today"), (1, "明天", "tomorrow"), (-1, "昨天", "yesterday"),
        (2, "十二月一号星期二", "Tuesday December the first"), (6, "十二月五号星期六", "Saturday December the fifth"),
        (-6, "十一月二十三号星期一", "Monday November the twenty third"), (7, "十二月六号", "December the sixth"),
        (33, "二零二七年一月一号", "January the first twenty twenty seven"),
    ],
)  # fmt: skip
def test_days(away: int, zh: str, en: str):
    when = TODAY + timedelta(days=away)
    assert said(day(when, TODAY, "zh"), "zh") == zh
    assert said(day(when, TODAY, "en"), "en") == en


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [(2026, "二零二六年", "twenty twenty six"), (2009, "二零零九年", "two thousand and nine"), (1905, "一九零五年", "nineteen oh five"),
     (1900, "一九零零年", "nineteen hundred"), (2000, "二零零零年", "two thousand"), (2110, "二一一零年", "twenty one ten")],
)  # fmt: skip
def test_years(number: int, zh: str, en: str):
    assert said(year(number, "zh"), "zh") == zh
    assert said(year(number, "en"), "en") == en


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        ("00:00", "凌晨零点", "midnight"), ("00:30", "凌晨零点半", "twelve thirty A M"), ("02:00", "凌晨两点", "two A M"),
        ("09:05", "上午九点零五分", "nine oh five A M"), ("08:30", "上午八点半", "eight thirty A M"), ("12:00", "中午十二点", "noon"),
        ("12:15", "中午十二点十五分", "twelve fifteen P M"), ("14:00", "下午两点", "two P M"), ("15:20", "下午三点二十分", "three twenty P M"),
        ("20:00", "晚上八点", "eight P M"), ("23:59", "晚上十一点五十九分", "eleven fifty nine P M"),
    ],
)  # fmt: skip
def test_times_of_day(when: str, zh: str, en: str):
    assert said(clock(time.fromisoformat(when), "zh"), "zh") == zh
    assert said(clock(time.fromisoformat(when), "en"), "en") == en


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_day_and_minute_has_its_prompts(language: str):
    for days in range(800):
        assert said(day(TODAY + timedelta(days=days - 400), TODAY, language), language)
    for minute in range(24 * 60):
        assert said(clock(time(minute // 60, minute % 60), language), language)
