"""How numbers, durations and lists stand in a sentence."""

from collections.abc import Mapping
from typing import Any

Detail = Mapping[str, Any]

LONGEST = 120
"""Characters of a note that a sentence shows."""


def masked(number: str) -> str:
    """`13812341111` as `138****1111`; a short number keeps its last two digits, a word stays."""
    if not number.lstrip("+").isdigit():
        return number
    if len(number) < 8:
        return "*" * max(0, len(number) - 2) + number[-2:]
    return f"{number[:3]}****{number[-4:]}"


def who_calls(detail: Detail) -> str:
    """The caller's number, masked; "withheld" where the caller does not want it to be shown; "unknown"."""
    return "withheld" if detail.get("withheld") else masked(str(detail.get("caller", "")))


def seconds(detail: Detail, key: str) -> str:
    """`3.5 s`."""
    value = detail.get(key)
    return f"{float(value):.1f} s" if value is not None else "? s"


def cropped(text: Any) -> str:
    """What a person wrote, on one line, and no longer than a sentence: the whole stands on the card."""
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def clock(value: float) -> str:
    """`75` as `1:15`."""
    whole = round(value)
    return f"{whole // 60}:{whole % 60:02d}"


def listed(value: Any, none: str) -> str:
    """Names joined; `none` where there are none."""
    if isinstance(value, str):
        return value or none
    return ", ".join(str(each) for each in value or ()) or none


def levels(value: Any) -> str:
    """Skills with their levels: `billing 3, english 1`, from a table or from pairs."""
    pairs = value.items() if isinstance(value, Mapping) else value or ()
    return ", ".join(f"{skill} {level}" for skill, level in pairs)


def required(detail: Detail) -> dict[str, int]:
    """What is required in the call's own queue, from a row that says what it changed."""
    any_of = detail.get("required") or [{"skills": {}}]
    return dict(any_of[0]["skills"])


def alternatives(detail: Detail) -> list[str]:
    """The other queues whose agents are asked too."""
    return [str(each["queue"]) for each in detail.get("required", ())[1:]]
