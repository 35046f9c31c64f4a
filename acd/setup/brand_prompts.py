"""Menus and prompts of the brands: which menu each number hears, and the folder of sounds that its callers hear.

A brand's folder, `<sounds>/brands/<brand>/`, holds every prompt: the hotline's as links to the same files, and in their place what
is the brand's own, the spoken welcome and recordings. So the dialplan and the stories need know one folder a call, and no second.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acd.config import Config
from acd.config.brands import Brand, brand_of_queue
from acd.setup.spoken_names import prompt_cache
from ivr.menu import Menus
from ivr.menu_file import MenuError, read_menus
from ivr.own_stories import stories_in
from ivr.prompts import TextsError, judge, languages, own_texts, read_texts
from ivr.settings import MENU
from ivr.voice import Speaker, VoiceError, put, spoken

FOLDER = "brands"
WELCOME = "welcome"


@dataclass(frozen=True, slots=True)
class MenuInUse:
    """A menu that callers hear."""

    place: str
    """The key that names it."""
    file: Path
    brand: str
    """Whose callers hear it; empty: those of no brand."""


def menus_in_use(config: Config) -> Iterator[MenuInUse]:
    """Of the numbers without a brand first; then each brand's."""
    general = config.hotline.menu or MENU
    if config.hotline.numbers or not config.brands:
        yield MenuInUse("hotline.menu", general, "")
    for name, brand in config.brands.items():
        yield MenuInUse(f"brands.{name}.menu" if brand.menu else "hotline.menu", brand.menu or general, name)


def names_of(config: Config, brand: str) -> frozenset[str]:
    """The prompts that a menu of this brand, or of none, may name: those that every language has."""
    return frozenset.intersection(*map(frozenset, known_prompts(config, brand).values()))


def menu_mistakes(config: Config, texts: dict[str, str]) -> list[str]:
    """A sentence for each mistake in the menus, each said once. `texts`: place of a menu to its text, where it has been read."""
    found: dict[str, None] = {}
    for each in menus_in_use(config):
        try:
            text = texts.get(each.place) or None
            menus = read_menus(each.file, list(config.queues), names_of(config, each.brand), text, own_stories(config))
        except MenuError as faults:
            found |= dict.fromkeys(f"{each.place}: {fault}" for fault in faults.faults)
        else:
            found |= dict.fromkeys(_strange_queues(config, each, menus))
            found |= dict.fromkeys(_lost_numbers(config, each, menus))
    return list(found)


def emergency_queues(config: Config) -> dict[str, str]:
    """Brand ("" for none) to the queue behind its emergency key: the first with `emergency = true` in which its callers may stand."""
    found: dict[str, str] = {}
    marked = [name for name, queue in config.queues.items() if queue.emergency]
    for brand in ("", *config.brands):
        keeps = bool(brand) and config.brands[brand].own
        own = [name for name in marked if brand_of_queue(config.brands, name) == brand]
        shared = [] if keeps else [name for name in marked if not brand_of_queue(config.brands, name)]
        if queue := next(iter((*own, *shared)), ""):
            found[brand] = queue
    return found


def known_prompts(config: Config, brand: str) -> dict[str, set[str]]:
    """Language to the prompts that callers of this brand can hear: those with a text, also of the operator's own, and recordings. An
    operator's texts that can't be read count for nothing here: `prompt_mistakes` tells of them."""
    folders = [config.hotline.prompts, config.brands[brand].prompts if brand else None]
    known = {language: set(read_texts(language).prompts) for language in languages()}
    for language, names in known.items():
        for folder in folders:
            if folder is not None:
                with contextlib.suppress(TextsError):
                    names.update(own_texts(folder / f"{language}.toml"))
                names.update(file.stem for file in (folder / language).glob("*.wav"))
    return known


def heard_texts(config: Config, brand: str) -> dict[str, dict[str, str]]:
    """Language to what callers of this brand hear under each name: the operator's texts go before the packaged ones; of a recording
    without a text, that it is one."""
    texts: dict[str, dict[str, str]] = {language: dict(read_texts(language).all()) for language in languages()}
    for language, found in texts.items():
        _take_own(found, config.hotline.prompts, language)
        if brand:
            found[WELCOME] = config.brands[brand].welcomes(language)
            _take_own(found, config.brands[brand].prompts, language)
    return texts


def _take_own(texts: dict[str, str], folder: Path | None, language: str) -> None:
    if folder is None:
        return
    for file in (folder / language).glob("*.wav"):
        texts.setdefault(file.stem, f"({file.stem}.wav)")
    with contextlib.suppress(TextsError):  # `prompt_mistakes` tells of it
        texts.update(own_texts(folder / f"{language}.toml"))


def own_stories(config: Config) -> list[str]:
    """The names of the house's own stories."""
    return stories_in(config.hotline.stories)


