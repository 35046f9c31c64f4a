"""After a crash: nothing is left over, and the log hears of every leg."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.engine.commands import Kind, Log
from acd.engine.events import Event, RecordingFiled, TimePassed
from acd.store.journal.journal import Journal
from acd.store.journal.legs import LegDue, legs_due
from recordings.filing import Filing
from tests.support.recording_files import left_over, speech, talk

ENDED = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def filing(tmp_path: Path, told: list[Event]) -> Iterator[Filing]:
    made = Filing(tmp_path / "recordings", told.append, 0, close_within_s=0.6)
    yield made
    made.close()


def verdicts(told: list[Event]) -> dict[str, RecordingFiled]:
    return {each.offer: each for each in told if isinstance(each, RecordingFiled)}


def test_what_a_crash_left_is_filed_and_who_talks_is_left_alone(filing: Filing, told: list[Event]) -> None:
    root = filing.root
    talk(root, "c1-1", speech(3, 1), speech(3, 2))  # ended, the daemon died before filing
    talk(root, "c2-1", speech(3, 1), speech(3, 2), said=0)  # talks still
    talk(root, "c3-1", b"", b"", said=0)  # rang, and nobody knows of it
    talk(root, "c4-1", speech(2, 1), speech(2, 2))  # the log was lost
    (root / "live" / "c1-1.filing").write_bytes(b"half")
    (root / "live" / "notes.txt").write_text("a stranger's")
    old = time.time() - 3600
    os.utime(root / "live" / "c4-1-agent.wav", (old, old))
    owed = [LegDue("c1", "c1-1", 3.0, ENDED, "1001"), LegDue("c5", "c5-1", 9.0, ENDED)]
    filing.sweep(owed, filing.left_over(), ["c2"])
    assert filing.settle(60)
    found = verdicts(told)
    assert set(found) == {"c1-1", "c4-1", "c5-1"}
    assert found["c1-1"].complete and found["c5-1"].reason == "there is no file"
    assert found["c4-1"].path and "not known" in found["c4-1"].reason
    assert left_over(root) == [
        "c2-1-agent.wav", "c2-1-caller.wav", "c2-1.wav", "notes.txt",
    ]  # fmt: skip


def test_what_the_plain_queue_recorded_without_a_talk_goes_when_its_call_is_over_and_not_before(
    filing: Filing, told: list[Event]
) -> None:
    talk(filing.root, "c1-f1", b"", b"", said=0)  # Asterisk has it open: the caller waits, and may be answered yet
    for calls in (["c1"], ["c1", "c2"]):
        filing.sweep([], filing.left_over(), calls)
        assert filing.settle(60) and len(left_over(filing.root)) == 3
    talk(filing.root, "c2-f1", b"", b"")
    filing.sweep([], filing.left_over(), ["c1"])
    assert filing.settle(60) and {each[:5] for each in left_over(filing.root)} == {"c1-f1"}
    filing.sweep([], filing.left_over())
    assert filing.settle(60) and left_over(filing.root) == [] and told == []


def test_what_the_plain_queue_recorded_without_a_talk_goes_with_its_call(filing: Filing, told: list[Event]) -> None:
    talk(filing.root, "c1-f1", b"", b"")
    filing.sweep([], filing.left_over(), ["c1"])
    filing.call_ended("c1")
    talk(filing.root, "c2-f1", speech(1, 1), speech(1, 2))
    filing.leg_ended(LegDue("c2", "c2-f1", 1.0, ENDED, "1001"))
    filing.call_ended("c2")
    assert filing.settle(60) and left_over(filing.root) == []
    assert [(each.offer, each.complete) for each in told if isinstance(each, RecordingFiled)] == [("c2-f1", True)]


def test_a_leg_that_was_filed_before_the_crash_is_told_again_and_not_filed_again(
    filing: Filing, told: list[Event]
) -> None:
    talk(filing.root, "c1-1", speech(3, 1), speech(3, 2))
    filing.leg_ended(LegDue("c1", "c1-1", 3.0, ENDED, "1001", "billing"))
    assert filing.settle(60)
    (first,) = told
    book = filing.manifest("c1")
    told.clear()
    filing.sweep([LegDue("c1", "c1-1", 3.0, ENDED, "1001", "billing")], filing.left_over())
    assert filing.settle(60)
    assert told == [first] and filing.manifest("c1") == book


def test_a_crash_between_the_name_and_the_removal_of_the_sides_gives_one_file(
    filing: Filing, told: list[Event]
) -> None:
    for _ in range(2):
        talk(filing.root, "c1-1", speech(3, 1), speech(3, 2))
        filing.sweep([LegDue("c1", "c1-1", 3.0, ENDED)], filing.left_over())
        assert filing.settle(60)
    assert [each.complete for each in told if isinstance(each, RecordingFiled)] == [True, True]
    assert len(list((filing.root / "2026/11/22").glob("*.wav"))) == 1


def test_legs_that_owe_a_recording_are_read_from_the_spool(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spool")

    def log(kind: Kind, offer: str, seconds: float = 0, **detail: object) -> None:
        row = Log(kind, offer.rpartition("-")[0], "1001", offer, "billing", detail)
        journal.append(ENDED + timedelta(seconds=seconds), TimePassed(), [row])

    for offer in ("a-1", "b-1", "c-1", "d-1", "e-1"):
        log(Kind.OFFERED, offer, number=1)
    log(Kind.TALK_ENDED, "a-1", 60, talk_s=42.0, by="caller")
    log(Kind.OFFER_ENDED, "a-1", 60, outcome="answered")
    journal.checkpoint(ENDED, {})
    log(Kind.OFFER_ENDED, "b-1", outcome="ring no answer")
    log(Kind.TALK_ENDED, "c-1", talk_s=5.0, by="agent")
    log(Kind.RECORDED, "c-1", path="x", complete=True)
    journal.append(ENDED, TimePassed(), [Log(Kind.ENDED, "e", detail={"ending": "lost"})])
    journal.close()
    due, going_on = legs_due(tmp_path / "spool")
    assert due == [LegDue("a", "a-1", 42.0, ENDED + timedelta(seconds=60), "1001", "billing")]
    assert going_on == {"d-1"}
