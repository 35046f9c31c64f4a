"""What came of one fault: how often it was tried, what was lost, how long until all was well again."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Figures:
    row: str
    """Of the table of faults: "A2"."""
    fault: str
    """In a few words, for the table."""
    tries: int
    calls: int = 0
    """That were in the house meanwhile."""
    lost: int = 0
    recovered_s: Sequence[float] = field(default_factory=list)
    """One for each try, where there was something to recover from."""
    until: str = ""
    """What was waited for."""
    note: str = ""
    seed: int | None = None
    """Of the random moments: the same seed tries the same moments."""

    @property
    def median_s(self) -> float | None:
        return statistics.median(self.recovered_s) if self.recovered_s else None

    @property
    def worst_s(self) -> float | None:
        return max(self.recovered_s) if self.recovered_s else None

    def as_json(self) -> dict[str, Any]:
        rounded = {
            "recovered_in_s_median": None if self.median_s is None else round(self.median_s, 3),
            "recovered_in_s_worst": None if self.worst_s is None else round(self.worst_s, 3),
        }
        kept = ("fault", "tries", "calls", "lost", "until", "note", "seed")
        return {name: getattr(self, name) for name in kept} | rounded

    def as_row(self) -> str:
        """One row of the table in docs/faults.md."""
        recovered = "-"
        if self.median_s is not None and self.worst_s is not None:
            recovered = _seconds(self.median_s)
            if len(self.recovered_s) > 1:
                recovered += f", worst {_seconds(self.worst_s)}"
            recovered += f" ({self.until})" if self.until else ""
        return f"| {self.row} | {self.fault} | {self.tries} | {self.calls} | {self.lost} | {recovered} | {self.note} |"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 0.5 else f"{seconds:.1f} s"


HEAD = "| | fault | tries | calls | lost | recovered in | |\n|---|---|---|---|---|---|---|"
