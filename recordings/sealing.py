"""Enters the legs that were filed into the chain: one link a night."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from acd.store.queries.recordings import Recording
from recordings import names
from recordings.chain import Chain, Leg, Link, entry_digest, row_digest
from recordings.manifest import day_folders

AT_ONCE = 500
LATE = timedelta(days=4)
"""A manifest lies in the folder of its call's first leg, and no call lasts so long: older folders get no more legs."""
ROW_WITHIN = timedelta(days=3)
"""So long a leg without a row waits for it; then it is entered without."""


class Rows(Protocol):
    """The part of Store that is asked."""

    async def recordings_of_chain(self, offers: list[str], folder: str = "") -> list[Recording]:
        """The recordings of these offers, and those whose file lies in this folder. DatabaseAway."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A leg in a manifest."""

    call: str
    manifest: str
    entry: dict[str, Any]


async def seal(rows: Rows, root: Path, chain: Chain, now: datetime) -> Link:
    """Writes the next link, over every leg that is in none. A leg whose row is not in PostgreSQL yet waits for the next night.
    LinkDamaged, DatabaseAway, OSError: then there is no link tonight."""
    links = await asyncio.to_thread(lambda: [*chain.links()])
    last = links[-1] if links else None
    known = {leg.offer for link in links for leg in link.legs}
    since = names.day_folder(last.at - LATE) if last else ""
    found = await asyncio.to_thread(lambda: [each for each in _filed(root, since) if each.entry["offer"] not in known])
    legs: list[Leg] = []
    for begin in range(0, len(found), AT_ONCE):
        some = found[begin : begin + AT_ONCE]
        there = {row.offer: row for row in await rows.recordings_of_chain([each.entry["offer"] for each in some])}
        for each in some:
            row = there.get(each.entry["offer"])
            if row is not None and row.filed_at is not None:
                legs.append(_leg(each, row_digest(row)))
            elif datetime.fromisoformat(each.entry["filed_at"]) < now - ROW_WITHIN:
                legs.append(_leg(each, ""))
    return await asyncio.to_thread(chain.append, now, legs, last)


def _leg(filed: Filed, row: str) -> Leg:
    entry = filed.entry
    sealed = entry_digest(entry)
    return Leg(filed.call, entry["offer"], filed.manifest, entry["file"], sealed, row, deleted="deleted" in entry)


def _filed(root: Path, since: str) -> Iterator[Filed]:
    for folder in day_folders(root):
        if folder < since:
            continue
        for file in sorted((root / folder).glob("*.json")):
            try:
                book = json.loads(file.read_text("utf-8"))
                legs = [Filed(book["call"], f"{folder}/{file.name}", each) for each in book["legs"]]
                known = book["call"] == file.stem and all(names.offer_id(each.entry["offer"]) for each in legs)
                whole = known and all({"file", "sha256", "filed_at"} <= each.entry.keys() for each in legs)
            except (OSError, ValueError, KeyError, TypeError, AttributeError, names.NotAnId):
                continue  # A damaged manifest has no leg that could be entered; the check names it.
            if whole:
                yield from legs
