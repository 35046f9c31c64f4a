"""Every prompt of an installation with its text, who speaks it, and the file that Asterisk plays."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acd.config import Config
from acd.setup.spoken_names import prompt_cache, texts_of
from acd.voices.catalogue import better_voices, short_name
from acd.voices.making import Wanted, sentences
from ivr.prompts import TEXTS, languages, read_texts


@dataclass(frozen=True, slots=True)
class Prompt:
    language: str
    name: str
    kind: str
    """"prompt" fixed or the operator's own text, "number", "sentence" whole with a number, "name" from the configuration, "recording"
    without a text of ours."""
    text: str
    """Empty where only the recording is known."""
    source: str
    """"recording" of the operator's, the voice that speaks it, "espeak-ng", "parts" (joined when it is played), or "missing"."""
    file: Path

    @property
    def own(self) -> bool:
        return self.source == "recording"


def prompt_list(config: Config, sounds: Path) -> Iterator[Prompt]:
    """All of them, in both languages; those of brands are not among them. Raises TextsError."""
    better, own, cache = better_voices(config.voice), config.hotline.prompts, prompt_cache(sounds)
    seen = set[tuple[str, str]]()

    def row(each: Wanted, kind: str, spoken: bool) -> Prompt:
        seen.add((each.language, each.name))
        file = sounds / each.language / f"{each.name}.wav"
        recorded = own is not None and (own / each.language / f"{each.name}.wav").exists()
        return Prompt(
            each.language, each.name, kind, each.text, _source(recorded, spoken, file, kind, better, each), file
        )

    for language in languages():
        texts = read_texts(language, TEXTS, own)
        for name, text in texts.all().items():
            each = Wanted(language, name, text)
            yield row(each, "number" if name in texts.numbers else "prompt", _is_made(each, better, cache))
        for name, parts in texts_of(config, language).items():
            said = (
                "".join(texts.numbers.get(part, part) for part in parts)
                if language == "zh"
                else " ".join(texts.numbers.get(part, part) for part in parts)
            )
            made = all(
                _is_made(Wanted(language, name, part), better, cache) for part in parts if part not in texts.numbers
            )
            yield row(Wanted(language, name, said), "name", made)
    for each in sentences(own):
        yield row(each, "sentence", _is_made(each, better, cache))
    for file in sorted(own.glob("*/*.wav")) if own else ():
        if (file.parent.name, file.stem) not in seen:
            yield row(Wanted(file.parent.name, file.stem, ""), "recording", False)


def _is_made(each: Wanted, better: dict[str, str], cache: Path) -> bool:
    file = each.file(better, cache)
    return file is not None and file.exists()


def _source(recorded: bool, spoken: bool, file: Path, kind: str, better: dict[str, str], each: Wanted) -> str:
    if recorded:
        return "recording"
    if not file.exists():
        return "parts" if kind == "sentence" else "missing"
    return short_name(better[each.language]) if spoken else "espeak-ng"
