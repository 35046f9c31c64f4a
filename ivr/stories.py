"""Which stories there are, by the name in the dialplan (`agi://…/<name>`), and what each needs of the settings."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from ivr.agent_login import agent_login
from ivr.callback_offer import callback_offer
from ivr.goodbye import goodbye
from ivr.hotline import hotline
from ivr.menu import Menus
from ivr.settings import Settings
from ivr.step import Call, Story
from ivr.waiting_room import waiting_room


@lru_cache(maxsize=8)
def menus_of(path: Path, queues: tuple[str, ...] | None) -> Menus:
    """Read once: a call keeps the menu it began with, and each version of a menu is a file of its own."""
    from ivr.menu_file import read_menus  # here: only the hotline needs it, and a program pays for each import

    return read_menus(path, queues)


def play_hotline(call: Call, settings: Settings) -> Story:
    """The hotline's menu as a story."""
    return hotline(call, menus_of(settings.menu, settings.queues), settings.numbers, settings.languages)


STORIES: dict[str, Callable[[Call, Settings], Story]] = {
    "hotline": play_hotline,
    "waiting_room": lambda call, settings: waiting_room(call),
    "callback_offer": lambda call, settings: callback_offer(call),
    "goodbye": lambda call, settings: goodbye(call),
    "agent_login": lambda call, settings: agent_login(call),
}
