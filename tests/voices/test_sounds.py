"""Recordings of people: whatever they come as, callers hear the same loudness, and what can't be mended is refused."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from acd.voices import sound
from acd.voices.findings import music_faults, prompt_faults, recording_faults
from acd.voices.importing import NotTaken, left_out, recordings_in, take
from acd.voices.sound import NotASound, Samples, levelled, measured, read, resampled, trimmed
from ivr.hold_music import tune
from ivr.prompts import judge


def voice(seconds: float = 2.0, rate: int = 8000, level: float = 0.2, lead: float = 0.0, hz: float = 440) -> Samples:
    """A sound that swells and fades four times a second, as syllables do; silence before it."""
    at = np.arange(round(seconds * rate)) / rate
    sounding = level * np.sin(2 * np.pi * hz * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    return np.concatenate([np.zeros(round(lead * rate)), sounding])


def file(folder: Path, samples: Samples, rate: int, name: str = "x.wav", channels: int = 1, **form: str) -> Path:
    sides = np.column_stack([samples] * channels)
    soundfile.write(folder / name, sides, rate, **form)
    return folder / name


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 24000, 44100, 48000])
def test_a_sound_of_any_rate_keeps_its_pitch_and_length_and_gets_no_whistle(rate: int):
    tone_1k = resampled(np.sin(2 * np.pi * 1000 * np.arange(rate) / rate), rate)
    assert len(tone_1k) == 8000
    assert np.abs(np.fft.rfft(tone_1k)).argmax() == 1000
    if rate > 13000:
        hiss = resampled(np.sin(2 * np.pi * 6000 * np.arange(rate) / rate), rate)
        assert np.abs(hiss[200:-200]).max() < 0.004


@pytest.mark.parametrize(
    ("name", "rate", "channels", "form"),
    [
        ("x.wav", 44100, 2, {"subtype": "PCM_24"}),
        ("x.wav", 8000, 1, {"subtype": "ALAW"}),
        ("x.mp3", 44100, 2, {}),
        ("x.ogg", 48000, 1, {"format": "OGG", "subtype": "OPUS"}),
        ("x.ogg", 22050, 1, {"format": "OGG", "subtype": "VORBIS"}),
        ("x.flac", 16000, 1, {}),
    ],
)
def test_a_recording_of_any_kind_becomes_what_asterisk_plays(
    tmp_path: Path, name: str, rate: int, channels: int, form: dict[str, str]
):
    given = file(tmp_path, voice(2.0, rate, level=0.05, lead=1.0), rate, name, channels, **form)
    taken = take(given, tmp_path / "own", "zh", "welcome")
    assert taken.file == tmp_path / "own/zh/welcome.wav"
    assert judge(taken.file)[0] == ""
    made = measured(read(taken.file).samples, 8000)
    assert -20.5 < made.level_dbfs < -19.5
    assert 2.0 < made.seconds < 2.5
    assert list(prompt_faults(made)) == []
    done = " ".join(taken.done)
    assert "Level -" in done and "Length 3" in done
    assert ("channels mixed" in done) == (channels > 1)
    assert ("-> WAV" in done) == ((rate, form.get("subtype")) != (8000, "PCM_16"))


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (np.clip(voice(level=4.0), -1, 1), "clipped"),
        (voice(level=0.001), "silent"),
        (np.zeros(8000), "silent"),
        (np.concatenate([voice(1), np.zeros(16000), voice(1)]), "2.0 s of silence in it"),
        (voice(level=0.1) + 0.2, "not centred"),
        (voice(45.0), "lasts 45 s"),
    ],
)
def test_what_no_conversion_mends_is_refused_and_leaves_no_file(tmp_path: Path, samples: Samples, sentence: str):
    given = file(tmp_path, samples, 8000)
    with pytest.raises(NotTaken, match=sentence):
        take(given, tmp_path / "own", "zh", "welcome")
    assert not (tmp_path / "own").exists()


def test_a_clipped_recording_can_be_taken_all_the_same(tmp_path: Path):
    given = file(tmp_path, np.clip(voice(level=4.0), -1, 1), 8000)
    taken = take(given, tmp_path / "own", "zh", "welcome", anyway=True)
    assert taken.file.exists() and "clipped" in taken.faults[0]


@pytest.mark.parametrize(
    "content", [b"", b"no sound", b"RIFF\0\0\0\0WAVEfmt ", b"OggS" + b"\0" * 200, b"ID3" + b"\xff" * 5000]
)
def test_what_is_no_sound_is_told_with_the_file(tmp_path: Path, content: bytes):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(content)
    with pytest.raises(NotASound, match=r"bad\.wav"):
        take(bad, tmp_path / "own", "zh", "welcome")
    with pytest.raises(NotASound, match=r"none\.wav"):
        read(tmp_path / "none.wav")


def test_a_recording_of_hours_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sound, "LONGEST_S", 1.0)
    with pytest.raises(NotASound, match="longer than ten minutes"):
        read(file(tmp_path, voice(1.5), 8000))


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2)])
def test_a_wav_that_holds_less_than_its_header_says_is_refused(tmp_path: Path, rate: int, channels: int):
    given = file(tmp_path, voice(3.0, rate), rate, channels=channels)
    whole = given.read_bytes()
    assert read(given).rate == rate
    given.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NotASound, match="cut off"):
        take(given, tmp_path / "own", "zh", "welcome", anyway=True)
    given.write_bytes(
        whole[:40] + b"\xff\xff\xff\xff" + whole[44:]
    )  # as a program writes it that does not know the length
    assert read(given).rate == rate


@pytest.mark.parametrize(
    ("seconds", "text", "refused"),
    [
        (0.3, "您好，欢迎致电客户服务热线。", True),
        (1.5, "您好，欢迎致电客户服务热线。", False),
        (0.5, "To help us serve you well, this call will be recorded.", True),
        (2.0, "To help us serve you well, this call will be recorded.", False),
        (0.3, "一", False),
        (0.3, "", False),
    ],
)
def test_a_recording_that_is_too_short_for_its_text_is_refused(
    tmp_path: Path, seconds: float, text: str, refused: bool
):
    given = file(tmp_path, voice(seconds), 8000)
    if refused:
        with pytest.raises(NotTaken, match="too short for its text"):
            take(given, tmp_path / "own", "zh", "welcome", text=text)
    assert take(given, tmp_path / "own", "zh", "welcome", anyway=refused, text=text).file.exists()


def test_a_studios_folder_is_read_by_language_and_name(tmp_path: Path):
    for name in ("zh/welcome.wav", "en/welcome.mp3", "zh/notes.txt", "fr/welcome.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [(language, name) for language, name, _ in recordings_in(tmp_path, ("zh", "en"))]
    assert found == [("en", "welcome"), ("zh", "welcome")]
    assert left_out(tmp_path, ("zh", "en")) == [tmp_path / "fr" / "welcome.wav"]


def test_what_is_trimmed_and_levelled_keeps_its_pauses_and_never_clips():
    quiet_then_loud = np.concatenate([np.zeros(8000), voice(1, level=0.1), np.zeros(2000), voice(0.05, level=0.9)])
    ready = levelled(trimmed(quiet_then_loud, 0.12))
    found = measured(ready, 8000)
    assert 0.1 < found.lead_s < 0.15 and 0.1 < found.tail_s < 0.16
    assert 0.24 < found.longest_pause_s < 0.27
    assert found.peak_dbfs < -0.7 and found.clipped == 0
    assert not len(trimmed(np.zeros(8000), 0.1)) and not levelled(np.zeros(10)).any()


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (voice(level=0.02), ["too soft"]),
        (voice(level=0.6), ["too loud"]),
        (voice(level=0.21, lead=1.0), ["begins with 1.0 s"]),
        (np.concatenate([voice(level=0.21), np.zeros(16000)]), ["ends with 2.0 s"]),
        (np.zeros(8000), ["silent"]),
        (voice(level=0.21), []),
    ],
)
def test_each_fault_of_a_prompt_is_a_sentence(samples: Samples, words: list[str]):
    found = list(prompt_faults(measured(samples, 8000)))
    assert len(found) == len(words) and all(word in fault for word, fault in zip(words, found, strict=True))


def test_the_packaged_music_is_softer_than_speech_and_never_silent():
    music = np.array(tune(), dtype=float) / sound.FULL
    assert list(music_faults(measured(music, 8000))) == []
    assert "silent for" in " ".join(music_faults(measured(np.concatenate([music, np.zeros(16000), music]), 8000)))
    assert "dBFS" in " ".join(music_faults(measured(music * 6, 8000)))


def test_a_soft_recording_is_told_as_noise():
    assert "mostly noise" in " ".join(recording_faults(measured(voice(level=0.0065) * 0.5, 8000)))


def test_samples_become_words_of_16_bit():
    assert sound.as_words(np.array([0.0, 1.5, -1.5, 0.5])).tolist() == [0, 32767, -32768, 16384]
