"""Speaks the prompts at set-up: text in, WAV files out. espeak-ng runs as a program of its own; nothing of it is shipped.

What was spoken once is kept in the cache under a hash of voice and text, so a second set-up takes no time. Where a better voice
has put a file of the same text into the cache (acd/voices), that one is taken, and espeak-ng is not asked. Where the operator's
own folder has a file of the same name, that one is taken as it is.
"""

from __future__ import annotations  # array[int] has no subscript at run time before Python 3.12

import hashlib
import os
import subprocess
import tempfile
from array import array
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import cos, pi, sin
from operator import mul
from pathlib import Path

from ivr.hold_music import beep, listening, tune
from ivr.prompts import HEADER, RATE, TEXTS, Texts, languages, read_texts
from ivr.sentences import whole_sentences

MAKE = "5"
"""Part of every hash: to be raised when the same text shall sound otherwise."""
_PAUSE = {",": ", ", ";": ". ", ":": ", ", "!": ". ", "?": "? "}
NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Signs, digits and letters as wide as a Chinese character, to the same of ASCII: they sound alike."""
PAUSES = str.maketrans(
    _PAUSE | {"\u3001": ", "} | dict(zip("\uff0c\uff1b\uff1a\uff01\uff1f", _PAUSE.values(), strict=True))
)
"""espeak-ng speaks on over the Chinese comma; the plain one is a pause of 0.2 s, without which a menu is one word."""
LOUDNESS = 3277
"""RMS of a spoken prompt where it sounds (of 32767): -20 dBFS, as loud as a person on the telephone."""
PART_PAUSE_S, PAUSE_S = 0.02, 0.12
"""Silence before and after a part of a sentence, and a prompt that stands alone."""
PEAK = 30000

Progress = Callable[[int, int, str], None]
"""Told (files done, files in all, name of the last)."""


class VoiceError(Exception):
    """A prompt could not be spoken; the message says which, what the program said, and the remedy."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """What speaks: espeak-ng, and the files that better voices have put into the cache before."""

    espeak: list[str]
    """The program with its first arguments (loader, --path)."""
    better: Mapping[str, str] = field(default_factory=dict)
    """Language to the better voice's name with its version; a language without one is espeak-ng's."""


def make(
    voice: Speaker | list[str],
    out: Path,
    cache: Path,
    overrides: Path | None = None,
    progress: Progress | None = None,
    texts: Path = TEXTS,
) -> Path:
    """Fills `out` with <language>/<name>.wav, music/hold.wav and the tones; answers `out`.

    `voice`: as a list, espeak-ng's command, where it alone speaks. `overrides`: the operator's folder of the same
    shape, which may hold texts too. Files appear whole or not at all, and one that is already right is not touched: it may be
    playing. Raises VoiceError, TextsError.
    """
    voice = voice if isinstance(voice, Speaker) else Speaker(voice)
    cache.mkdir(parents=True, exist_ok=True)
    tasks: list[tuple[str, str, Callable[[], Path]]] = []
    for code in languages(texts):
        language = read_texts(code, texts, overrides)
        for name, text in language.all().items():
            tasks.append((code, name, lambda la=language, na=name, te=text: spoken(voice, la, na, te, cache)))  # type: ignore[misc]
        for name, text in whole_sentences(language).items():
            # Joined by espeak-ng it would be no better than its parts.
            ready = better_file(voice.better.get(code, ""), code, name, text, cache)
            if ready.exists():
                tasks.append((code, name, lambda ready=ready: ready))  # type: ignore[misc]
    tasks.append(("music", "hold", lambda: drawn("hold", tune, cache)))
    tasks.append(("tones", "listening", lambda: drawn("listening", listening, cache)))
    tasks.append(("tones", "beep", lambda: drawn("beep", beep, cache)))

    def one(task: tuple[str, str, Callable[[], Path]]) -> str:
        folder, name, source = task
        own = overrides / folder / f"{name}.wav" if overrides else None
        put(own if own and own.exists() else source(), out / folder / f"{name}.wav")
        return f"{folder}/{name}"

    # Sounds that no text of ours asks for, as the whisper of a queue of the operator's own.
    known = {(folder, name) for folder, name, _ in tasks}
    for path in sorted(overrides.glob("*/*.wav")) if overrides else ():
        if (path.parent.name, path.stem) not in known:
            put(path, out / path.parent.name / path.name)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for done, name in enumerate(pool.map(one, tasks), 1):
            if progress:
                progress(done, len(tasks), name)
    return out


def put(source: Path, goal: Path) -> None:
    goal.parent.mkdir(parents=True, exist_ok=True)
    if goal.exists() and goal.read_bytes() == source.read_bytes():
        return
    with tempfile.NamedTemporaryFile(dir=goal.parent, delete=False) as new:
        new.write(source.read_bytes())
    Path(new.name).chmod(0o644)
    Path(new.name).replace(goal)


PARTS = (
    *("number-", "digit-", "month-", "monthday-", "weekday-", "day-", "date-", "clock-", "money-"),
    *("whisper-", "reason-"),
)  # fmt: skip
"""Beginnings of the names of parts: numbers, dates, times and sums of money are put together from them without a seam."""


def is_part(name: str) -> bool:
    """Whether the prompt stands in a row with others, or is whispered: it has hardly a pause around it then."""
    return name.startswith(PARTS)


def better_file(voice: str, language: str, name: str, text: str, cache: Path) -> Path:
    """Where a better voice's file of this text lies, or is to be put."""
    what = f"{voice}\n{is_part(name)}\n{text.translate(NARROW)}"
    return cache / f"{language}-{hashlib.sha256(what.encode()).hexdigest()[:24]}.wav"


