"""The wall before every call that leaves the hotline: may this number be dialled, and how is it written then?

Three kinds of calls leave. *A callback* goes to a number that a caller keyed or called from: it must be on the allow-list (kinds of
numbers of the hotline's own country, and whole numbers or beginnings in E.164), and whatever is not on it is refused. *A caller
is sent on* (a row of a queue's policy, a transfer, a consult) to a number that stands in the configuration, and to no other.
*The hotline calls itself* at one of its own numbers, to try its trunk, and at no other. All are refused what is forbidden: emergency services, which no setting opens; our own numbers (but for the last kind); what `never` names; premium
numbers and satellites, unless the allow-list has that very number.

Everybody who lets a call out asks here: the checks of the configuration, the engine, the answer to the story that offers a
callback, and the last step before the INVITE (acd/pbx/actions/callbacks.py). The dialplan has the numbers of the configuration
one by one ([outside] in asterisk_conf/extensions_elsewhere.conf). Pure: the same rules and number give the same answer.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from acd import numbering_plans as plans
from acd.calling_hours import DatedSpans, Region, next_open
from acd.identifiers import is_dialable
from acd.telephone_numbers import BEYOND_COUNTRIES, DialAs, canonical, code_of, dialled_as, kind, shown

Why = Literal[
    "", "no-number", "own-number", "emergency", "never-dial", "premium", "satellite", "short-number", "not-allowed"
]
"""Why a number may not be dialled; empty: it may."""
AllowedKind = Literal["mobile", "fixed", "free", "shared-cost"]
ALLOWED = r"\+[1-9][0-9]{0,14}x{0,14}"
"""An entry of the allow-list: how numbers begin in E.164, as +852; with an x for each further digit the whole length, as
+8621xxxxxxxx."""
_ALLOWED = re.compile(ALLOWED)
_PREMIUM = {"CN": ("160", "168", "12590")}
"""Beginnings of premium numbers that the library's plan knows in some lengths only. China: the code numbers of the Ministry of
Industry and Information Technology's numbering plan (电信网编号计划)."""


@dataclass(frozen=True, slots=True)
class CallsOut:
    """What the operator allows. Without a setting: callbacks to mobiles and fixed lines of the own country, and no other call."""

    country: str = "CN"
    """ISO 3166-1: where numbers without a country code belong."""
    kinds: tuple[AllowedKind, ...] = ("mobile", "fixed")
    """Numbers of the own country that are called back."""
    allow: tuple[str, ...] = ()
    """Further numbers that are called back: see ALLOWED."""
    never: tuple[str, ...] = ()
    """How numbers begin that are never dialled."""
    own: tuple[str, ...] = ()
    """The hotline's own numbers."""
    numbers: tuple[str, ...] = ()
    """The outside numbers of the configuration: of transfers, of rows of queues' policies, and of agents."""
    at_a_time: int = 30
    """Calls out at a time, whoever began them."""
    per_hour: int = 300
    """Calls out within any 60 minutes."""
    per_day: int = 2000
    """Calls out within any 24 hours."""
    per_number: int = 10
    """Calls to one number within any 24 hours, for callbacks."""
    waiting_per_queue: int = 50
    """Callers of one queue who have hung up and wait for their callback."""
    hours: tuple[tuple[int, int, int, int], ...] = ()
    """When customers may be called back: first day, last day (0 is Monday), begin and end in minutes since midnight; an end above
    1440 is on the next day. Empty: always."""
    dates: DatedSpans = ()
    """The dates that are other than the week says: holidays, working weekends, half days."""
    regions: tuple[Region, ...] = ()
    """Customers who have hours of their own in the place of these."""


def no_callback(rules: CallsOut, number: str) -> Why:
    """Why a customer may not be called back at this number."""
    return _no_callback(rules, number)


def no_way_out(rules: CallsOut, number: str) -> Why:
    """Why a caller may not be sent on to this number, or an agent speak with it."""
    return forbidden(rules, number) or ("" if number in rules.numbers else "not-allowed")


def no_self_call(rules: CallsOut, number: str) -> Why:
    """Why the hotline may not call itself at this number. It may call its own numbers as the configuration writes them, and no
    other; what is forbidden to everybody stays so."""
    return forbidden(replace(rules, own=()), number) if number in rules.own else "not-allowed"


def forbidden(rules: CallsOut, number: str) -> Why:
    """Why this number may never be dialled, whoever asks."""
    return _forbidden(rules, number)


def dialled(rules: CallsOut, number: str, how: DialAs = "national") -> str:
    """How a number that may be called back is dialled over a trunk that wants it so: else one of the own country as people there
    dial it, another with its plus.

    A number has many writings (carrier codes and zeros before it); the carrier gets this one whatever the caller keyed.
    """
    return dialled_as(how, canonical(number, rules.country), rules.country)


