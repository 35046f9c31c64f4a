"""What the numbering plans say of a number beyond its kind: the country, a public service, what may end at an emergency service.

Everything takes a number in any writing, and the ISO 3166-1 code of the country whose numbers are written without a country code.
The plans are those of the library phonenumbers (Google's libphonenumber).
"""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, shortnumberinfo

from acd.telephone_numbers import SHORT, canonical, code_of, is_emergency, parsed_e164

_MORE_EMERGENCY = {"CN": ("12119", "12395")}
"""Emergency numbers that the library does not name. China: forest fires, distress at sea."""


@lru_cache(maxsize=20_000)
def country_of(number: str, country: str) -> str:
    """The country of a number that a plan knows; empty for any other. Of +1 it tells Jamaica from the United States, of +44
    Guernsey from Britain."""
    parsed = _parsed(number, country)
    region = None if parsed is None else phonenumbers.region_code_for_number(parsed)
    return "" if region in (None, "001") else str(region)


def is_valid(number: str, country: str) -> bool:
    """Whether a plan knows this very number."""
    parsed = _parsed(number, country)
    return parsed is not None and bool(phonenumbers.is_valid_number(parsed))


@lru_cache(maxsize=20_000)
def behind_city(number: str, country: str) -> str:
    """The digits of a fixed line behind the code of its city; empty of any other number."""
    parsed = _parsed(number, country)
    city = 0 if parsed is None else phonenumbers.length_of_geographical_area_code(parsed)
    return str(phonenumbers.national_significant_number(parsed))[city:] if parsed is not None and city else ""


@lru_cache(maxsize=20_000)
def is_service(number: str, country: str) -> bool:
    """Whether it is a city's code and a short number behind it, as 021 12345: a public service, no person."""
    digits, region = behind_city(number, country), country_of(number, country)
    if not region or not 2 <= len(digits) <= SHORT:
        return False
    return bool(shortnumberinfo.is_valid_short_number_for_region(phonenumbers.parse(digits, region), region))


@lru_cache(maxsize=20_000)
def reaches_emergency(number: str, country: str) -> bool:
    """Whether an emergency service may answer: one dialled in any writing, one behind a city's code (021 110), and digits that
    begin as one and that no plan knows, which a gateway that dials digit by digit puts through after the third (110 1234)."""
    if is_emergency(number, country) or canonical(number, country) in _MORE_EMERGENCY.get(country, ()):
        return True
    if is_valid(number, country):
        return False
    digits = canonical(number, country).removeprefix("+")
    written = "".join(filter(str.isdigit, number))
    home = code_of(country)
    behind_0 = {each.lstrip("0").removeprefix(home) for each in (digits, written) if each.startswith(("0", home))}
    cities = (each[size:] for each in behind_0 for size in (2, 3, 4) if len(each) - size == 3)
    return any(is_emergency(each, country) for each in cities) or any(
        shortnumberinfo.connects_to_emergency_number(each, country) for each in (digits, written)
    )


def _parsed(number: str, country: str) -> PhoneNumber | None:
    return parsed_e164(canonical(number, country))
