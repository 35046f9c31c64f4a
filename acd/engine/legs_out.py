"""The calls that left the hotline in the last 24 hours, and what was said of them. Data that decides nothing: see
routing/calls_out.py."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

DAY = timedelta(hours=24)
MOST_BARRED = 10_000


class LegsOut:
    """When each call left and to which number; alarms raised and held-back callbacks."""

    def __init__(self) -> None:
        self.at: list[datetime] = []
        """Of each call out, the oldest first; none is older than a day."""
        self.numbers: list[str] = []
        """The number of each."""
        self.held: dict[str, str] = {}
        """Call to why its callback may not be dialled now, as far as the log has it."""
        self.in_doubt: set[str] = set()
        """Calls whose callback may have been made already, as only the database knows."""
        self.barred: dict[str, None] = {}
        """Numbers of customers who do not want to be called, as far as a call or a callback has brought them up; the latest last."""
        self.own_until: datetime | None = None
        """Until when a call of the hotline to itself counts as up; it tells no end."""
        self.alarms: dict[str, tuple[datetime, int]] = {}
        """What was alarmed, when, and how often it has happened since without an alarm."""

    def note(self, at: datetime, number: str) -> None:
        """A call to this number leaves at `at`, which is not before the latest."""
        past = bisect_right(self.at, at - DAY)
        del self.at[:past], self.numbers[:past]
        self.at.append(at)
        self.numbers.append(number)

    def bar(self, number: str, barred: bool) -> None:
        """This number may not be called; or may be again. Beyond MOST_BARRED the oldest are forgotten."""
        self.barred.pop(number, None)
        if barred:
            self.barred[number] = None
            while len(self.barred) > MOST_BARRED:
                del self.barred[next(iter(self.barred))]

    def free_at(self, limit: int, within: timedelta, now: datetime, number: str = "") -> datetime | None:
        """When the next call may leave so that no stretch of this length has more than `limit`; None: now. `number`: of the
        calls to that number alone."""
        at = self.at if not number else [at for at, to in zip(self.at, self.numbers, strict=True) if to == number]
        if len(at) < limit:
            return None
        free = at[-limit] + within
        return free if free > now else None

    def kept(self) -> dict[str, Any]:
        """JSON-able, for `restore`."""
        return {
            "made": [[at.isoformat(), number] for at, number in zip(self.at, self.numbers, strict=True)],
            "held": dict(self.held),
            "barred": list(self.barred),
            "in_doubt": sorted(self.in_doubt),
            "own_until": None if self.own_until is None else self.own_until.isoformat(),
            "alarms": {name: [at.isoformat(), more] for name, (at, more) in self.alarms.items()},
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """What `kept` has written; nothing of it is there in a checkpoint of a version without it."""
        for at, number in kept.get("made", ()):
            self.at.append(datetime.fromisoformat(at))
            self.numbers.append(str(number))
        self.held.update(kept.get("held", {}))
        self.barred.update(dict.fromkeys(kept.get("barred", ())))
        self.in_doubt.update(kept.get("in_doubt", ()))
        if kept.get("own_until"):
            self.own_until = datetime.fromisoformat(kept["own_until"])
        self.alarms.update(
            (name, (datetime.fromisoformat(at), int(more))) for name, (at, more) in kept.get("alarms", {}).items()
        )
