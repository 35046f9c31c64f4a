"""The hotline's first minute: who calls, the notice of recording, the language, the menu, and then a person, or why not.

Nothing is said between the key and the queue when somebody is there: no announcement ever delays a connect.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from ivr.callback_offer import DAYS
from ivr.facts import Facts, ask_facts
from ivr.menu import PERSON, Menus, Target, Walk, When, Wish, emergency_key, emergency_queue, play_menu
from ivr.settings import NOWHERE, Straight
from ivr.speech.phrases import Labels
from ivr.step import (
    PAUSE,
    Call,
    Collect,
    Ending,
    Goodbye,
    GoToQueue,
    LookUp,
    Part,
    Play,
    PlayIn,
    SetLanguage,
    SetVariable,
    Skills,
    Spoken,
    Story,
    TurnAway,
)


def hotline(
    call: Call,
    menus: Menus,
    numbers: Mapping[str, str],
    languages: tuple[str, ...] = (),
    brand: str = "",
    *,
    straight: Straight = NOWHERE,
    emergency: str = "",
    stories: str = "",
    may_decline: str = "",
    labels: Labels | None = None,
) -> Story:
    """`numbers`: dialled number to its language, or to "ask". `languages`: those in use; none: all the menu file has. `brand`: of
    the dialled number, whose hours hold; empty: none. `straight`: where the dialled number leads, past the menu. `emergency`: the
    house's emergency queue; empty: it has none. `stories`: the folder of the house's own stories. `may_decline`: what follows for a caller who
    does not want to be recorded; empty: that is not asked. `labels`: of the queues, by which callers may ask for them where they may
    speak."""
    facts = yield from ask_facts(call)
    offered = [code for code in menus.languages if not languages or code in languages] or list(menus.languages)
    language = language_of(call, numbers, offered, facts)
    if language:
        yield SetLanguage(language)
    if call.notice != "said":
        declined = ""
        for code in [language] if language else offered:
            yield Play(menus.notice, language=code, whole=True)
            if may_decline and not declined:
                key = yield Play(("recording-decline", PAUSE), language=code, keys=DECLINE_KEY)
                declined = code if key == DECLINE_KEY else ""
        yield SetVariable("NOTICE", "said")  # who comes back after a broken story need not hear it twice
        if declined:
            yield SetVariable("UNRECORDED", "1")
            yield Play(DECLINED[may_decline], language=declined, whole=True)
            if may_decline == "other-channel-goodbye":
                return TurnAway("recording declined")
            if may_decline == "message-only" and menus.person.queue:
                yield SetLanguage(declined)
                return GoToQueue(menus.person.queue, wish="message")
    chosen: Target | None = None
    if not language:
        language, at_once = yield from choose_language(menus, offered)
        yield SetLanguage(language)
        chosen = menus.person if at_once else None
    walk = Walk(call, facts, emergency, language, stories, labels or {})
    keys = PERSON
    if straight.queue:
        chosen, keys = Target(queue=straight.queue), ""
    if facts.faults and (chosen is None or (straight.queue and straight.queue != emergency)):
        from ivr.fault import at_start, tell_faults  # here: faults are rare, and a program pays for each import

        key = emergency_key(menus, walk)
        after = yield from tell_faults(
            call, walk.heard, at_start(facts), emergency=key, other_matter=not straight.queue
        )
        if after == "goodbye":
            return Goodbye(f"{language}/-")
        if after == "person" and not straight.queue:
            chosen = menus.person if menus.person.queue else None
        elif after == "emergency":
            chosen, keys = Target(queue=emergency_queue(menus, walk)), ""
    if chosen is None:
        chosen, keys = yield from play_menu(menus, walk, straight.menu if straight.menu in menus.menus else "")
        yield walk.told()
    language = walk.language
    path = f"{language}/{keys}"
    if chosen.queue:
        return (yield from to_a_person(menus, chosen, walk, path, brand))
    return Goodbye(path)


DECLINE_KEY = "8"
"""Of a caller who does not want to be recorded, while the announcement says so; prompts name it."""
DECLINED = {
    "go-on-unrecorded": "recording-off",
    "message-only": "recording-message-only",
    "other-channel-goodbye": "recording-other-channel",
}
"""What follows to the prompt that tells it."""


def language_of(call: Call, numbers: Mapping[str, str], offered: list[str], facts: Facts) -> str:
    """The number's language; where the number leaves it to the caller, that of the customer's record; empty: the caller is asked."""
    for language in (numbers.get(call.dialled, ""), call.language, facts.language):
        if language in offered:
            return language
    return offered[0] if len(offered) == 1 else ""


def choose_language(menus: Menus, offered: list[str]) -> Part[tuple[str, bool]]:
    """The language of the key, and whether the caller asked for a person at once (0, in the first language). Who keys nothing, or
    something else, twice, gets the first."""
    prompts = tuple((code, menus.language_prompts[code]) for code in offered)
    for _ in range(2):
        key = yield PlayIn(prompts)
        if key and key.isdigit() and 1 <= int(key) <= len(offered):
            return offered[int(key) - 1], False
        if key == PERSON and menus.person.queue:
            return offered[0], True
    return offered[0], False


def to_a_person(menus: Menus, target: Target, walk: Walk, path: str, brand: str = "") -> Part[Ending]:
    """GoToQueue; or TurnAway when the queue is closed or nobody staffs it and the hotline, or the caller, will not wait.

    A daemon that does not answer counts as a queue that is open and staffed: better a wait than a wrong no.
    """
    language, facts = walk.language, walk.facts
    owned = target.owner and bool(facts.complaint_ticket)
    queue = (facts.complaint_queue or target.queue) if owned else target.queue
    owner = facts.complaint_owner if owned else ""
    needed = merge(menus.languages.get(language, ()), target.skills)
    emergency = emergency_queue(menus, walk)
    if facts.faults and queue != emergency:
        from ivr.fault import at_queue, tell_faults

        key = emergency_key(menus, walk)
        after = yield from tell_faults(walk.call, walk.heard, at_queue(facts, queue), emergency=key)
        if after == "goodbye":
            return Goodbye(path)
        queue = emergency if after == "emergency" else walk.heard.queue or queue
    asked = {"language": language, "brand": brand, "dialled": walk.call.dialled}
    answer = yield LookUp("queue", queue, {name: value for name, value in asked.items() if value}, within_s=1.5)
    if answer is not None:
        if answer.get("open") is False:
            away = yield from closed(menus, answer, language)
            if away in ("message", "callback"):
                return GoToQueue(queue, needed, path, owner, away)
            if away:
                return TurnAway("closed", path)
        elif answer.get("staffed") == 0:
            let_go = yield from cannot_serve(menus.unstaffed)
            if let_go:
                return TurnAway("unstaffed", path)
    return GoToQueue(queue, needed, path, owner)


def closed(menus: Menus, answer: dict[str, Any], language: str) -> Part[Literal["", "away", "message", "callback"]]:
    """What becomes of the caller of a closed queue; empty: the caller waits. An operator's own words go before the usual ones."""
    when, words = menus.closed, answer.get("say")
    own = (words,) if isinstance(words, str) and words else ()
    say, opening = own or when.say, opens(answer, language)
    if when.then != "offer":
        let_go = yield from cannot_serve(replace(when, say=say), opening)
        return "away" if let_go else ""
    key = yield Collect((*say, *opening, *(OFFERS[each][1] for each in when.offer)), first_s=4)
    return next((each for each in when.offer if key == OFFERS[each][0]), "away")


