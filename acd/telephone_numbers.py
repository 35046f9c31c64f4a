"""One telephone number in every writing: as carriers send it, customers key it and operators write it.

    canonical("013800001111", "CN")        "+8613800001111": so are 13800001111, 8613800001111, +86 138 0000 1111, 0086138…
    canonical("447911123456", "CN")        "+447911123456": a carrier that leaves the plus out
    canonical("95588", "CN")               "95588": a short number, which has no international form
    canonical("anonymous", "CN")           "": no number
    shown("+8613800001111", "CN")          "13800001111"
    keyed("+447911123456", "CN")           "00447911123456": as a telephone without a plus dials it

What is compared, counted and kept is the canonical form: ITU-T E.164 with its plus where the number is a valid one by the
numbering plans of the library phonenumbers (Google's libphonenumber), or has the length of a mobile number at home; else
the digits as they came. `country` is the ISO 3166-1 code of the country whose numbers are written without a country code.
The plans of other countries are read at their first use, some milliseconds each; everything else here takes a tenth of a
millisecond.

A `Numbering` is how one hotline reads numbers: its country, and the numbers that stand for nobody.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, shortnumberinfo

Kind = Literal["mobile", "fixed", "free", "shared-cost", "premium", "satellite", "other", "short", "none"]

UNKNOWN = "unknown"
"""The caller who is nobody in particular: the number is withheld, no number, or one that stands for nobody."""
LONGEST = 20
"""Digits. E.164 has 15 at most; carriers put a prefix of their own before them."""
_SEPARATORS = re.compile(r"[\s().\-/]")
_WRITTEN = re.compile(rf"\+?[0-9]{{2,{LONGEST}}}")
SHORT = 6
"""Digits of a short number at most: 12345, 95588, 116117."""
BEYOND_COUNTRIES = ("870", "881", "882", "883", "878", "888", "979")
"""Country codes that belong to no country (ITU-T E.164 list of assigned codes): satellites, networks, services of all kinds. Calls
there cost many times the price of a mobile."""
_KINDS: dict[int, Kind] = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile",
    PhoneNumberType.TOLL_FREE: "free",
    PhoneNumberType.SHARED_COST: "shared-cost",
    PhoneNumberType.PREMIUM_RATE: "premium",
}


def is_country(code: str) -> bool:
    """Whether this is the ISO 3166-1 code of a country whose numbers are known, as CN."""
    return code in phonenumbers.SUPPORTED_REGIONS


def code_of(country: str) -> str:
    """The country code, as "86"."""
    return str(phonenumbers.country_code_for_region(country))


def parsed_e164(number: str) -> PhoneNumber | None:
    """The library's reading of a canonical number with a plus; None of any other, and where no country has the code."""
    if not number.startswith("+"):
        return None
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=20_000)
def canonical(text: str, country: str) -> str:
    """The number in the one form; empty for what is no number: letters, nothing, one digit, more than 20.

    A number that is valid in `country` is read so; else one that is valid with its country code and without the plus. One
    that no plan knows and that is as long as a mobile number of `country` is read as one: new ranges are in use before the
    library has them.
    """
    written = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not _WRITTEN.fullmatch(written):
        return ""
    number = _valid(written, country)
    if number is not None:
        return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    if short := _short(written, country):
        return short
    number = _like_a_mobile(written, country)
    if number is not None:
        return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    return f"+{written[2:]}" if written.startswith("00") and written.strip("0") and len(written) > SHORT else written


@lru_cache(maxsize=20_000)
def shown(number: str, country: str) -> str:
    """The number as people in `country` dial it: theirs without a country code, with the 0 of a fixed line; all others with
    their plus. What is no canonical number comes out as it is."""
    parsed = (_valid(number, country) or _like_a_mobile(number, country)) if number.startswith("+") else None
    if parsed is None or parsed.country_code != phonenumbers.country_code_for_region(country):
        return number
    national = re.sub(r"\D", "", phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))
    return national if canonical(national, country) == number else number


