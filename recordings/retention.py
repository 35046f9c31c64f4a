"""What the next night deletes, page by page: the night deletes it, the dry run counts it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, TypeVar

from acd.store.queries import erasure
from acd.store.queries.recording_keeping import AT_ONCE
from acd.store.retention import due
from acd.store.retention.due import DueCall, DueRecording
from acd.store.retention.rules import Rules
from acd.store.store import REPORT_WITHIN_S, Store
from recordings import manifest, names

NIGHT_AT = 3
"""The hour of the night's work, by the hotline's clock."""
MOST_IN_A_ROUND = 100_000
"""Recordings, and calls, that one night deletes; the next goes on."""
FIRST = 100
"""Recordings that a dry run names, at most."""
_LOOKED_FOR = 500
D = TypeVar("D", DueRecording, DueCall)


@dataclass(slots=True)
class Due:
    """What is over its time."""

    recordings: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    bytes_by_class: dict[str, int] = field(default_factory=dict)
    missing: int = 0
    """Of them, files that are gone already."""
    first: list[DueRecording] = field(default_factory=list)
    """The oldest."""
    callers: int = 0
    """Calls whose caller is forgotten with them."""
    held: int = 0
    """Recordings that are over their time and kept, because they are held or their call is."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Classes that were given by hand and that the configuration has no longer: recordings that are kept for that."""
    without_row: list[str] = field(default_factory=list)
    """Files that no row knows of, in folders of days that are over: nothing deletes them."""

    @property
    def bytes(self) -> int:
        return sum(self.bytes_by_class.values())

    def add(self, page: Sequence[DueRecording], sizes: Mapping[str, int]) -> None:
        """Counts these. `sizes`: of the files that there are, by offer."""
        for each in page:
            self.recordings += 1
            self.by_class[each.class_name] = self.by_class.get(each.class_name, 0) + 1
            self.missing += each.offer not in sizes
            so_far = self.bytes_by_class.get(each.class_name, 0)
            self.bytes_by_class[each.class_name] = so_far + sizes.get(each.offer, 0)
        self.first += page[: FIRST - len(self.first)]


def next_night(now: datetime, zone: tzinfo, day: date | None = None) -> datetime:
    """When the night's work begins next, or that of `day`, in UTC."""
    here = now.astimezone(zone)
    wanted = day or (here.date() if here.hour < NIGHT_AT else here.date() + timedelta(days=1))
    return datetime(wanted.year, wanted.month, wanted.day, NIGHT_AT, tzinfo=zone).astimezone(UTC)


def pages(store: Store, rules: Rules, now: datetime) -> AsyncIterator[list[DueRecording]]:
    """The recordings that are over their time at `now`, the oldest first; MOST_IN_A_ROUND at most. DatabaseAway."""
    return _pages(store, AT_ONCE, lambda connection, last: due.recordings(connection, rules, now, last))


def call_pages(store: Store, rules: Rules, now: datetime) -> AsyncIterator[list[DueCall]]:
    """The same of calls whose caller is to be forgotten."""
    return _pages(store, erasure.AT_ONCE, lambda connection, last: due.calls(connection, rules, now, last))


async def _pages(
    store: Store, at_once: int, look: Callable[[Any, D | None], Awaitable[list[D]]]
) -> AsyncIterator[list[D]]:
    """What `look` finds, with a connection, after the last one that it has found; `at_once` at a time."""
    last, so_far = None, 0
    while so_far < MOST_IN_A_ROUND:
        async with store.transaction(REPORT_WITHIN_S) as connection:
            found = await look(connection, last)
        if not found:
            return
        last, so_far = found[-1], so_far + len(found)
        for begin in range(0, len(found), at_once):
            yield found[begin : begin + at_once]


def sizes(root: Path, page: Iterable[DueRecording]) -> dict[str, int]:
    """Offer to the size of its file, for those that have one."""
    found = {}
    for each in page:
        if names.FILED.fullmatch(each.path):
            try:
                found[each.offer] = (root / each.path).lstat().st_size
            except OSError:
                continue
    return found


async def dry_run(store: Store, root: Path, rules: Rules, at: datetime) -> Due:
    """What the night that begins at `at` will delete, as things are now. Changes nothing. DatabaseAway."""
    found = Due()
    async for page in pages(store, rules, at):
        found.add(page, await asyncio.to_thread(sizes, root, page))
    async for calls in call_pages(store, rules, at):
        found.callers += len(calls)
    async with store.transaction(REPORT_WITHIN_S) as connection:
        found.held = await due.held(connection, rules, at)
        found.unknown = await due.unknown_classes(connection, rules)
    found.without_row = await _without_row(store, root, rules, at)
    return found


async def _without_row(store: Store, root: Path, rules: Rules, at: datetime) -> list[str]:
    """Recordings in folders of days that are over by the shortest of the general days, of which no row tells."""
    general = [days for days in (rules.keep.hotline, *(rules.keep.brands or {}).values()) if days]
    general += [days for days in (rules.keep.queues or {}).values() if days]
    if not general:
        return []
    last = (at - timedelta(days=min(general) + 1)).strftime("%Y/%m/%d")
    found: list[str] = []
    for folder in await asyncio.to_thread(manifest.day_folders, root):
        if folder > last:
            break
        files = await asyncio.to_thread(_sounds, root / folder)
        offers = list(files)
        for begin in range(0, len(offers), _LOOKED_FOR):
            asked = offers[begin : begin + _LOOKED_FOR]
            async with store.transaction(REPORT_WITHIN_S) as connection:
                known = await due.known_offers(connection, asked)
            found += [f"{folder}/{files[offer]}" for offer in asked if offer not in known]
    return found


def _sounds(folder: Path) -> dict[str, str]:
    """Offer to the name of its file."""
    try:
        there = sorted(each.name for each in folder.iterdir() if each.suffix == ".wav")
    except OSError:
        return {}
    offers = {name: name.removesuffix(".wav").partition("~")[0] for name in there}
    return {offer: name for name, offer in offers.items() if names.OFFER.fullmatch(offer)}
