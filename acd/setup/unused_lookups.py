"""Look-ups that are configured and that nothing asks: no menu, no story of the operator's own, and not [identity]."""

from collections.abc import Iterator
from pathlib import Path

from acd.config import Config
from acd.setup.brand_prompts import menus_in_use
from ivr.menu import Menus
from ivr.menu_file import MenuError, read_menus
from ivr.services.records import BALANCE, DELIVERY, ORDER, TICKET

_SOURCES = {kind.service: kind.source for kind in (ORDER, DELIVERY, BALANCE, TICKET)}
_MOST_READ = 256 * 1024


def unused_lookups(config: Config) -> Iterator[str]:
    """A sentence for each; none where a menu can't be read, which is told as a mistake by whoever reads it to use it."""
    if not config.lookups:
        return
    used = {config.identity.lookup} if config.identity.against == "lookup" else set()
    try:
        for each in menus_in_use(config):
            used |= _used_by(read_menus(each.file))
    except (MenuError, OSError):
        return
    own = _own_stories(config.hotline.stories)
    for name in config.lookups:
        if name not in used and f'"{name}"' not in own and f"'{name}'" not in own:
            yield (
                f"lookups.{name}: no service, no `when` of a menu, no story and not [identity] uses it, so nothing is looked up there. "
                "Lead a key to what uses it (docs/self-service.md), or take the table out."
            )


def _used_by(menus: Menus) -> set[str]:
    targets = [menus.person, *(target for menu in menus.menus.values() for target in menu.targets())]
    conditions = [when for when, _ in menus.starts] + [target.when for target in targets]
    for menu in menus.menus.values():
        conditions += [menu.when, *(each.when for each in menu.play if not isinstance(each, str))]
    named = {name for when in conditions for name in when.lookups}
    return named | {_SOURCES[target.service] for target in targets if target.service in _SOURCES}


def _own_stories(folder: Path | None) -> str:
    """The text of the operator's own stories, in which a look-up that they use is named in quotes."""
    texts = []
    for file in sorted(folder.glob("*.py")) if folder is not None else ():
        try:
            with file.open("rb") as opened:
                texts.append(opened.read(_MOST_READ).decode("utf-8", "replace"))
        except OSError:
            continue
    return "\n".join(texts)
