"""How numbers, durations and lists stand in a sentence."""

import math
from collections.abc import Mapping
from typing import Any

Detail = Mapping[str, Any]

AT_ONCE_S = 1.0
"""Who waits again for less has not waited: an agent took the caller over."""
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
    """The caller's number, masked but where the page may show it in full; "withheld" where the caller does not want it to be shown;
    "unknown"."""
    if detail.get("withheld"):
        return "withheld"
    number = str(detail.get("caller", ""))
    return number if detail.get("in_full") else masked(number)


def seconds(detail: Detail, key: str, language: str = "en") -> str:
    """`3.5 s`, in Chinese `3.5 秒`; a question mark for a figure that the row does not have."""
    value = detail.get(key)
    unit = "秒" if language == "zh" else "s"
    return f"{tenths(float(value))} {unit}" if value is not None else f"? {unit}"


def tenths(value: float) -> str:
    """`39.97` as `39.9`: a tenth that has begun does not count, as a second does not (`clock`), or one screen had 0:39 beside 40.0 s."""
    return f"{math.floor(value * 10 + 1e-6) / 10:.1f}"


def again(detail: Detail) -> float | None:
    """How long the caller waited again, in seconds, where the page has found that they had waited before; None: they had not."""
    value = detail.get("again_s")
    return None if value is None else float(value)


def cropped(text: Any) -> str:
    """What a person wrote, on one line, and no longer than a sentence: the whole stands on the card."""
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def clock(value: float) -> str:
    """`75` as `1:15`; a second that has begun does not count, as on the page."""
    whole = int(value)
    return f"{whole // 60}:{whole % 60:02d}"


def moment(detail: Detail, name: str) -> str:
    """A moment as it is told: by the hotline's clock where it stands so in the detail, else in UTC, as the log has it."""
    told = str(detail.get(name, ""))
    return f"{told[:16].replace('T', ' ')} UTC" if "T" in told else told


def listed(value: Any, none: str, between: str = ", ") -> str:
    """Names joined; `none` where there are none."""
    if isinstance(value, str):
        return value or none
    return between.join(str(each) for each in value or ()) or none


def levels(value: Any, between: str = ", ") -> str:
    """Skills with their levels: `billing 3, english 1`, from a table or from pairs."""
    pairs = value.items() if isinstance(value, Mapping) else value or ()
    return between.join(f"{skill} {level}" for skill, level in pairs)


def required(detail: Detail) -> dict[str, int]:
    """What is required in the call's own queue, from a row that says what it changed."""
    any_of = detail.get("required") or [{"skills": {}}]
    return dict(any_of[0]["skills"])


def alternatives(detail: Detail) -> list[str]:
    """The other queues whose agents are asked too."""
    return [str(each["queue"]) for each in detail.get("required", ())[1:]]
