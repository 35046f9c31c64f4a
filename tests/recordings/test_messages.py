"""A message as a leg with one side: filed, found and judged like any other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from acd.engine.commands import SendTo
from acd.engine.events import CallerHungUp, CallReturned, Event, MessageLeft
from recordings.messages import Messages
from tests.recordings.test_filing import DAY, ENDED, Clerk, channels
from tests.support.recording_files import speech, write


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    made = Clerk(tmp_path / "recordings")
    yield made
    made.filing.close()


def voicemail(clerk: Clerk, event: Event, sound: bytes) -> None:
    messages = Messages(clerk.filing)
    messages.heard(ENDED, CallerHungUp("another"), [SendTo("c1", "voicemail", "billing")])
    write(clerk.root / "live" / "c1-m1-caller.wav", sound)
    messages.heard(ENDED, event, [])
    messages.heard(ENDED, CallerHungUp("c1"), [])
    assert clerk.filing.settle(30)


def test_a_message_is_on_the_callers_side_and_nobody_is_missed_on_the_other(clerk: Clerk) -> None:
    sound = speech(5)
    voicemail(clerk, MessageLeft("c1", 5.0), sound)
    filed = clerk.verdict("c1-m1")
    assert (filed.path, filed.complete, filed.silent, filed.seconds) == (f"{DAY}/c1-m1.wav", True, "", 5.0)
    left, right = channels(clerk.root / filed.path)
    assert left.tobytes() == sound
    assert not np.any(right)
    [leg] = clerk.filing.manifest("c1")["legs"]
    assert leg["offer"] == "c1-m1" and leg["complete"]
    assert clerk.left_over() == [] and clerk.alarms() == []


def test_a_message_without_a_sound_says_so(clerk: Clerk) -> None:
    voicemail(clerk, MessageLeft("c1", 5.0), bytes(5 * 16000))
    assert clerk.verdict("c1-m1").silent == "caller"


@pytest.mark.parametrize("event", [CallReturned("c1", "no message"), CallerHungUp("c1")])
def test_who_leaves_no_message_leaves_nothing(clerk: Clerk, event: Event) -> None:
    voicemail(clerk, event, speech(0.5))
    assert clerk.left_over() == [] and clerk.told == []


@pytest.mark.parametrize(("seconds", "filed"), [(4, True), (0.6, False)])
def test_a_message_of_which_a_crash_took_the_word_is_found(clerk: Clerk, seconds: float, filed: bool) -> None:
    write(clerk.root / "live" / "c1-m1-caller.wav", speech(seconds), 0)
    clerk.filing.sweep([], clerk.filing.left_over())
    assert clerk.filing.settle(30)
    assert clerk.left_over() == []
    assert bool(clerk.told) is filed
    if filed:
        verdict = clerk.verdict("c1-m1")
        assert verdict.path.endswith("/c1-m1.wav") and verdict.seconds == seconds
        assert verdict.reason == "the message: the file was never closed (Asterisk was killed)"
