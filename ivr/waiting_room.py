"""Waiting for a person: music, and now and then the caller's place, the wait to expect, a word of comfort, and what the keys do.

The story is left after 30 s at the latest, and soon when the daemon is silent, so that the dialplan looks each time
whether it should take the caller elsewhere. The music goes on meanwhile, and what was said last rides on the channel.
A Redirect of the caller ends the room in the middle of a word: an agent is there.

Key 1: be called back and keep the place. Key 2: leave a message. WISH on the channel tells the dialplan which it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr import expected_wait
from ivr.step import Call, Done, LookUp, Music, Now, Part, Play, SetVariable, Spoken, Story, Wait

STAY_S = 30.0
LOOK_S = 3.0
"""Between two questions to the daemon: 100 callers ask it 33 times a second."""
REPEAT_S = 30.0
QUIET_S = 10.0
"""A place that changes quickly is said at most this often."""
HINT_S = 60.0
"""What the keys do is said again after this."""
PAUSE_S = 1.0
"""Music before a silent daemon sends the caller back into the dialplan's loop, which must not spin."""
CALLBACK, MESSAGE = "callback", "message"
WISHES = {"1": CALLBACK, "2": MESSAGE}
HINTS = {CALLBACK: "hint-callback", MESSAGE: "hint-message"}
REFUSALS = {CALLBACK: "callback-not-now", MESSAGE: "message-not-now"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What this house does with callers who wait ([waiting] of the configuration)."""

    keys: tuple[str, ...] = (CALLBACK, MESSAGE)
    """The wishes that have a key."""
    say_wait: bool = True
    comfort: tuple[str, ...] = ("comfort",)
    """Prompts that take turns."""
    comfort_s: float = 60.0
    """Between two of them; 0: none is said."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller has heard, by the clock of `Now`. On the channel: its values with an @ between them."""

    position: int = 0
    at: float = 0.0
    """When anything was said last."""
    most_min: int = 0
    """The longest wait that was named, in minutes."""
    hint_at: float = 0.0
    comfort_at: float = 0.0
    """The last word of comfort, or the beginning of the wait."""
    comforts: int = 0

    def __str__(self) -> str:
        return f"{self.position}@{self.at:.1f}@{self.most_min}@{self.hint_at:.1f}@{self.comfort_at:.1f}@{self.comforts}"


def waiting_room(call: Call, house: Waiting = Waiting()) -> Story:
    began = yield Now()
    told = last_said(call.said)
    keys = "".join(key for key, wish in WISHES.items() if wish in house.keys)
    key = ""
    if not call.said:
        key = meant(keys, (yield Play("please-wait")))
        told = Said(at=began, comfort_at=began)
        yield SetVariable("POSITION_SAID", str(told))
    elif not told.comfort_at:  # a customer who was called back, and waits
        told = replace(told, comfort_at=began)
    yield Music()
    while True:
        answer = yield LookUp("call", call.id)
        if answer is None:
            yield Wait(PAUSE_S)
            return Done()
        if key and (yield from granted(call, WISHES[key], answer)):
            return Done()
        # A key that was refused means nothing more in this stay: a caller who leans on it hears the sentence once.
        keys, key = keys.replace(key, "") if key else keys, ""
        now = yield Now()
        if now - began >= STAY_S:
            return Done()
        words, told = due(answer, told, now, house, call.language)
        if words:
            key = meant(keys, (yield Play(words)))
            yield Music()
            yield SetVariable("POSITION_SAID", str(told))
        look_again = now + LOOK_S
        while not key and (now := (yield Now())) < look_again:
            if now - began >= STAY_S:
                return Done()
            key = meant(keys, (yield Wait(min(look_again, began + STAY_S) - now)))


def meant(keys: str, pressed: str) -> str:
    """The key where it is one of these; every key cuts a prompt short, few mean something."""
    return pressed if pressed and pressed in keys else ""


def granted(call: Call, wish: str, answer: Mapping[str, Any]) -> Part[bool]:
    """Whether the caller's wish is taken up: then WISH says which. Where it can't be now the caller hears so, and waits on."""
    if answer.get(wish) is not True:
        noted = wish == CALLBACK and answer.get("callback_noted") is True
        yield Play("callback-already" if noted else REFUSALS[wish])
        yield Music()
        return False
    yield SetVariable("WISH", wish)
    return True


def due(
    answer: Mapping[str, Any], told: Said, now: float, house: Waiting, language: str
) -> tuple[tuple[Spoken, ...], Said]:
    """What is said now, and what the caller has then heard; nothing where it was said a moment ago."""
    place = answer.get("position")
    if type(place) is int and 1 <= place <= 9999 and place_due(place, told.position, now - told.at):
        words: list[Spoken] = ["position", place, "position-end"]
        after = replace(told, position=place, at=now)
        wait = _wait(answer) if house.say_wait else None
        if wait is not None:
            # Nobody is told a longer wait than before as if it were nothing.
            longer = told.most_min and wait[0] > told.most_min
            words += ["wait-longer"] if longer else []
            words += expected_wait.said(wait, language)
            after = replace(after, most_min=max(wait))
        hints = [HINTS[wish] for wish in house.keys if answer.get(wish) is True]
        if hints and (not told.hint_at or now - told.hint_at >= HINT_S):
            words += hints
            after = replace(after, hint_at=now)
        return tuple(words), after
    comfort_due = house.comfort and house.comfort_s and now - told.comfort_at >= house.comfort_s
    if comfort_due and now - told.at >= QUIET_S:
        word = house.comfort[told.comforts % len(house.comfort)]
        return (word,), replace(told, at=now, comfort_at=now, comforts=told.comforts + 1)
    return (), told


def _wait(answer: Mapping[str, Any]) -> tuple[int, int] | None:
    median, p90 = answer.get("median_s"), answer.get("p90_s")
    if not isinstance(median, int | float) or not isinstance(p90, int | float):
        return None
    return expected_wait.range_of(median, p90)


def place_due(place: int, before: int, quiet_s: float) -> bool:
    """Whether the place is said now: at first, when it has changed and some quiet has passed, and every 30 s."""
    if before == 0:
        return True
    return quiet_s >= (QUIET_S if place != before else REPEAT_S)


def last_said(text: str) -> Said:
    """What was said before; nothing when the text is not ours."""
    position, at, most, hint, comfort_at, comforts = (*text.split("@"), *("0",) * 6)[:6]
    try:
        return Said(int(position), float(at), int(most), float(hint), float(comfort_at) or float(at), int(comforts))
    except ValueError:
        return Said()
