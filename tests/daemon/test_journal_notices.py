"""An older state's callbacks: those that were made since are not made again, all others stay in line."""

from datetime import UTC, datetime

import pytest

from acd.daemon.journal_notices import JournalNotices
from acd.engine.events import AlarmRaised, Event
from acd.engine.operator_events import CallWithdrawn
from acd.store.journal.journal_in_database import Notice


def test_only_waiting_callbacks_that_have_ended_are_withdrawn() -> None:
    told: list[Event] = []
    calls = [
        {"call": "c1", "virtual": True},
        {"call": "c2", "virtual": True},
        {"call": "c3", "virtual": False},  # a caller on the line: Asterisk says whether the call is there
    ]
    JournalNotices(told.append, lambda: {"calls": calls}).ended_elsewhere(frozenset({"c1", "c3", "c9"}))
    assert [type(event) for event in told] == [CallWithdrawn]
    assert isinstance(told[0], CallWithdrawn) and told[0].call == "c1"


@pytest.mark.parametrize("code", ["state-older", "second-writer", "rows-set-aside"])
def test_a_notice_is_an_alarm_with_its_remedy(code: str) -> None:
    told: list[Event] = []
    notices = JournalNotices(told.append, lambda: {"calls": []})
    notices.noticed(Notice(code, datetime.now(UTC), ("7",)))
    (alarm,) = told
    assert isinstance(alarm, AlarmRaised) and "7" in alarm.detail and alarm.detail.endswith(".")
