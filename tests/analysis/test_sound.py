"""A file that can't be analysed says why; one that can is heard from its first to its last second."""

import io
import struct

import numpy as np
import pytest
import soundfile

from recordings.analysis.measured import from_json, measure
from recordings.analysis.sound import NotAnalysable
from tests.support.labelled_talks import as_wav, talk

RATE = 8000


def wav(channels: int = 2, rate: int = RATE, seconds: float = 2.0) -> bytes:
    made = io.BytesIO()
    soundfile.write(made, np.full((int(rate * seconds), channels), 0.1), rate, format="WAV", subtype="PCM_16")
    return made.getvalue()


def said(sound: bytes, length: int) -> bytes:
    """The same file, whose header tells another length of sound."""
    at = sound.index(b"data") + 4
    return sound[:at] + struct.pack("<I", length) + sound[at + 4 :]


WHOLE = wav()
BAD = {
    "empty": (b"", "the file is empty"),
    "mono": (wav(channels=1), "it has 1 channel"),
    "three sides": (wav(channels=3), "it has 3 channel"),
    "16 kHz": (wav(rate=16000), "16000 samples a second"),
    "foreign": (b"%PDF-1.7" + bytes(4000), "no sound that is known here"),
    "an mp3's beginning": (b"ID3\x04" + bytes(4000), "no sound that is known here"),
    "truncated": (WHOLE[:9000], "cut short"),
    "in the header": (WHOLE[:30], "its header names no sound"),
    "still growing": (said(WHOLE, 0), "still being written"),
    "grown": (WHOLE + bytes(3200), "grown since its header was written"),
    "no samples": (wav(seconds=0), "there is no sound in it"),
    "header of another": (WHOLE[:12] + b"\xff" * 40 + WHOLE[52:], "its header names no sound"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_talk_says_why(kind: str) -> None:
    content, why = BAD[kind]
    with pytest.raises(NotAnalysable, match=why):
        measure(io.BytesIO(content))


def test_damage_anywhere_ends_in_a_reason_or_in_facts() -> None:
    """Whatever bytes are turned over, nothing but NotAnalysable comes out."""
    chance = np.random.default_rng(1)
    for form, subtype in (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "OPUS")):
        made = io.BytesIO()
        soundfile.write(made, chance.normal(0, 0.1, (RATE * 2, 2)), RATE, format=form, subtype=subtype)
        whole = bytearray(made.getvalue())
        for _ in range(40):
            broken = whole.copy()
            for at in chance.integers(0, min(len(broken), 400), 3):
                broken[at] ^= 1 << int(chance.integers(8))
            try:
                measure(io.BytesIO(bytes(broken[: int(chance.integers(1, len(broken) + 1))])))
            except NotAnalysable:
                pass


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG"])
def test_facts_are_the_same_from_each_container_and_through_a_column(form: str) -> None:
    one = talk(1)
    subtype = {"WAV": "PCM_16", "FLAC": "PCM_16", "OGG": "OPUS"}[form]
    facts = measure(as_wav(one, form, subtype))
    assert facts.seconds == pytest.approx(one.seconds, abs=0.1)
    first = one.speech["agent"][0][0]
    assert facts.agent.speech[0][0] == pytest.approx(first, abs=0.15)
    again = from_json(facts.as_json())
    assert again == facts
    assert from_json(facts.as_json() | {"version": 0}) is None and from_json(None) is None


def test_silence_is_no_speech_and_no_fault() -> None:
    made = io.BytesIO()
    soundfile.write(made, np.zeros((RATE * 70, 2)), RATE, format="WAV", subtype="PCM_16")
    facts = measure(made)
    assert (facts.caller.speech, facts.agent.speech, facts.seconds) == ([], [], 70.0)
