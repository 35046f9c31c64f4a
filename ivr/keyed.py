"""What callers must not key, recognised from the digits alone: identity-card numbers and whole payment-card numbers.

Nobody asks for them. A caller who keys one all the same is told so, and the digits go nowhere: to no daemon, into no log. The same
rules stand for what people write in acd/context_card/guard.py, which also reads numbers out of texts.
"""

from datetime import date
from typing import Literal

LONGEST = 20
"""Digits of an entry. Orders and tickets have no more; whoever keys more has keyed something else."""
Forbidden = Literal["", "identity-card", "card", "too-long"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643, of the first 17 digits."""
_CHECKS = "10X98765432"


def forbidden(keyed: str, most: int = LONGEST) -> Forbidden:
    """What these keys are that nobody may key; "": they may be taken. `most`: digits of what was asked for.

    A star in the last place of 18 counts as the X of an identity-card number: a telephone has no X.
    """
    if is_identity_card(keyed):
        return "identity-card"
    if is_payment_card(keyed):
        return "card"
    return "too-long" if len(keyed) > most else ""


def is_identity_card(keyed: str) -> bool:
    """18 places with a day of birth and the right check digit, or the 15 digits of former days."""
    digits = keyed.replace("*", "X")
    if len(digits) == 15 and digits.isascii() and digits.isdigit():
        return digits[0] in "1234568" and _is_day(f"19{digits[6:12]}")
    if len(digits) != 18 or not (digits.isascii() and digits[:17].isdigit()) or digits[0] not in "1234569" + "78":
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(digits[:17], _WEIGHTS, strict=True)) % 11
    return digits[17] == _CHECKS[remainder] and _is_day(digits[6:14])


def is_payment_card(keyed: str) -> bool:
    """13 to 19 digits that begin as cards do (ISO 7812) and satisfy Luhn."""
    if not (13 <= len(keyed) <= 19 and keyed.isascii() and keyed.isdigit()) or keyed[0] not in "34569" + "2":
        return False
    if keyed[0] == "2" and (_is_day(keyed[:8]) or not "2200" <= keyed[:4] <= "2720"):
        return False  # an order's number that begins with its day
    digits = [int(digit) for digit in reversed(keyed)]
    doubled = [digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0


def _is_day(text: str) -> bool:
    try:
        return 1850 <= date(int(text[:4]), int(text[4:6]), int(text[6:8])).year <= 2100
    except ValueError:
        return False
