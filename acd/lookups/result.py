"""What a look-up answers, and where records of one kind are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from acd.company_systems.failure import Why

State = Literal["found", "not-found", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a look-up."""

    state: State
    records: tuple[Mapping[str, str], ...] = ()
    """The newest first, at most fields.MOST; each field as fields.py has it."""
    why: Why | Literal["", "no-such-lookup", "not-verified", "no-caller", "bad-key"] = ""
    """Where it found nothing out: a code of WHY in acd/words/lookups.py."""
    took_s: float = 0.0


class Source(Protocol):
    """Where records of one kind are kept."""

    async def find(self, by: str, values: Sequence[str]) -> list[Mapping[str, Any]]:
        """The records that have one of these values under the key `by`, the newest first, as they are there. Raises SystemFailed."""

    async def close(self) -> None:
        """Ends its connections."""
