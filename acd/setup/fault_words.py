"""The words of faults, spoken for callers while the hotline runs: at once by whoever is ready, and by the better voice once it has spoken
them.

`<sounds>/fault-words.json` lists them, so that a start puts them into place again and the maker of better voices finds them.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from acd.config import Config
from acd.errors import SanxiangError
from acd.files import write_private
from acd.pbx.install.runtime import find_pbx
from acd.setup.brand_prompts import sounds_of
from acd.setup.spoken_names import prompt_cache
from acd.voices.catalogue import better_voices
from acd.voices.making import Wanted
from ivr.prompts import read_texts
from ivr.voice import Speaker, VoiceError, put, spoken

LIST = "fault-words.json"
KEPT = 200
"""Sentences in the list; the oldest are let go, with their files."""
Sentence = tuple[str, str, str]
"""Language, prompt, text."""


def kept_words(sounds: Path) -> list[Wanted]:
    """The sentences of the list, the oldest first; none where it can't be read."""
    try:
        rows = json.loads((sounds / LIST).read_text(encoding="utf-8"))
        return [Wanted(str(language), str(prompt), str(text)) for language, prompt, text in rows]
    except (OSError, ValueError, TypeError):
        return []


def speak_fault_words(voice: Speaker, sounds: Path, brands: Iterable[str], sentences: Sequence[Sentence]) -> list[str]:
    """Adds the sentences to the list and puts `<language>/<prompt>.wav` into the folder of sounds and those of the brands. A sentence for
    each that could not be spoken: its callers hear the general one."""
    words = {(each.language, each.name): each for each in kept_words(sounds)}
    for language, prompt, text in sentences:
        words.pop((language, prompt), None)
        words[language, prompt] = Wanted(language, prompt, text)
    kept = list(words.values())
    for old in kept[:-KEPT]:
        for folder in (sounds, *(sounds_of(sounds, brand) for brand in brands)):
            (folder / old.language / f"{old.name}.wav").unlink(missing_ok=True)
    rows = [(each.language, each.name, each.text) for each in kept[-KEPT:]]
    try:
        write_private(sounds / LIST, json.dumps(rows, ensure_ascii=False))
    except OSError as error:
        return [f"The words of the fault could not be kept: {error.strerror}."]
    return put_words(voice, sounds, brands, [Wanted(*each) for each in sentences])


def put_words(voice: Speaker, sounds: Path, brands: Iterable[str], words: Iterable[Wanted]) -> list[str]:
    """Puts these sentences into place, each as well spoken as it can be now. A sentence for each that could not be."""
    faults: list[str] = []
    folders = [sounds, *(sounds_of(sounds, brand) for brand in brands)]
    for each in words:
        try:
            file = spoken(voice, read_texts(each.language), each.name, each.text, prompt_cache(sounds))
            for folder in folders:
                put(file, folder / each.language / f"{each.name}.wav")
        except (VoiceError, OSError) as fault:
            faults.append(str(fault))
    return faults


def espeak() -> list[str]:
    """espeak-ng's command. Raises SanxiangError where it is not there."""
    return find_pbx(("espeak-ng",)).tool("espeak-ng")


def speak_at_once(config: Config, sounds: Path, sentences: Sequence[Sentence]) -> list[str]:
    """As `speak_fault_words`, by espeak-ng where no better voice has spoken the same before."""
    try:
        voice = Speaker(espeak(), better_voices(config.voice))
    except SanxiangError as error:
        return [str(error)]
    return speak_fault_words(voice, sounds, list(config.brands), sentences)
