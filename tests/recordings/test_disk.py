"""A recordings disk that is nearly full, full, or closed to us."""

import contextlib
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acd.engine.events import AlarmRaised, Event, RecordingFiled
from acd.store.journal.legs import LegDue
from recordings import filing as clerk
from recordings import leg, names
from recordings.disk import STALLED_S, DiskWatch
from recordings.filing import Filing
from tests.support.recording_files import speech, talk
from tests.support.waiting import eventually_blocking

ENDED = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


@contextlib.contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_recording_for_which_there_is_no_room_keeps_its_sides_and_is_filed_later(tmp_path: Path) -> None:
    caller, agent = speech(5, 1), speech(5, 2)
    talk(tmp_path, "c1-1", caller, agent)
    due = LegDue("c1", "c1-1", 5.0, ENDED)
    with no_file_larger_than(100_000):  # the sides have 80,044 bytes each, the recording 160,044
        judged = leg.file_leg(tmp_path, due, ENDED)
    assert judged.keep and not judged.complete and judged.reasons[0] == "disk full" and judged.path == ""
    # The mixed sound is given up for its room; the sides are not.
    assert sorted(each.name for each in (tmp_path / "live").iterdir()) == ["c1-1-agent.wav", "c1-1-caller.wav"]
    judged = leg.file_leg(tmp_path, due, ENDED)
    assert judged.complete and judged.path and not list((tmp_path / "live").iterdir())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """400 kB of memory as a disk, where one may mount; else the test's own limit on the size of files stands for it."""
    root = tmp_path / "small"
    root.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(root)], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    if mounted:
        yield root
        subprocess.run(["umount", "-l", str(root)], check=True)
    else:
        with no_file_larger_than(100_000):
            yield root


def test_a_full_disk_is_said_and_when_there_is_room_the_recording_follows(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerk, "NO_ROOM_AGAIN_S", 0.1)
    told: list[Event] = []
    changed = threading.Condition()

    def tell(event: Event) -> None:
        with changed:
            told.append(event)
            changed.notify_all()

    def verdicts() -> list[RecordingFiled]:
        return [each for each in told if isinstance(each, RecordingFiled)]

    talk(small_disk, "c1-1", speech(5, 1), speech(5, 2))  # three files of 80 kB; the recording needs 160 kB more
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError):
        ballast.write_bytes(bytes(90_000))
    filing = Filing(small_disk, tell, 0, close_within_s=0.6)
    filing.leg_ended(LegDue("c1", "c1-1", 5.0, ENDED))
    with changed:  # the alarm comes after the verdict, from the clerk's thread
        assert changed.wait_for(
            lambda: any(isinstance(each, AlarmRaised) and each.name == "recording incomplete" for each in told), 60
        )
    assert not verdicts()[0].complete and "disk full" in verdicts()[0].reason
    ballast.unlink(missing_ok=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert filing.settle(60)
    filing.close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [each.complete for each in verdicts()] == [False, True]
    assert not [each for each in (small_disk / "live").iterdir() if names.offer_of_live(each)]


def test_half_the_sound_on_a_full_disk_is_called_so(tmp_path: Path) -> None:
    talk(tmp_path, "c1-1", speech(2, 1), speech(2, 2))
    judged = leg.file_leg(tmp_path, LegDue("c1", "c1-1", 9.0, ENDED), ENDED, disk_was_full=True)
    assert judged.reasons == ("disk full", "2.0 s of sound for 9.0 s of talk") and judged.path


def test_the_alarm_comes_before_the_disk_is_full_and_once(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    told: list[Event] = []
    free = DiskWatch(tmp_path, told.append, 0).free()
    watch = DiskWatch(tmp_path, told.append, free * 2)
    for _ in range(3):
        watch.look()
    (alarm,) = told
    assert isinstance(alarm, AlarmRaised) and alarm.name == "recordings disk nearly full"
    assert str(tmp_path) in alarm.detail and "make room" in alarm.detail
    assert not list((tmp_path / "live").iterdir())


def test_a_folder_that_cannot_be_written_is_an_alarm_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    told: list[Event] = []
    seen = threading.Event()

    def tell(event: Event) -> None:
        told.append(event)
        seen.set()

    filing = Filing(tmp_path / "file" / "recordings", tell, 0)
    assert seen.wait(60)
    (alarm,) = told
    assert isinstance(alarm, AlarmRaised) and alarm.name == "recordings folder cannot be written"
    filing.close()


def test_a_disk_that_stalls_is_told_while_it_does_and_when_it_answers_again(tmp_path: Path):
    probe = tmp_path / "live" / ".probe"
    probe.parent.mkdir()
    os.mkfifo(probe)  # Opening it for writing waits for a reader.
    told: list[Event] = []
    watch = DiskWatch(tmp_path, told.append, 0)
    looking = threading.Thread(target=watch.look, daemon=True)
    looking.start()
    eventually_blocking(lambda: watch._look_began is not None, "the look")
    watch.tell_if_stalled(time.monotonic())
    assert told == []
    for _ in range(2):
        watch.tell_if_stalled(time.monotonic() + STALLED_S)
    [alarm] = told
    assert isinstance(alarm, AlarmRaised) and alarm.name == "recordings disk stalls" and str(tmp_path) in alarm.detail
    with os.fdopen(os.open(probe, os.O_RDONLY | os.O_NONBLOCK), "rb"):
        looking.join()
    for _ in range(2):
        watch.tell_if_stalled(time.monotonic())
    assert [event.name for event in told if isinstance(event, AlarmRaised)] == [
        "recordings disk stalls",
        "recordings disk answers again",
    ]
