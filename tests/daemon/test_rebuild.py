"""A start after whatever the daemon before left in the journal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.daemon.rebuild import rebuilt
from acd.engine.acd import Acd
from acd.engine.events import AgentReady, CallArrived, CallQueued, Event, PbxFound, PhoneChanged
from acd.engine.model import AgentProfile, Queue, Rules
from acd.store.journal import Journal

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
MORNING = (PbxFound(()), PhoneChanged("1001", True), AgentReady("1001"))
CALLS = (CallArrived("c1", "13800001111"), CallQueued("c1", "billing"), CallArrived("c2", "13800002222"))


def anew() -> Acd:
    return Acd([Queue("billing")], [AgentProfile("1001")], Rules())


def calls(engine: Acd) -> dict[str, str]:
    return {row["call"]: row["stage"] for row in engine.snapshot(NOON + timedelta(minutes=1))["calls"]}


def written(folder: Path, before: tuple[Event, ...], state: dict[str, Any] | None, after: tuple[Event, ...]) -> Journal:
    journal = Journal(folder)
    for number, event in enumerate(before):
        journal.append(NOON + timedelta(milliseconds=number), event, [])
    if state is not None:
        journal.checkpoint(NOON + timedelta(milliseconds=20), state)
    for number, event in enumerate(after):
        journal.append(NOON + timedelta(milliseconds=30 + number), event, [])
    journal.sync()
    return journal


def told(*events: Event) -> Acd:
    engine = anew()
    for number, event in enumerate(events):
        engine.handle(event, NOON + timedelta(milliseconds=number))
    return engine


def test_from_a_checkpoint_and_what_came_after(tmp_path: Path):
    journal = written(tmp_path, (), told(*MORNING, *CALLS[:2]).checkpoint(), CALLS[2:])
    assert calls(rebuilt(journal, anew)) == {"c1": "offered", "c2": "menu"}


def test_from_events_alone(tmp_path: Path):
    assert calls(rebuilt(written(tmp_path, (*MORNING, *CALLS), None, ()), anew)) == {"c1": "offered", "c2": "menu"}


def test_an_empty_journal_is_a_beginning(tmp_path: Path):
    assert calls(rebuilt(Journal(tmp_path), anew)) == {}


@pytest.mark.parametrize("state", [{"format": 1}, {"format": "a later one"}, {}, {"format": 2, "calls": [7]}])
def test_a_checkpoint_that_is_not_ours_to_read_keeps_no_house_shut(tmp_path: Path, state: dict[str, Any]):
    engine = rebuilt(written(tmp_path, MORNING, state, CALLS), anew)
    assert calls(engine) == {}
    engine.handle(CallArrived("c9", "1"), NOON)
    assert calls(engine) == {"c9": "menu"}


def test_an_event_that_cannot_be_replayed_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    journal = written(tmp_path, (*MORNING, *CALLS), None, ())
    handle = Acd.handle

    def choosy(engine: Acd, event: Event, now: datetime) -> Any:
        if event == CALLS[1]:
            raise RuntimeError("a bug")
        return handle(engine, event, now)

    monkeypatch.setattr(Acd, "handle", choosy)
    assert calls(rebuilt(journal, anew)) == {"c1": "menu", "c2": "menu"}
