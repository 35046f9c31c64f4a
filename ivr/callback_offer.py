"""A waiting caller is offered a callback, and keeps the place either way.

Anything but a clear yes leads back to the waiting room; a Redirect of the caller ends this story in the middle of a word:
an agent is there. CALLBACK on the channel, a number that the caller has heard and confirmed, is the yes.

Which numbers may be called is the daemon's to say, and when: a daemon that does not answer has not said yes.
"""

from typing import Any

from ivr.step import Call, Collect, Done, LookUp, Part, Play, SetVariable, Spoken, Story

TRIES = 3
LONGEST = 15
"""Digits of a number that can be called, without a plus (E.164 has 15 at most)."""
NOT_NOW = ("queue-full", "no-such-call")
"""Refusals that another number would not change."""


def callback_offer(call: Call) -> Story:
    """The offer; `call.caller` is proposed where it may be called back."""
    offer = yield LookUp("callback", call.id)
    if not offer or offer.get("possible") is not True:
        if offer and offer.get("why") == "callback-open":
            yield Play("callback-already")  # the same promise: there is no second one
        return Done()
    opening = from_when(offer, call.language)
    yes = yield Collect((*(opening or promise(promised_s(call, offer))), "callback-keep-place"), first_s=4)
    if yes != "1":
        return Done()
    number, answer = "", None
    if call.caller.isdigit():
        answer = yield from judged(call, call.caller)
        number = number_of(answer)
    if not number:
        number, answer = yield from ask_number(call)
    for _ in range(TRIES):
        if not number:
            return Done()
        said = (*(f"number-{digit}" for digit in number), *from_when(answer or {}, call.language))
        key = yield Collect(("callback-number", *said, "callback-confirm"))
        if key == "1":
            yield SetVariable("CALLBACK", number)
            return Done()
        if key == "2":
            number, answer = yield from ask_number(call)
    return Done()


def ask_number(call: Call) -> Part[tuple[str, dict[str, Any] | None]]:
    """A number that may be called, as it is dialled, and what the daemon said of it; empty when none came."""
    for _ in range(TRIES):
        entered = yield Collect("callback-enter-number", digits=LONGEST, first_s=6, end="#")
        if entered is None:
            return "", None
        if not entered.isdigit():
            yield Play("callback-wrong-number")
            continue
        answer = yield from judged(call, entered)
        if number := number_of(answer):
            return number, answer
        if answer is None or answer.get("why") in NOT_NOW:
            yield Play("callback-not-now")
            return "", None
        yield Play("callback-already" if answer.get("why") == "callback-open" else "callback-wrong-number")
    return "", None


def judged(call: Call, number: str) -> Part[dict[str, Any] | None]:
    """What the daemon says of this number; None when it is silent."""
    answer: dict[str, Any] | None = yield LookUp("callback", call.id, {"number": number})
    return answer


def number_of(answer: dict[str, Any] | None) -> str:
    """The number as it is dialled, where the daemon has said that it may be."""
    if not answer or answer.get("possible") is not True:
        return ""
    number = str(answer.get("number", ""))
    return number if number.isascii() and number.isdigit() and len(number) <= LONGEST else ""


def from_when(answer: dict[str, Any], language: str) -> tuple[Spoken, ...]:
    """The day and hour from which customers are called back, where they are not now: "tomorrow from 8"."""
    day, hour, minute = (answer.get(name) for name in ("day", "hour", "minute"))
    if not (isinstance(day, str) and day in DAYS and isinstance(hour, int) and isinstance(minute, int)):
        return ()
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        return ()
    # "Two" of something is another word in Chinese than the number 2.
    spoken: Spoken = "callback-two" if hour == 2 else hour
    if minute == 0:
        return f"callback-{day}", spoken, "callback-oclock"
    if language == "en":
        return f"callback-{day}", hour, minute
    return f"callback-{day}", spoken, "callback-past", minute, "callback-past-end"


DAYS = ("today", "tomorrow", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""A weekday is said from the day after tomorrow on."""


def promised_s(call: Call, offer: dict[str, Any]) -> int:
    """Within how many seconds: as the queue's policy offers it, else as is promised to callers of the queue; 0: that is not known."""
    within_s = offer.get("within_s")
    return call.within_s or (within_s if type(within_s) is int and within_s > 0 else 0)


def promise(within_s: int) -> tuple[Spoken, ...]:
    """Within so many hours, when they are whole; else minutes, rounded up; nothing is promised for 0."""
    if within_s <= 0:
        return ("callback-some-time",)
    hours, rest = divmod(within_s, 3600)
    count, unit = (hours, "hour") if not rest else (-(-within_s // 60), "minute")
    if count > 9999:
        return ("callback-some-time",)
    # "Two" of something is another word in Chinese than the number 2.
    spoken: Spoken = "callback-two" if count == 2 else count
    return ("callback-within", spoken, f"callback-{unit}" if count == 1 else f"callback-{unit}s")
