"""Figures of menus: where callers go, leave, and press wrong. Definitions: docs/definitions.md, "Menus"."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

_VISIT = re.compile(r"([A-Za-z0-9_-]+):(\S*)")
_STEP = re.compile(r"!.|.")
NO_KEY = "-"


@dataclass(slots=True)
class MenuFigures:
    """What callers did in one menu."""

    menu: str
    visits: int = 0
    keys: Counter[str] = field(default_factory=Counter)
    """Key to how often it led somewhere: # and * say the menu again, or go back."""
    wrong: Counter[str] = field(default_factory=Counter)
    """Key that leads nowhere to how often it was pressed."""
    silent: int = 0
    """Times that nothing was pressed in time."""
    gave_up: int = 0
    """Visits that ended without a choice: the tries were over, and the caller went on where the menu's failure leads."""
    left: int = 0
    """Callers who hung up in it."""


# A row of a call's log for each way through the menus: the path is empty where the caller hung up there.
_TRAILS = text(
    """
    SELECT detail->>'trail' AS trail, COALESCE(detail->>'path', '') = '' AS left
    FROM call_log
    WHERE at >= :since AND at < :until AND kind = 'menu' AND detail->>'trail' IS NOT NULL
          AND (CAST(:brands AS text[]) IS NULL OR call IN (SELECT call FROM calls WHERE brand = ANY(:brands)))
    """
).bindparams(bindparam("brands", type_=ARRAY(Text())))


async def menu_figures(
    connection: AsyncConnection, since: datetime, until: datetime, brands: Collection[str] | None = None
) -> list[MenuFigures]:
    """The figures of each menu that callers were in, most visits first. `brands`: of the calls of these brands alone."""
    of = None if brands is None else list(brands)
    found = await connection.execute(_TRAILS, {"since": since, "until": until, "brands": of})
    return counted((str(trail), bool(left)) for trail, left in found)


def counted(trails: Iterable[tuple[str, bool]]) -> list[MenuFigures]:
    """The figures of these ways: ("zh main:!7-2 after-sales:1", whether the caller hung up at its end)."""
    menus: dict[str, MenuFigures] = {}
    for trail, left in trails:
        visits = _VISIT.findall(trail)
        for number, (name, pressed) in enumerate(visits, 1):
            menu = menus.setdefault(name, MenuFigures(name))
            menu.visits += 1
            steps = _STEP.findall(pressed)
            for step in steps:
                if step == NO_KEY:
                    menu.silent += 1
                elif step.startswith("!"):
                    menu.wrong[step[1:]] += 1
                else:
                    menu.keys[step] += 1
            last = number == len(visits)
            if last and left:
                menu.left += 1
            elif not steps or steps[-1] == NO_KEY or steps[-1].startswith("!"):
                menu.gave_up += 1
    return sorted(menus.values(), key=lambda each: (-each.visits, each.menu))
