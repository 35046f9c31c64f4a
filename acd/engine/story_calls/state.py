"""What the engine knows of its calls out that run a story. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

StoryState = Literal["waiting", "dialling", "answered"]


@dataclass(slots=True)
class StoryCall:
    """One call out, from its asking to its outcome."""

    call: str
    story: str
    number: str
    subject: str
    language: str
    dialled: str
    pauses_s: tuple[float, ...]
    at_a_time: int
    due: datetime
    """When it is looked at again; inner time."""
    state: StoryState = "waiting"
    attempts: int = 0
    held: str = ""
    """Why it was held back last, as "hours"; empty: it is not."""
    area: str = ""
    """Of the customer's record, for the hours of their region; empty: not known."""


class StoryCalls:
    """All that are open, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.open: dict[str, StoryCall] = {}

    @property
    def up(self) -> int:
        """How many are dialled or answered at this moment."""
        return sum(call.state != "waiting" for call in self.open.values())

    def of(self, subject: str) -> int:
        """How many about this subject are dialled or answered at this moment."""
        return sum(call.state != "waiting" and call.subject == subject for call in self.open.values())

    def kept(self) -> list[dict[str, Any]]:
        """JSON-able, for `restore`."""
        return [
            {
                "call": call.call,
                "story": call.story,
                "number": call.number,
                "subject": call.subject,
                "language": call.language,
                "dialled": call.dialled,
                "pauses_s": list(call.pauses_s),
                "at_a_time": call.at_a_time,
                "due": call.due.isoformat(),
                "state": call.state,
                "attempts": call.attempts,
                "held": call.held,
                "area": call.area,
            }
            for call in self.open.values()
        ]

    def restore(self, kept: list[Mapping[str, Any]]) -> None:
        """What `kept` has written; a checkpoint of a version without story calls has none."""
        for one in kept:
            known = {**one, "pauses_s": tuple(one["pauses_s"]), "due": datetime.fromisoformat(one["due"])}
            call = StoryCall(**known)
            self.open[call.call] = call
