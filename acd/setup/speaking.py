"""All that a configuration lets callers and agents hear: which texts, who speaks them, and the files put where Asterisk plays them."""

from collections.abc import Iterator
from pathlib import Path

from acd.config import Config
from acd.setup.brand_prompts import WELCOME, brand_texts, speak_brands
from acd.setup.fault_words import kept_words, put_words
from acd.setup.spoken_names import prompt_cache, speak_labels, texts_of
from acd.voices import shipped
from acd.voices.catalogue import better_voices
from acd.voices.making import Wanted, missing, prompts, sentences
from ivr.prompts import languages
from ivr.voice import Progress, Speaker, make


def speaker_of(config: Config, espeak: list[str]) -> Speaker:
    """Who speaks this configuration's prompts."""
    return Speaker(espeak, better_voices(config.voice))


def wanted(config: Config) -> Iterator[Wanted]:
    """Every text of this configuration, each piece of a joined one by itself; first what callers hear most. Raises TextsError."""
    own = config.hotline.prompts
    fixed = list(prompts(own))
    yield from fixed
    numbers = {each.name for each in fixed}
    for brand in config.brands.values():
        yield from (Wanted(*each) for each in brand_texts(brand))
    for language in languages():
        yield from (Wanted(language, WELCOME, brand.welcomes(language)) for brand in config.brands.values())
        yield from (
            Wanted(language, name, part)
            for name, parts in texts_of(config, language).items()
            for part in parts
            if part not in numbers
        )
    yield from sentences(own)


def unspoken(config: Config, sounds: Path) -> list[Wanted]:
    """Texts that the better voices have not spoken yet, after what is shipped has been taken. Raises TextsError."""
    better, cache = better_voices(config.voice), prompt_cache(sounds)
    if not better:
        return []
    every = [*kept_words(sounds), *wanted(config)]  # callers wait for the words of a fault
    shipped.unpack(every, better, cache)
    return missing(every, better, cache)


def put_in_place(config: Config, espeak: list[str], sounds: Path, progress: Progress | None = None) -> list[str]:
    """Puts every prompt into `sounds`, each as well spoken as it can be now. A sentence for each name that could not be spoken. Raises
    VoiceError where a fixed prompt could not be, TextsError."""
    voice, cache = speaker_of(config, espeak), prompt_cache(sounds)
    if voice.better:
        shipped.unpack(wanted(config), voice.better, cache)
    make(voice, sounds, cache, config.hotline.prompts, progress)
    return [
        *speak_labels(voice, config, sounds),
        *speak_brands(voice, config, sounds),
        *put_words(voice, sounds, config.brands, kept_words(sounds)),
    ]
