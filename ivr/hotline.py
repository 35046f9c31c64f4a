"""The hotline's first minute: the notice of recording, the language, the menu, and then a person, or why not.

Nothing is said between the key and the queue when somebody is there: no announcement ever delays a connect.
"""

from collections.abc import Mapping

from ivr.menu import Menus, When, play_menu
from ivr.step import (
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
    Story,
    TurnAway,
)


def hotline(call: Call, menus: Menus, numbers: Mapping[str, str], languages: tuple[str, ...] = ()) -> Story:
    """`numbers`: dialled number to its language, or to "ask". `languages`: those in use; none: all the menu file has."""
    offered = [code for code in menus.languages if not languages or code in languages] or list(menus.languages)
    language = numbers.get(call.dialled, "") or call.language
    if language not in offered:
        language = offered[0] if len(offered) == 1 else ""
    if language:
        yield SetLanguage(language)
    if call.notice != "said":
        for code in [language] if language else offered:
            yield Play(menus.notice, language=code, whole=True)
        yield SetVariable("NOTICE", "said")  # who comes back after a broken story need not hear it twice
    if not language:
        language = yield from choose_language(menus, offered)
        yield SetLanguage(language)
    target, keys = yield from play_menu(menus)
    path = f"{language}/{keys}"
    if target.queue:
        return (yield from to_a_person(menus, target.queue, language, target.skills, path))
    return Goodbye(path)


def choose_language(menus: Menus, offered: list[str]) -> Part[str]:
    """The language of the key. Who keys nothing, or something else, twice, gets the first."""
    prompts = tuple((code, menus.language_prompts[code]) for code in offered)
    for _ in range(2):
        key = yield PlayIn(prompts)
        if key and key.isdigit() and 1 <= int(key) <= len(offered):
            return offered[int(key) - 1]
    return offered[0]


def to_a_person(menus: Menus, queue: str, language: str, skills: Skills, path: str) -> Part[Ending]:
    """GoToQueue; or TurnAway when the queue is closed or nobody staffs it and the hotline, or the caller, will not wait.

    A daemon that does not answer counts as a queue that is open and staffed: better a wait than a wrong no.
    """
    needed = merge(menus.languages.get(language, ()), skills)
    answer = yield LookUp("queue", queue, {"language": language}, within_s=1.5)
    if answer is not None:
        if answer.get("open") is False:
            away = yield from cannot_serve(menus.closed)
            if away:
                return TurnAway("closed", path)
        elif answer.get("staffed") == 0:
            away = yield from cannot_serve(menus.unstaffed)
            if away:
                return TurnAway("unstaffed", path)
    return GoToQueue(queue, needed, path)


def cannot_serve(when: When) -> Part[bool]:
    """True when the caller is let go."""
    if when.then == "ask":
        key = yield Collect((*when.say, *when.ask))
        return key not in (None, "1")
    yield Play(when.say)
    return when.then == "goodbye"


def merge(one: Skills, other: Skills) -> Skills:
    """Both together, the higher level of each, sorted by skill."""
    levels = dict(one)
    for skill, level in other:
        levels[skill] = max(level, levels.get(skill, 0))
    return tuple(sorted(levels.items()))
