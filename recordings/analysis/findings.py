"""What was found in a talk: the kind, where, what was measured, and the threshold of then."""

from dataclasses import dataclass
from typing import Literal

from acd.config.analysis import FindingKind

Who = Literal["caller", "agent", ""]


@dataclass(frozen=True, slots=True)
class Finding:
    kind: FindingKind
    side: Who = ""
    """Whose voice, or whose act, it is; empty: nobody's alone."""
    from_s: float | None = None
    """Seconds from the beginning of the recording; None: it has no place in the sound, as a note that is missing."""
    to_s: float | None = None
    value: float | None = None
    """As measured, in the unit of the threshold; None: there is nothing to measure."""
    limit: float | None = None
    """The threshold that held."""
