"""After the talk: the caller is asked what they thought of it, by keys; then they may say something, which is recorded.

Which questions are asked, and whether any, is the daemon's to say. What a caller has keyed is on their channel at once (SURVEY), and
the dialplan tells it when they hang up, whenever that is: a daemon that is away in between loses no mark. The same variable is why a
story that broke off begins with the question that is open.
"""

from collections.abc import Mapping
from typing import Any

from ivr.step import Call, Collect, Done, LookUp, Music, Part, Play, SetVariable, Story, Wait

KEYS: Mapping[str, str] = {"satisfied": "12345", "solved": "12", "recommend": "0123456789"}
"""The questions that are answered by a key, and the keys."""
ORDER = ("satisfied", "solved", "recommend", "word")
TRIES = 3
"""Wrong keys to one question, and then the next one is asked."""
SILENCES = 2
"""Unanswered times in a row, and then nothing more is asked."""
END = "*"
BEGIN = "1"
ROUNDS = 5
"""The daemon is asked so often, for it may be starting again at this moment."""
PAUSE_S = 2.0


def survey(call: Call) -> Story:
    """The survey at the end of the call itself."""
    yield from questions_of(call)
    return Done()


def survey_call(call: Call) -> Story:
    """The survey in a call back: who calls and why, and only who presses 1 is asked. `STORY_RESULT` on the channel says how it went: "told"
    from key 1 on, for nobody is called twice about it; "declined" after *; "no key" where a mailbox, or a person, has pressed none."""
    if not answers_in(call.survey):
        for _ in range(TRIES):
            key = yield Collect("survey-call-hello", first_s=5)
            if key in (BEGIN, END):
                break
        else:
            yield SetVariable("STORY_RESULT", "no key")
            return Done()
        if key == END:
            yield SetVariable("STORY_RESULT", "declined")
            yield Play("survey-call-declined", keys="")
            return Done()
        yield SetVariable("STORY_RESULT", "told")
    if not (yield from questions_of(call)):
        yield Play("goodbye", keys="")  # after a word the dialplan says it
    return Done()


def questions_of(call: Call) -> Part[bool]:
    """Asks the questions that are still open, in their order; answers whether a word is to be recorded. The caller hears nothing of it
    where nobody is asked."""
    said = answers_in(call.survey)
    told = yield from ask_daemon(call)
    questions = [name for name in ORDER if name in told.get("questions", ())]
    if not questions:
        return False
    if not said:
        yield Play("survey-intro")
    silences = 0
    for name in questions:
        if name in said or name == "word":
            continue
        key = yield from ask(f"survey-{name}", KEYS[name])
        if key == END:
            return False
        if key is None:
            silences += 1
            if silences >= SILENCES:
                return False
            continue
        silences = 0
        said[name] = key
        yield SetVariable("SURVEY", written(said))
        if name == "satisfied" and int(key) <= _low(told) and told.get("callback") is True:
            wish = yield from ask("survey-low", "12")
            if wish == "1":
                said["callback"] = "1"
                yield SetVariable("SURVEY", written(said))
                yield Play("survey-low-taken")
    if not said:
        return False
    yield Play("survey-thanks")
    if "word" in questions:
        yield Play("survey-word")
        yield SetVariable("SURVEY_WORD", "1")
        return True
    return False


def ask_daemon(call: Call) -> Part[dict[str, Any]]:
    """What it says; with music while it is being started again; empty when it stays silent."""
    for round_ in range(ROUNDS):
        told = yield LookUp("survey", call.id)
        if isinstance(told, dict):
            return told
        if round_ < ROUNDS - 1:
            yield Wait(PAUSE_S)
    yield Music(on=False)
    return {}


def ask(prompt: str, keys: str) -> Part[str | None]:
    """The key of an answer, or the one that ends it all; None: no key, or only wrong ones."""
    for _ in range(TRIES):
        key: str | None = yield Collect(prompt, first_s=5)
        if key is None or key == END or key in keys:
            return key
        yield Play("invalid-key")
    return None


def _low(told: Mapping[str, Any]) -> int:
    low = told.get("low")
    return low if isinstance(low, int) and not isinstance(low, bool) else 0


def written(said: Mapping[str, str]) -> str:
    """The answers as one word, as "satisfied.4-solved.1", which survives in a variable of Asterisk's as it is."""
    return "-".join(f"{name}.{key}" for name, key in said.items())


def answers_in(word: str) -> dict[str, str]:
    """What `written` wrote; what is none of it is passed over."""
    pairs = (part.partition(".") for part in word.split("-"))
    return {name: key for name, _, key in pairs if key and key in KEYS.get(name, "1" if name == "callback" else "")}
