"""A start after whatever the daemon before left in the journal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.daemon.rebuild import rebuilt
from acd.engine.acd import Acd
from acd.engine.commands import Offer
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    Event,
    PbxFound,
    PhoneChanged,
    WrapUpEnded,
)
from acd.engine.model import AgentProfile, Queue, Rules
from acd.store.journal.journal import Journal
from acd.telephone_numbers import Numbering
from tests.store.support.closed_journals import closed_journals

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
MORNING = (PbxFound(()), PhoneChanged("1001", True), AgentReady("1001"))
CALLS = (CallArrived("c1", "13800001111"), CallQueued("c1", "billing"), CallArrived("c2", "13800002222"))


def anew() -> Acd:
    return Acd([Queue("billing")], [AgentProfile("1001")], Rules())


def calls(engine: Acd) -> dict[str, str]:
    return {row["call"]: row["stage"] for row in engine.snapshot(NOON + timedelta(minutes=1))["calls"]}


@pytest.fixture(autouse=True)
def journals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with closed_journals(monkeypatch, globals()):
        yield


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


SAME = "+8613800001111"
PERSON_OF = Numbering.of("CN", ["0000000001"]).caller
OLD_RULES = Rules(return_within=timedelta(minutes=5), same_agent="last", same_agent_within=timedelta(hours=24))
OLD_DAY: tuple[Event, ...] = (
    *MORNING, PhoneChanged("1002", True), AgentReady("1002"),
    CallArrived("c1", "013800001111"), CallQueued("c1", "billing"), AgentDialled("1001", "c1", "c1-1"), AgentRinging("1001", "c1", "c1-1"),
    AgentAnswered("1001", "c1", "c1-1"), CallBridged("1001", "c1", "c1-1"), BridgeEnded("1001", "c1", "c1-1", "caller"), CallerHungUp("c1"),
    WrapUpEnded("1001"), CallArrived("c2", "0000000001"), CallQueued("c2", "billing"),
)  # fmt: skip
"""As a former version wrote it: 1001, idle longest, has the caller; then a caller without a number."""


def of_old() -> Acd:
    return Acd([Queue("billing")], [AgentProfile("1001"), AgentProfile("1002")], OLD_RULES)


@pytest.mark.parametrize("written_then", ["13800001111", "013800001111", "8613800001111", "008613800001111"])
@pytest.mark.parametrize("by_checkpoint", [False, True])
def test_a_journal_of_former_writings_knows_its_callers_by_their_one_number(
    tmp_path: Path, written_then: str, by_checkpoint: bool
):
    day = tuple(CallArrived("c1", written_then) if event == OLD_DAY[5] else event for event in OLD_DAY)
    before = of_old()
    for number, event in enumerate(day):
        before.handle(event, NOON + timedelta(milliseconds=number))
    state = before.checkpoint()
    for call in state["calls"]:
        del call["withheld"]  # which a former version did not keep
    journal = written(tmp_path, () if by_checkpoint else day, state if by_checkpoint else None, ())
    engine = rebuilt(journal, of_old, PERSON_OF)
    callers = {row["call"]: row["caller"] for row in engine.snapshot(NOON + timedelta(minutes=1))["calls"]}
    assert callers == {"c2": "unknown"}
    engine.handle(CallerHungUp("c2"), NOON + timedelta(minutes=1))
    engine.handle(CallArrived("c3", SAME, written="+8613800001111"), NOON + timedelta(minutes=2))
    out = engine.handle(CallQueued("c3", "billing"), NOON + timedelta(minutes=2, seconds=1))
    assert [command.agent for command in out if isinstance(command, Offer)] == ["1001"]


def test_an_event_that_cannot_be_replayed_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    journal = written(tmp_path, (*MORNING, *CALLS), None, ())
    handle = Acd.handle

    def choosy(engine: Acd, event: Event, now: datetime) -> Any:
        if event == CALLS[1]:
            raise RuntimeError("a bug")
        return handle(engine, event, now)

    monkeypatch.setattr(Acd, "handle", choosy)
    assert calls(rebuilt(journal, anew)) == {"c1": "menu", "c2": "menu"}
