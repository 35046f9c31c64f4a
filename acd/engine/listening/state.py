"""The supervisors who listen at the moment. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from acd.engine.listening.events import ListenMode

MOST_OF_A_CALL = 3
"""Supervisors on one call at once."""
MOST = 60
"""Supervisors who listen at once, in all."""

How = Literal["", "caller", "agent", "bridge", "conference"]
"""To what a supervisor's channel belongs: nothing; it hears the caller's channel; it hears the agent's, and is heard there; it is in the
bridge of caller and agent, or in the conference of three."""


class Place(NamedTuple):
    """Where a listener belongs."""

    how: How = ""
    offer: str = ""
    """agent: whose channel; bridge: of which leg. Another leg is another place."""
    agent: str = ""


NOWHERE = Place()


@dataclass(slots=True)
class Listener:
    """One supervisor who listens to one call."""

    listener: str
    call: str
    account: str
    telephone: str
    mode: ListenMode
    asked_at: datetime
    teams: tuple[str, ...] = ()
    answered_at: datetime | None = None
    place: Place = NOWHERE
    """Where Asterisk was told to put the channel last."""
    joined_at: datetime | None = None
    """Since when the supervisor is in the caller's bridge, as Asterisk says."""
    took_over: bool = False
    """No agent is in the talk any more: the caller is with this supervisor."""
    leg: dict[str, Any] | None = None
    """Of a caller taken over: the agent's leg, whose recording goes on: offer, agent, queue, at, and the detail of its TALK_ENDED row."""

    @property
    def is_up(self) -> bool:
        """Whether the telephone was answered."""
        return self.answered_at is not None


class Listeners:
    """All of them, in the order in which they asked."""

    def __init__(self) -> None:
        self.open: dict[str, Listener] = {}
        self.verifying: set[str] = set()
        """Calls whose caller shows who they are at this moment: nobody listens meanwhile."""

    def of_call(self, call: str) -> list[Listener]:
        """Those of this call."""
        return [each for each in self.open.values() if each.call == call]

    def at_telephone(self, telephone: str) -> Listener | None:
        """The one at this telephone."""
        return next((each for each in self.open.values() if each.telephone == telephone), None)

    def kept(self) -> dict[str, Any]:
        """JSON-able, for `restore`."""
        return {
            "open": [
                {
                    "listener": each.listener,
                    "call": each.call,
                    "account": each.account,
                    "telephone": each.telephone,
                    "mode": each.mode,
                    "asked_at": each.asked_at.isoformat(),
                    "teams": list(each.teams),
                    "answered_at": _text(each.answered_at),
                    "place": list(each.place),
                    "joined_at": _text(each.joined_at),
                    "took_over": each.took_over,
                    "leg": each.leg,
                }
                for each in self.open.values()
            ],
            "verifying": sorted(self.verifying),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """What `kept` has written; a checkpoint of a version without listeners has none."""
        for one in kept.get("open", ()):
            listener = Listener(
                **{
                    **one,
                    "teams": tuple(one["teams"]),
                    "place": Place(*one["place"]),
                    "asked_at": datetime.fromisoformat(one["asked_at"]),
                    "answered_at": _time(one["answered_at"]),
                    "joined_at": _time(one["joined_at"]),
                }
            )
            self.open[listener.listener] = listener
        self.verifying = set(kept.get("verifying", ()))


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
