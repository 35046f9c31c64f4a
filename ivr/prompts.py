"""Prompt name to sound file, per language; and what is wrong with a sound file, in a sentence.

The texts stand in `ivr/prompts/<language>.toml`, the files in `<sounds>/<language>/<name>.wav` (8 kHz, 16 bit, mono:
what Asterisk plays without converting). `voice.py` makes them at set-up. An operator's folder may have texts of its own, a
file `<language>.toml` with a table [prompts]: they come on top of the packaged ones, and win.
"""

import os
import re
from collections.abc import Iterable
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
        """Prompts and numbers together: name to text. Each of them must have a file."""
        return {**self.prompts, **self.numbers}


class TextsError(ValueError):
    """An operator's file of texts can't be read; the message names file and place, and says how to mend it."""


def read_texts(language: str, folder: Path = TEXTS, own: Path | None = None) -> Texts:
    """The texts of one language from its TOML file; `own`: the operator's folder, whose texts win. Raises TextsError."""
    import tomllib  # here, because a story that Asterisk executes never needs it and pays for every import

    data: dict[str, Any] = tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))
    prompts: dict[str, str] = data["prompts"] | (own_texts(own / f"{language}.toml") if own else {})
    return Texts(language, data["voice"], data.get("speed", 160), data.get("pitch", 50), prompts, data["numbers"])


NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
LONGEST = 500
"""Characters of one text: more than a minute of speech, to which nobody listens."""


def own_texts(file: Path) -> dict[str, str]:
    """Name to text of an operator's file; empty where there is none. Raises TextsError."""
    import tomllib

    from ivr.menus.toml_text import ENCODING, fault_in, toml_data

    text = ""
    try:
        text = file.read_text(encoding=ENCODING)
        data = toml_data(text)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise TextsError(f"{file} can't be read: {error.strerror}. Mend its path or its rights.") from None
    except UnicodeDecodeError as error:
        raise TextsError(f"{file} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise TextsError(f"{file} {fault_in(text, error, 'Mend that line.')}") from None
    if strange := sorted(set(data) - {"prompts"}):
        raise TextsError(f"{file}: {strange[0]!r} is not known here. Write the texts below [prompts].")
    texts = data.get("prompts", {})
    if not isinstance(texts, dict):
        raise TextsError(f"{file}: prompts is no table. Write the texts below [prompts].")
    for name, text in texts.items():
        if not NAME.fullmatch(name):
            raise TextsError(
                f"{file}: {name!r} is no name of a prompt. Write at most 60 lower-case letters, digits and dashes, as our-address."
            )
        if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > LONGEST:
            raise TextsError(f"{file}: {name} is no text of one line with at most {LONGEST} characters. Shorten it.")
    return dict(texts)


def languages(folder: Path = TEXTS) -> tuple[str, ...]:
    """All languages that have texts; Chinese first, as the hotline offers them."""
    return tuple(sorted((path.stem for path in folder.glob("*.toml")), key=lambda code: (code != "zh", code)))


def prompt_names(folder: Path = TEXTS, own: Iterable[Path] = ()) -> frozenset[str]:
    """The prompts that every language has, as a text or as a file in one of the operator's folders: what a menu may name. Raises
    TextsError."""
    named = []
    for code in languages(folder):
        names = set(read_texts(code, folder).prompts)
        for place in own:
            names.update(own_texts(place / f"{code}.toml"), (file.stem for file in (place / code).glob("*.wav")))
        named.append(names)
    return frozenset.intersection(*map(frozenset, named))


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

    def has(self, name: str, language: str) -> bool:
        """Whether there is such a file, whatever is in it."""
        return os.path.exists(f"{self.folder}/{language}/{name}.wav")  # noqa: PTH110 - as in `find`

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
    remedy = "It must be WAV, 8000 Hz, 16 bit, mono: `sanxiang prompt import` makes it so."
    try:
        with path.open("rb") as file:
            head = file.read(4096)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        return f"{path} cannot be read ({error.strerror}). Mend its rights.", 0.0
    if size <= HEADER:
        return f"{path} is empty. Put a sound there, or take the file away.", 0.0
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


def check(folder: Path, texts: Path = TEXTS, own: Path | None = None) -> list[str]:
    """A sentence for each file that is missing or that Asterisk cannot play; empty when all is well. `own`: the operator's folder,
    whose texts must have become files too. Raises TextsError."""
    faults = []
    sounds = Sounds(folder)
    wanted = [(code, name) for code in languages(texts) for name in read_texts(code, texts, own).all()]
    for language, name in [*wanted, ("music", "hold"), ("tones", "listening"), ("tones", "beep")]:
        _, _, fault = sounds.find(name, language)
        if fault:
            faults.append(fault)
    return faults
