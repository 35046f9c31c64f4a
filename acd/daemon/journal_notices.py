"""What was recognised between the journal and its database becomes an alarm; and what an older state would do a second time is not done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acd.engine.events import AlarmRaised, Event
from acd.engine.operator_events import CallWithdrawn
from acd.engine.promises.events import PromiseEnded
from acd.engine.promises.promise import Promise
from acd.store.journal.journal_in_database import Notice
from acd.words.journal import detail

ALARM_NAMES: Mapping[str, str] = {
    "state-older": "state folder older than its database",
    "second-writer": "second writer of the journal",
    "other-hotline": "another hotline in the database",
    "other-journal": "another journal in the database",
    "database-older": "database older than the state folder",
    "lines-missing": "lines missing in the database",
    "rows-set-aside": "rows of the call log set aside",
}
"""A notice's code to the name of its alarm."""


@dataclass(frozen=True, slots=True)
class JournalNotices:
    """Listens to the shipper."""

    tell: Callable[[Event], None]
    """Hands the event to the engine."""
    snapshot: Callable[[], Mapping[str, Any]]
    """The floor as it is now."""
    promises: Callable[[], Sequence[Promise]] = list
    """Open promised callbacks."""

    def noticed(self, notice: Notice) -> None:
        """Raises the alarm."""
        self.tell(AlarmRaised(ALARM_NAMES[notice.code], detail(notice.code, notice.words)))

    def ended_elsewhere(self, calls: frozenset[str]) -> None:
        """The state folder is an older copy: callers whose callback it still has in line were served since, and are not called again."""
        for row in self.snapshot()["calls"]:
            if row["call"] in calls and row.get("virtual"):
                self.tell(CallWithdrawn(row["call"], "the call had ended when this older state was started"))
        for promise in self.promises():
            if promise.promise in calls and not promise.placed:
                self.tell(PromiseEnded(promise.promise, "", "done", "it was over when this older state was started"))
