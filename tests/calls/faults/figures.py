"""What came of one fault: how often it was tried, what was lost, how long until all was well again."""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
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


def report_figures(fault: str, tries: int, lost: int, recovered_s: float | None, note: str = "") -> None:
    """Prints one row of the table of faults: measured, never judged. SANXIANG_FAULTS names a file that gets it too."""
    recovered = "-" if recovered_s is None else f"{recovered_s:.1f} s"
    row = f"| {fault} | {tries} | {lost} | {recovered}{f' ({note})' if note else ''} |"
    print(row)
    if kept := os.environ.get("SANXIANG_FAULTS"):
        with Path(kept).open("a", encoding="utf-8") as file:
            file.write(row + "\n")
