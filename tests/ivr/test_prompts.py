"""Prompts: numbers in words, files that are judged, and what the voice makes of a text."""

import struct
import wave
from array import array
from pathlib import Path

import numpy as np
import pytest

from acd.pbx.install.runtime import ensure_pbx
from ivr.prompts import Sounds, check, languages, number_parts, prompt_names, read_texts
from ivr.voice import LOUDNESS, VoiceError, level, make, resampled, trimmed, write_wav


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"), (1, "一"), (2, "二"), (10, "十"), (11, "十一"), (16, "十六"), (20, "二十"), (21, "二十一"),
        (99, "九十九"), (100, "一百"), (101, "一百零一"), (105, "一百零五"), (110, "一百一十"), (115, "一百一十五"),
        (120, "一百二十"), (999, "九百九十九"), (1000, "一千"), (1001, "一千零一"), (1010, "一千零一十"),
        (1100, "一千一百"), (2008, "二千零八"), (9999, "九千九百九十九"),
    ],
)  # fmt: skip
def test_chinese_numbers(number: int, said: str):
    texts = read_texts("zh").numbers
    assert "".join(texts[part] for part in number_parts(number, "zh")) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zero"), (7, "seven"), (13, "thirteen"), (20, "twenty"), (21, "twenty one"), (40, "forty"),
        (100, "one hundred"), (101, "one hundred and one"), (142, "one hundred and forty two"),
        (1000, "one thousand"), (1015, "one thousand and fifteen"), (9999, "nine thousand nine hundred and ninety nine"),
    ],
)  # fmt: skip
def test_english_numbers(number: int, said: str):
    texts = read_texts("en").numbers
    assert " ".join(texts[part] for part in number_parts(number, "en")) == said


def test_every_number_can_be_said_in_every_language():
    for code in languages():
        texts = read_texts(code).numbers
        assert all(part in texts for number in range(10000) for part in number_parts(number, code))
    with pytest.raises(ValueError, match="10000 cannot be said"):
        number_parts(10000, "zh")


def test_both_languages_say_the_same_things():
    assert languages() == ("zh", "en")
    assert set(read_texts("zh").prompts) == set(read_texts("en").prompts) == prompt_names()


def samples(file: Path) -> np.ndarray:
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (8000, 2, 1)
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)


def test_every_prompt_is_audible_and_starts_and_ends_soon(sounds: Path):
    assert check(sounds) == []
    for code in languages():
        for name in read_texts(code).all():
            sound = samples(sounds / code / f"{name}.wav")
            loud = np.abs(sound) > 200
            rms = float(np.sqrt((sound[loud] ** 2).mean()))
            assert LOUDNESS * 0.5 < rms < LOUDNESS * 1.3, f"{code}/{name}: {rms:.0f}"
            first, last = np.flatnonzero(loud)[[0, -1]]
            assert first < 0.25 * 8000, f"{code}/{name} begins with silence"
            assert len(sound) - last < 0.3 * 8000, f"{code}/{name} ends with silence"
            assert 0.1 < len(sound) / 8000 < 15, f"{code}/{name}"
            assert np.abs(sound).max() < 32000
            if name.startswith("whisper-"):
                assert len(sound) / 8000 <= 1.6, f"{code}/{name}: the agent hears it over the caller's first words"


def test_the_entries_of_a_menu_are_set_apart(sounds: Path):
    for code in languages():
        sound = samples(sounds / code / "menu-main.wav")
        quiet = np.abs(sound[: len(sound) // 160 * 160].reshape(-1, 160)).max(axis=1) < 200
        rests = [len(run) for run in "".join("." if still else " " for still in quiet).split() if len(run) >= 5]
        assert len(rests) >= 4 + 2 - 1, f"{code}: {rests}"  # between five entries, and before and after


def test_the_music_is_music(sounds: Path):
    sound = samples(sounds / "music/hold.wav")
    blocks = sound[: len(sound) // 8000 * 8000].reshape(-1, 8000)
    loud = np.sqrt((blocks**2).mean(axis=1))
    assert 35 <= len(blocks) <= 60
    assert loud.min() > 400  # nowhere a second of silence
    assert loud.max() < 6000
    assert abs(sound[-1] - sound[0]) < 4000  # no click where it begins again


def test_a_hiss_does_not_fold_back_as_a_whistle():
    hiss = array("h", [round(9000 * np.sin(2 * np.pi * 6000 * n / 22050)) for n in range(22050)])
    tone = array("h", [round(9000 * np.sin(2 * np.pi * 1000 * n / 22050)) for n in range(22050)])
    assert len(resampled(tone, 22050)) == 8000
    assert np.abs(np.array(resampled(hiss, 22050))[100:-100]).max() < 120
    spectrum = np.abs(np.fft.rfft(np.array(resampled(tone, 22050), dtype=float)))
    assert spectrum.argmax() == 1000
    assert np.sort(spectrum)[-2] < spectrum.max() / 100


def test_silence_is_no_prompt():
    assert len(trimmed(array("h", bytes(4000)), 0.1)) == 0
    assert len(level(array("h", bytes(4000)))) == 0


def wav(rate: int = 8000, channels: int = 1, bits: int = 16, sound: bytes = b"\1\1" * 800, kind: int = 1) -> bytes:
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * width, width, bits)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(sound))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", len(sound))
        + sound
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"), (wav(sound=b""), "is empty"), (wav(rate=44100), "has 44100 Hz"),
        (wav(channels=2), "has 2 channels"), (wav(bits=8), "8 bit"), (wav(kind=7), "format 7"),
        (b"ID3" + b"\0" * 200, "is not a WAV file"), (wav()[:-100], "is cut off"), (None, "is missing"),
    ],
)  # fmt: skip
def test_a_bad_file_is_found_and_named(tmp_path: Path, sounds: Path, content: bytes | None, sentence: str):
    for folder in ("zh", "en", "music", "tones"):
        (tmp_path / folder).symlink_to(sounds / folder) if folder != "en" else (tmp_path / folder).mkdir()
    for file in (sounds / "en").iterdir():
        (tmp_path / "en" / file.name).symlink_to(file)
    bad = tmp_path / "en/welcome.wav"
    bad.unlink()
    if content is not None:
        bad.write_bytes(content)
    found = check(tmp_path)
    assert len(found) == 1
    assert str(bad) in found[0]
    assert sentence in found[0]


