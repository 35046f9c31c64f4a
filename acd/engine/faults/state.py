"""What the engine knows of faults: the open ones, and the latest that are over. Plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from acd.engine.faults.events import FaultPlan, FaultScope, FaultWords

MOST_KEPT = 50
"""Faults that are over and kept here; PostgreSQL has all."""
MOST_REGISTERED = 20_000
"""Callers who may wait for the news of one fault."""
MOST_OPEN = 30

News = Literal["waiting", "told", "not reached", "refused", "withdrawn"]


@dataclass(slots=True)
class Registered:
    """A caller who wants to be told."""

    number: str
    order: int
    """1, 2, … within the fault; part of the id of the call with the news."""
    call: str
    """Of the call in which the caller asked for it."""
    at: datetime
    language: str
    dialled: str
    news: News = "waiting"
    why: str = ""
    tries: int = 0
    told_at: datetime | None = None
    area: str = ""
    """Of the customer's record, as it was known in that call; empty: it was not."""


@dataclass(slots=True)
class Counts:
    """Calls, each counted once."""

    concerned: int = 0
    """The announcement began."""
    deflected: int = 0
    """Heard it to its end, or registered, and asked for no person."""
    left: int = 0
    """Hung up before its end."""
    gone_on: int = 0
    """Asked for a person after it."""
    twice: int = 0
    """Wanted to be told at a number that was registered already."""


@dataclass(slots=True)
class Fault:
    """One abnormal event, from its declaration to the last caller's news."""

    fault: str
    """1, 2, …"""
    words: FaultWords
    scope: FaultScope
    plan: FaultPlan
    fault_class: str
    declared_at: datetime
    """By the outer clock, as all times here."""
    declared_by: str
    expected: datetime | None = None
    alarm: str = ""
    detected: datetime | None = None
    note: str = ""
    cleared_at: datetime | None = None
    cleared_by: str = ""
    quietly: bool = False
    news_zh: str = ""
    news_en: str = ""
    counts: Counts = field(default_factory=Counts)
    registered: dict[str, Registered] = field(default_factory=dict)
    """By number, in their order."""

    @property
    def is_open(self) -> bool:
        """Whether callers still hear it."""
        return self.cleared_at is None


class Faults:
    """By number, in their order."""

    def __init__(self) -> None:
        self.latest = 0
        self.all: dict[str, Fault] = {}

    def open(self) -> list[Fault]:
        """Those that callers hear."""
        return [fault for fault in self.all.values() if fault.is_open]

    def priority_of(self, heard: Iterable[str]) -> int:
        """Points of priority for a caller who has heard of these faults."""
        return sum(fault.plan.priority for name in heard if (fault := self.all.get(name)) is not None)

    def forget_old(self) -> None:
        """Only the latest of those that are over, and have told everybody, are kept."""
        over = [
            fault
            for fault in self.all.values()
            if not fault.is_open and all(each.news != "waiting" for each in fault.registered.values())
        ]
        for fault in over[: max(0, len(over) - MOST_KEPT)]:
            del self.all[fault.fault]

    def kept(self) -> dict[str, Any]:
        """JSON-able, for `restore`."""
        return {"latest": self.latest, "all": [_plain(asdict(fault)) for fault in self.all.values()]}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """What `kept` has written; nothing in a checkpoint of a version without faults."""
        self.latest = kept.get("latest", 0)
        for one in kept.get("all", ()):
            fault = _fault(one)
            self.all[fault.fault] = fault


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _fault(one: Mapping[str, Any]) -> Fault:
    scope: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in one["scope"].items()
    }
    plan: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in one["plan"].items()
    }
    times = {name: _time(one[name]) for name in ("expected", "detected", "cleared_at")}
    return Fault(
        **{
            **one,
            **times,
            "declared_at": datetime.fromisoformat(one["declared_at"]),
            "words": FaultWords(**one["words"]),
            "scope": FaultScope(**scope),
            "plan": FaultPlan(**plan),
            "counts": Counts(**one["counts"]),
            "registered": {
                number: Registered(
                    **{**each, "at": datetime.fromisoformat(each["at"]), "told_at": _time(each["told_at"])}
                )
                for number, each in one["registered"].items()
            },
        }
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