OFFERS: dict[Wish, tuple[str, str]] = {"message": ("1", "closed-message"), "callback": ("2", "closed-callback")}
"""What a caller of a closed queue may choose: its key, and the prompt that says so."""


def opens(answer: dict[str, Any], language: str) -> tuple[Spoken, ...]:
    """When the queue opens, as the daemon has told it: "tomorrow at 8"; nothing where it has not."""
    day, hour, minute = (answer.get(name) for name in ("day", "hour", "minute"))
    if not (isinstance(day, str) and day in DAYS and type(hour) is int and type(minute) is int):
        return ()
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        return ()
    # "Two" o'clock is another word in Chinese than the number 2.
    spoken: Spoken = "callback-two" if hour == 2 else hour
    if minute == 0:
        return f"opens-{day}", spoken, "opens-oclock"
    if language == "en":
        return f"opens-{day}", hour, minute
    return f"opens-{day}", spoken, "opens-past", minute, "opens-past-end"


def cannot_serve(when: When, more: tuple[Spoken, ...] = ()) -> Part[bool]:
    """True when the caller is let go. `more`: said behind the sentence."""
    if when.then == "ask":
        key = yield Collect((*when.say, *more, *when.ask))
        return key not in (None, "1")
    yield Play((*when.say, *more))
    return when.then == "goodbye"


def merge(one: Skills, other: Skills) -> Skills:
    """Both together, the higher level of each, sorted by skill."""
    levels = dict(one)
    for skill, level in other:
        levels[skill] = max(level, levels.get(skill, 0))
    return tuple(sorted(levels.items()))
