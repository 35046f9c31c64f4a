"""Whole numbers, beyond the 9999 of `prompts.number_parts`; and numbers that are references, digit by digit."""

from ivr.prompts import number_parts
from ivr.step import PAUSE

MOST = 999_999_999
"""The largest whole number that is said."""


def whole(number: int, language: str, *, counts: bool = False) -> tuple[str, ...]:
    """The prompts of a whole number from 0 to MOST. ValueError beyond.

    `counts`: a measure word follows, so that a Chinese 2 alone is 两. 两 also stands before 万 and 亿.
    """
    if not 0 <= number <= MOST:
        raise ValueError(f"a number beyond {MOST} can't be said")
    if language == "zh":
        return _chinese(number, counts)
    return _english(number)


def _chinese(number: int, counts: bool) -> tuple[str, ...]:
    if number == 2 and counts:
        return ("number-liang",)
    parts: list[str] = []
    skipped = False
    for unit in (100_000_000, 10_000, 1):
        section, number = divmod(number, unit)
        if section == 0:
            skipped = bool(parts)
            continue
        if parts and (skipped or section < 1000):
            parts.append("number-0")
        skipped = False
        if section == 2 and unit > 1:
            parts.append("number-liang")
        else:
            # 10 is 十 at the beginning of a number, and 一十 within one.
            parts += ["number-1"] if parts and 10 <= section < 20 else []
            parts += number_parts(section, "zh")
        if unit > 1:
            parts.append(f"number-{unit}")
    return tuple(parts) or ("number-0",)


def _english(number: int) -> tuple[str, ...]:
    parts: list[str] = []
    for unit in (1_000_000, 1_000, 1):
        section, number = divmod(number, unit)
        if section == 0:
            continue
        if parts and unit == 1 and section < 100:
            parts.append("number-and")
        parts += number_parts(section, "en")
        if unit > 1:
            parts.append(f"number-{unit}")
    return tuple(parts) or ("number-0",)


def reference(text: str, language: str) -> tuple[str, ...]:
    """The digits of an order, ticket or telephone number one by one, in groups with a pause between. In Chinese 1 is 幺, as everybody
    says it in a row of digits. Letters and signs are left out; ValueError where no digit is left."""
    digits = "".join(letter for letter in text if letter in "0123456789")
    if not digits:
        raise ValueError("a reference without a digit can't be said")
    said: list[str] = []
    at = 0
    for size in groups(len(digits)):
        if said:
            said.append(PAUSE)
        said += (_digit(digit, language) for digit in digits[at : at + size])
        at += size
    return tuple(said)


def groups(length: int) -> tuple[int, ...]:
    """Sizes of the groups in which so many digits are said: threes before fours, as 138 0013 8000; up to four are one group."""
    if length <= 4:
        return (length,)
    if length == 5:
        return (3, 2)
    threes = -length % 4
    return (3,) * threes + (4,) * ((length - 3 * threes) // 4)


def _digit(digit: str, language: str) -> str:
    return "digit-1" if digit == "1" and language == "zh" else f"number-{digit}"
