"""The latest legs of each trunk and agent, and who has had too many bad ones. Bounded: so many legs of each.

A party is alarmed about once, when `bad_legs` of its latest `of_legs` were bad; again only after half as many were.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from acd.engine.line_events import LineFigures
from acd.engine.line_verdict import Verdict
from acd.engine.model import LineRules


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg's line, as far as it is remembered."""

    problems: tuple[str, ...]
    mos: float
    """The worse of both directions."""
    loss_percent: float
    """The worse of both directions."""
    jitter_ms: float
    """The worse of both directions."""
    round_trip_ms: float | None


@dataclass(slots=True)
class Party:
    """A trunk's or an agent's legs."""

    legs: deque[Leg] = field(default_factory=deque)
    measured: int = 0
    """Legs in all."""
    bad: int = 0
    """Bad ones in all."""
    alarmed: bool = False

    @property
    def bad_now(self) -> int:
        """How many of the latest legs were bad."""
        return sum(1 for leg in self.legs if leg.problems)


class LineHistory:
    """By party: "trunk NAME", "agent 1001"."""

    def __init__(self) -> None:
        self._parties: dict[str, Party] = {}

    def is_alarmed(self, party: str) -> bool:
        """Whether an alarm was raised about this party, and its line has not become better since."""
        known = self._parties.get(party)
        return known is not None and known.alarmed

    def add(self, party: str, figures: LineFigures, found: Verdict, rules: LineRules) -> str:
        """Adds a leg. What an alarm has to say of the party now; empty: nothing."""
        known = self._parties.setdefault(party, Party())
        known.measured += 1
        known.bad += bool(found.problems)
        known.legs.append(
            Leg(
                found.problems,
                min(found.mos, found.sent_mos or found.mos),
                max(found.loss_percent, found.sent_loss_percent or 0.0),
                round(max(figures.jitter_ms, figures.sent_jitter_ms or 0.0), 1),
                figures.round_trip_ms,
            )
        )
        while len(known.legs) > max(1, rules.of_legs):
            known.legs.popleft()
        bad = known.bad_now
        if known.alarmed and bad <= rules.bad_legs // 2:
            known.alarmed = False
        if known.alarmed or not rules.bad_legs or bad < rules.bad_legs:
            return ""
        known.alarmed = True
        seen = Counter(problem for leg in known.legs for problem in leg.problems)
        what = ", ".join(f"{problem} in {count}" for problem, count in seen.most_common())
        return f"{party}: {bad} of the latest {len(known.legs)} legs were bad ({what})"

    def figures(self) -> dict[str, dict[str, float]]:
        """Party to its counts since the first start, and the means over its latest legs."""
        found = {}
        for party, known in self._parties.items():
            trips = [leg.round_trip_ms for leg in known.legs if leg.round_trip_ms is not None]
            found[party] = {
                "measured": float(known.measured),
                "bad": float(known.bad),
                "mos": _mean([leg.mos for leg in known.legs]),
                "loss_percent": _mean([leg.loss_percent for leg in known.legs]),
                "jitter_ms": _mean([leg.jitter_ms for leg in known.legs]),
            } | ({"round_trip_ms": _mean(trips)} if trips else {})
        return found

    def kept(self) -> dict[str, Any]:
        """All of it as JSON-able data."""
        return {
            party: {
                "measured": known.measured,
                "bad": known.bad,
                "alarmed": known.alarmed,
                "legs": [
                    [list(leg.problems), leg.mos, leg.loss_percent, leg.jitter_ms, leg.round_trip_ms]
                    for leg in known.legs
                ],
            }
            for party, known in self._parties.items()
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """What `kept` gave."""
        for party, one in kept.items():
            legs = deque(Leg(tuple(problems), *rest) for problems, *rest in one["legs"])
            self._parties[party] = Party(legs, one["measured"], one["bad"], one["alarmed"])


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 2) if values else 0.0
