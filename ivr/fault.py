"""A fault is announced to the callers whom it concerns: what is broken, when it should be mended, where else to look; and three ways
on: be called when it is mended (1), a person (0), anything else (*). Who presses nothing hears goodbye.

Which faults concern a caller, and where in the call each is told, the daemon has said at the beginning (`Facts.faults`). A caller
hears each once. The emergency key works here as in every menu.
"""

from collections.abc import Mapping
from typing import Any, Literal

from ivr.callback_offer import DAYS, LONGEST, TRIES
from ivr.facts import Facts, Fault, FaultsHeard
from ivr.step import Call, Collect, Language, LookUp, Part, Play, Spoken

After = Literal["on", "person", "emergency", "goodbye"]
"""on: the call goes on as if nothing had been said."""
HEARD_AGAIN = 3
"""How often a caller may hear it."""
ENDS = ("mended", "full", "no-news", "do-not-call")
"""Refusals that another number would not change."""


def at_start(facts: Facts) -> list[Fault]:
    """Faults that are told before the menu."""
    return [fault for fault in facts.faults if fault.get("at") == "start"]


def at_key(facts: Facts, path: str) -> list[Fault]:
    """Faults that are told where these keys have been pressed, as "2/1"."""
    return [fault for fault in facts.faults if path in fault.get("keys", "").split(",")]


def at_queue(facts: Facts, queue: str) -> list[Fault]:
    """Faults that are told to whoever is about to wait in this queue."""
    return [fault for fault in facts.faults if queue in fault.get("queues", "").split(",")]


def tell_faults(
    call: Call, heard: FaultsHeard, faults: list[Fault], *, emergency: str = "", other_matter: bool = False
) -> Part[After]:
    """Tells those that the caller has not heard. `emergency`: the key of the house's emergency queue; empty: it has none.
    `other_matter`: key * leads on, to the menu."""
    new = [fault for fault in faults if fault.get("fault") and fault["fault"] not in heard.faults]
    if not new:
        return "on"
    for fault in new:
        heard.faults.append(fault["fault"])
        heard.queue = heard.queue or fault.get("queue", "")
        yield LookUp("fault", call.id, {"fault": fault["fault"], "did": "heard"})
    language = yield Language()
    words = tuple(word for fault in new for word in said(fault, language))
    registers = [fault["fault"] for fault in new if fault.get("register")]
    ways: list[Spoken] = ["fault-register"] if registers else []
    ways += ["fault-person", *(["fault-other-matter"] if other_matter else []), "fault-or-hang-up"]
    for _ in range(HEARD_AGAIN):
        key = yield Play(words)
        if not key:
            for fault in new:
                yield LookUp("fault", call.id, {"fault": fault["fault"], "did": "told"})
            key = yield Collect(tuple(ways), first_s=6)
        if key == "0":
            return "person"
        if key and key == emergency:
            return "emergency"
        if key == "*" and other_matter:
            return "on"
        if key == "1" and registers:
            end = yield from register(call, registers, language)
            return end
        if key is None or key == "":
            return "goodbye"
        if key != "#":
            yield Play("invalid-key")
    return "goodbye"


def said(fault: Fault, language: str) -> tuple[Spoken, ...]:
    """The announcement of one fault in a language."""
    other = fault.get(f"other_{language}", "")
    return (fault.get(f"say_{language}") or "fault-general", *expected(fault, language), *((other,) if other else ()))


def expected(fault: Fault, language: str) -> tuple[Spoken, ...]:
    """ "It should be mended tomorrow by 8 o'clock"; nothing where nobody has said so."""
    day, hour, minute = fault.get("day", ""), fault.get("hour", ""), fault.get("minute", "")
    if day not in DAYS or not (hour.isdigit() and minute.isdigit()) or int(hour) > 23 or int(minute) > 59:
        return ()
    # "Two" o'clock is another word in Chinese than the number 2.
    spoken: Spoken = "callback-two" if int(hour) == 2 else int(hour)
    if minute == "0":
        return f"fault-{day}", spoken, "opens-oclock"
    if language == "en":
        return f"fault-{day}", int(hour), int(minute)
    return f"fault-{day}", spoken, "opens-past", int(minute), "opens-past-end"


def register(call: Call, faults: list[str], language: str) -> Part[After]:
    """Takes the number at which the caller is told that it is mended: the one that calls, where it may be called, or one that is
    keyed; confirmed as for a callback."""
    number, answer = "", None
    if call.caller.isdigit():
        answer = yield from judged(call, faults[0], call.caller, language)
        number = number_of(answer)
    for _ in range(TRIES):
        if not number:
            if (end := (yield from refused(answer))) is not None:
                return end
            entered = yield Collect("callback-enter-number", digits=LONGEST, first_s=6, end="#")
            if entered is None:
                return "goodbye"
            if entered == "0":
                return "person"
            if not entered.isdigit():
                yield Play("callback-wrong-number")
                continue
            answer = yield from judged(call, faults[0], entered, language)
            number = number_of(answer)
            if not number:
                if answer and answer.get("why") not in (*ENDS, "already"):
                    yield Play("callback-wrong-number")
                    answer = None
                    continue
                return (yield from refused(answer)) or "goodbye"
        digits = tuple(f"number-{digit}" for digit in number)
        key = yield Collect(("callback-number", *digits, "callback-confirm"))
        if key == "0":
            return "person"
        if key == "1":
            return (yield from note(call, faults, number, language))
        if key != "2":
            return "goodbye"
        number, answer = "", None
    return "goodbye"


def note(call: Call, faults: list[str], number: str, language: str) -> Part[After]:
    """Registers the confirmed number with each of the faults, and says what came of it."""
    answer: Any = None
    for fault in faults:
        answer = yield ask(call, fault, "register", number, language)
    if number_of(answer):
        yield Play("fault-registered")
        return "goodbye"
    return (yield from refused(answer)) or "goodbye"


def refused(answer: Any) -> Part[After | None]:
    """Says why nobody can be told, where another number would not change it; None: it would."""
    if answer is None or not isinstance(answer, dict):
        return None
    why = answer.get("why")
    if why == "already":
        yield Play("fault-registered-already")
    elif why == "mended":
        yield Play("fault-mended")
        return "on"
    elif why in ENDS:
        yield Play("fault-not-now")
    else:
        return None
    return "goodbye"


def judged(call: Call, fault: str, number: str, language: str) -> Part[Mapping[str, Any]]:
    """What the daemon says of this number; a daemon that does not answer can't note it either."""
    answer = yield ask(call, fault, "judge", number, language)
    return answer if isinstance(answer, dict) and answer else {"why": "full"}


def ask(call: Call, fault: str, did: str, number: str, language: str) -> LookUp:
    """The question to the daemon. It has the number in its body, as all that is keyed."""
    return LookUp("fault", call.id, {"fault": fault, "did": did, "number": number, "language": language})


def number_of(answer: Any) -> str:
    """The number as it is dialled, where the daemon has said that it may be."""
    if not isinstance(answer, dict) or answer.get("possible") is not True:
        return ""
    number = str(answer.get("number", ""))
    return number if number.isascii() and number.isdigit() and len(number) <= LONGEST else ""
