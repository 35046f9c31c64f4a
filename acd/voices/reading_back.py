"""What a recogniser hears of a prompt, and how far that is from its text.

The measure is the character error rate (CER): the fewest characters that must be changed, added or taken away, for each character of the text. A
recogniser errs by itself, most with a word that stands alone: the bound is for sentences. It writes by sound, so the syllables are compared too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acd.voices.dialogue import Worker
from acd.voices.making import Wanted
from acd.voices.workers.mandarin import in_characters, one_by_one
from ivr.prompts import english, read_texts

MOST_CER = 0.20
"""Of a sentence."""
SENTENCE = {"zh": 6, "en": 4}
"""So many characters, or words in English, make a sentence; a shorter text is judged by its syllables' mean over all short ones."""
_SIGN = re.compile(r"[^\w]|_")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Heard:
    """One prompt as it was read back."""

    wanted: Wanted
    text: str
    """What the recogniser has written."""
    cer: float
    syllables: float
    """The same of syllables without their tones; of words in English."""
    took_s: float

    @property
    def is_sentence(self) -> bool:
        return is_sentence(self.wanted)

    @property
    def well(self) -> bool:
        """A sentence within the bound, by its characters or by its sounds: 定单 is heard as well as 订单."""
        return min(self.cer, self.syllables) <= MOST_CER


def is_sentence(each: Wanted) -> bool:
    """Whether the text is long enough to be judged by itself."""
    plain = _SIGN.sub("", in_characters(each.text)) if each.language == "zh" else each.text.split()
    return len(plain) >= SENTENCE[each.language]


def read_back(worker: Worker, each: Wanted, file: Path) -> Heard:
    """Has the file recognised. Raises CantBeSpoken, WorkerFailed."""
    answer = worker.ask(file=str(file), language=each.language)
    said, heard = variants(each.text, each.language), variants(answer["text"], each.language)
    cer = min(error_rate(one, other) for one in said for other in heard)
    if each.language == "zh":
        sounds = [worker.ask(pinyin_of=one)["pinyin"].split() for one in said]
        others = [worker.ask(pinyin_of=one)["pinyin"].split() for one in heard]
    else:
        sounds, others = [words(each.text)], [words(answer["text"])]
    syllables = min(error_rate(_toneless(one), _toneless(other)) for one in sounds for other in others)
    return Heard(each, answer["text"], cer, syllables, answer["took_s"])


def error_rate(said: Sequence[str], heard: Sequence[str]) -> float:
    """Levenshtein's distance for each element of what was said; 1 where nothing was to be said and something was heard."""
    row = list(range(len(heard) + 1))
    for at, one in enumerate(said, 1):
        before, row[0] = row[0], at
        for place, other in enumerate(heard, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (one != other))
    return row[-1] / len(said) if said else float(bool(heard))


def variants(text: str, language: str) -> list[str]:
    """The text's characters without signs, numbers written out: as a number, and digit by digit, since both are written 12."""
    if language != "zh":
        return ["".join(words(text))]
    counted, single = in_characters(text), in_characters(_DIGITS.sub(lambda found: one_by_one(found[0]), text))
    return list(dict.fromkeys(_SIGN.sub("", each).lower() for each in (counted, single)))


def words(text: str) -> list[str]:
    """English words in small letters, numbers below ten thousand written out."""
    numbers = read_texts("en").numbers

    def out(found: re.Match[str]) -> str:
        number = int(found[0])
        return " ".join(numbers[f"number-{part}"] for part in english(number)) if number < 10000 else found[0]

    return [word for word in re.split(r"[^a-z]+", _DIGITS.sub(out, text.lower().replace("'", ""))) if word]


def _toneless(syllables: list[str]) -> list[str]:
    return [each.rstrip("12345") for each in syllables]
