"""Which stories there are, by the name in the dialplan (`agi://…/<name>`), and what each needs of the settings."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from ivr.agent_login import agent_login
from ivr.callback_offer import callback_offer
from ivr.fault_news import fault_news
from ivr.goodbye import goodbye
from ivr.hotline import hotline
from ivr.menu import Menus
from ivr.prompts import Sounds
from ivr.settings import NOWHERE, Settings
from ivr.step import Call, Story
from ivr.survey import survey, survey_call
from ivr.verify import verify
from ivr.waiting_room import waiting_room


@lru_cache(maxsize=64)
def menus_of(path: Path, queues: tuple[str, ...] | None) -> Menus:
    """Read once: a call keeps the menu it began with, and each version of a menu is a file of its own."""
    from ivr.menu_file import read_menus  # here: only the hotline needs it, and a program pays for each import

    return read_menus(path, queues)


def own_menus(call: Call, settings: Settings) -> Menus:
    """The menus of the number, or of its brand."""
    brand = settings.brands.get(call.dialled)
    return menus_of(brand.menu if brand else settings.menu, settings.queues)


def play_hotline(call: Call, settings: Settings) -> Story:
    """The hotline's menu, or its brand's, as a story."""
    brand = settings.brands.get(call.dialled)
    menus = own_menus(call, settings)
    name = brand.name if brand else ""
    return hotline(
        call,
        menus,
        settings.numbers,
        settings.languages,
        name,
        straight=settings.straight.get(call.dialled, NOWHERE),
        emergency=settings.emergency.get(name, ""),
        stories=settings.stories,
        may_decline=settings.may_decline,
        labels=settings.speech.labels if settings.speech else None,
    )


@lru_cache(maxsize=64)
def sounds_of(folder: Path) -> Sounds:
    """The sounds of a folder; kept, for each file is judged once."""
    return Sounds(folder)


def check_menus(settings: Settings) -> None:
    """Reads every menu that callers hear. Raises MenuError."""
    for menu in {settings.menu, *(brand.menu for brand in settings.brands.values())}:
        menus_of(menu, settings.queues)


STORIES: dict[str, Callable[[Call, Settings], Story]] = {
    "hotline": play_hotline,
    "waiting_room": lambda call, settings: waiting_room(call, settings.waiting),
    "callback_offer": lambda call, settings: callback_offer(call),
    "survey": lambda call, settings: survey(call),
    "survey_call": lambda call, settings: survey_call(call),
    "goodbye": lambda call, settings: goodbye(call),
    "agent_login": lambda call, settings: agent_login(call),
    "verify": lambda call, settings: verify(call),
    "fault_news": lambda call, settings: fault_news(call, own_menus(call, settings)),
}
