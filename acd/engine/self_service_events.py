"""Events of what a menu does for callers by itself: looked up, told. See events.py. No digit that a caller has keyed stands in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A story has looked something up for this caller, or tried to verify them."""

    call: str
    lookup: str
    """A name of [lookups], or "identity"."""
    by: str
    """What it was asked by: "caller", "order" …; never the value."""
    state: str
    """"found", "not-found", "refused", "failed"."""
    why: str = ""
    """A code of acd/lookups/result.py, or of acd/identity."""
    took_s: float = 0.0
    answer: Mapping[str, str] = field(default_factory=dict)
    """The record's own fields that the caller was told."""


@dataclass(frozen=True, slots=True)
class AnswerTold:
    """The caller has heard an answer to its end: a caller who hangs up now was served by the menu."""

    call: str
    service: str


SelfServiceEvent = LookedUp | AnswerTold
