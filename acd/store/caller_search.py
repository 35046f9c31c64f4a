"""Calls of a person, by whatever somebody types of the number.

Rows hold canonical numbers (acd/telephone_numbers.py); those of versions before that hold the digits as the carrier had sent
them. Both are looked for. A number that the caller withholds finds nothing, for the answer would tell it.
"""

from sqlalchemy import ColumnElement, and_, or_

from acd.store.tables import CallRow
from acd.telephone_numbers import UNKNOWN, Numbering

WITHHELD = "withheld"
"""What people read, and may type, in the place of a number that is withheld."""


def by_caller(typed: str, numbering: Numbering) -> ColumnElement[bool]:
    """Calls whose caller's number is this one, or holds this part of one, in any writing: separators, a masked number's stars,
    and words in the place of a number ("unknown", "withheld") too."""
    if typed.strip() == WITHHELD:
        return CallRow.withheld.is_(True)
    known = numbering.number(typed)
    ways: list[ColumnElement[bool]] = [CallRow.caller.like(f"%{part}%") for part in numbering.parts(typed)]
    if known:
        ways.append(CallRow.caller.in_(numbering.former_writings(known)))
    if not ways:
        ways.append(CallRow.caller.contains(typed, autoescape=True))
    return and_(or_(*ways), or_(CallRow.withheld.is_(False), CallRow.caller == UNKNOWN))
