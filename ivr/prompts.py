"""Prompt name to sound file, per language; and what is wrong with a sound file, in a sentence.

The texts stand in `ivr/prompts/<language>.toml`, the files in `<sounds>/<language>/<name>.wav` (8 kHz, 16 bit, mono:
what Asterisk plays without converting). `voice.py` makes them at set-up.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "prompts"
RATE = 8000
HEADER = 44
"""Bytes before the sound in a plain WAV file."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One language's texts and voice."""

    language: str
    voice: str
    speed: int
    pitch: int
    prompts: dict[str, str]
    numbers: dict[str, str]

    def all(self) -> dict[str, str]:
        """Prompts and numbers together: name to text."""
        return {**self.prompts, **self.numbers}


def read_texts(language: str, folder: Path = TEXTS) -> Texts:
    """The texts of one language from its TOML file."""
    import tomllib  # here, because a story that Asterisk executes never needs it and pays for every import

    data: dict[str, Any] = tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))
    return Texts(
        language, data["voice"], data.get("speed", 160), data.get("pitch", 50), data["prompts"], data["numbers"]
    )


def languages(folder: Path = TEXTS) -> tuple[str, ...]:
    """All languages that have texts; Chinese first, as the hotline offers them."""
    return tuple(sorted((path.stem for path in folder.glob("*.toml")), key=lambda code: (code != "zh", code)))


def prompt_names(folder: Path = TEXTS) -> frozenset[str]:
    """The prompts that every language has: what a menu may name."""
    return frozenset.intersection(*(frozenset(read_texts(code, folder).prompts) for code in languages(folder)))


def number_parts(number: int, language: str) -> tuple[str, ...]:
    """The prompts that say a whole number from 0 to 9999, one after the other.

    Chinese: 10 十, 16 十六, 110 一百一十, 105 一百零五, 1010 一千零一十. English: 142 one hundred and forty two.
    """
    if not 0 <= number <= 9999:
        raise ValueError(f"{number} cannot be said: the number prompts reach from 0 to 9999")
    parts = chinese(number) if language == "zh" else english(number)
    return tuple(f"number-{part}" for part in parts)


def chinese(number: int) -> list[str]:
    """The prompts of a whole number in Chinese."""
    if number <= 10:
        return [str(number)]
    if number < 20:
        return ["10", str(number - 10)]
    parts: list[str] = []
    skipped = False
    for unit in (1000, 100, 10, 1):
        digit, number = divmod(number, unit)
        if digit == 0:
            skipped = bool(parts)
            continue
        if skipped:
            parts.append("0")
            skipped = False
        parts.append(str(digit))
        if unit > 1:
            parts.append(str(unit))
    return parts


def english(number: int) -> list[str]:
    """The prompts of a whole number in English."""
    parts: list[str] = []
    for unit in (1000, 100):
        digit, number = divmod(number, unit)
        if digit:
            parts += [str(digit), str(unit)]
    if number == 0:
        return parts or ["0"]
    if parts:
        parts.append("and")
    if number > 20 and number % 10:
        return [*parts, str(number - number % 10), str(number % 10)]
    return [*parts, str(number)]


class Sounds:
    """The sound files of one installation. A file is judged once, and again when it has changed."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._judged: dict[str, tuple[int, int, str, float]] = {}

    def find(self, name: str, language: str) -> tuple[str, float, str]:
        """(path without its ending as Asterisk wants it, seconds, "") or ("", 0, what is wrong with the file)."""
        stem = f"{self.folder}/{language}/{name}"
        try:
            status = os.stat(stem + ".wav")  # noqa: PTH116 - this runs for every prompt of every call
        except OSError as error:
            return "", 0.0, f"{stem}.wav is missing ({error.strerror}). Run the set-up again, or put a file there."
        judged = self._judged.get(stem)
        if judged is None or judged[:2] != (status.st_mtime_ns, status.st_size):
            fault, seconds = judge(Path(stem + ".wav"))
            judged = self._judged[stem] = (status.st_mtime_ns, status.st_size, fault, seconds)
        return ("" if judged[2] else stem), judged[3], judged[2]


def judge(path: Path) -> tuple[str, float]:
    """("", seconds) for a file that Asterisk plays as it is; else a sentence on what is wrong, and 0."""
    remedy = "It must be WAV, 8000 Hz, 16 bit, mono."
    try:
        with path.open("rb") as file:
            head = file.read(4096)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        return f"{path} cannot be read ({error.strerror}). Mend its rights.", 0.0
    if size <= HEADER:
        return f"{path} is empty. Run the set-up again, or put a sound there.", 0.0
    if head[:4] != b"RIFF" or head[8:16] != b"WAVEfmt ":
        return f"{path} is not a WAV file that begins with its format. {remedy}", 0.0
    kind, channels, rate, bits = (
        int.from_bytes(head[a:b], "little") for a, b in ((20, 22), (22, 24), (24, 28), (34, 36))
    )
    if kind != 1 or bits != 16:
        return f"{path} is not plain 16 bit sound (format {kind}, {bits} bit). {remedy}", 0.0
    if rate != RATE:
        return f"{path} has {rate} Hz. {remedy}", 0.0
    if channels != 1:
        return f"{path} has {channels} channels. {remedy}", 0.0
    at = head.find(b"data", 36)
    if at < 0:
        return f"{path} has no sound in its first 4 kB. {remedy}", 0.0
    told = int.from_bytes(head[at + 4 : at + 8], "little")
    there = size - at - 8
    if min(told, there) < 2:
        return f"{path} is empty: its header is there, its sound is not. Put a sound there.", 0.0
    if told > there:
        return f"{path} is cut off: {there} of {told} bytes of sound. Put the whole file there.", 0.0
    return "", told / 2 / RATE


def check(folder: Path, texts: Path = TEXTS) -> list[str]:
    """A sentence for each file that is missing or that Asterisk cannot play; empty when all is well."""
    faults = []
    sounds = Sounds(folder)
    wanted = [(code, name) for code in languages(texts) for name in read_texts(code, texts).all()]
    for language, name in [*wanted, ("music", "hold"), ("tones", "listening"), ("tones", "beep")]:
        _, _, fault = sounds.find(name, language)
        if fault:
            faults.append(fault)
    return faults
