"""From what Asterisk left to what QA hears: every leg one verdict, and nothing left over."""

import asyncio
import hashlib
import json
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from acd.engine.events import AlarmRaised, Event, RecordingFiled
from acd.store.legs import LegDue
from recordings import names
from recordings.filing import Filing
from tests.recordings.sounds import speech, talk, tone, write

ENDED = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
DAY = "2026/11/22"


class Clerk:
    """A filing clerk and all that he told."""

    def __init__(self, root: Path, close_within_s: float = 0.6, min_free_bytes: int = 0) -> None:
        self.root, self.told = root, list[Event]()
        self.filing = Filing(root, self.told.append, min_free_bytes, close_within_s=close_within_s)

    def files(self, offer: str, talk_s: float | None) -> RecordingFiled:
        self.filing.leg_ended(names.call_of(offer), offer, talk_s, ENDED, agent="1001", queue="billing")
        assert self.filing.settle(60)
        return self.verdict(offer)

    def verdict(self, offer: str) -> RecordingFiled:
        return [each for each in self.told if isinstance(each, RecordingFiled) and each.offer == offer][-1]

    def alarms(self) -> list[str]:
        return [each.name for each in self.told if isinstance(each, AlarmRaised)]

    def left_over(self) -> list[str]:
        return sorted(each.name for each in (self.root / "live").iterdir())


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    made = Clerk(tmp_path / "recordings")
    yield made
    made.filing.close()


def channels(file: Path) -> tuple[np.ndarray, np.ndarray]:
    with wave.open(str(file)) as opened:
        assert (opened.getnchannels(), opened.getframerate(), opened.getsampwidth()) == (2, 8000, 2)
        both = np.frombuffer(opened.readframes(opened.getnframes()), "<i2").reshape(-1, 2)
    return both[:, 0], both[:, 1]


def test_two_sides_become_one_file_with_the_caller_on_the_left(clerk: Clerk) -> None:
    caller, agent = tone(5, 440), tone(4.98, 880)
    talk(clerk.root, "c1-2", caller, agent)
    filed = clerk.files("c1-2", 5.01)
    assert filed.complete and filed.reason == "" and filed.silent == ""
    assert filed.path == f"{DAY}/c1-2.wav" and filed.seconds == pytest.approx(5.0)
    left, right = channels(clerk.root / filed.path)
    assert left.tobytes() == caller
    assert right.tobytes() == agent.ljust(len(caller), b"\0")
    assert filed.sha256 == hashlib.sha256((clerk.root / filed.path).read_bytes()).hexdigest()
    assert clerk.left_over() == [] and clerk.alarms() == []


def test_the_manifest_holds_every_leg_of_the_call(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", speech(4, 1), speech(4, 2))
    talk(clerk.root, "c1-3", speech(6, 3), speech(6, 4))
    first = clerk.files("c1-1", 4.0)
    second = clerk.files("c1-3", 9.0)
    book = clerk.filing.manifest("c1")
    assert book == json.loads((clerk.root / DAY / "c1.json").read_text())
    assert [(each["offer"], each["file"], each["from_s"], each["to_s"]) for each in book["legs"]] == [
        ("c1-1", first.path, 0.0, 4.0),
        ("c1-3", second.path, 0.0, 6.0),
    ]
    assert [each["sha256"] for each in book["legs"]] == [first.sha256, second.sha256]
    assert book["agents"] == ["1001"] and book["complete"] is False
    assert book["legs"][1]["checks"] == {
        "length_ok": False,
        "silent": "",
        "reasons": ["6.0 s of sound for 9.0 s of talk"],
    }
    assert clerk.alarms() == ["recording incomplete"]
    assert clerk.filing.manifest("never") == {"call": "never", "agents": [], "complete": False, "legs": []}


@pytest.mark.parametrize(("off_by", "complete"), [(0.99, True), (-0.99, True), (1.2, False), (-1.2, False)])
def test_sound_and_talk_may_differ_by_a_second(clerk: Clerk, off_by: float, complete: bool) -> None:
    talk(clerk.root, "c1-1", speech(5, 1), speech(5, 2))
    assert clerk.files("c1-1", 5.0 + off_by).complete is complete


@pytest.mark.parametrize(
    ("caller", "agent", "silent"),
    [
        (speech(5), bytes(80000), "agent"),
        (bytes(80000), speech(5), "caller"),
        (bytes(80000), tone(5, level=0.0005), "both"),
        (speech(5), bytes(72000) + speech(0.5), ""),
    ],
)
def test_a_side_on_which_nobody_is_heard_raises_an_alarm(
    clerk: Clerk, caller: bytes, agent: bytes, silent: str
) -> None:
    talk(clerk.root, "c1-1", caller, agent)
    filed = clerk.files("c1-1", 5.0)
    assert filed.silent == silent and filed.complete
    assert clerk.alarms() == (["recording silent"] if silent else [])


def test_asterisk_killed_while_it_wrote_leaves_a_repaired_and_incomplete_file(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", speech(5, 1), speech(5, 2), said=0)
    filed = clerk.files("c1-1", 5.0)
    assert not filed.complete and "never closed" in filed.reason
    left, _ = channels(clerk.root / filed.path)
    assert left.tobytes() == speech(5, 1)
    assert filed.seconds == 5.0 and filed.sha256 and clerk.left_over() == []
    assert clerk.alarms() == ["recording incomplete"]
