"""Plays a menu that was written as data. A menu has four outcomes: match, invalid, timeout, and failure after its tries.

The data come from `menu_file.py`, which has refused what could go round in circles: keys lead only to menus further
down, or back up by `back`, and that is counted. So every caller arrives somewhere, even one who never presses a key.
"""

from dataclasses import dataclass
from typing import Literal

from ivr.step import Collect, Part, Play, SetLanguage, Skills, Spoken

MOST_VISITS = 20
"""Menus one call may enter; then it is the first menu's failure. A caller who goes up and down wants a person."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a key, or a failure, leads: exactly one of menu, queue, end."""

    menu: str = ""
    queue: str = ""
    end: Literal["", "goodbye", "repeat", "back"] = ""
    language: str = ""
    """Chosen with the same key."""
    say: tuple[str, ...] = ()
    skills: Skills = ()


@dataclass(frozen=True, slots=True)
class Menu:
    name: str
    play: tuple[str, ...]
    keys: dict[str, Target]
    failure: Target
    tries: int = 3
    wait_s: float = 5.0
    invalid: tuple[str, ...] = ()
    timeout: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """What a caller hears whose queue cannot serve the call, and what happens then."""

    say: tuple[str, ...]
    then: Literal["wait", "goodbye", "ask"]
    """ask: 1 to wait, any other key to be let go; who keys nothing waits."""
    ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Menus:
    """A whole menu file."""

    start: str
    notice: tuple[str, ...]
    welcome: tuple[str, ...]
    menus: dict[str, Menu]
    languages: dict[str, Skills]
    """Language to the skills its callers need, in the order they are offered."""
    language_prompts: dict[str, str]
    closed: When
    unstaffed: When


Outcome = tuple[Target, str]
"""Where the caller goes, and the keys that led there ("2/1")."""


def play_menu(menus: Menus) -> Part[Outcome]:
    """The target the caller reached and the path of the keys; "-" in the path is a failure."""
    trail = [menus.start]
    before: tuple[Spoken, ...] = menus.welcome  # one breath with the menu: a key during the welcome is not lost
    path: list[str] = []
    for _ in range(MOST_VISITS):
        menu = menus.menus[trail[-1]]
        key, target = yield from one_menu(menu, before)
        before = ()
        path.append(key or "-")
        if target.language:
            yield SetLanguage(target.language)
        if target.say:
            yield Play(target.say)
        if target.end == "back":
            path.pop()
            if len(trail) > 1:
                trail.pop()
                path.pop()
        elif target.menu:
            trail.append(target.menu)
        else:
            return target, "/".join(path)
    failure = menus.menus[menus.start].failure
    while failure.menu:
        failure = menus.menus[failure.menu].failure
    return failure, "/".join([*path, "-"])


def one_menu(menu: Menu, before: tuple[Spoken, ...] = ()) -> Part[tuple[str, Target]]:
    """The key and its target; "" and the failure's target after the menu's tries."""
    tried = 0
    repeats = 0
    while tried < menu.tries:
        key = yield Collect((*before, *menu.play), first_s=menu.wait_s)
        target = menu.keys.get(key or "")
        if target is None:
            tried += 1
            before = menu.invalid if key else menu.timeout
        elif target.end == "repeat" and repeats < MOST_VISITS:
            repeats += 1
            before = ()
        elif target.end == "repeat":
            break
        else:
            return key, target
    return "", menu.failure
