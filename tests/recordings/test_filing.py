"""From what Asterisk left to what QA hears: every leg one verdict, and nothing left over."""

import asyncio
import hashlib
import json
import threading
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from acd.engine.events import AlarmRaised, Event, RecordingFiled
from acd.store.journal.legs import LegDue
from recordings import names
from recordings.filing import Filing
from tests.support.recording_files import left_over, speech, talk, tone_samples, write

pytestmark = pytest.mark.slow

ENDED = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
DAY = "2026/11/22"


class Clerk:
    """A filing clerk and all that he told."""

    def __init__(
        self,
        root: Path,
        close_within_s: float = 0.6,
        min_free_bytes: int = 0,
        consults: Callable[[], bool] = lambda: True,
    ) -> None:
        self.root, self.told = root, list[Event]()
        self.filing = Filing(root, self.told.append, min_free_bytes, close_within_s=close_within_s, consults=consults)

    def files(self, offer: str, talk_s: float | None, ended_at: datetime = ENDED) -> RecordingFiled:
        self.filing.leg_ended(LegDue(names.call_of(offer), offer, talk_s, ended_at, agent="1001", queue="billing"))
        assert self.filing.settle(60)
        return self.verdict(offer)

    def verdict(self, offer: str) -> RecordingFiled:
        return [each for each in self.told if isinstance(each, RecordingFiled) and each.offer == offer][-1]

    def alarms(self) -> list[str]:
        return [each.name for each in self.told if isinstance(each, AlarmRaised)]

    def left_over(self) -> list[str]:
        return left_over(self.root)


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
    caller, agent = tone_samples(5, 440), tone_samples(4.98, 880)
    talk(clerk.root, "c1-2", caller, agent)
    filed = clerk.files("c1-2", 5.01)
    assert filed.complete and filed.reason == "" and filed.silent == ""
    assert filed.path == f"{DAY}/c1-2.wav" and filed.seconds == pytest.approx(5.0)
    left, right = channels(clerk.root / filed.path)
    assert left.tobytes() == caller
    assert right.tobytes() == agent.ljust(len(caller), b"\0")
    assert filed.sha256 == hashlib.sha256((clerk.root / filed.path).read_bytes()).hexdigest()
    assert clerk.left_over() == [] and clerk.alarms() == []


def test_legs_of_the_plain_queue_stand_where_their_talk_was(clerk: Clerk) -> None:
    for offer, minute in (("c1-2", 9), ("c1-f1", 5), ("c1-1", 1)):
        talk(clerk.root, offer, speech(4, 1), speech(4, 2))
        clerk.filing.leg_ended(LegDue("c1", offer, 4.0, ENDED.replace(minute=minute)))
    assert clerk.filing.settle(30)
    assert [each["offer"] for each in clerk.filing.manifest("c1")["legs"]] == ["c1-1", "c1-f1", "c1-2"]


def test_the_manifest_holds_every_leg_of_the_call(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", speech(4, 1), speech(4, 2))
    talk(clerk.root, "c1-3", speech(6, 3), speech(6, 4))
    first = clerk.files("c1-1", 4.0)
    second = clerk.files("c1-3", 9.0, ENDED + timedelta(seconds=9))
    book = clerk.filing.manifest("c1")
    assert book == json.loads((clerk.root / DAY / "c1.json").read_text())
    assert [(each["offer"], each["file"], each["from_s"], each["to_s"]) for each in book["legs"]] == [
        ("c1-1", first.path, 0.0, 4.0),
        ("c1-3", second.path, 0.0, 6.0),
    ]
    assert [each["sha256"] for each in book["legs"]] == [first.sha256, second.sha256]
    assert book["agents"] == ["1001"] and book["complete"] is False
    checks = book["legs"][1]["checks"]
    assert {name: checks[name] for name in ("length_ok", "silent", "reasons")} == {
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
        (bytes(80000), tone_samples(5, level=0.0005), "both"),
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


def test_a_file_that_still_grows_is_waited_for(tmp_path: Path) -> None:
    clerk = Clerk(tmp_path / "recordings", close_within_s=60)
    caller, agent = speech(4, 1), speech(4, 2)
    talk(clerk.root, "c1-1", caller[:20000], agent[:20000], said=0)
    clerk.filing.leg_ended(LegDue("c1", "c1-1", 4.0, ENDED))
    for end in range(20000, 64001, 4000):
        talk(clerk.root, "c1-1", caller[:end], agent[:end], said=0)
        assert not clerk.filing.settle(0.2), "filed while Asterisk still wrote"
    talk(clerk.root, "c1-1", caller, agent)
    assert clerk.filing.settle(60)
    assert clerk.verdict("c1-1").complete
    clerk.filing.close()


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda file: file.write_bytes(file.read_bytes()[:-30_001]), "caller's side: the file is cut short"),
        (lambda file: file.write_bytes(b"\0" * 44 + file.read_bytes()[44:]), "caller's side: the header is damaged"),
        (lambda file: file.write_bytes(file.read_bytes()[:30]), "the caller's side holds no sound"),
        (lambda file: file.write_bytes(b""), "the caller's side holds no sound"),
        (lambda file: file.unlink(), "the caller's side is missing"),
        (lambda file: write(file, speech(2)), "the caller's side is 3.0 s shorter"),
    ],
)
def test_a_damaged_side_is_filed_as_far_as_it_goes(clerk: Clerk, harm: Callable[[Path], object], reason: str) -> None:
    agent = speech(5, 2)
    talk(clerk.root, "c1-1", speech(5, 1), agent)
    harm(clerk.root / "live" / "c1-1-caller.wav")
    filed = clerk.files("c1-1", 5.0)
    assert not filed.complete and reason in filed.reason
    _, right = channels(clerk.root / filed.path)
    assert right.tobytes() == agent and filed.sha256
    assert clerk.left_over() == [] and clerk.alarms() == ["recording incomplete"]


