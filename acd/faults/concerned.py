"""Which open faults a caller hears of, and where in the call: the provider of `faults` for `/ivr/caller`.

Pure but for the look-up of the caller's area, which is asked for only while a fault of some area is open.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from acd.config import Config
from acd.config.brands import brand_of_number
from acd.faults.words import prompt_of

Row = Mapping[str, Any]
"""A fault as acd/engine/faults/told.py tells it."""
Facts = Callable[[str, str, str], Awaitable[Mapping[str, Any]]]
Spoken = Callable[[str, str], bool]
"""(language, prompt): whether there is such a sound file."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_TOLD = 3
"""Announcements that one caller hears at most: the latest."""


class Concerned:
    """Answers for each caller."""

    def __init__(
        self,
        rows: Callable[[], list[dict[str, Any]]],
        customer: Facts,
        config: Callable[[], Config],
        now: Callable[[], datetime],
        spoken: Spoken,
    ) -> None:
        """`rows`: all faults. `customer`: what is known of a caller (acd/customers/look_up.py)."""
        self._rows, self._customer, self._config, self._now, self._spoken = rows, customer, config, now, spoken

    async def facts(self, caller: str, dialled: str, call: str) -> dict[str, Any]:
        """See acd.web.server.context.CallerFacts."""
        rows = [row for row in self._rows() if row["open"]]
        config = self._config()
        brand = brand_of_number(config.brands, dialled)
        rows = [row for row in rows if at_number(row, dialled, brand)]
        area: str | None = None
        if any(row["areas"] for row in rows):
            known = await self._customer(caller, dialled, call)
            area = str((known.get("customer") or {}).get("area") or "")
        mine = [row for row in rows if in_area(row, area)]
        zone = ZoneInfo(config.hotline.timezone)
        return {"faults": [told(row, self._now(), zone, self._spoken) for row in mine[:MOST_TOLD]]} if mine else {}


def at_number(row: Row, dialled: str, brand: str) -> bool:
    """Whether callers of this number are concerned."""
    return (not row["numbers"] or dialled in row["numbers"]) and (not row["brand"] or row["brand"] == brand)


def in_area(row: Row, area: str | None) -> bool:
    """Whether a customer of this area is; None and empty: nobody knows it."""
    if not row["areas"]:
        return True
    return alike(area, row["areas"]) if area else bool(row["unknown_area"])


def alike(area: str, areas: Iterable[str]) -> bool:
    """Whether the area is among them, however it is written."""
    return area.strip().casefold() in {each.strip().casefold() for each in areas}


def told(row: Row, now: datetime, zone: ZoneInfo, spoken: Spoken) -> dict[str, str]:
    """A fault as the menu gets it (ivr/fault.py): texts only; empty ones are left out, and those that could not be spoken."""
    found = {
        "fault": str(row["fault"]),
        "at": "" if row["queues"] or row["keys"] else "start",
        "queues": ",".join(row["queues"]),
        "keys": ",".join(row["keys"]),
        "queue": str(row["plan"]["queue"]),
        "register": "yes" if row["plan"]["register"] else "",
        **{
            f"{name}_{code}": prompt
            for code in ("zh", "en")
            for name, text in (("say", row[code]), ("other", row[f"other_{code}"]))
            if spoken(code, prompt := prompt_of(text))
        },
        **expected(row, now, zone),
    }
    return {name: value for name, value in found.items() if value}


def expected(row: Row, now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """When it should be mended, as it is said; nothing where that is past, or a week ahead."""
    if not row["expected"]:
        return {}
    at, here = datetime.fromisoformat(row["expected"]).astimezone(zone), now.astimezone(zone)
    days = (at.date() - here.date()).days
    if at <= here or days > 6:
        return {}
    day = ("today", "tomorrow")[days] if days < 2 else _DAYS[at.weekday()]
    return {"day": day, "hour": str(at.hour), "minute": str(at.minute)}
