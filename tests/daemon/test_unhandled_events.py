"""An event that the engine cannot handle is kept whole, and costs nothing but itself."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.daemon import unhandled_events
from acd.daemon.unhandled_events import UnhandledEvents
from acd.engine.commands import Command
from acd.engine.events import AlarmRaised, CallArrived, CallerHungUp, Event
from acd.store.journal.codec import event_from
from acd.store.journal.journal import Journal
from acd.switchboard import ALARMS_A_MINUTE, Switchboard

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


class Poisoned:
    """An engine that chokes on the arrival of one caller."""

    next_deadline: datetime | None = None

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def handle(self, event: Event, now: datetime) -> list[Command]:
        if isinstance(event, CallArrived):
            raise KeyError("poison")
        self.heard.append(event)
        return []

    def checkpoint(self) -> dict[str, object]:
        return {}


async def nothing(command: object) -> None: ...


async def test_a_poison_event_is_one_dead_letter_and_nothing_else(tmp_path: Path):
    engine, letters, journal = (
        Poisoned(),
        UnhandledEvents(tmp_path / "dead-letters.jsonl"),
        Journal(tmp_path / "journal"),
    )
    board = Switchboard(engine, journal, lambda: NOON, nothing, on_failed=letters.put)
    poison = CallArrived("c1", "13800001111", "95001")
    board.tell(poison)
    board.tell(CallerHungUp("c2"))
    board.stop()
    await board.run()
    (line,) = letters.file.read_text("utf-8").splitlines()
    letter = json.loads(line)
    assert event_from(letter["event"]) == poison
    assert letter["at"] == NOON.isoformat()
    assert "poison" in letter["error"]
    assert "handle" in "".join(letter["where"])
    assert letters.file.stat().st_mode & 0o777 == 0o600
    assert letters.number == 1
    assert [event for event in engine.heard if not isinstance(event, AlarmRaised)] == [CallerHungUp("c2")]
    assert [event.name for event in engine.heard if isinstance(event, AlarmRaised)] == ["event left out"]
    journal.close()


@pytest.mark.slow
async def test_a_storm_of_them_raises_no_storm_of_alarms(tmp_path: Path):
    engine, journal = Poisoned(), Journal(tmp_path)
    at = NOON
    board = Switchboard(engine, journal, lambda: at, nothing)
    for number in range(100):
        board.tell(CallArrived(f"c{number}", "13800001111"))
    await board._serve(board._inbox)
    at += timedelta(minutes=2)
    await board._serve([(CallArrived("c", "1"), None)])
    alarms = [event for event, _ in board._inbox if isinstance(event, AlarmRaised)]
    assert len(alarms) == ALARMS_A_MINUTE + 1
    assert f"{100 - ALARMS_A_MINUTE} more" in alarms[-1].detail
    journal.close()


def test_a_file_that_has_grown_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unhandled_events, "LARGEST", 10)
    letters = UnhandledEvents(tmp_path / "dead-letters.jsonl")
    for number in range(3):
        letters.put(CallerHungUp(f"c{number}"), NOON, ValueError("bad"))
    assert len(letters.file.read_text().splitlines()) == 1
    assert len(letters.file.with_suffix(".old").read_text().splitlines()) == 1


def test_a_disk_that_refuses_stops_nobody(tmp_path: Path):
    letters = UnhandledEvents(tmp_path / "no such folder" / "dead-letters.jsonl")
    letters.put(CallerHungUp("c1"), NOON, ValueError("bad"))
    assert letters.number == 1