def test_a_file_that_was_mended_is_taken_at_once(tmp_path: Path):
    (tmp_path / "zh").mkdir()
    sounds = Sounds(tmp_path)
    assert "missing" in sounds.find("welcome", "zh")[2]
    (tmp_path / "zh/welcome.wav").write_bytes(wav(rate=16000))
    assert "16000" in sounds.find("welcome", "zh")[2]
    (tmp_path / "zh/welcome.wav").write_bytes(wav(sound=b"\1\1" * 4000))
    assert sounds.find("welcome", "zh") == (f"{tmp_path}/zh/welcome", 0.5, "")


def small(folder: Path, text: str = "你好", voice: str = "cmn") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "zh.toml").write_text(f'voice = "{voice}"\n[prompts]\nwelcome = "{text}"\n[numbers]\nnumber-1 = "一"\n')
    return folder


@pytest.mark.asterisk
def test_a_text_is_spoken_once_and_anew_when_it_changes(tmp_path: Path):
    espeak = ensure_pbx().tool("espeak-ng")
    told: list[tuple[int, int, str]] = []
    out, cache = tmp_path / "out", tmp_path / "cache"
    make(espeak, out, cache, None, lambda *step: told.append(step), small(tmp_path / "texts"))
    first = (out / "zh/welcome.wav").read_bytes()
    assert [step[0] for step in told] == [1, 2, 3, 4, 5]
    assert told[-1][1:] == (5, "tones/beep")
    inode = (out / "zh/welcome.wav").stat().st_ino
    make(["/no/such/program"], out, cache, None, None, tmp_path / "texts")  # all of it from the cache
    assert (out / "zh/welcome.wav").stat().st_ino == inode  # and not even written
    make(espeak, out, cache, None, None, small(tmp_path / "texts", "再见"))
    assert (out / "zh/welcome.wav").read_bytes() != first


@pytest.mark.asterisk
def test_a_text_that_looks_like_an_option_is_spoken(tmp_path: Path):
    espeak = ensure_pbx().tool("espeak-ng")
    make(espeak, tmp_path / "out", tmp_path / "cache", None, None, small(tmp_path / "texts", "--help 你好"))
    assert len(samples(tmp_path / "out/zh/welcome.wav")) > 4000


@pytest.mark.asterisk
def test_the_operators_own_files_win(tmp_path: Path):
    own = tmp_path / "own/zh"
    own.mkdir(parents=True)
    (own / "welcome.wav").write_bytes(wav(sound=b"\7\7" * 4000))
    (own / "whisper-vip.wav").write_bytes(wav())
    espeak = ensure_pbx().tool("espeak-ng")
    out = make(espeak, tmp_path / "out", tmp_path / "cache", tmp_path / "own", None, small(tmp_path / "texts"))
    assert (out / "zh/welcome.wav").read_bytes() == (own / "welcome.wav").read_bytes()
    assert (out / "zh/whisper-vip.wav").exists()  # also those that have no text of ours
    assert check(out, tmp_path / "texts") == []


@pytest.mark.asterisk
def test_a_voice_that_fails_is_said_with_the_prompt(tmp_path: Path):
    espeak = ensure_pbx().tool("espeak-ng")
    with pytest.raises(VoiceError, match=r"zh/welcome: .*qqq"):
        make(espeak, tmp_path / "out", tmp_path / "cache", None, None, small(tmp_path / "texts", voice="qqq"))
    with pytest.raises(VoiceError, match="could not be run"):
        make(["/no/such/program"], tmp_path / "out", tmp_path / "cache", None, None, small(tmp_path / "texts"))
    with pytest.raises(VoiceError, match="only silence"):
        make(espeak, tmp_path / "out", tmp_path / "cache", None, None, small(tmp_path / "texts", "。"))
    assert not list((tmp_path / "out").rglob("*welcome*"))


def test_a_written_file_is_plain_wav(tmp_path: Path):
    write_wav(array("h", [1, -2, 3]), tmp_path / "x.wav")
    assert samples(tmp_path / "x.wav").tolist() == [1, -2, 3]
