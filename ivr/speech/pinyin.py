"""Chinese characters as syllables without their tones, and how alike two syllables sound.

Compared by sound, a recogniser that writes 定单 for 订单, or traditional characters, has heard well. Tones are left out: of what a
telephone and a recogniser of 74 million weights leave, they are the first to go.
"""

from functools import cache
from pathlib import Path

Syllable = frozenset[str]
"""The readings of one character."""
FILE = Path(__file__).parent / "syllables.txt"
DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"))
"""Initials that many speakers do not tell apart."""
_NEAR = (
    ("b", "p"),
    ("d", "t"),
    ("g", "k"),
    ("j", "q"),
    ("zh", "ch"),
    ("z", "c"),
    ("q", "x"),
    ("j", "zh"),
    ("q", "ch"),
    ("x", "sh"),
)
"""Initials that a telephone hardly tells apart."""
_FINALS = (
    ("an", "ang"),
    ("en", "eng"),
    ("in", "ing"),
    ("ian", "iang"),
    ("uan", "uang"),
    ("uo", "o"),
    ("uo", "ou"),
    ("e", "uo"),
    ("ui", "ei"),
)
ALIKE, NEAR, OTHER = 0.15, 0.3, 0.6
"""What a part of a syllable counts that sounds alike, near, or other. A syllable that is other in both parts counts 1."""


@cache
def readings() -> dict[str, Syllable]:
    """Character to its readings."""
    found: dict[str, set[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            syllable, _, characters = line.partition(" ")
            for character in characters:
                found.setdefault(character, set()).add(syllable)
    return {character: frozenset(syllables) for character, syllables in found.items()}


def is_chinese(phrase: str) -> bool:
    """Whether it holds a Chinese character."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in phrase)


def syllables(text: str) -> tuple[Syllable, ...]:
    """Of the characters of a text, its digits among them; everything else is left out."""
    known = readings()
    return tuple(known[character] for letter in text if (character := DIGITS.get(letter, letter)) in known)


def distance(one: Syllable, other: Syllable) -> float:
    """0: the same; 1: nothing alike. Of characters with several readings, the nearest two."""
    if one & other:
        return 0.0
    return min(_distance(a, b) for a in one for b in other)


@cache
def _distance(one: str, other: str) -> float:
    (begin, end), (first, last) = parts(one), parts(other)
    begins = _of(begin, first, (_ALIKE, ALIKE), (_NEAR, NEAR))
    return min(1.0, begins + _of(end, last, (_FINALS, ALIKE)))


def _of(one: str, other: str, *classes: tuple[tuple[tuple[str, str], ...], float]) -> float:
    if one == other:
        return 0.0
    return next((cost for pairs, cost in classes if (one, other) in pairs or (other, one) in pairs), OTHER)


def parts(syllable: str) -> tuple[str, str]:
    """Initial and final, written as they sound: "yi" is ("", "i"), "you" ("", "iu"), "xuan" ("x", "van")."""
    initial = next((each for each in INITIALS if syllable.startswith(each)), "")
    final = syllable[len(initial) :]
    if initial == "y":
        return "", {"i": "i", "in": "in", "ing": "ing", "u": "v", "ue": "ve", "uan": "van", "un": "vn", "ou": "iu"}.get(
            final, f"i{final}"
        )
    if initial == "w":
        return "", {"u": "u", "ei": "ui", "en": "un"}.get(final, f"u{final}")
    if initial in ("j", "q", "x") and final.startswith("u"):
        final = f"v{final[1:]}"
    return initial, final
