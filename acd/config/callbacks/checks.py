"""[callbacks] and [calls_out.regions] looked at with the rest."""

import zoneinfo
from collections.abc import Iterator

from acd.config.callbacks.table import twice
from acd.config.hours.checks import line_mistakes
from acd.config.messages import near, shown
from acd.config.schema import Config


def callback_mistakes(config: Config) -> Iterator[str]:
    """A sentence for everything in [callbacks] and [calls_out.regions] that can't be."""
    for queue in config.callbacks.queues:
        if queue not in config.queues:
            known = ", ".join(config.queues)
            yield f"callbacks.queues.{queue}: there is no such queue{near(queue, config.queues)}. Queues: {known}."
    begins: dict[str, str] = {}
    areas: dict[str, str] = {}
    for name, region in config.calls_out.regions.items():
        place = f"calls_out.regions.{name}"
        yield from line_mistakes(f"{place}.hours", region.hours)
        if not region.begins and not region.areas:
            yield f"{place}: names no customer. Write begins (how numbers begin), areas (of customers' records), or both."
        for each in (*twice(region.begins), *twice(region.areas)):
            yield f"{place}: {shown(each)} stands twice. Keep one."
        for begin in region.begins:
            if (other := begins.setdefault(begin, name)) != name:
                yield f"{place}.begins: {begin} stands in region {other} too. Keep it in one of them."
        for area in region.areas:
            if (other := areas.setdefault(area.casefold(), name)) != name:
                yield f"{place}.areas: {shown(area)} stands in region {other} too. Keep it in one of them."
        if region.timezone is not None:
            try:
                zoneinfo.ZoneInfo(region.timezone)
            except (KeyError, ValueError, OSError):
                yield f'{place}.timezone: {shown(region.timezone)} is unknown here. Write it as "Asia/Urumqi".'
