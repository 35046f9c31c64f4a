"""What must not be written down about a caller, recognised in what a person writes, and refused with what to do.

Least necessary (PIPL, PCI DSS): nobody needs a customer's identity-card number or whole card number in a note, so nobody
can write one there, however it is spelled: with spaces or dashes, in full-width digits, digit by digit.

A number is only refused when it is one: an identity-card number has a region, a day of birth and a check digit, a card
number begins as cards do and satisfies Luhn. Numbers of orders and telephones pass. Nothing about a password shows that it is
one: it is refused where the text says so ("password: x7...", "验证码 123456"); that one was wrong, or set anew, may be written.

Looking is linear in the text's length, whatever stands in it: it is done in the daemon's event loop, for every draft of every
agent. No pattern here has two repetitions that could share a character, and a number's checks are sums that are made once.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

LONGEST = 2_000
"""Characters of one text."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is refused."""

    code: str
    """"too-long", "control-character", "identity-card-number", "card-number", "password"."""
    remedy: str
    """What it is and what to do, in English."""
    remedy_zh: str


_TOO_LONG = Problem(
    "too-long",
    f"A text has at most {LONGEST:,} characters. Shorten it.",
    f"文字最多 {LONGEST} 个字符，请精简。",
)
_CONTROL = Problem(
    "control-character",
    "There is a control character in it. Take it out; line breaks and tabs may stay.",
    "文字中含有控制字符，请删除；换行和制表符可以保留。",
)
_IDENTITY = Problem(
    "identity-card-number",
    "There is an identity-card number in it. Take it out: write how the customer was verified, never the number.",
    "文字中含有身份证号码，请删除：只写核实方式，不写号码。",
)
_CARD = Problem(
    "card-number",
    "There is a whole card number in it. Take it out: the last four digits are enough.",
    "文字中含有完整的银行卡号，请删除：只写末四位即可。",
)

_PASSWORD = Problem(
    "password",
    "There is a password or a code in it. Take it out: nobody may know it. Ask the customer to reset it.",
    "文字中含有密码或验证码，请删除：任何人都不得知道，也不需要；请让客户重新设置。",
)

_SECRET = re.compile(
    r"(?:密 ?码|口令|验证码|校验码|安全码|动态码"
    r"|\b(?:password|passwd|passcode|passphrase|pwd|pin|otp|cvv2?|cvc2?|(?:security|verification|one-time) code)\b)"
    r" ?(?:(?:code|number|号) ?)?"
    # A word between them, then whatever has a digit in it; or three digits and more at once.
    r"(?:(?:[:=]|是|为|\bis\b|\bwas\b) ?[\"'“‘「]?(?=[!-~]{0,63}\d)[!-~]{3}|[\"'“‘「]?\d{3,8}(?![\w:/-]))",
    re.IGNORECASE,
)
"""A secret that the text itself calls so, in a text whose white space is single spaces. A year or a day after the word is none.
No password is longer than 64 characters without a digit in the first 64."""
_SPACES = re.compile(r"\s+")

_BETWEEN = r"[\s\u200b\u2060\ufeff\u00ad\-\u2010-\u2015\u2212_.·]{0,3}"
"""What people, and programs, put between the groups of a number."""
_NUMBER = re.compile(rf"(?<!\d)\d(?:{_BETWEEN}\d)*(?:{_BETWEEN}[xX](?![A-Za-z]))?")
_GROUP = re.compile(r"\d+|[xX]")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643: of the first 17 digits; the check digit is the remainder by 11, looked up here:"""
_CHECKS = "10X98765432"
_PROVINCES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
_REGIONS = frozenset(str(each) for first, last in _PROVINCES for each in range(first, last + 1))
_CARDS = re.compile(r"3[0-9]|4|5[0-8]|6|9|22[2-9]|2[3-6]|27[01]|2720|220[0-4]")
"""How a payment card's number begins (ISO 7812); a day's date, as 2024, does not."""
_GROUPS = ((4, 6, 5), (4, 6, 4), (6, 13), (6, 10), (6, 12), (6, 11), (8, 8), (4, 4, 4, 7), (4, 4, 4, 5))
"""How card numbers are written, beside groups of one length."""


def problem(text: str) -> Problem | None:
    """Why this must not be written; None: it may."""
    if len(text) > LONGEST:
        return _TOO_LONG
    if any(unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t" for each in text):
        return _CONTROL
    plain = unicodedata.normalize("NFKC", text)
    if _SECRET.search(_SPACES.sub(" ", plain)):
        return _PASSWORD
    for groups in _numbers(plain):
        if found := _forbidden(groups):
            return found
    return None


def _forbidden(groups: Sequence[str]) -> Problem | None:
    """Looks at every run of neighbouring groups that may be a whole number: the day before it is a number of its own.

    A run has 13 to 19 digits, so few runs begin with each group; and the sums by which most of them are no numbers are at hand.
    """
    digits = "".join(groups)
    sums = _luhn_sums(digits)
    place_of = {place: number for number, place in enumerate([0, *accumulate(map(len, groups))])}
    for begin, first in place_of.items():
        if (
            begin + 18 in place_of
            and digits[begin : begin + 2] in _REGIONS
            and _is_identity(digits[begin : begin + 18])
        ):
            return _IDENTITY
        if not _CARDS.match(digits, begin):
            continue
        for stop in range(begin + 13, begin + 20):
            if stop in place_of and not (sums[stop % 2][stop] - sums[stop % 2][begin]) % 10:
                found = groups[first : place_of[stop]]
                if len(set(digits[begin:stop])) > 1 and digits[begin:stop].isdigit() and _is_written_as_a_card(found):
                    return _CARD
    return None


def _luhn_sums(digits: str) -> tuple[list[int], list[int]]:
    """Luhn's sum of all digits before each place, of numbers that end at an even place, and of those that end at an odd one.

    The difference of two such sums is that of the digits between the two places. A letter counts as 0.
    """
    value = [int(each) if each.isdigit() else 0 for each in digits]
    doubled = [2 * each - 9 if each > 4 else 2 * each for each in value]
    # The last digit, and every second one before it, is taken as it is.
    return (
        [0, *accumulate(doubled[place] if place % 2 == 0 else value[place] for place in range(len(value)))],
        [0, *accumulate(doubled[place] if place % 2 else value[place] for place in range(len(value)))],
    )


def _numbers(text: str) -> Iterator[list[str]]:
    """Each number in the normalised text as its groups of digits, in plain digits."""
    plain = text if text.isascii() else "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    for found in _NUMBER.finditer(plain):
        yield _GROUP.findall(found[0].upper())


def _is_identity(number: str) -> bool:
    if not number[:17].isdigit() or number[:2] not in _REGIONS:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11
    return 1850 <= born.year <= 2100 and number[17] == _CHECKS[remainder]


def _is_written_as_a_card(groups: Sequence[str]) -> bool:
    sizes = tuple(len(each) for each in groups)
    same = all(a == b for a, b in pairwise(sizes[:-1])) and sizes[-1] <= sizes[0]
    return same or sizes in _GROUPS
