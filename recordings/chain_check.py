"""Is everything that was filed still as it was filed? Holds sound, manifests and rows against the chain."""

import asyncio
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from acd.store.queries.recordings import Recording
from recordings import manifest, names
from recordings.chain import Chain, Leg, entry_digest, row_digest
from recordings.sealing import AT_ONCE, LATE, Rows

What = Literal[
    "manifest missing", "manifest changed", "leg changed", "sound missing", "sound changed", "deletion not signed", "deleted, but there",
    "row missing", "row changed", "not filed by the hotline",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was filed."""

    day: str
    """The folder, as 2026/11/22."""
    what: What
    about: str
    """The recording, or the file under the recordings folder."""
    call: str = ""


@dataclass(slots=True)
class Checked:
    """How much was looked at."""

    links: int = 0
    legs: int = 0
    head: str = ""
    """Of the latest link; empty: there is none yet."""


async def check(
    rows: Rows, root: Path, chain: Chain, chosen: Callable[[str], bool], checked: Checked
) -> AsyncIterator[Finding]:
    """What is wrong in the day folders that `chosen` takes, by folder. Every link is verified, whatever was chosen. `checked` is filled
    on the way. LinkDamaged before anything else; DatabaseAway, NotAnId."""
    links = await asyncio.to_thread(lambda: [*chain.links()])
    if not links:
        return
    checked.links, checked.head = len(links), links[-1].head
    legs: dict[str, list[Leg]] = defaultdict(list)
    for leg in (leg for link in links for leg in link.legs):
        legs[leg.manifest.rpartition("/")[0]].append(leg)
    sealed = {leg.offer: leg for each in legs.values() for leg in each}
    files = {leg.file for leg in sealed.values()}
    closed = names.day_folder(links[-1].at - LATE)
    for folder in sorted({*legs, *await asyncio.to_thread(manifest.day_folders, root)}):
        if not chosen(folder):
            continue
        here = legs.get(folder, [])
        found = {row.offer: row for row in await rows.recordings_of_chain([], folder)}
        wanted = [leg.offer for leg in here if leg.offer not in found]
        for begin in range(0, len(wanted), AT_ONCE):
            some = await rows.recordings_of_chain(wanted[begin : begin + AT_ONCE])
            found |= {row.offer: row for row in some}
        checked.legs += len(here)
        for finding in await asyncio.to_thread(_legs, root, folder, here, found, chain):
            yield finding
        if folder < closed:
            strangers = [*await asyncio.to_thread(_strangers, root, folder, {leg.manifest for leg in here} | files)]
            strangers += [row.offer for row in found.values() if row.offer not in sealed]
            for stranger in strangers:
                yield Finding(folder, "not filed by the hotline", stranger)


def _strangers(root: Path, folder: str, known: set[str]) -> list[str]:
    try:
        return sorted(path for each in (root / folder).iterdir() if (path := f"{folder}/{each.name}") not in known)
    except OSError:
        return []


def _legs(root: Path, folder: str, legs: list[Leg], rows: Mapping[str, Recording], chain: Chain) -> list[Finding]:
    return [*_findings(root, folder, legs, rows, chain)]


def _findings(
    root: Path, folder: str, legs: list[Leg], rows: Mapping[str, Recording], chain: Chain
) -> Iterator[Finding]:
    books: dict[str, dict[str, Any] | None] = {}
    for leg in legs:
        if leg.manifest not in books:
            book, wrong = _book(root, leg)
            books[leg.manifest] = book
            if wrong:
                yield Finding(folder, wrong, leg.manifest, leg.call)
        book = books[leg.manifest]
        entry = manifest.leg_in(book, leg.offer) if book else None
        if book and (entry is None or entry_digest(entry) != leg.entry):
            yield Finding(folder, "leg changed", leg.offer, leg.call)
            entry = None
        wrong = _row(leg, entry, rows.get(leg.offer))
        if wrong:
            yield Finding(folder, wrong, leg.offer, leg.call)
        if entry is not None and (wrong := _sound(root, leg, entry, chain)):
            yield Finding(folder, wrong, leg.offer, leg.call)


def _book(root: Path, leg: Leg) -> tuple[dict[str, Any] | None, What | None]:
    try:
        text = (root / leg.manifest).read_text("utf-8")
    except OSError:
        return None, "manifest missing"
    except ValueError:
        return None, "manifest changed"
    try:
        book = json.loads(text)
        whole = book["call"] == leg.call and manifest.intact(text, book)
        return book, None if whole else "manifest changed"
    except (ValueError, KeyError, TypeError, AttributeError, names.NotAnId):
        return None, "manifest changed"


def _row(leg: Leg, entry: Mapping[str, Any] | None, row: Recording | None) -> What | None:
    if row is None:
        return "row missing" if leg.row else None
    if leg.row and row_digest(row) != leg.row:
        return "row changed"
    if entry is None:
        return None
    deleted = entry.get("deleted")
    if deleted is None:
        return None if row.deleted_at is None and row.path == leg.file else "row changed"
    said = (row.path, row.deleted_at and row.deleted_at.isoformat(), row.deleted_by, row.deleted_why)
    return None if leg.deleted or said == ("", deleted["at"], deleted["by"], deleted["why"]) else "row changed"


def _sound(root: Path, leg: Leg, entry: Mapping[str, Any], chain: Chain) -> What | None:
    deleted = entry.get("deleted")
    if leg.deleted and deleted is None:
        return "deletion not signed"
    if not leg.file:
        return None
    found = _sha256(root, leg.file)
    if deleted is not None:
        said = manifest.trace(leg.call, leg.offer, entry["sha256"], deleted)
        if not leg.deleted and not chain.key.signed(said, deleted.get("signature")):
            return "deletion not signed"
        return None if found is None else "deleted, but there"
    if found is None:
        return "sound missing"
    return None if found == entry["sha256"] else "sound changed"


def _sha256(root: Path, path: str) -> str | None:
    """None where there is no such file; empty where it is none of ours or can't be read."""
    try:
        with os.fdopen(names.open_filed(root, path), "rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except (names.OutsideRecordings, OSError):
        return ""
