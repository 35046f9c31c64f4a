"""The mask of one call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


@dataclass(slots=True)
class Mask:
    """Since when it is on, until when at most, and who asked for it."""

    began_at: datetime
    until: datetime
    by: str
    """The agent's extension, or the account."""

    def kept(self) -> dict[str, str]:
        """JSON-able, for `restored`."""
        return {"began_at": self.began_at.isoformat(), "until": self.until.isoformat(), "by": self.by}

    @classmethod
    def restored(cls, kept: dict[str, Any]) -> Self:
        """The same from what `kept` gave."""
        return cls(datetime.fromisoformat(kept["began_at"]), datetime.fromisoformat(kept["until"]), kept["by"])
