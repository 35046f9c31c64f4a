"""Parts of stories in which the caller may speak: a choice and a number. Keys are taken at every point, and are all there is after two
things that were not understood.

What is heard is taken at once only where it is sure. Else it is asked back, and 1 confirms; a number is always said again and confirmed.
"""

from collections.abc import Mapping
from dataclasses import replace

from ivr.keyed import forbidden
from ivr.speech.digits import digits_of
from ivr.speech.doubts import Doubts
from ivr.speech.matching import Match, match
from ivr.speech.phrases import Expected, packaged
from ivr.spoken.numbers import reference
from ivr.step import Collect, Hear, Heard, Language, Note, Part, Play, Spoken

CONFIRM_S = 5.0
AGAIN_S = 5.0
LIKELY = 0.45
"""A text that is less likely by the recogniser's own measure is asked back, however well it fits: of noise it may make a phrase it was told of."""
YES = "1"
STANDING = "0*#"
"""Keys that mean the same at every point."""


def choice(
    prompts: tuple[Spoken, ...],
    first_s: float,
    may: Mapping[str, Expected],
    doubts: Doubts,
    before: tuple[Spoken, ...] = (),
) -> Part[str]:
    """A key that was pressed, or the one that was meant by what was said; "" for neither. `before`: said once, in front of the prompts."""
    if doubts.over or not may:
        return (yield Collect((*before, *prompts), first_s=first_s)) or ""
    hints = tuple(dict.fromkeys(phrase for each in may.values() for phrase in each.phrases))
    answer: str | Heard | None = yield Collect(
        (*before, *prompts), first_s=first_s, hear=Hear("choice", hints, ("speech-say-choice",))
    )
    while isinstance(answer, Heard):
        if not answer.text:
            return ""  # a noise: as if nothing had come
        found = match(answer.text, {key: each.phrases for key, each in may.items()})
        if found.certainty == "sure" and answer.confidence < LIKELY:
            found = replace(found, certainty="unsure")
        yield note(found)
        if found.certainty == "sure":
            return found.key
        if found.certainty == "unsure":
            confirmed = yield from _asked_back(found.key, may[found.key])
            if confirmed == YES:
                return found.key
            if confirmed and confirmed in STANDING:
                return confirmed
        if doubts.more():
            return (yield Collect(("speech-keys-only", *prompts), first_s=first_s)) or ""
        answer = yield Collect(
            ("speech-again", *prompts), first_s=AGAIN_S, hear=Hear("choice", hints, ("speech-say-choice",))
        )
    return answer or ""


def _asked_back(key: str, each: Expected) -> Part[str]:
    named: tuple[Spoken, ...] = ("speech-did-you-say", *each.named)
    if not each.named:
        named = (
            "speech-did-you-mean-key",
            f"number-{key}" if key.isdigit() else f"speech-key-{'star' if key == '*' else 'hash'}",
        )
    return (yield Collect((*named, "speech-confirm"), first_s=CONFIRM_S)) or ""


def number(heard: Heard, doubts: Doubts) -> Part[str]:
    """The digits that were said, read back and confirmed; "0" for a person, "*" for back, where the caller has said or pressed so; ""
    where it is not understood or not confirmed."""
    language = yield Language()
    digits = digits_of(heard.text)
    if not digits:
        words = packaged()
        found = match(
            heard.text,
            {
                key: [each for said in words.values() for each in said[what]]
                for key, what in (("0", "person"), ("*", "back"))
            },
        )
        yield note(found, "number")
        if found.certainty == "sure":
            return found.key
        yield Play("speech-keys-only" if doubts.more() else "speech-number-unclear")
        return ""
    yield Note(f"speech: a number of {len(digits)} digits was understood")
    if forbidden(digits):
        return digits  # refused by whoever has asked, and not said aloud
    said = ("speech-number-said", *reference(digits, language), "speech-number-confirm")
    pressed = (yield Collect(said, first_s=CONFIRM_S)) or ""
    if pressed == YES:
        return digits
    doubts.more()
    return pressed if pressed in ("0", "*") else ""


def note(found: Match, what: str = "choice") -> Note:
    """For the log: what came of it, and never what was said."""
    key = f" key {found.key}," if found.key else ""
    return Note(f"speech: {what} {found.certainty},{key} confidence {found.confidence:.2f}")