def test_only_the_mixed_sound_is_better_than_none(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", speech(5, 1), speech(5, 2))
    for side in ("caller", "agent"):
        (clerk.root / "live" / f"c1-1-{side}.wav").unlink()
    filed = clerk.files("c1-1", 5.0)
    assert not filed.complete and "both sides are missing" in filed.reason and filed.seconds == 5.0
    left, right = channels(clerk.root / filed.path)
    assert left.tobytes() == right.tobytes()


@pytest.mark.parametrize("empty", [False, True])
def test_no_sound_at_all_is_a_verdict_too(clerk: Clerk, empty: bool) -> None:
    if empty:
        talk(clerk.root, "c1-1", b"", b"")
    filed = clerk.files("c1-1", 5.0)
    reason = "the files hold no sound" if empty else "there is no file"
    assert (filed.path, filed.sha256, filed.complete, filed.reason) == ("", "", False, reason)
    assert clerk.filing.manifest("c1")["legs"][0]["file"] == ""
    assert clerk.left_over() == [] and clerk.alarms() == ["recording missing"]


def test_a_bridge_of_a_moment_has_nothing_to_record_and_raises_no_alarm(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", b"", b"")
    filed = clerk.files("c1-1", 0.0001)
    assert (filed.path, filed.complete, filed.reason) == ("", True, "")
    assert clerk.left_over() == [] and clerk.alarms() == []


def test_an_offer_that_nobody_answered_leaves_nothing(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", b"", b"")
    clerk.filing.offer_ended_unanswered("c1-1")
    clerk.filing.offer_ended_unanswered("c1-2")
    assert clerk.filing.settle(60)
    assert clerk.left_over() == [] and clerk.told == []


def test_sound_of_an_offer_that_nobody_answered_is_not_thrown_away(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", speech(2), speech(2))
    clerk.filing.offer_ended_unanswered("c1-1")
    assert clerk.filing.settle(60)
    assert "not known" in clerk.verdict("c1-1").reason and clerk.verdict("c1-1").path


def test_nothing_that_is_filed_is_written_over(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", speech(3, 1), speech(3, 2))
    first = clerk.files("c1-1", 3.0)
    kept = (clerk.root / first.path).read_bytes()
    talk(clerk.root, "c1-1", speech(3, 7), speech(3, 8))
    second = clerk.files("c1-1", 3.0)
    assert second.path == f"{DAY}/c1-1~2.wav" and not second.complete and "of this name" in second.reason
    assert (clerk.root / first.path).read_bytes() == kept


def test_the_same_leg_filed_twice_is_one_file(clerk: Clerk) -> None:
    for _ in range(2):
        talk(clerk.root, "c1-1", speech(3, 1), speech(3, 2))
        filed = clerk.files("c1-1", 3.0)
        assert filed.complete and filed.path == f"{DAY}/c1-1.wav"
    assert len(clerk.filing.manifest("c1")["legs"]) == 1 and len(list((clerk.root / DAY).iterdir())) == 2


@pytest.mark.parametrize(
    "odd", ["../x-1", "c1-f0", "c1-f", "c1-1/../../x-1", "c1", "-1", "c1-0", "C1-1", "c1-1\0", "c1-1\n", "c 1-1", ""]
)
def test_ids_that_are_not_ours_are_refused(clerk: Clerk, odd: str) -> None:
    for refused in (
        lambda: clerk.filing.leg_ended(LegDue("c1", odd, 1.0, ENDED)),
        lambda: clerk.filing.offer_ended_unanswered(odd),
        lambda: names.live_files(clerk.root, odd),
    ):
        with pytest.raises(names.NotAnId, match="is not the id of"):
            refused()
    with pytest.raises(names.NotAnId):
        clerk.filing.leg_ended(LegDue("c2", "c1-1", 1.0, ENDED))
    for call in ("../../etc", "a/b", "", "x" * 41):
        with pytest.raises(names.NotAnId):
            clerk.filing.manifest(call)


def test_many_legs_at_once_are_each_filed_once(clerk: Clerk) -> None:
    for number in range(1, 41):
        talk(clerk.root, f"c{number % 7}-{number}", speech(1, number), speech(1, number + 100))
    for number in range(1, 41):
        clerk.filing.leg_ended(LegDue(f"c{number % 7}", f"c{number % 7}-{number}", 1.0, ENDED, "1001"))
    assert clerk.filing.settle(120)
    verdicts = [each for each in clerk.told if isinstance(each, RecordingFiled)]
    assert len(verdicts) == 40 and all(each.complete for each in verdicts)
    assert sum(len(clerk.filing.manifest(f"c{call}")["legs"]) for call in range(7)) == 40
    assert clerk.left_over() == []


async def test_inside_a_loop_the_verdict_comes_in_that_loop(tmp_path: Path) -> None:
    told: asyncio.Queue[tuple[Event, int]] = asyncio.Queue()
    filing = Filing(tmp_path, lambda event: told.put_nowait((event, threading.get_ident())), 0)
    talk(tmp_path, "c1-1", speech(1), speech(1))
    filing.leg_ended(LegDue("c1", "c1-1", 1.0, ENDED))
    event, thread = await asyncio.wait_for(told.get(), 60)
    assert isinstance(event, RecordingFiled) and event.complete and thread == threading.get_ident()
    await asyncio.to_thread(filing.close)
