"""A caller's number as people see it: in the national writing, in full or masked; a word where there is none to see."""

from collections.abc import Mapping
from typing import Any

from acd.config import Config
from acd.telephone_numbers import Numbering
from acd.words import masked

WITHHELD = "withheld"
"""The caller does not want the number to be shown: nobody is shown it."""


def shown_caller(config: Config, caller: str, *, withheld: bool = False, in_full: bool = False) -> str:
    """`13800001111` or `138****1111` for +8613800001111; "withheld", "unknown"."""
    return _shown(config.numbering, caller, withheld=withheld, in_full=in_full)


def _shown(numbering: Numbering, caller: str, *, withheld: bool = False, in_full: bool = False) -> str:
    if withheld:
        return WITHHELD
    number = numbering.shown(caller)
    return number if in_full else masked(number)


def e164_of(config: Config, caller: str, *, withheld: bool) -> str:
    """The number for programs, with its plus; a short one as it is; empty where there is none to tell."""
    return "" if withheld else config.numbering.number(caller)


def shown_detail(numbering: Numbering, detail: Mapping[str, Any], *, in_full: bool) -> dict[str, Any]:
    """The detail of a log row with its numbers as people see them."""
    found = dict(detail)
    withheld = bool(found.get("withheld"))
    if isinstance(found.get("caller"), str):
        found["caller"] = _shown(numbering, found["caller"], withheld=withheld, in_full=in_full)
    if isinstance(found.get("number"), str):
        found["number"] = _shown(numbering, found["number"], in_full=in_full)
    if withheld or not in_full:
        found.pop("written", None)
    return found