@lru_cache(maxsize=20_000)
def keyed(number: str, country: str) -> str:
    """The number in digits only, as a telephone in `country` dials it: as `shown`, with the prefix for calls abroad in the
    place of a plus (00 in most countries). What is no canonical number comes out as it is."""
    national = shown(number, country)
    if not national.startswith("+"):
        return national
    parsed = _valid(number, country)
    dialled = phonenumbers.format_out_of_country_calling_number(parsed, country) if parsed is not None else ""
    digits = re.sub(r"\D", "", dialled)
    return digits if digits.endswith(number[1:]) else f"00{number[1:]}"


DialAs = Literal["national", "e164", "digits", "00"]
"""How a carrier wants called numbers written."""


def dialled_as(how: DialAs, number: str, country: str) -> str:
    """A number for a carrier that wants it so: "national" as `shown`, "e164" +8613800001111, "digits" 8613800001111, "00"
    008613800001111. A number that has no international form, as a short one, comes out as it is."""
    whole = canonical(number, country)
    if not whole.startswith("+"):
        return number
    return {"national": shown(whole, country), "e164": whole, "digits": whole[1:], "00": f"00{whole[1:]}"}[how]


def former_writings(number: str, country: str) -> tuple[str, ...]:
    """The canonical number and the other ways in which versions before the canonical form may have kept it: the digits as the
    carrier had sent them, without a plus."""
    digits, national = number.removeprefix("+"), shown(number, country)
    significant = digits.removeprefix(code_of(country))
    found = (number, digits, f"00{digits}", national, significant, f"0{significant}")
    return tuple(dict.fromkeys(each for each in found if each == number or canonical(each, country) == number))


def parts(text: str, country: str) -> tuple[str, ...]:
    """What to look for in canonical numbers, and in those of earlier versions, when somebody has typed a part of a number in
    any writing: digits, "%" for what a masked number hides. Empty where nothing of a number was typed."""
    typed = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"\+?[0-9*]*[0-9][0-9*]*", typed):
        return ()
    typed = re.sub(r"\*+", "%", typed)
    code = code_of(country)
    found = {typed.removeprefix("+")}
    if typed.startswith("+"):
        found.add(typed.removeprefix(f"+{code}"))
    elif typed.startswith("00"):
        found |= {typed[2:], typed[2:].removeprefix(code)}
    elif typed.startswith("0"):
        found.add(typed[1:])
    return tuple(sorted(each.removeprefix("+") for each in found if any(letter.isdigit() for letter in each)))


def beginnings(text: str, country: str) -> tuple[str, ...]:
    """How a canonical number, and one of an earlier version, begins that people in `country` write beginning with these digits."""
    code = f"+{code_of(country)}"
    found = (text, *(() if text.startswith("+") else (code + text, code + text.removeprefix("0"))))
    return tuple(dict.fromkeys(found))


def writings(number: str, country: str) -> tuple[str, ...]:
    """Every writing in which carriers send this number, the number as given first: with plus, 00 or nothing before the
    country code, and at home without it, with and without the 0 of a fixed line. Of no number, nothing.

    A short number, which has no international form, is sent with the country code by some carriers all the same.
    """
    whole = canonical(number, country)
    if not whole:
        return ()
    code = code_of(country)
    home = f"+{code}"
    if whole.startswith("+") and not whole.startswith(home):
        own = [whole, whole[1:], f"00{whole[1:]}"]
    else:
        national = whole.removeprefix(home)
        own = [f"{home}{national}", f"{code}{national}", f"00{code}{national}", f"0{national}", national]
    return tuple(dict.fromkeys(each for each in (number, *own) if len(each.removeprefix("+")) <= LONGEST))


@lru_cache(maxsize=20_000)
def kind(number: str, country: str) -> Kind:
    """What stands behind a number in any writing; "none" for what is no number, "other" where the plan does not say."""
    written = canonical(number, country)
    if not written:
        return "none"
    if not written.startswith("+"):
        return "short" if len(written) <= SHORT else "other"
    parsed = parsed_e164(written)
    if parsed is None:
        return "other"  # No country has this code.
    if str(parsed.country_code) in BEYOND_COUNTRIES:
        return "satellite"
    return _KINDS.get(phonenumbers.number_type(parsed), "other")