def _strange_queues(config: Config, used: MenuInUse, menus: Menus) -> Iterator[str]:
    """Queues to which this menu leads and in which the brand's callers can't stand."""
    targets = [menus.person, *(target for menu in menus.menus.values() for target in menu.targets())]
    keeps = bool(used.brand) and config.brands[used.brand].own
    for queue in dict.fromkeys(target.queue for target in targets if target.queue):
        owner = brand_of_queue(config.brands, queue)
        if owner == used.brand or (not owner and not keeps):
            continue
        who = f"callers of brand {used.brand}" if used.brand else "callers of no brand (hotline.numbers)"
        whose = (
            f"belongs to brand {owner}" if owner else f"is not brand {used.brand}'s, which keeps to itself (own = true)"
        )
        remedy = "Lead the key to another queue" + (
            ""
            if used.place.startswith("brands.") or not used.brand
            else f", or give brand {used.brand} a menu of its own"
        )
        yield f"{used.place}: {used.file}: leads {who} to {queue}, which {whose}. {remedy}."


def _lost_numbers(config: Config, used: MenuInUse, menus: Menus) -> Iterator[str]:
    """Numbers that lead to a menu which is not there."""
    part, place = (config.brands[used.brand], f"brands.{used.brand}") if used.brand else (config.hotline, "hotline")
    for number, table in part.number_tables.items():
        if table.menu is not None and table.menu not in menus.menus:
            known = ", ".join(menus.menus)
            yield f"{place}.numbers.{number}.menu: there is no menu {table.menu!r} in {used.file}. Menus: {known}."


def prompt_mistakes(folder: Path) -> list[str]:
    """A sentence for each of an operator's own prompt files that can't be played."""
    if not folder.is_dir():
        return [f"{folder} is not a folder. Make it, or take the key away."]
    faults = [fault for file in sorted(folder.glob("*/*.wav")) if (fault := judge(file)[0])]
    for language in languages():
        try:
            own_texts(folder / f"{language}.toml")
        except TextsError as error:
            faults.append(str(error))
    return faults


def sounds_of(sounds: Path, brand: str) -> Path:
    """The folder of the prompts that this brand's callers hear; the hotline's ("") is `sounds` itself."""
    return sounds / FOLDER / brand if brand else sounds


def speak_brands(espeak: Speaker | list[str] | None, config: Config, sounds: Path) -> list[str]:
    """Fills each brand's folder from `sounds`, which must be complete. A sentence for each welcome that could not be spoken: its
    callers hear the hotline's. `espeak` None: it can't be had, and nothing is spoken."""
    faults: list[str] = []
    for name, brand in config.brands.items():
        own, into = _own_files(brand), sounds_of(sounds, name)
        texts = _texts_of(brand, faults)
        welcomes = {(language, WELCOME) for language in languages()} - own.keys() - texts.keys()
        for file in sounds.glob("*/*.wav"):
            prompt = (file.parent.name, file.stem)
            place = into / file.parent.name / file.name
            if prompt not in own and (prompt not in welcomes | texts.keys() or not place.exists()):
                _link(file, place)
        for (folder, stem), file in own.items():
            put(file, into / folder / f"{stem}.wav")
        if espeak is not None:
            said = {(language, WELCOME): brand.welcomes(language) for language, _ in sorted(welcomes)} | texts
            faults += _spoken(
                espeak, {prompt: said[prompt] for prompt in said if prompt not in own}, into, prompt_cache(sounds)
            )
    return faults


def brand_texts(brand: Brand) -> Iterator[tuple[str, str, str]]:
    """Language, name and text of each of the brand's own texts. Raises TextsError."""
    if (folder := brand.prompts) is not None:
        for language in languages():
            yield from ((language, name, text) for name, text in own_texts(folder / f"{language}.toml").items())


def _texts_of(brand: Brand, faults: list[str]) -> dict[tuple[str, str], str]:
    """Language and prompt to the brand's own text of it; what can't be read is a sentence in `faults`."""
    try:
        return {(language, name): text for language, name, text in brand_texts(brand)}
    except TextsError as fault:
        faults.append(str(fault))
        return {}


def _spoken(voice: Speaker | list[str], said: dict[tuple[str, str], str], into: Path, cache: Path) -> Iterator[str]:
    """Speaks these texts; a sentence for each that could not be."""
    for (language, name), text in said.items():
        try:
            put(spoken(voice, read_texts(language), name, text, cache), into / language / f"{name}.wav")
        except VoiceError as fault:
            yield str(fault)


def _own_files(brand: Brand) -> dict[tuple[str, str], Path]:
    """Language and prompt to the brand's recording of it."""
    files = brand.prompts.glob("*/*.wav") if brand.prompts else ()
    return {(file.parent.name, file.stem): file for file in files}


def _link(file: Path, place: Path) -> None:
    """`place` is the same file as `file`, at each moment a whole one: it may be playing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists() and place.samefile(file):
        return
    beside = place.with_name(f".{secrets.token_hex(4)}")
    try:
        os.link(file, beside)
    except OSError:  # a file system without hard links, or a file of another user's
        put(file, place)
    else:
        beside.replace(place)
