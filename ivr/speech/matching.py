"""What a recogniser has written against the few phrases that are expected: which key was meant, and how sure that is.

Chinese is compared by syllables (pinyin.py), English by the letters of its words. A phrase may stand anywhere in what was said: "我想查一下订单"
holds 订单. Each word around it makes it less sure, and so does another key whose phrase fits nearly as well.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from ivr.speech.pinyin import distance, is_chinese, syllables

SURE, UNSURE = 0.2, 0.42
"""Distance of a phrase, from 0 (as expected) to 1, up to which a choice is taken, and up to which it is asked back."""
APART = 0.2
"""So much nearer than any other key's phrase a choice must be, to be taken without a question."""
AROUND, MOST_AROUND = 0.025, 0.2
"""Distance for each syllable or word around the phrase, and the most of it all together."""
ADDED = 0.6
"""Distance of a syllable that stands within the phrase and does not belong to it."""
SOUND_ALIKE = 0.3
"""Two phrases of one menu that are no further apart are warned of (`menu check`)."""
MOST_TOKENS = 60
"""Syllables or words that are looked at; nobody says more for a choice."""
_DENIED = re.compile(r"不是|不要|不想|别|没|\b(?:not|no|don't|dont)\b")
_WORD = re.compile(r"[a-z]+")
_NUMERALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Certainty = Literal["sure", "unsure", "none"]
Phrases = Mapping[str, Sequence[str]]
"""Key to what may be said for it, in both languages."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match:
    """What came of one thing said."""

    key: str
    """Empty: none."""
    certainty: Certainty
    confidence: float
    """0 to 1: how near the nearest phrase is."""


NOTHING = Match("", "none", 0.0)


def match(text: str, phrases: Phrases) -> Match:
    """The key whose phrase is nearest to the text."""
    found = sorted((min((fit(each, text) for each in said), default=1.0), key) for key, said in phrases.items())
    if not found or found[0][0] > UNSURE:
        return NOTHING
    best, key = found[0]
    second = found[1][0] if len(found) > 1 else 1.0
    denied = bool(_DENIED.search(text.lower())) and not any(_DENIED.search(each.lower()) for each in phrases[key])
    sure = best <= SURE and second - best >= APART and not denied
    return Match(key, "sure" if sure else "unsure", round(1 - best, 2))


def fit(phrase: str, text: str) -> float:
    """How far the phrase is from the place of the text that is nearest to it; 0: it stands there; 1: nothing of it does."""
    if is_chinese(phrase):
        return _fit(syllables(phrase), syllables(text)[:MOST_TOKENS], distance)
    return _fit(words(phrase), words(text)[:MOST_TOKENS], _of_words)


def alike(one: str, other: str) -> bool:
    """Whether two phrases of different keys are so near that callers who say one may be taken for the other."""
    return min(fit(one, other), fit(other, one)) <= SOUND_ALIKE


def words(text: str) -> tuple[str, ...]:
    """English words in small letters; a digit is the word for it."""
    plain = re.sub(r"\d", lambda found: f" {_NUMERALS[int(found[0])]} ", text.lower().replace("'", ""))
    return tuple(_WORD.findall(plain))


def _fit(phrase: Sequence[T], text: Sequence[T], apart: Callable[[T, T], float]) -> float:
    if not phrase or not text:
        return 1.0
    row = [0.0] * (len(text) + 1)  # what stands before the phrase costs nothing here
    for at, one in enumerate(phrase, 1):
        before, row[0] = row[0], float(at)
        for place, other in enumerate(text, 1):
            replaced = before + apart(one, other)
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + ADDED, replaced)
    around = max(0, len(text) - len(phrase))
    return min(1.0, min(row) / len(phrase) + min(MOST_AROUND, AROUND * around))


def _of_words(one: str, other: str) -> float:
    """Levenshtein's distance of the letters, for each letter of the longer word."""
    if one == other:
        return 0.0
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, there in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != there))
    return row[-1] / max(len(one), len(other))
