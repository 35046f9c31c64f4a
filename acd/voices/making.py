"""What the better voices are to speak, and how a text becomes the file in the cache that `ivr.voice` takes."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from acd.voices.catalogue import short_name
from acd.voices.dialogue import CantBeSpoken, Worker
from ivr.prompts import TEXTS, languages, read_texts
from ivr.sentences import whole_sentences
from ivr.voice import PART_PAUSE_S, PAUSE_S, better_file, is_part, write_wav

COMMON = frozenset((1, 2, 3, 4, 5, 10, 15, 20, 24, 30, 45, 60))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that a better voice is to speak."""

    language: str
    name: str
    text: str

    def file(self, better: Mapping[str, str], cache: Path) -> Path | None:
        """Where it lies in the cache, or is to be put; None where no better voice speaks the language."""
        voice = better.get(self.language)
        return better_file(voice, self.language, self.name, self.text, cache) if voice else None


def prompts(own: Path | None = None, texts: Path = TEXTS) -> Iterator[Wanted]:
    """The fixed prompts and the numbers of both languages. `own`: the operator's folder, whose texts come in their place, and whose
    recordings need no voice. Raises TextsError."""
    for each in (read_texts(code, texts, own) for code in languages(texts)):
        yield from (
            Wanted(each.language, name, text)
            for name, text in each.all().items()
            if own is None or not (own / each.language / f"{name}.wav").exists()
        )


def sentences(own: Path | None = None, texts: Path = TEXTS) -> Iterator[Wanted]:
    """Whole sentences with the usual numbers, in both languages. Raises TextsError."""
    for each in (read_texts(code, texts, own) for code in languages(texts)):
        yield from (Wanted(each.language, name, text) for name, text in whole_sentences(each).items())


def is_common(each: Wanted) -> bool:
    """Whether a whole sentence is heard so often that it is shipped: the first twenty places in the queue, and the spans that are promised."""
    numbers = [int(part) for part in each.name.split("-") if part.isdecimal()]
    if each.name.startswith("position-"):
        return numbers[0] <= 20
    return each.name.startswith("callback-") and all(number in COMMON for number in numbers)


def missing(wanted: Iterable[Wanted], better: Mapping[str, str], cache: Path) -> list[Wanted]:
    """Those that are not in the cache yet, each text once."""
    found: dict[Path, Wanted] = {}
    for each in wanted:
        file = each.file(better, cache)
        if file is not None and not file.exists():
            found.setdefault(file, each)
    return list(found.values())


def speak(worker: Worker, each: Wanted, better: Mapping[str, str], cache: Path) -> Path:
    """Speaks one text into the cache: trimmed, at 8 kHz, as loud as the others. Raises CantBeSpoken, WorkerFailed, OSError."""
    from acd.voices import sound  # here: who only asks what is wanted needs no numpy

    goal = each.file(better, cache)
    assert goal is not None, f"no better voice speaks {each.language}"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        raw = Path(folder) / "raw.wav"
        worker.ask(voice=short_name(better[each.language]), language=each.language, text=each.text, to=str(raw))
        heard = sound.read(raw)
        pause = PART_PAUSE_S if is_part(each.name) else PAUSE_S
        ready = sound.levelled(sound.trimmed(sound.resampled(heard.samples, heard.rate), pause))
    if not len(ready):
        raise CantBeSpoken(text=repr(each.text), why="the voice gave silence")
    return write_wav(sound.as_words(ready), goal)