def is_emergency(number: str, country: str) -> bool:
    """Whether an emergency service would answer, in any writing a caller may try: 110, +86110, 0086110, 010-110, 86110, 0110;
    also the numbers that every mobile network takes for one (3GPP TS 22.101, 10.1: 112, 911, 000, 08, 118, 119, 999)."""
    written = _SEPARATORS.sub("", unicodedata.normalize("NFKC", number))
    return any(
        each in _EVERYWHERE or shortnumberinfo.is_emergency_number(each, country)
        for each in _readings(written, country)
    )


_EVERYWHERE = {"112", "911", "000", "08", "110", "118", "119", "999", "120", "122"}
"""Emergency numbers of mobile networks anywhere, and those of China: police 110, fire 119, ambulance 120, traffic police 122."""


def _readings(written: str, country: str) -> set[str]:
    """The number, and what is left of it without each prefix that a network may take off."""
    code = code_of(country)
    found = {written}
    todo = [written]
    while todo:
        one = todo.pop()
        for prefix in ("+", "00", code, "0"):
            rest = one.removeprefix(prefix)
            if rest != one and len(rest) >= 2 and rest not in found:
                found.add(rest)
                todo.append(rest)
    return found


def _short(written: str, country: str) -> str:
    """A short number without what somebody put before it, and what it is dialled without: the country code, or the plus
    that some carriers send with every number; else empty."""
    if not written.startswith(("+", "00")):
        return ""
    digits = written.removeprefix("+").removeprefix("00")
    code = code_of(country)
    rest = digits.removeprefix(code)
    for each in (rest, digits):
        if 3 <= len(each) <= SHORT and not each.startswith("0"):
            return each
    return ""


def _like_a_mobile(written: str, country: str) -> PhoneNumber | None:
    """A number of `country` that is as long as its mobile numbers, and which no plan knows."""
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    at_home = number.country_code == phonenumbers.country_code_for_region(country) and not number.extension
    return number if at_home and phonenumbers.is_possible_number_for_type(number, PhoneNumberType.MOBILE) else None


def _valid(written: str, country: str) -> PhoneNumber | None:
    """The number where a numbering plan knows it: read at home, without zeros that came twice, with its plus left out, or
    as one of home with a plus before it."""
    bare = written.lstrip("+")
    for text, region in ((written, country), (f"+{bare.lstrip('0')}", None), (bare, country)):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if number.extension:
            continue
        if not phonenumbers.is_valid_number(number) and number.italian_leading_zero:
            number.italian_leading_zero = None
            number.number_of_leading_zeros = None
        if phonenumbers.is_valid_number(number):
            return number
    return None


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a hotline reads telephone numbers."""

    country: str = "CN"
    """ISO 3166-1 code of the country whose numbers are written without a country code."""
    nobody: frozenset[str] = frozenset()
    """Canonical numbers that no person has: what carriers send for a caller who has none, and our own."""

    @classmethod
    def of(cls, country: str, nobody: Iterable[str] = ()) -> Self:
        """`nobody`: in any writing; what is no number is left out."""
        return cls(country, frozenset(canonical(each, country) for each in nobody) - {""})

    def number(self, written: str) -> str:
        """The canonical number; empty for what is none."""
        return canonical(written, self.country)

    def caller(self, written: str) -> str:
        """The canonical number of the person who calls; "unknown" for nobody."""
        number = canonical(written, self.country)
        return number if number.strip("+0") and number not in self.nobody else UNKNOWN

    def shown(self, number: str) -> str:
        """As people here write it; a word, as "unknown", as it is."""
        return shown(number, self.country)

    def keyed(self, number: str) -> str:
        """In digits only, as a telephone here dials it."""
        return keyed(number, self.country)

    def former_writings(self, number: str) -> tuple[str, ...]:
        """See `former_writings`."""
        return former_writings(number, self.country)

    def beginnings(self, text: str) -> tuple[str, ...]:
        """See `beginnings`."""
        return beginnings(text, self.country)

    def parts(self, text: str) -> tuple[str, ...]:
        """See `parts`."""
        return parts(text, self.country)
