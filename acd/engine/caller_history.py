"""What the engine remembers of callers after their calls: who served them, the place they gave up, a dropped line.

By the caller's number; a caller without one is new each time. Bounded in time and in number.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from acd.identifiers import is_number

T = TypeVar("T", "Served", "Left", "Dropped")

LIMIT = 50_000
"""Callers remembered at most, of each kind; beyond it the oldest are forgotten."""


@dataclass(slots=True)
class Served:
    """The agents who served a caller."""

    first: str
    last: str
    at: datetime
    """End of the last talk."""


@dataclass(slots=True)
class Left:
    """A place in line that a caller gave up by hanging up."""

    queue: str
    place: datetime
    at: datetime


@dataclass(slots=True)
class Dropped:
    """A call whose line dropped, or that ended with its matter still open."""

    call: str
    agent: str
    """Extension of the agent who had the caller."""
    at: datetime
    brand: str = ""
    """Of the call; empty: none."""


class CallerHistory:
    """Memory of past calls by the caller's number. Each method that adds takes how long that is kept, and forgets what is older."""

    def __init__(self) -> None:
        self._dropped: OrderedDict[str, Dropped] = OrderedDict()
        self._served: OrderedDict[str, Served] = OrderedDict()
        self._left: OrderedDict[str, Left] = OrderedDict()

    def served(self, caller: str, agent: str, at: datetime, within: timedelta) -> None:
        """A talk of this caller with this agent ended at `at`."""
        before = self._served.pop(caller, None)
        first = before.first if before is not None and at - before.at <= within else agent
        self._served[caller] = Served(first, agent, at)
        _trim(self._served, at - within)

    def who_served(self, caller: str, now: datetime, within: timedelta) -> Served | None:
        """First and last agent who served the caller, the last one within that time; None: nobody."""
        served = self._served.get(caller)
        return served if served is not None and now - served.at <= within else None

    def left(self, caller: str, queue: str, place: datetime, at: datetime, within: timedelta) -> None:
        """The caller gave up, at `at`, a place in this queue."""
        self._left.pop(caller, None)
        self._left[caller] = Left(queue, place, at)
        _trim(self._left, at - within)

    def take_place(self, caller: str, queue: str, now: datetime, within: timedelta) -> Left | None:
        """The place that the caller gave up in this queue within that time, which is forgotten by this; None: none."""
        left = self._left.get(caller)
        if left is None or left.queue != queue or now - left.at > within:
            return None
        return self._left.pop(caller)

    def dropped(self, caller: str, call: str, agent: str, brand: str, at: datetime, within: timedelta) -> None:
        """The caller's line dropped; this agent had them. `brand`: of the call."""
        self._dropped.pop(caller, None)
        self._dropped[caller] = Dropped(call, agent, at, brand)
        _trim(self._dropped, at - within)

    def disposed(self, call: str) -> None:
        """The matter of this call was closed after all."""
        for caller in [caller for caller, one in self._dropped.items() if one.call == call]:
            del self._dropped[caller]

    def take_dropped(self, caller: str, brand: str, now: datetime, within: timedelta) -> Dropped | None:
        """The caller's call to this brand whose matter is still open, which is forgotten by this; None: none within that time.

        What was said to one brand is not carried over to another."""
        dropped = self._dropped.get(caller)
        if dropped is None or dropped.brand != brand:
            return None
        del self._dropped[caller]
        return dropped if now - dropped.at <= within else None

    def rename(self, number_of: Callable[[str], str]) -> None:
        """Put everything under the number that `number_of` makes of the caller's; what comes together, the latest stays. Who
        has no number by it is forgotten."""
        self._dropped = _renamed(self._dropped, number_of)
        self._served = _renamed(self._served, number_of)
        self._left = _renamed(self._left, number_of)

    def kept(self) -> dict[str, Any]:
        """All of it, JSON-able, for the checkpoint."""
        return {
            "dropped": [
                [name, one.call, one.agent, one.at.isoformat(), *([one.brand] if one.brand else [])]
                for name, one in self._dropped.items()
            ],
            "served": [[name, one.first, one.last, one.at.isoformat()] for name, one in self._served.items()],
            "left": [[name, one.queue, one.place.isoformat(), one.at.isoformat()] for name, one in self._left.items()],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `kept` gave."""
        for name, first, last, at in kept["served"]:
            self._served[name] = Served(first, last, datetime.fromisoformat(at))
        for name, call, agent, at, *brand in kept["dropped"]:  # a checkpoint of a former version has no brand
            self._dropped[name] = Dropped(call, agent, datetime.fromisoformat(at), *brand)
        for name, queue, place, at in kept["left"]:
            self._left[name] = Left(queue, datetime.fromisoformat(place), datetime.fromisoformat(at))


def _renamed(remembered: OrderedDict[str, T], number_of: Callable[[str], str]) -> OrderedDict[str, T]:
    found: OrderedDict[str, T] = OrderedDict()
    for caller, one in remembered.items():  # the oldest first
        number = number_of(caller)
        if is_number(number):
            found.pop(number, None)
            found[number] = one
    return found


def _trim(
    remembered: "OrderedDict[str, Served] | OrderedDict[str, Left] | OrderedDict[str, Dropped]", before: datetime
) -> None:
    """Forget entries from before that time, and the oldest beyond LIMIT."""
    while remembered:
        oldest = next(iter(remembered))
        if remembered[oldest].at >= before and len(remembered) <= LIMIT:
            return
        del remembered[oldest]
