"""Takes recordings of people: any file that libsndfile reads becomes what Asterisk plays, and it is said what was done."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acd.errors import SanxiangError
from acd.voices import sound
from acd.voices.findings import recording_faults, too_short_for
from ivr.prompts import RATE
from ivr.voice import PART_PAUSE_S, PAUSE_S, is_part, write_wav

ENDINGS = (".wav", ".mp3", ".ogg", ".oga", ".opus", ".flac", ".aif", ".aiff")


class NotTaken(SanxiangError):
    """{file} was not taken. {faults} `--anyway` takes it as it is."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording that was taken."""

    language: str
    name: str
    file: Path
    done: tuple[str, ...]
    """What was done to it, a sentence each."""
    faults: tuple[str, ...]
    """What is wrong with it all the same."""


def take(source: Path, folder: Path, language: str, name: str, *, anyway: bool = False, text: str = "") -> Taken:
    """Converts one recording to `<folder>/<language>/<name>.wav`, whole or not at all. `text`: what it is to say; empty where nobody
    knows. Raises NotASound, NotTaken, OSError."""
    given = sound.read(source)
    before = sound.measured(given.samples, given.rate)
    faults = (*recording_faults(before), *too_short_for(before, text))
    if before.level_dbfs == float("-inf"):
        raise NotTaken(file=source, faults="It is silent.")
    if faults and not anyway:
        raise NotTaken(file=source, faults=" ".join(faults))
    pause = PART_PAUSE_S if is_part(name) else PAUSE_S
    ready = sound.levelled(sound.trimmed(sound.resampled(given.samples, given.rate), pause))
    goal = write_wav(sound.as_words(ready), folder / language / f"{name}.wav")
    return Taken(language, name, goal, tuple(_done(given, before, sound.measured(ready, RATE))), faults)


def recordings_in(folder: Path, languages: tuple[str, ...]) -> list[tuple[str, str, Path]]:
    """Language, name and file of each recording in a studio's folder, `<language>/<name>.<ending>`."""
    return [
        (file.parent.name, file.stem, file)
        for file in sorted(folder.glob("*/*"))
        if file.parent.name in languages and file.suffix.lower() in ENDINGS
    ]


def left_out(folder: Path, languages: tuple[str, ...]) -> list[Path]:
    """The sounds of a studio's folder that `recordings_in` does not take: they lie in no language's folder."""
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in ENDINGS and not (file.parent.parent == folder and file.parent.name in languages)
    ]


def _done(given: sound.Recording, before: sound.Measured, after: sound.Measured) -> Iterator[str]:
    if given.rate != RATE or given.form != "WAV PCM_16":
        yield f"{given.form}, {given.rate} Hz -> WAV, {RATE} Hz, 16 bit."
    if given.channels > 1:
        yield f"{given.channels} channels mixed into one."
    if abs(after.level_dbfs - before.level_dbfs) >= 0.5:
        yield f"Level {before.level_dbfs:.0f} -> {after.level_dbfs:.0f} dBFS."
    if abs(after.seconds - before.seconds) >= 0.1:
        yield f"Length {before.seconds:.1f} -> {after.seconds:.1f} s: the silence at its ends is now as with every prompt."
