"""Calls of a person, by whatever somebody types of the number.

Rows hold canonical numbers (acd/telephone_numbers.py); those of versions before that hold the digits as the carrier had sent
them. Both are looked for. A number that the caller withholds finds nothing, for the answer would tell it.
"""

import re

from sqlalchemy import ColumnElement, and_, or_

from acd.store.tables import CallRow
from acd.telephone_numbers import UNKNOWN, Numbering

WITHHELD = "withheld"
"""What people read, and may type, in the place of a number that is withheld."""


_MASKED = re.compile(r"(\+?[0-9]{2,3})\*{4}([0-9]{4})")
"""As lists show a number (acd/words): who types that learns nothing more."""
LAST_DIGITS = 4
"""What a customer says when asked for "the last four digits", and what a masked number shows."""


def by_caller(typed: str, numbering: Numbering, *, parts: bool = True) -> ColumnElement[bool]:
    """Calls whose caller's number is this one, or holds this part of one, in any writing: separators, a masked number's stars,
    and words in the place of a number ("unknown", "withheld") too.

    Without `parts` the whole number or its last four digits: for who sees numbers masked, a search for parts would tell one digit
    after the other.
    """
    if typed.strip() == WITHHELD:
        return CallRow.withheld.is_(True)
    known = numbering.number(typed)
    ways: list[ColumnElement[bool]] = []
    if parts:
        ways += [CallRow.caller.like(f"%{part}%") for part in numbering.parts(typed)]
    elif len(typed) == LAST_DIGITS and typed.isascii() and typed.isdigit():
        ways.append(CallRow.caller.endswith(typed))
    elif mask := _MASKED.fullmatch(typed):
        # From its beginning to its end, or its digits could be moved along the number.
        ways += [CallRow.caller.like(f"{begin}%{mask[2]}") for begin in numbering.beginnings(mask[1])]
    if known:
        ways.append(CallRow.caller.in_(numbering.former_writings(known)))
    if not parts:
        ways.append(CallRow.caller == typed)
    elif not ways:
        ways.append(CallRow.caller.contains(typed, autoescape=True))
    return and_(or_(*ways), or_(CallRow.withheld.is_(False), CallRow.caller == UNKNOWN))
