"""Whole sentences for the usual numbers: "You are now caller number three in the queue" as one file, so that no seam is heard.

A story names the parts, as ("position", 3, "position-end"). Where there is a file `position-3-position-end.wav`, it is played in
their place; beyond the usual numbers, or where no better voice has made it, the parts are played one after the other.
"""

from ivr.expected_wait import MINUTES
from ivr.prompts import Texts, number_parts
from ivr.step import Spoken

WHOLE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("position", "#", "position-end"), ("1-60",)),
    (("callback-within", "#", "callback-hour"), ("1",)),
    (("callback-within", "callback-two", "callback-hours"), ("",)),
    (("callback-within", "#", "callback-hours"), ("3-12", "24", "48")),
    (("callback-within", "#", "callback-minute"), ("1",)),
    (("callback-within", "callback-two", "callback-minutes"), ("",)),
    (("callback-within", "#", "callback-minutes"), ("3-60",)),
    (("wait-about", "#", "wait-minutes"), tuple(map(str, MINUTES))),
    (("wait-up-to", "#", "wait-minutes"), tuple(map(str, MINUTES))),
    (
        ("wait-about", "#", "wait-to", "#", "wait-minutes"),
        tuple(f"{low} {high}" for at, low in enumerate(MINUTES) for high in MINUTES[at + 1 : at + 4]),
    ),
)
"""Parts of a sentence, each "#" a number, and its usual numbers: "1-20" each of them, "3 5" two in one sentence, "" none."""
MOST_PARTS = 6
"""Of one sentence."""


def sentence_name(parts: tuple[Spoken, ...]) -> str:
    """The name of the file that says all these parts: position-3-position-end."""
    return "-".join(map(str, parts))


def varies(part: Spoken) -> bool:
    """Whether the part is a number; "two" of something is another word in Chinese than the number 2."""
    return isinstance(part, int) or part.endswith("-two")


def whole_sentences(texts: Texts) -> dict[str, str]:
    """Name to text of each whole sentence in this language; those of which a part has no text are left out."""
    found: dict[str, str] = {}
    for parts, usual in WHOLE:
        for numbers in (each for word in usual for each in _numbers(word)):
            left = iter(numbers)
            filled = tuple(_counted(next(left), parts, texts.language) if part == "#" else part for part in parts)
            said = [_text(part, texts) for part in filled]
            if all(said):
                found[sentence_name(filled)] = _gap(texts).join(said)
    return found


def _counted(number: int, parts: tuple[str, ...], language: str) -> Spoken:
    """As the story of the expected wait says a count; those of other sentences stand in WHOLE as they are said."""
    return "callback-two" if number == 2 and language == "zh" and parts[0].startswith("wait-") else number


def _text(part: Spoken, texts: Texts) -> str:
    if isinstance(part, str):
        return texts.prompts.get(part, "")
    said = [texts.numbers.get(each, "") for each in number_parts(part, texts.language)]
    return _gap(texts).join(said) if all(said) else ""


def _gap(texts: Texts) -> str:
    return "" if texts.language == "zh" else " "


def _numbers(word: str) -> list[tuple[int, ...]]:
    first, dash, last = word.partition("-")
    if dash:
        return [(number,) for number in range(int(first), int(last) + 1)]
    return [tuple(map(int, word.split()))]