def spoken(voice: Speaker | list[str], language: Texts, name: str, text: str, cache: Path) -> Path:
    """The cached file of one spoken text, the better voice's where there is one; the cache's folder is made. Raises VoiceError."""
    voice = voice if isinstance(voice, Speaker) else Speaker(voice)
    if better := voice.better.get(language.language):
        ready = better_file(better, language.language, name, text, cache)
        if ready.exists():
            return ready
    espeak, part = voice.espeak, is_part(name)
    what = f"{MAKE}\n{language.voice}\n{language.speed}\n{language.pitch}\n{part}\n{text}"
    goal = cache / f"{language.language}-{hashlib.sha256(what.encode()).hexdigest()[:24]}.wav"
    if goal.exists():
        return goal
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        raw = Path(folder) / "raw.wav"
        options = ["-v", language.voice, "-s", str(language.speed), "-p", str(language.pitch), "-w", str(raw)]
        # The text comes by a file: in argv a text that begins with "-" would be an option.
        (Path(folder) / "text").write_text(text.translate(PAUSES), encoding="utf-8")
        command = [*espeak, *options, "-b", "1", "-f", str(Path(folder) / "text")]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise VoiceError(f"{language.language}/{name}: espeak-ng could not be run: {error}.") from None
        if ran.returncode or not raw.exists():
            said = ran.stderr.decode(errors="replace").strip()
            raise VoiceError(
                f"{language.language}/{name}: espeak-ng ended with {ran.returncode}: {said or 'nothing said'}. "
                f"Is the voice {language.voice!r} installed?"
            )
        rate, samples = read_wav(raw)
        sound = level(trimmed(resampled(samples, rate), PART_PAUSE_S if part else PAUSE_S))
        if not sound:
            raise VoiceError(f"{language.language}/{name}: espeak-ng spoke only silence for {text!r}.")
        return write_wav(sound, goal)


def drawn(name: str, draw: Callable[[], array[int]], cache: Path) -> Path:
    goal = cache / f"{name}-{MAKE}.wav"
    return goal if goal.exists() else write_wav(draw(), goal)


def read_wav(path: Path) -> tuple[int, array[int]]:
    """Rate and samples of a 16 bit mono file as espeak-ng writes it."""
    data = path.read_bytes()
    at = data.find(b"data", 36)
    samples = array("h", data[at + 8 : len(data) - (len(data) - at) % 2])
    return int.from_bytes(data[24:28], "little"), samples


def write_wav(samples: array[int], goal: Path) -> Path:
    """Writes 16 bit mono at 8 kHz, whole or not at all; the folder is made. The file that was written."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=goal.parent, delete=False) as new:
        new.write(wav_header(len(samples)) + samples.tobytes())
    Path(new.name).chmod(0o644)
    return Path(new.name).replace(goal)


def joined_wav(files: list[Path], pause_s: float = 0.7) -> bytes:
    """These prompts one after the other, as one WAV file."""
    whole = array("h")
    for file in files:
        whole += read_wav(file)[1] + array("h", bytes(2 * round(pause_s * RATE)))
    return wav_header(len(whole)) + whole.tobytes()


def wav_header(samples: int) -> bytes:
    """What stands before so many samples of 16 bit mono at 8 kHz."""
    size = samples * 2
    head = b"RIFF" + (size + HEADER - 8).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    for value, length in ((1, 2), (1, 2), (RATE, 4), (RATE * 2, 4), (2, 2), (16, 2)):
        head += value.to_bytes(length, "little")
    return head + b"data" + size.to_bytes(4, "little")


def resampled(samples: array[int], rate: int) -> array[int]:
    """The same sound at 8 kHz: windowed sinc, cut at 3.6 kHz, so that hisses do not fold back as whistles.

    In plain Python, because `audioop` left the standard library with 3.13 and nothing else here needs numpy.
    """
    if rate == RATE:
        return samples
    cut, half = 3600 / rate, 32
    steps = 64
    tables = []
    for step in range(steps):
        taps = []
        for tap in range(-half + 1, half + 1):
            x = tap - step / steps
            sinc = 2 * cut if x == 0 else sin(2 * pi * cut * x) / (pi * x)
            taps.append(sinc * (0.54 + 0.46 * cos(pi * x / half)) if abs(x) <= half else 0.0)
        total = sum(taps)
        tables.append([tap / total for tap in taps])
    padded = array("h", bytes(2 * half)) + samples + array("h", bytes(2 * half))
    result = array("h")
    for index in range(len(samples) * RATE // rate):
        place = index * rate / RATE
        whole = int(place)
        taps = tables[int((place - whole) * steps)]
        value = sum(map(mul, taps, padded[whole + 1 : whole + 1 + 2 * half]))
        result.append(max(-32768, min(32767, round(value))))
    return result


def trimmed(samples: array[int], pause_s: float) -> array[int]:
    """Without the silence around it, but with a short pause before and after, so that sentences can follow at once."""
    block = RATE // 100
    loud = [at for at in range(0, len(samples), block) if max(map(abs, samples[at : at + block]), default=0) > 200]
    if not loud:
        return array("h")
    pause = array("h", bytes(2 * round(pause_s * RATE)))
    return pause + samples[max(0, loud[0] - block) : loud[-1] + 2 * block] + pause


def level(samples: array[int]) -> array[int]:
    """As loud as every other prompt, measured where it sounds; never so loud that it clips."""
    sounding = [value for value in samples if abs(value) > 200]
    if not sounding:
        return array("h")
    rms = (sum(map(mul, sounding, sounding)) / len(sounding)) ** 0.5
    gain = min(LOUDNESS / rms, PEAK / max(map(abs, samples)))
    return array("h", [round(value * gain) for value in samples])
