"""What all services do: look something up while the caller listens, take a number, tell an answer.

Three keys mean the same at every point: 0 a person, * back to the menu, # hear it again. A look-up that takes longer than two
seconds is filled with "one moment"; one that comes to nothing is said, and leads to a person. Which look-ups there are, how long
they may take and what they answer is the daemon's (acd/lookups): a story only sees an `Answer`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from ivr.keyed import LONGEST, forbidden
from ivr.speech.doubts import Doubts
from ivr.step import Call, Collect, Hear, Heard, LookUp, Music, Part, Play, Spoken

End = Literal["served", "person", "back"]
"""As ServiceEnd of ivr/services/__init__.py."""

TRIES = 3
"""Entries of one number."""
REPEATS = 10
"""How often an answer is said again before the caller is taken to a person."""
NUMBER = Hear("number", say=("speech-say-number",))
MOST_ASKED = 30
"""Questions after one look-up, which the daemon ends long before."""

Outcome = Literal["found", "not-found", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a look-up."""

    outcome: Outcome
    records: tuple[Mapping[str, str], ...] = ()
    """The newest first; each has the fields of its kind (acd/lookups/fields.py), those that are not known left out."""
    today: date | None = None
    """Where the hotline is."""
    why: str = ""
    """The code of a refusal, as "not-verified"."""
    person: bool = field(default=False, compare=False)
    """The caller has pressed 0 meanwhile."""


def look_up(call: Call, source: str, by: str, keyed: str = "") -> Part[Answer]:
    """Asks for the caller's records (`by` "caller") or for those of a number that was keyed. A daemon that does not answer has failed."""
    parameters = {"call": call.id, "by": by} | ({"keyed": keyed} if keyed else {})
    told = yield LookUp("lookup", source, parameters)
    person, said = False, False
    for _ in range(MOST_ASKED):
        if not isinstance(told, dict) or told.get("state") != "pending":
            break
        if not said:
            said = True
            person = (yield Play("lookup-one-moment")) == "0"
            yield Music()
        if person:
            return Answer("failed", person=True)
        told = yield LookUp("lookup-answer", str(told.get("ticket", "")))
    else:
        told = None
    return read(told)


def read(told: Any) -> Answer:
    """The daemon's answer, or "failed" of anything else."""
    if not isinstance(told, dict) or told.get("state") not in ("found", "not-found", "refused", "failed"):
        return Answer("failed")
    rows = told.get("records")
    records = tuple(
        {str(name): str(value) for name, value in row.items()} for row in rows or () if isinstance(row, dict)
    )
    try:
        today = date.fromisoformat(str(told.get("today")))
    except ValueError:
        today = None
    if told["state"] == "found" and (not records or today is None):
        return Answer("failed")
    return Answer(told["state"], records, today, str(told.get("why", "")))


def enter(prompt: str, most: int = LONGEST) -> Part[str]:
    """The number that the caller keys, ended by #; "person" for 0 alone, "back" for *; "" after TRIES without one.

    What nobody may key is refused here, and goes nowhere. Where speech is recognised the number may also be said; it is read back.
    """
    doubts = Doubts()
    for _ in range(TRIES):
        hear = None if doubts.over else NUMBER
        keyed = yield Collect(prompt, digits=2 * LONGEST, first_s=8.0, end="#", hear=hear)
        if isinstance(keyed, Heard) and keyed.text:
            from ivr.speech.asking import number  # here: a program pays for each import

            keyed = yield from number(keyed, doubts)
            if not keyed:
                continue
        if keyed == "0":
            return "person"
        if keyed == "*":
            return "back"
        if not keyed or isinstance(keyed, Heard):
            yield Play("no-key")
            continue
        what = forbidden(keyed, most)
        if what in ("identity-card", "card"):
            yield Play("identity-never-key")
        elif what or not keyed.isdigit():
            yield Play("lookup-wrong-number")
        else:
            return str(keyed)
    return ""


def tell(call: Call, service: str, said: tuple[Spoken, ...], after: str = "service-after", more: str = "") -> Part[str]:
    """Tells an answer and listens: "person", "back", "served" (the caller keys nothing more), or one of the keys `more`.

    The daemon is told when the answer was heard to its end: a caller who hangs up then was served.
    """
    told = silent = 0
    for _ in range(REPEATS):
        key = yield Play(said)
        if not key:
            if not told:
                yield LookUp("told", call.id, {"service": service})
            told += 1
            key = yield Collect(after, first_s=5.0)
        if key == "0":
            return "person"
        if key == "*":
            return "back"
        if key == "#":
            silent = 0
            continue
        if key and key in more:
            return str(key)
        if key:
            yield Play("invalid-key")
            said_again = yield Collect(after, first_s=5.0)
            if said_again in ("0", "*"):
                return "person" if said_again == "0" else "back"
            if said_again and said_again in more:
                return str(said_again)
            if said_again == "#":
                continue
        silent += 1
        return "served"
    return "person"


def no_answer(answer: Answer) -> Part[End]:
    """After a look-up that has found nothing out: says so, and leads to a person."""
    if not answer.person:
        yield Play("identity-needed" if answer.why == "not-verified" else "lookup-failed")
    return "person"


Say = Callable[[Mapping[str, str], date, str], tuple[Spoken, ...]]
"""A record, today, and a language, as what is said of it."""
