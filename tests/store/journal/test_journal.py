"""The journal: what was told is on disk, whole, in order, whatever happened to the process, the file or the disk."""

import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.engine.commands import Kind, Log
from acd.engine.events import (
    AgentReady,
    AgentsChanged,
    AlarmRaised,
    CallArrived,
    CallQueued,
    Event,
    MenuChosen,
    PbxFound,
    RecordingFiled,
)
from acd.engine.model import AgentProfile
from acd.engine.pbx_report import FoundCall
from acd.engine.transfer_events import CardWritten, TransferEvent
from acd.store.errors import NotAnEvent, SpoolTaken, SpoolUnwritable
from acd.store.journal import spool
from acd.store.journal.codec import event_form, event_from, log_form, log_from, to_json
from acd.store.journal.journal import Journal

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

# Text as JSON in UTF-8 can hold it; what it cannot hold has a test of its own.
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
skills = st.lists(st.tuples(words, st.integers(1, 9)), max_size=3).map(tuple)
floats = st.floats(allow_nan=False, allow_infinity=False, width=32)


def any_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.from_type(kind)


st.register_type_strategy(str, words)
st.register_type_strategy(float, floats)
# Seconds hold a microsecond for a hundred years; no rule of a house lasts longer.
A_CENTURY = timedelta(days=36_500)
st.register_type_strategy(timedelta, st.timedeltas(-A_CENTURY, A_CENTURY))
details = st.dictionaries(
    words, st.one_of(words, st.integers(-(2**40), 2**40), floats, st.booleans(), st.none()), max_size=4
)
st.register_type_strategy(CardWritten, st.builds(CardWritten, words, words, words, details))
st.register_type_strategy(AlarmRaised, st.builds(AlarmRaised, words, words, words, words, words, details))
events: st.SearchStrategy[Event] = st.one_of([any_of(each) for each in get_args(Event)])
logs = st.lists(st.builds(Log, st.sampled_from(Kind), words, words, words, words, details), max_size=3)


def test_a_union_within_the_union_of_events_is_read_too() -> None:
    assert set(get_args(TransferEvent)) < set(get_args(Event))


