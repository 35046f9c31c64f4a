"""What may be said for each key of a menu, and the prompts that name the key when it is asked back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ivr.speech.pinyin import is_chinese
from ivr.step import Spoken

FILE = Path(__file__).parent / "phrases.toml"
Labels = Mapping[str, Mapping[str, str]]
"""Queue to its name in each language."""
_SERVICES = ("order", "delivery", "balance", "ticket", "hours")


@dataclass(frozen=True, slots=True)
class Meant:
    """What a key leads to, as far as it can be said."""

    queue: str = ""
    service: str = ""
    end: str = ""
    person: bool = False
    """The key of a person in every menu."""
    emergency: bool = False
    phrases: tuple[str, ...] = ()
    """The operator's own, in both languages."""
    named: str = ""
    """The operator's prompt that names it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One key of a menu."""

    phrases: tuple[str, ...]
    named: tuple[Spoken, ...]
    """Prompts that name it within "did you mean …?"; empty: by its digit."""


@cache
def packaged() -> dict[str, dict[str, list[str]]]:
    """Language to its phrases."""
    import tomllib  # here: where nobody speaks it is not needed

    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def expected(key: str, meant: Meant, labels: Labels) -> Expected:
    """What callers may say for this key."""
    said = dict.fromkeys((*meant.phrases, *_usual(meant, labels)))
    press = (each.format(key=key) for words in packaged().values() for each in words["press"]) if key.isdigit() else ()
    return Expected((*said, *press), _named(meant, labels))


def own_words(meant: Meant, labels: Labels, language: str) -> tuple[str, ...]:
    """The phrases of one language, without those that name the digit."""
    chinese = language == "zh"
    return tuple(each for each in (*meant.phrases, *_usual(meant, labels)) if is_chinese(each) == chinese)


def _usual(meant: Meant, labels: Labels) -> Iterator[str]:
    kind = _kind(meant)
    for words in packaged().values():
        yield from words.get(kind, ())
    if meant.queue and not meant.service:
        yield from (label for label in labels.get(meant.queue, {}).values() if label)


def _kind(meant: Meant) -> str:
    if meant.person:
        return "person"
    if meant.emergency:
        return "emergency"
    if meant.end in ("back", "repeat"):
        return meant.end
    return meant.service if meant.service in _SERVICES else ""


def _named(meant: Meant, labels: Labels) -> tuple[Spoken, ...]:
    if meant.named:
        return (meant.named,)
    if kind := _kind(meant):
        return (f"speech-{kind}",)
    return (f"queue-{meant.queue}",) if meant.queue in labels else ()
