"""A row of the night drill: what happens, how it is made, what `doctor` must say first, and what it must never advise."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

CUTS = (
    "sanxiang down", "restart asterisk", "stop asterisk", "kill ", "pkill", "systemctl restart", "systemctl stop", "reboot",
    "docker compose restart", "docker compose down",
)  # fmt: skip
"""Advice that would end calls, in whatever words."""


class NotHere(Exception):
    """This machine can't make the fault: why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`make` makes the fault while its block lasts, and mends it at the end. It may raise NotHere."""

    name: str
    what: str
    """Which finding must be the first bad one: the words before the colon."""
    says: str
    """What stands behind the colon: part of it."""
    remedy: tuple[str, ...]
    """What the remedy (or, where it is one sentence, the finding) must name."""
    make: Callable[[Any], AbstractAsyncContextManager[None]]
    never: tuple[str, ...] = ()
    """What the first remedy must not advise, beside CUTS."""


def verdict(fault: Fault, bad: list[dict[str, Any]]) -> str:
    """Why these bad findings of `doctor` are not right for this fault; empty when they are."""
    if not bad:
        return "doctor finds nothing wrong"
    first = bad[0]
    line = f"{first['what']}: {first['found']}"
    advice = f"{first['remedy'] or first['found']}"
    if first["what"] != fault.what or fault.says not in first["found"]:
        return f"the first line is {line!r}, and should be {fault.what!r} with {fault.says!r}"
    if missing := [word for word in fault.remedy if word not in advice]:
        return f"the remedy {advice!r} does not name {missing}"
    if wrong := [word for word in fault.never if word.lower() in advice.lower()]:
        return f"the remedy {advice!r} advises {wrong}"
    for each in bad:
        if cuts := [word for word in CUTS if word in f"{each['remedy']}".lower()]:
            return f"the remedy of {each['what']!r} would cut calls: {cuts}"
    return ""