@pytest.mark.parametrize("kind", get_args(TransferEvent), ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(deadline=None, max_examples=20)
def test_every_event_of_a_transfer_comes_back_as_it_was(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(any_of(kind))
    assert event_from(json.loads(to_json(event_form(event)))) == event


@given(events)
@settings(deadline=None)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    assert event_from(json.loads(to_json(event_form(event)))) == event


@given(logs)
@settings(deadline=None)
def test_every_log_row_comes_back_as_it_was(rows: list[Log]) -> None:
    assert [log_from(json.loads(to_json(log_form(row)))) for row in rows] == rows


def test_nested_events_keep_their_shape() -> None:
    told: list[Event] = [
        AgentsChanged((AgentProfile("1001", "张三", (("billing", 5),)),)),
        PbxFound((FoundCall("c1", "waiting", skills=(("en", 1),), waiting_for_s=3),), restarted=True),
        CallQueued("c1", "billing", (("en", 1), ("orders", 2)), "zh"),
    ]
    for event in told:
        back = event_from(json.loads(to_json(event_form(event))))
        assert back == event and hash(back) == hash(event)


def test_a_neighbouring_versions_spool_can_be_read() -> None:
    assert event_from({"type": "CallArrived", "call": "c1", "caller": "1", "colour": "blue"}) == CallArrived("c1", "1")
    with pytest.raises(NotAnEvent, match="'CallSang'"):
        event_from({"type": "CallSang"})
    with pytest.raises(NotAnEvent, match="without caller"):
        event_from({"type": "CallArrived", "call": "c1"})


def test_what_json_cannot_hold_is_said_in_words_and_refuses_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    odd = {"nan": float("nan"), "when": NOW, "object": object, "lone": "\ud800", "for": timedelta(seconds=2)}
    journal.append(NOW, MenuChosen("c1", "\ud800"), [Log(Kind.ALARM, detail=odd)])
    journal.close()
    ((line, _),) = spool.lines(spool.segments(tmp_path)[0])
    assert isinstance(line, spool.Line)
    assert line.rows()[0].detail["nan"] is None and line.rows()[0].detail["for"] == 2.0
    assert line.rows()[0].detail["when"] == NOW.isoformat()


@given(st.lists(st.tuples(events, logs, st.sampled_from(["", "sync", "checkpoint", "restart"])), max_size=12))
@settings(deadline=None, max_examples=60)
def test_a_restart_gives_back_the_last_state_and_every_event_after_it(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[Event, list[Log], str]]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    journal = Journal(folder)
    state: dict[str, Any] | None = None
    since: list[tuple[datetime, Event]] = []
    written: list[list[Log]] = []
    for number, (event, rows, then) in enumerate(story):
        at = NOW + timedelta(microseconds=number)
        journal.append(at, event, rows)
        since.append((at, event))
        written.append(rows)
        if then == "sync":
            journal.sync()
        elif then == "checkpoint":
            state, since = {"calls": number, "names": ["王"]}, []
            journal.checkpoint(at, state)
        elif then == "restart":
            journal.close()
            journal = Journal(folder)
            assert journal.last() == (state, since)
    journal.close()
    again = Journal(folder)
    assert again.last() == (state, since)
    lines = [line for segment in spool.segments(folder) for line, _ in spool.lines(segment)]
    assert [line.number for line in lines] == list(range(1, len(story) + 1))
    assert [line.rows() for line in lines if isinstance(line, spool.Line)] == written
    again.close()


@given(st.integers(1, 8), st.data())
@settings(deadline=None, max_examples=60)
def test_a_torn_end_loses_only_what_was_torn(
    tmp_path_factory: pytest.TempPathFactory, count: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    journal = Journal(folder)
    told = [(NOW, CallArrived(f"c{number}", "13800001111")) for number in range(count)]
    for at, event in told:
        journal.append(at, event, [Log(Kind.ARRIVED, event.call)])
    journal.close()
    segment = spool.segments(folder)[0]
    whole = segment.read_bytes()
    begin = len(whole.split(b"\n", 1)[0]) + 1
    cut = data.draw(st.integers(begin, len(whole)))
    torn = whole[:cut] + data.draw(st.sampled_from([b"", b"\0" * 100, b"\0" * 5 + b"\n"]))
    segment.write_bytes(torn)
    kept = torn[:cut].count(b"\n") - 1
    again = Journal(folder)
    assert again.last() == (None, told[:kept])
    again.append(NOW, AgentReady("1001"), [])
    again.close()
    final = Journal(folder)
    assert final.last() == (None, [*told[:kept], (NOW, AgentReady("1001"))])
    final.close()


def test_a_broken_line_in_the_middle_is_passed_over_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(tmp_path)
    for number in range(3):
        journal.append(NOW, AgentReady(str(number)), [])
    journal.close()
    segment = spool.segments(tmp_path)[0]
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(lines[0] + lines[1] + b"#" * 20 + lines[2][20:] + lines[3])
    again = Journal(tmp_path)
    assert [event for _, event in again.last()[1]] == [AgentReady("0"), AgentReady("2")]
    assert "line 2 of the spool is damaged" in caplog.text
    again.append(NOW, AgentReady("3"), [])
    again.sync()
    assert again.synced == 4
    again.close()


def test_a_damaged_head_falls_back_to_the_segment_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(tmp_path)
    journal.append(NOW, AgentReady("1"), [])
    journal.checkpoint(NOW, {"at": 1})
    journal.append(NOW, AgentReady("2"), [])
    journal.checkpoint(NOW, {"at": 2})
    journal.append(NOW, AgentReady("3"), [])
    journal.close()
    newest = spool.segments(tmp_path)[-1]
    head, rest = newest.read_bytes().split(b"\n", 1)
    newest.write_bytes(b"?" * len(head) + b"\n" + rest)
    again = Journal(tmp_path)
    assert again.last() == ({"at": 1}, [(NOW, AgentReady("2")), (NOW, AgentReady("3"))])
    assert "starting from the segment before" in caplog.text
    again.close()


def test_nothing_touches_the_disk_before_sync(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    before = {each: each.stat().st_size for each in tmp_path.iterdir()}
    for _ in range(1000):
        journal.append(NOW, CallArrived("c1", "13800001111"), [Log(Kind.ARRIVED, "c1")])
    journal.checkpoint(NOW, {"big": "x" * 100_000})
    assert {each: each.stat().st_size for each in tmp_path.iterdir()} == before
    assert journal.synced == 0
    journal.sync()
    assert journal.synced == 1000 and len(spool.segments(tmp_path)) == 2
    journal.close()


def test_a_second_process_on_the_same_spool_is_refused_in_a_sentence(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    script = (
        f"from pathlib import Path; from acd.store.journal.journal import Journal; Journal(Path({str(tmp_path)!r}))"
    )
    second = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert second.returncode != 0
    assert f"(process {os.getpid()}): Another process writes this spool. Stop it" in second.stderr
    with pytest.raises(SpoolTaken):
        Journal(tmp_path)
    journal.append(NOW, AgentReady("1"), [])
    journal.close()
    third = Journal(tmp_path)
    assert len(third.last()[1]) == 1
    third.close()


def test_a_folder_that_cannot_be_made_is_said_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SpoolUnwritable, match=r"file/spool \(Not a directory\).*Mend its owner"):
        Journal(tmp_path / "file" / "spool")


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The disk takes no more: what ENOSPC is to a full one, EFBIG is to this limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_said_once_and_nothing_is_lost(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    journal = Journal(tmp_path)
    told: list[tuple[datetime, Event]] = []

    def tell(count: int) -> None:
        for _ in range(count):
            told.append((NOW, MenuChosen("c1", f"zh/{len(told)}")))
            journal.append(*told[-1], [])
        journal.sync()

    tell(20)
    durable = spool.segments(tmp_path)[0].stat().st_size
    with no_file_larger_than(durable + 700):
        for _ in range(5):
            tell(20)
            assert "cannot be written" in journal.trouble
            # Half a batch does not stay: what is on disk ends with a whole line.
            assert spool.segments(tmp_path)[0].stat().st_size == durable
        journal.checkpoint(NOW, {"state": "x" * 2000})
        tell(1)
        assert len(spool.segments(tmp_path)) == 1 and journal.synced == 20
    assert caplog.text.count("cannot be written") == 1
    tell(1)
    assert journal.trouble == "" and "written again" in caplog.text and journal.let_go == 0
    journal.close()
    again = Journal(tmp_path)
    assert again.last() == ({"state": "x" * 2000}, told[-2:])
    first = [line.event() for line, _ in spool.lines(spool.segments(tmp_path)[0]) if isinstance(line, spool.Line)]
    assert first == [event for _, event in told[:-2]]
    again.close()


def test_beyond_the_bound_the_oldest_are_let_go_and_counted(tmp_path: Path) -> None:
    journal = Journal(tmp_path, keep_in_memory=10)
    with no_file_larger_than(spool.segments(tmp_path)[0].stat().st_size):
        for number in range(25):
            journal.append(NOW, AgentReady(str(number)), [])
            journal.sync()
        assert journal.let_go == 15
    journal.sync()
    assert [event for _, event in journal.last()[1]] == [AgentReady(str(number)) for number in range(15, 25)]
    assert [line.number for line, _ in spool.lines(spool.segments(tmp_path)[0])] == list(range(16, 26))
    journal.close()


def test_a_segment_lasts_an_hour_or_so_many_lines_also_over_a_start(tmp_path: Path) -> None:
    def due(journal: Journal, *minutes: float) -> list[bool]:
        """Whether a checkpoint is due after a line at each of these minutes."""
        found = []
        for minute in minutes:
            journal.append(NOW + timedelta(minutes=minute), AgentReady("1"), [])
            found.append(journal.checkpoint_due)
        return found

    journal = Journal(tmp_path, segment_lines=5)
    assert not journal.checkpoint_due
    assert due(journal, 0, 59) == [False, False]
    journal.checkpoint(NOW + timedelta(minutes=59), {"state": 1})
    assert due(journal, 60) == [False]
    journal.close()
    again = Journal(tmp_path, segment_lines=5)
    assert due(again, 118, 119) == [False, True]
    again.checkpoint(NOW + timedelta(minutes=119), {"state": 2})
    assert due(again, 120, 120, 120, 120, 120) == [False, False, False, False, True]
    again.close()


def test_segments_go_once_postgresql_has_had_them_for_long_enough_and_never_the_newest(tmp_path: Path) -> None:
    journal = Journal(tmp_path, kept=timedelta(hours=24))
    for number in range(3):
        journal.append(NOW, AgentReady(str(number)), [])
        journal.checkpoint(NOW, {"number": number})
    journal.sync()
    assert [spool.first_line(each) for each in spool.segments(tmp_path)] == [1, 2, 3, 4]
    journal.shipped(2, NOW)
    journal.shipped(2, NOW + timedelta(hours=23))
    assert len(spool.segments(tmp_path)) == 4
    journal.shipped(3, NOW + timedelta(hours=25))
    assert [spool.first_line(each) for each in spool.segments(tmp_path)] == [3, 4]
    journal.shipped(3, NOW + timedelta(hours=72))
    assert [spool.first_line(each) for each in spool.segments(tmp_path)] == [4]
    assert journal.last() == ({"number": 2}, [])
    assert not list(tmp_path.glob("*.shipped"))
    journal.close()


def test_the_spool_is_for_its_owner_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state" / "spool")
    journal.append(NOW, RecordingFiled("c1", "c1-1", "x", 1.0, "ff", True), [])
    journal.close()
    assert (tmp_path / "state" / "spool").stat().st_mode & 0o077 == 0
    assert all(each.stat().st_mode & 0o077 == 0 for each in (tmp_path / "state" / "spool").glob("*.log"))