def dialled_as_configured(rules: CallsOut, number: str, how: DialAs = "national") -> str:
    """How a number of the configuration is dialled over a trunk that wants it so; "national", which is also what a trunk without
    a setting wants: as it stands there.

    For callers who are sent on, consults, agents' outside numbers, and the hotline's calls to itself.
    """
    return number if how == "national" else dialled_as(how, number, rules.country)


def canonical_of(rules: CallsOut, number: str) -> str:
    """The number in the one form in which numbers are compared and kept; empty for what is none."""
    return canonical(number, rules.country)


def same(rules: CallsOut, one: str, other: str) -> bool:
    """Whether both are one number; what is no number is never the same."""
    return canonical_of(rules, one) != "" and canonical_of(rules, one) == canonical_of(rules, other)


def next_hour(rules: CallsOut, local: datetime) -> datetime:
    """The first moment, from this local time on, at which customers may be called back: that time itself within the hours.

    Hours that never come again, within 400 days, forbid nothing: the configuration that says so is warned of.
    """
    return next_open(rules.hours, rules.dates, local)


def problem(entry: str, rules: CallsOut) -> str:
    """What is wrong with an entry of the allow-list, with the remedy; empty when nothing is."""
    if not _ALLOWED.fullmatch(entry) or len(entry) > 16:
        return 'is not written as expected. Write how the numbers begin, with the country code, as "+852" or "+8621xxxxxxxx"'
    begin = entry.rstrip("x")
    if plans.reaches_emergency(begin, rules.country):
        return "is an emergency number, and no setting opens one. Take it away"
    home = code_of(rules.country)
    written = (begin[1:], f"00{begin[1:]}", begin[1:].removeprefix(home) if begin[1:].startswith(home) else "-")
    never = [each.removeprefix("+") for each in rules.never]
    abroad = "00" in never and not begin[1:].startswith(home)
    if abroad or any(each.startswith(entry) for entry in never if entry != "00" for each in written):
        return "is forbidden by routing.never_dial. Shorten that list, or take this entry away"
    whole = entry == begin and plans.is_valid(entry, rules.country)
    if begin[1:].startswith(BEYOND_COUNTRIES) and not whole:
        return (
            "opens satellites or networks that belong to no country, where a minute costs many times that of a mobile. "
            "Write each number in full, or take it away"
        )
    return ""


@lru_cache(maxsize=20_000)
def _no_callback(rules: CallsOut, number: str) -> Why:
    if why := _forbidden(rules, number):
        return why
    known = canonical(number, rules.country)
    if any(_matches(entry, known) for entry in rules.allow):
        return ""
    what = kind(known, rules.country)
    if what == "short" or plans.is_service(known, rules.country):
        return "short-number"
    if plans.country_of(known, rules.country) == rules.country and what in rules.kinds:
        return ""
    return "not-allowed"


@lru_cache(maxsize=20_000)
def _forbidden(rules: CallsOut, number: str) -> Why:
    known = canonical(number, rules.country)
    if not known or not is_dialable(number):
        return "no-number"
    if any(_writings(rules, number) & _writings(rules, own) for own in rules.own):
        return "own-number"
    if plans.reaches_emergency(number, rules.country):
        return "emergency"
    if why := _never(rules, number):
        return why
    if known in rules.allow:
        return ""  # The allow-list has this very number.
    what = kind(known, rules.country)
    if what == "satellite":
        return "satellite"
    beginnings = _PREMIUM.get(rules.country, ())
    written = (*_writings(rules, number), plans.behind_city(known, rules.country))
    if what == "premium" or any(each.startswith(beginnings) for each in written):
        return "premium"
    return ""


def _matches(entry: str, known: str) -> bool:
    begin = entry.rstrip("x")
    return known.startswith(begin) and (begin == entry or len(known) == len(entry))


@lru_cache(maxsize=2_000)
def _writings(rules: CallsOut, number: str) -> frozenset[str]:
    """The digits of the number in each writing that a carrier may take for the same one: with the code of the country and without
    it, with a 0 before it and without."""
    known = canonical(number, rules.country)
    digits = number.removeprefix("+")
    home = code_of(rules.country)
    found = {digits, known.removeprefix("+"), digits.removeprefix("00"), digits.removeprefix("00").removeprefix(home)}
    if known.startswith(f"+{home}"):
        found |= {shown(known, rules.country), known.removeprefix(f"+{home}")}
    return frozenset(each for each in found if each)


def _never(rules: CallsOut, number: str) -> Why:
    """Whether the number, in any of its writings, begins as `never` says.

    "00" alone means abroad. A plus is looked through: 86168 forbids +86168, and 0044 forbids +44.
    """
    known = canonical(number, rules.country)
    abroad = known.startswith("+") and not known.startswith(f"+{code_of(rules.country)}")
    for entry in rules.never:
        begin = entry.removeprefix("+")
        if begin == "00":
            if abroad or (number.removeprefix("+").startswith("00") and not known.startswith("+")):
                return "never-dial"
        elif any(each.startswith(begin) for each in _writings(rules, number)) or (
            known.startswith("+") and f"00{known[1:]}".startswith(begin)
        ):
            return "never-dial"
    return ""
