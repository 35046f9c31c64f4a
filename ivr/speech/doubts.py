"""How often a caller was not understood."""

from dataclasses import dataclass

MOST_DOUBTS = 2
"""Things said that were not understood, or not confirmed, in one call; from then on there are keys."""


@dataclass(slots=True)
class Doubts:
    """Of one call, or of one number that is asked for."""

    count: int = 0

    @property
    def over(self) -> bool:
        """Whether there are only keys from now on."""
        return self.count >= MOST_DOUBTS

    def more(self) -> bool:
        """Counts one; whether there are only keys from now on."""
        self.count += 1
        return self.over
