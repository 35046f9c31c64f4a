"""Alarms about recordings, from real sound files: a side that is silent, too quiet or clipped, a recording that does not come."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from acd.config.quality import RecordingChecks
from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event, RecordingFiled
from acd.store.journal.legs import LegDue
from recordings import names
from recordings.filing import Filing
from tests.support.recording_files import RATE, talk, write

pytestmark = pytest.mark.slow

ENDED = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
GOOD = -20.0


def voice(seconds: float, dbfs: float, seed: int = 1, over_db: float | None = None) -> bytes:
    """Noise in syllables with pauses between, at this level while it lasts; `over_db`: its peaks are so much over full scale, and cut."""
    noise = np.random.default_rng(seed).normal(0, 1, int(seconds * RATE))
    syllables = (np.arange(len(noise)) // (RATE // 5)) % 3 < 2
    sound = noise * syllables
    if over_db is None:
        sound *= 10 ** (dbfs / 20) * 32768
    else:
        sound *= 32767 * 10 ** (over_db / 20) / np.abs(sound).max()
    return bytes(np.clip(np.round(sound), -32768, 32767).astype("<i2").tobytes())


class Clerk:
    def __init__(self, root: Path) -> None:
        self.root, self.told = root, list[Event]()
        self.limits = RecordingChecks()
        self.filing = Filing(root, self.told.append, 0, close_within_s=0.3, limits=lambda: self.limits)

    def files(self, offer: str, talk_s: float) -> None:
        self.filing.leg_ended(LegDue(names.call_of(offer), offer, talk_s, ENDED, agent="1001"))
        assert self.filing.settle(60)

    def alarms(self) -> list[tuple[str, str]]:
        return [(each.name, each.detail) for each in self.told if isinstance(each, AlarmRaised)]

    def over(self) -> list[str]:
        return [each.name for each in self.told if isinstance(each, AlarmCleared)]


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    made = Clerk(tmp_path / "recordings")
    yield made
    made.filing.close()


@pytest.mark.parametrize(
    ("caller", "agent", "alarm"),
    [
        (voice(12, GOOD), voice(12, GOOD, 2), None),
        (voice(12, GOOD), voice(12, -38, 2), None),
        (voice(12, GOOD), voice(12, -45, 2), "the agent's side is too quiet: -45 dBFS, below -40"),
        (voice(12, -50), voice(12, GOOD, 2), "the caller's side is too quiet: -50 dBFS, below -40"),
        (voice(12, GOOD, over_db=3), voice(12, GOOD, 2), None),
        (voice(12, GOOD, over_db=14), voice(12, GOOD, 2), "the caller's side is clipped"),
        (voice(9, GOOD, over_db=14), voice(9, -45), None),  # too short for a level
    ],
    ids=["good", "soft", "-45", "-50", "3 dB over", "14 dB over", "short"],
)
def test_a_side_that_is_too_quiet_or_clipped_raises_an_alarm(
    clerk: Clerk, caller: bytes, agent: bytes, alarm: str | None
) -> None:
    talk(clerk.root, "c1-1", caller, agent)
    clerk.files("c1-1", len(caller) / 2 / RATE)
    told = clerk.alarms()
    if alarm is None:
        assert told == []
    else:
        ((name, detail),) = told
        assert name == "recording level wrong" and detail.startswith("c1-1: ") and alarm in detail
    filed = [each for each in clerk.told if isinstance(each, RecordingFiled)][-1]
    assert filed.complete, "a wrong level makes no recording incomplete"


def test_a_silent_side_is_said_to_be_silent_and_not_to_be_quiet(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", voice(12, GOOD), voice(12, -70, 2))
    clerk.files("c1-1", 12.0)
    assert clerk.alarms() == [("recording silent", "c1-1: the agent's side is silent")]


def test_the_levels_stand_in_the_manifest(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", voice(12, GOOD), voice(12, -45, 2))
    clerk.files("c1-1", 12.0)
    checks = clerk.filing.manifest("c1")["legs"][0]["checks"]
    assert checks["levels"]["caller"]["speech_db"] == pytest.approx(-20, abs=0.5)
    assert checks["levels"]["agent"]["speech_db"] == pytest.approx(-45, abs=0.5)
    assert checks["level_faults"] == ["the agent's side is too quiet: -45 dBFS, below -40"]


def test_a_message_is_judged_by_the_caller_alone(clerk: Clerk) -> None:
    offer = names.message_of("c1")
    write(names.live_files(clerk.root, offer).caller, voice(12, -45))
    clerk.filing.message_left("c1", 12.0, ENDED)
    assert clerk.filing.settle(60)
    assert clerk.alarms() == [
        ("recording level wrong", f"{offer}: the caller's side is too quiet: -45 dBFS, below -40")
    ]


def test_thresholds_are_those_in_force_when_it_is_filed(clerk: Clerk) -> None:
    clerk.limits = RecordingChecks(quiet_below_db=-48, silent_below_db=-60)
    talk(clerk.root, "c1-1", voice(12, GOOD), voice(12, -45, 2))
    clerk.files("c1-1", 12.0)
    assert clerk.alarms() == []
    clerk.limits = RecordingChecks(quiet_below_db=-30)
    talk(clerk.root, "c1-2", voice(12, GOOD), voice(12, -45, 2))
    clerk.files("c1-2", 12.0)
    assert clerk.alarms() == [("recording level wrong", "c1-2: the agent's side is too quiet: -45 dBFS, below -30")]


@pytest.mark.parametrize("empty", [False, True])
def test_a_talk_without_sound_is_a_missing_recording_until_a_person_clears_it(clerk: Clerk, empty: bool) -> None:
    if empty:
        talk(clerk.root, "c1-1", b"", b"")
    clerk.files("c1-1", 5.0)
    why = "the files hold no sound" if empty else "there is no file"
    assert clerk.alarms() == [("recording missing", f"c1-1: {why}")]
    # One that was late and came does not end the alarm about another that will never come.
    _late(clerk, "c2-1")
    assert clerk.over() == []
    clerk.filing.alarms.heard(AlarmCleared("recording missing", by="qa"))
    _late(clerk, "c3-1")
    assert clerk.over() == ["recording missing"]


def _late(clerk: Clerk, offer: str) -> None:
    """Its files grow until it is late; then they are closed."""
    sound = voice(4, GOOD)
    talk(clerk.root, offer, sound[:20000], sound[:20000], said=0)
    clerk.filing.leg_ended(LegDue(names.call_of(offer), offer, 4.0, ENDED))
    before = len(clerk.alarms())
    for end in range(22000, 36000, 2000):
        talk(clerk.root, offer, sound[:end], sound[:end], said=0)
        clerk.filing.tell_what_is_wrong(time.monotonic())
        assert len(clerk.alarms()) == before, "nobody waits for it yet"
        time.sleep(0.05)
    for _ in range(2):
        clerk.filing.tell_what_is_wrong(time.monotonic() + clerk.limits.missing_after_s)
    assert len(clerk.alarms()) == before + 1, "once"
    name, detail = clerk.alarms()[-1]
    assert name == "recording missing" and detail.startswith(f"{offer}: not filed 6")
    talk(clerk.root, offer, sound, sound)
    assert clerk.filing.settle(60)


def test_a_recording_that_comes_late_ends_its_alarm(clerk: Clerk) -> None:
    _late(clerk, "c1-1")
    deadline = time.monotonic() + 10
    while not clerk.over() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert clerk.over() == ["recording missing"]


def test_what_no_talk_owes_is_never_missing(clerk: Clerk) -> None:
    clerk.filing.offer_ended_unanswered("c1-1")
    clerk.filing.leg_ended(replace(LegDue("c2", "c2-1", 5.0, ENDED), declined=True))
    clerk.filing.tell_what_is_wrong(time.monotonic() + 1000)
    assert clerk.filing.settle(60)
    # That the disk stalls is said of a look that is a thousand seconds late.
    assert "recording missing" not in [name for name, _ in clerk.alarms()]


def test_a_threshold_that_never_counts_is_refused() -> None:
    with pytest.raises(ValueError, match="quiet_below_db of at least silent_below_db"):
        RecordingChecks(quiet_below_db=-60)
    assert RecordingChecks(quiet_below_db=-96).quiet_below_db == -96
