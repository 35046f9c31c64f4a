"""All deadlines of the engine, in one heap. A deadline has a name; setting it again replaces it, and it is due once."""

from datetime import datetime
from heapq import heapify, heappop, heappush

Name = tuple[str, ...]
"""What is due and whose: ("offer", agent), ("wrap-up", agent), ("doubt", agent), ("dead", agent),
("log-out", agent), ("places", agent), ("test", agent), ("pause", call, agent), ("rest", call),
("row", call), ("keep", call), ("callback", call), ("hold", call), ("mask", call), ("join", call), ("consult", call), ("stories", ""), ("story", story call),
("fault", fault), ("promise", promise), ("late", promise),
("break", agent), ("work", agent), ("breaks", ""), ("message", message)."""


class Deadlines:
    """Names and when they are due; among equal times, what was set first is due first."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Name]] = []
        self._current: dict[Name, int] = {}
        self._at: dict[Name, datetime] = {}
        self._count = 0

    def set(self, name: Name, at: datetime) -> None:
        """Set this deadline, in the place of an earlier one of that name."""
        self._count += 1
        self._current[name] = self._count
        self._at[name] = at
        heappush(self._heap, (at, self._count, name))
        if len(self._heap) > 2 * len(self._current) + 64:
            self._sweep()

    def clear(self, name: Name) -> None:
        """Forget this deadline. Its entry stays in the heap and is dropped when it comes up, or at the next sweep."""
        self._current.pop(name, None)
        self._at.pop(name, None)

    def __contains__(self, name: Name) -> bool:
        return name in self._current

    def due(self, name: Name) -> datetime | None:
        """When this deadline is due; None: it is not set."""
        return self._at.get(name)

    @property
    def next(self) -> datetime | None:
        """When the soonest deadline is due; None: there is none."""
        heap = self._heap
        while heap and self._current.get(heap[0][2]) != heap[0][1]:
            heappop(heap)
        return heap[0][0] if heap else None

    def pop_due(self, now: datetime) -> Name | None:
        """The name of the deadline that is overdue longest, which is forgotten by this; None: nothing is due."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            _, count, name = heappop(heap)
            if self._current.get(name) == count:
                del self._current[name], self._at[name]
                return name
        return None

    def all(self) -> list[tuple[datetime, int, Name]]:
        """All deadlines that are set, soonest first, as (due at, running number, name)."""
        return sorted(entry for entry in self._heap if self._current.get(entry[2]) == entry[1])

    def _sweep(self) -> None:
        self._heap = self.all()
        heapify(self._heap)
