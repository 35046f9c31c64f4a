"""A transfer in one line: when, to whom, and what it is about.

"14:30 to technical support, 1234, can't log in to the app" · "14:30 转技术支持 1234，APP无法登录"; to a person by name
"14:30 to Li Ming 1234, …".
"""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

Named = Callable[[str, str, str], str]
"""(what, which, language) -> its name there, as ("queue", "technical", "zh") -> "技术支持"; empty where it has none. What:
"agent", "queue", "skill", "number" or "reason"."""


def line(card: Mapping[str, Any], transfer: Mapping[str, Any], language: str, zone: tzinfo, named: Named) -> str:
    """Of one of the card's transfers, in "zh" or "en"; the time by the clock of `zone`."""
    clock = datetime.fromisoformat(transfer["at"]).astimezone(zone).strftime("%H:%M")
    kind, to, receiver = str(transfer["kind"]), str(transfer["to"]), str(transfer["receiver"])
    if kind == "agent":
        receiver = receiver or to
        desk = named("agent", receiver, language)
    else:
        desk = named(kind, to, language) or to
    about = _about(card, transfer, language, named)
    if language == "zh":
        return "，".join(part for part in (f"{clock} 转{_zh(desk, receiver)}", about) if part)
    person = f"{desk} {receiver}" if kind == "agent" and desk else ""
    whom = (person,) if person else (desk or receiver, receiver if desk else "")
    return ", ".join(part for part in (f"{clock} to {whom[0]}", *whom[1:], about) if part)


def lines(card: Mapping[str, Any], language: str, zone: tzinfo, named: Named) -> list[str]:
    """One for each transfer by which the caller came to somebody, in order."""
    done = [each for each in card["transfers"] if each["state"] == "completed"]
    return [line(card, transfer, language, zone, named) for transfer in done]


def _zh(desk: str, receiver: str) -> str:
    """Chinese and digits stand apart; Chinese and Chinese do not."""
    whom = " ".join(part for part in (desk, receiver) if part)
    return f" {whom}" if whom.isascii() else whom


def _about(card: Mapping[str, Any], transfer: Mapping[str, Any], language: str, named: Named) -> str:
    """The matter; else what the first agent noted for the receiver, else the reason's name. On one line."""
    said = str(card["matter"]) or str(transfer["note"])
    reason = str(transfer["reason"])
    return " ".join(said.split()) or (reason and (named("reason", reason, language) or reason))
