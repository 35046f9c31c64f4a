"""A waiting caller is offered a callback, and keeps the place either way.

Anything but a clear yes leads back to the waiting room; a Redirect of the caller ends this story in the middle of a word:
an agent is there. CALLBACK on the channel, a number that the caller has heard and confirmed, is the yes.
"""

from collections.abc import Collection

from ivr.step import Call, Collect, Done, Part, Play, SetVariable, Spoken, Story

TRIES = 3
SHORTEST, LONGEST = 3, 15
"""Digits of a number that can be called, without a plus (E.164 has 15 at most)."""


def callback_offer(call: Call, own_numbers: Collection[str] = (), never: tuple[str, ...] = ()) -> Story:
    """`own_numbers`: those of the hotline itself, which is not to call itself. `never`: how numbers begin that are not
    called."""
    yes = yield Collect((*promise(call.within_s), "callback-keep-place"), first_s=4)
    if yes != "1":
        return Done()
    number = call.caller if can_be_called(call.caller, own_numbers, never) else ""
    if not number:
        number = yield from ask_number(own_numbers, never)
    for _ in range(TRIES):
        if not number:
            return Done()
        key = yield Collect(("callback-number", *(f"number-{digit}" for digit in number), "callback-confirm"))
        if key == "1":
            yield SetVariable("CALLBACK", number)
            return Done()
        if key == "2":
            number = yield from ask_number(own_numbers, never)
    return Done()


def ask_number(own_numbers: Collection[str], never: tuple[str, ...]) -> Part[str]:
    """A number that can be called, as it was keyed; empty when none came."""
    for _ in range(TRIES):
        entered = yield Collect("callback-enter-number", digits=LONGEST, first_s=6, end="#")
        if entered is None:
            return ""
        if can_be_called(entered, own_numbers, never):
            return str(entered)
        yield Play("callback-wrong-number")
    return ""


def can_be_called(number: str, own_numbers: Collection[str], never: tuple[str, ...] = ()) -> bool:
    """The rule for all numbers that are dialled (acd/identifiers.py: `dialable`), but for the plus: no telephone keys
    one, and ivr/agi.py takes a caller's off."""
    if number in {each.removeprefix("+") for each in own_numbers}:
        return False
    if number.startswith(tuple(begin.removeprefix("+") for begin in never)):
        return False
    return number.isascii() and number.isdigit() and SHORTEST <= len(number) <= LONGEST


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
