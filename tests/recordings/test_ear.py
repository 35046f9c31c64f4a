"""The ear of the scenarios hears what is there, whatever a telephone line did to it, and nothing else."""

import audioop
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.recorded_sound import hears, stretches
from tests.support.recording_files import RATE, speech, tone_samples

CALLER, FIRST, RECEIVER = 660, 440, 530


def stereo(file: Path, left: bytes, right: bytes) -> Path:
    longest = max(len(left), len(right))
    both = [np.frombuffer(each.ljust(longest, b"\0"), "<i2") for each in (left, right)]
    soundfile.write(file, np.stack(both, axis=1), RATE, subtype="PCM_16")
    return file


def together(*sounds: bytes) -> bytes:
    """As a conference adds them up; too loud a sum is cut off."""
    added = sum(np.frombuffer(each, "<i2").astype(np.int32) for each in sounds)
    return bytes(np.clip(added, -32768, 32767).astype("<i2").tobytes())


def with_losses(sound: bytes) -> bytes:
    """One packet of 20 ms in twenty is silence."""
    samples = np.frombuffer(sound, "<i2").copy()
    for lost in range(7, len(samples) // 160, 20):
        samples[lost * 160 : (lost + 1) * 160] = 0
    return samples.tobytes()


LINES: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda sound: sound,
    "mu-law": lambda sound: audioop.ulaw2lin(audioop.lin2ulaw(sound, 2), 2),
    "A-law": lambda sound: audioop.alaw2lin(audioop.lin2alaw(sound, 2), 2),
    "4 bits a sample": lambda sound: audioop.adpcm2lin(audioop.lin2adpcm(sound, 2, None)[0], 2, None)[0],
    "packets lost": with_losses,
    "quiet": lambda sound: audioop.mul(sound, 2, 0.05),
    "overdriven": lambda sound: audioop.mul(sound, 2, 4.0),
    "a noisy room": lambda sound: together(sound, audioop.mul(speech(len(sound) / 2 / RATE), 2, 0.5)),
}


@pytest.mark.parametrize("line", LINES)
def test_a_tone_is_heard_when_and_where_it_sounds(tmp_path: Path, line: str) -> None:
    right = tone_samples(2, FIRST) + bytes(RATE * 2 * 2) + tone_samples(3, RECEIVER)
    file = stereo(tmp_path / "x.wav", LINES[line](tone_samples(7, CALLER)), LINES[line](right))
    assert hears(file, CALLER, "left") and hears(file, FIRST, "right", 0.1, 1.9) and hears(file, RECEIVER, "right", 4.1)
    for hz, begin, end in ((FIRST, 0, 2), (RECEIVER, 4, 7)):
        (stretch,) = stretches(file, hz, "right")
        assert stretch == pytest.approx((begin, end), abs=0.1)
        assert stretches(file, hz, "left") == []
    assert stretches(file, CALLER, "right") == [] and not hears(file, FIRST, "right", 0, 4)


def test_all_who_sound_at_once_are_heard(tmp_path: Path) -> None:
    right = together(tone_samples(4, FIRST), tone_samples(4, RECEIVER, 0.15), tone_samples(4, 590))
    file = stereo(tmp_path / "x.wav", bytes(4 * RATE * 2), right)
    assert all(hears(file, hz, "right") for hz in (FIRST, RECEIVER, 590))
    assert not any(stretches(file, hz, "right") for hz in (CALLER, 490, 710, 880, 1320))
    assert not any(stretches(file, hz, "left") for hz in (FIRST, RECEIVER, 590))


def test_opus_keeps_a_tone(tmp_path: Path) -> None:
    whole = stereo(
        tmp_path / "x.wav", tone_samples(4, CALLER), together(tone_samples(4, FIRST), tone_samples(4, RECEIVER))
    )
    sound, rate = soundfile.read(whole)
    soundfile.write(tmp_path / "x.ogg", sound, rate, format="OGG", subtype="OPUS")
    file = tmp_path / "x.ogg"
    assert hears(file, CALLER, "left") and hears(file, FIRST, "right") and hears(file, RECEIVER, "right")
    assert stretches(file, CALLER, "right") == [] and stretches(file, FIRST, "left") == []


def test_neither_noise_nor_a_moment_of_it_is_a_tone(tmp_path: Path) -> None:
    file = stereo(tmp_path / "x.wav", speech(20, 5), tone_samples(0.2, FIRST) + bytes(RATE * 2 * 3))
    assert not any(stretches(file, hz, "left") for hz in (CALLER, FIRST, RECEIVER))
    assert stretches(file, FIRST, "right") == [] and stretches(file, FIRST, "right", at_least_s=0.1) != []
    with pytest.raises(AssertionError, match="no sound from 30 s"):
        hears(file, FIRST, "left", 30)


def test_tones_fifty_hertz_apart_are_told_apart(tmp_path: Path) -> None:
    for one, other in itertools.pairwise(range(400, 1000, 50)):
        file = stereo(tmp_path / "x.wav", tone_samples(2, one), tone_samples(2, other))
        assert hears(file, one, "left") and stretches(file, other, "left") == []
