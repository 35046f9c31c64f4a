"""QA's catalogue: which recordings there are, and whether each is still what was filed."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from acd.errors import SanxiangError
from acd.store.queries.recordings import Filters, Recording
from acd.store.store import Store
from recordings import names

GONE, ALTERED = "the file is gone", "the sound is not what was filed"
_PAGE = 500


class NotAsFiled(SanxiangError):
    """Integrity check failed for {offer}: {why}. It is not played; compare it with the backup."""


async def search(store: Store, filters: Filters) -> list[Recording]:
    """Newest first. DatabaseAway."""
    return await store.recordings(filters)


def open_verified(root: Path, recording: Recording) -> BinaryIO:
    """The sound, to read, after every bit of it was held against the checksum in the book. NotAsFiled, NotAnId.

    What comes back is the very file that was checked, whatever is put in its place meanwhile. Blocks while it reads.
    """
    offer = names.offer_id(recording.offer)
    if not recording.path:
        raise NotAsFiled(offer=offer, why=recording.reason or "nothing was filed")
    if recording.path.rpartition("/")[2].removesuffix(".wav").partition("~")[0] != offer:
        raise NotAsFiled(offer=offer, why="its row names another offer's file")
    try:
        file = os.fdopen(names.open_filed(root, recording.path), "rb")
    except FileNotFoundError:
        raise NotAsFiled(offer=offer, why=GONE) from None
    except (names.OutsideRecordings, OSError) as reason:
        raise NotAsFiled(offer=offer, why=str(reason)) from None
    try:
        if hashlib.file_digest(file, "sha256").hexdigest() != recording.sha256:
            raise NotAsFiled(offer=offer, why=ALTERED)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def fault_of(root: Path, path: str, sha256: str) -> str:
    """Why the sound at this path is not what was filed with this checksum; empty: it is. Blocks while it reads."""
    try:
        with os.fdopen(names.open_filed(root, path), "rb") as file:
            return "" if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else ALTERED
    except FileNotFoundError:
        return GONE
    except (names.OutsideRecordings, OSError) as reason:
        return str(reason)


def verify(root: Path, recording: Recording) -> None:
    """Silent when the file is, to the last bit, what was filed; else NotAsFiled. Blocks while it reads."""
    open_verified(root, recording).close()


async def altered(store: Store, root: Path, filters: Filters) -> AsyncIterator[tuple[Recording, str]]:
    """Every filed recording under the filter that is no longer what was filed, with what is wrong; for the night."""
    before = filters.before
    while True:
        page = await store.recordings(_page(filters, before))
        for each in page:
            if each.path:
                try:
                    await asyncio.to_thread(verify, root, each)
                except NotAsFiled as reason:
                    yield each, str(reason)
        if len(page) < _PAGE:
            return
        before = page[-1].offer


def _page(filters: Filters, before: str) -> Filters:
    named = {name: getattr(filters, name) for name in Filters.__dataclass_fields__}
    return Filters(**(named | {"before": before, "limit": _PAGE}))
