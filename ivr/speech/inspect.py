"""What may be wrong in menus that callers speak to, as sentences for `sanxiang menu check`."""

from collections.abc import Iterator
from itertools import combinations

from ivr.menu import Menu, Menus, meant
from ivr.speech.matching import alike
from ivr.speech.phrases import Labels, own_words


def speech_findings(menus: Menus, labels: Labels) -> Iterator[str]:
    """Keys that can't be said in a language, and phrases of two keys that sound alike. `labels`: of the queues."""
    for menu in menus.menus.values():
        if menu.speech:
            for language in menus.languages:
                yield from _of_language(menus, menu, language, labels)


def _of_language(menus: Menus, menu: Menu, language: str, labels: Labels) -> Iterator[str]:
    said: dict[str, tuple[str, ...]] = {}
    for key, targets in menu.keys.items():
        words = (own_words(meant(menus, menu, key, target), labels, language) for target in targets)
        said[key] = tuple(dict.fromkeys(phrase for each in words for phrase in each))
        if not said[key]:
            yield f'menus.{menu.name}, key {key}: callers have no words for it in {language}. Give it phrases, as phrases = ["…"].'
    for (one, phrases), (other, others) in combinations(said.items(), 2):
        near = next(((a, b) for a in phrases for b in others if alike(a, b)), None)
        if near:
            yield (
                f"menus.{menu.name}: {near[0]!r} (key {one}) and {near[1]!r} (key {other}) sound alike; callers who say one are asked back. "
                "Take other words for one of them."
            )
