"""One telephone number in every writing: as carriers send it, customers key it and operators write it.

    canonical("013800001111", "CN")        "+8613800001111": so are 13800001111, 8613800001111, +86 138 0000 1111, 0086138…
    canonical("447911123456", "CN")        "+447911123456": a carrier that leaves the plus out
    canonical("95588", "CN")               "95588": a short number, which has no international form
    canonical("anonymous", "CN")           "": no number
    shown("+8613800001111", "CN")          "13800001111"

What is compared, counted and kept is the canonical form: ITU-T E.164 with its plus where the number is a valid one by the
numbering plans of the library phonenumbers (Google's libphonenumber), else the digits as they came. `country` is the
ISO 3166-1 code of the country whose numbers are written without a country code. The plans of other countries are read at
their first use, some milliseconds each; everything else here takes a tenth of a millisecond.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, shortnumberinfo

Kind = Literal["mobile", "fixed", "free", "shared-cost", "premium", "satellite", "other", "short", "none"]

LONGEST = 20
"""Digits. E.164 has 15 at most; carriers put a prefix of their own before them."""
_SEPARATORS = re.compile(r"[\s().\-/]")
_WRITTEN = re.compile(rf"\+?[0-9]{{2,{LONGEST}}}")
_SHORT = 6
"""Digits of a short number at most: 12345, 95588, 116117."""
_BEYOND_COUNTRIES = (870, 881, 882, 883, 878, 888, 979)
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


@lru_cache(maxsize=20_000)
def canonical(text: str, country: str) -> str:
    """The number in the one form; empty for what is no number: letters, nothing, one digit, more than 20.

    A number that is valid in `country` is read so; else one that is valid with its country code and without the plus.
    """
    written = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not _WRITTEN.fullmatch(written):
        return ""
    number = _valid(written, country)
    if number is not None:
        return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    short = _short(written, country)
    return short or written


@lru_cache(maxsize=20_000)
def shown(number: str, country: str) -> str:
    """The number as people in `country` dial it: theirs without a country code, with the 0 of a fixed line; all others with
    their plus. What is no canonical number comes out as it is."""
    parsed = _valid(number, country) if number.startswith("+") else None
    if parsed is None or parsed.country_code != phonenumbers.country_code_for_region(country):
        return number
    return re.sub(r"\D", "", phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))


@lru_cache(maxsize=20_000)
def kind(number: str, country: str) -> Kind:
    """What stands behind a number in any writing; "none" for what is no number, "other" where the plan does not say."""
    written = canonical(number, country)
    if not written:
        return "none"
    if not written.startswith("+"):
        return "short" if len(written) <= _SHORT else "other"
    parsed = phonenumbers.parse(written, None)
    if parsed.country_code in _BEYOND_COUNTRIES:
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
    code = str(phonenumbers.country_code_for_region(country))
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
    """A short number without the country code that somebody put before it, which is dialled without; else empty."""
    international = written.startswith(("+", "00"))
    digits = written.removeprefix("+").removeprefix("00") if international else written
    code = str(phonenumbers.country_code_for_region(country))
    rest = digits.removeprefix(code) if international else digits
    return rest if 2 <= len(rest) <= _SHORT and rest.isdigit() and (rest != digits or not international) else ""


def _valid(written: str, country: str) -> PhoneNumber | None:
    """The number where a numbering plan knows it: read at home, without zeros that came twice, or with its plus left out."""
    for text, region in ((written, country), (f"+{written.lstrip('+0')}", None)):
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
