"""A call of a journal becomes a test that tells the same story."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from acd.engine.acd import Acd
from acd.engine.commands import Command, Log
from acd.engine.events import CallArrived, CallerHungUp, CallQueued, Event
from acd.engine.model import AgentProfile, Queue, Rules
from acd.engine.transfer_events import TransferRequested
from acd.store.journal.journal import Journal
from tests.engine.from_journal import source_of
from tests.engine.support.floor import Floor

CALL = "c1795895153-14-1533"
QUEUES = [Queue("billing", (("billing", 3),)), Queue("complaints", priority=2)]
AGENTS = [AgentProfile("1001", skills=(("billing", 5),)), AgentProfile("1002", skills=(("billing", 3),))]


class Journalled(Acd):
    """An engine whose events and rows go into a journal, as the daemon's do."""

    journal: Journal

    def handle(self, event: Event, now: datetime) -> list[Command]:
        commands = super().handle(event, now)
        self.journal.append(now, event, [command for command in commands if isinstance(command, Log)])
        return commands


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    floor = Floor(QUEUES, AGENTS)
    engine = Journalled(QUEUES, AGENTS, Rules())
    engine.journal = Journal(tmp_path)
    engine.journal.checkpoint(floor.now, engine.checkpoint())
    floor.acd = engine
    yield floor
    engine.journal.close()


def run(source: str) -> None:
    found: dict[str, object] = {}
    exec(source, found)  # noqa: S102
    test = found["test_what_became_of_the_call"]
    assert callable(test)
    test()


def missed_then_handed_over(floor: Floor) -> None:
    floor.staff("1002", "1001")
    floor.tell(CallArrived(CALL, "13912345678", "95001"), CallArrived("another", "13800000000", "95001"))
    floor.wait(seconds=4)
    floor.tell(CallQueued(CALL, "billing"))
    floor.rings("1002", CALL)
    floor.wait(seconds=15.5)
    floor.rings("1001", CALL)
    floor.wait(seconds=3)
    floor.answers("1001", CALL)
    floor.wait(seconds=9)
    floor.tell(TransferRequested(CALL, "1001", "queue", "complaints", "refund", note="card 6222 0212"))
    floor.wait(seconds=1)
    floor.tell(CallerHungUp(CALL))


def test_the_test_tells_the_same_story_by_itself(floor: Floor, tmp_path: Path):
    missed_then_handed_over(floor)
    floor.acd.journal.sync()  # type: ignore[attr-defined]
    source = source_of(tmp_path, CALL)
    run(source)
    assert floor.story(CALL)[:3] == ["queued", "ring no answer", "answered"]
    assert f"assert floor.story('c1') == {floor.story(CALL)!r}" in source
    assert "Queue(name='billing', skills=(('billing', 3),))" in source


def test_another_ending_than_the_engines_makes_the_test_fail(floor: Floor, tmp_path: Path):
    missed_then_handed_over(floor)
    floor.acd.journal.sync()  # type: ignore[attr-defined]
    with pytest.raises(AssertionError):
        run(source_of(tmp_path, CALL).replace("'ring no answer'", "'rejected'"))


def test_no_number_and_no_note_of_a_caller_gets_into_the_test(floor: Floor, tmp_path: Path):
    missed_then_handed_over(floor)
    floor.acd.journal.sync()  # type: ignore[attr-defined]
    source = source_of(tmp_path, CALL)
    assert "13912345678" not in source and "6222" not in source and CALL not in source


def test_a_call_that_the_journal_does_not_name_is_said(floor: Floor, tmp_path: Path):
    floor.acd.journal.sync()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="does not name this call"):
        source_of(tmp_path, CALL)
