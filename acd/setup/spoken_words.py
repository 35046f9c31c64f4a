"""Words of an operator's, spoken for callers while the hotline runs: why it is closed today."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from acd.errors import SanxiangError
from acd.pbx.install.runtime import find_pbx
from acd.setup.brand_prompts import sounds_of
from acd.setup.spoken_names import prompt_cache
from ivr.prompts import read_texts
from ivr.voice import VoiceError, put, spoken

KEPT = 20
"""Sound files of such words in a folder; the oldest are let go."""


def speak_words(sounds: Path, brands: Iterable[str], name: str, texts: Mapping[str, str]) -> list[str]:
    """Puts `<language>/<name>.wav` into the folder of sounds and those of the brands. A sentence for each language that could not be
    spoken: its callers hear the usual words."""
    try:
        espeak = find_pbx(("espeak-ng",)).tool("espeak-ng")
    except SanxiangError as error:
        return [str(error)]
    faults: list[str] = []
    for language, text in texts.items():
        if not text:
            continue
        try:
            file = spoken(espeak, read_texts(language), name, text, prompt_cache(sounds))
            for folder in (sounds, *(sounds_of(sounds, brand) for brand in brands)):
                put(file, folder / language / f"{name}.wav")
                _let_go(folder / language)
        except (VoiceError, OSError) as fault:
            faults.append(str(fault))
    return faults


def _let_go(folder: Path) -> None:
    """Removes the oldest of the operators' words."""
    files = sorted(folder.glob("today-*.wav"), key=lambda file: file.stat().st_mtime)
    for old in files[:-KEPT]:
        old.unlink(missing_ok=True)
