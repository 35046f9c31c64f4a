"""What the engine remembers of callers after their calls: who served them, and the place that they gave up.

By the caller's number; a caller without one is a stranger each time. Bounded in time and in number.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

LIMIT = 50_000
"""Callers remembered at most; beyond it the oldest are let go."""


@dataclass(slots=True)
class Served:
    """Who served a caller."""

    first: str
    last: str
    at: datetime
    """End of the last talk."""


@dataclass(slots=True)
class Left:
    """A place that was given up."""

    queue: str
    place: datetime
    at: datetime


@dataclass(slots=True)
class Dropped:
    """A call that ended while its matter was still open."""

    call: str
    agent: str
    """Who had the caller."""
    at: datetime


class CallerHistory:
    def __init__(self) -> None:
        self._dropped: OrderedDict[str, Dropped] = OrderedDict()
        self._served: OrderedDict[str, Served] = OrderedDict()
        self._left: OrderedDict[str, Left] = OrderedDict()

    def served(self, caller: str, agent: str, at: datetime, within: timedelta) -> None:
        before = self._served.pop(caller, None)
        first = before.first if before is not None and at - before.at <= within else agent
        self._served[caller] = Served(first, agent, at)
        _trim(self._served, at - within)

    def who_served(self, caller: str, now: datetime, within: timedelta) -> Served | None:
        served = self._served.get(caller)
        return served if served is not None and now - served.at <= within else None

    def left(self, caller: str, queue: str, place: datetime, at: datetime, within: timedelta) -> None:
        self._left.pop(caller, None)
        self._left[caller] = Left(queue, place, at)
        _trim(self._left, at - within)

    def take_place(self, caller: str, queue: str, now: datetime, within: timedelta) -> Left | None:
        """The place that he gave up in this queue; it is his once."""
        left = self._left.get(caller)
        if left is None or left.queue != queue or now - left.at > within:
            return None
        return self._left.pop(caller)

    def dropped(self, caller: str, call: str, agent: str, at: datetime, within: timedelta) -> None:
        self._dropped.pop(caller, None)
        self._dropped[caller] = Dropped(call, agent, at)
        _trim(self._dropped, at - within)

    def disposed(self, call: str) -> None:
        """Its matter is closed after all."""
        for caller in [caller for caller, one in self._dropped.items() if one.call == call]:
            del self._dropped[caller]

    def take_dropped(self, caller: str, now: datetime, within: timedelta) -> Dropped | None:
        """What is still open of this caller; it is taken up once."""
        dropped = self._dropped.pop(caller, None)
        return dropped if dropped is not None and now - dropped.at <= within else None

    def kept(self) -> dict[str, Any]:
        return {
            "dropped": [[name, one.call, one.agent, one.at.isoformat()] for name, one in self._dropped.items()],
            "served": [[name, one.first, one.last, one.at.isoformat()] for name, one in self._served.items()],
            "left": [[name, one.queue, one.place.isoformat(), one.at.isoformat()] for name, one in self._left.items()],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        for name, first, last, at in kept["served"]:
            self._served[name] = Served(first, last, datetime.fromisoformat(at))
        for name, call, agent, at in kept["dropped"]:
            self._dropped[name] = Dropped(call, agent, datetime.fromisoformat(at))
        for name, queue, place, at in kept["left"]:
            self._left[name] = Left(queue, datetime.fromisoformat(place), datetime.fromisoformat(at))


def _trim(
    remembered: "OrderedDict[str, Served] | OrderedDict[str, Left] | OrderedDict[str, Dropped]", before: datetime
) -> None:
    while remembered:
        oldest = next(iter(remembered))
        if remembered[oldest].at >= before and len(remembered) <= LIMIT:
            return
        del remembered[oldest]
