"""Deletes recordings: by age, by a command, or with their caller. First the row says so, then the file goes, then the manifest says so.

What a crash leaves between these steps is finished by the next round: the row names the file until it is removed.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from acd.store.errors import DatabaseAway
from acd.store.queries.recording_keeping import Removal
from acd.store.retention import due
from acd.store.retention.rules import Rules
from acd.store.store import REPORT_WITHIN_S, BeforeCommit, Store
from recordings import manifest, names, retention
from recordings.retention import Due, call_pages, pages

logger = logging.getLogger("recordings")


class Keeping:
    """Deletes, holds and releases; one for each recordings folder."""

    def __init__(
        self,
        store: Store,
        root: Path,
        books: threading.Lock,
        now: Callable[[], datetime],
        sign: manifest.Sign | None = None,
    ) -> None:
        """`books`: held by whoever changes a manifest. `now`: aware UTC. `sign`: signs what the manifest says of a deletion."""
        self._store, self._root, self._books, self._now, self._sign = store, root, books, now, sign

    async def delete(self, offers: Sequence[str], by: str, why: str, noted: BeforeCommit | None = None) -> list[str]:
        """Deletes the sound of these recordings; those that had some and were not held. `noted`: called before anything is deleted, where
        something is. DatabaseAway: nothing more is deleted."""
        removals = await self._store.mark_deleted(offers, self._now(), by, why, noted)
        try:
            await self._remove(removals)
        except DatabaseAway as error:  # The files are gone; the night says so of the rows.
            logger.warning("that files are gone is not written down yet: %s; the night does so", error)
        return [each.offer for each in removals]

    async def delete_due(self, rules: Rules) -> Due:
        """Deletes what is over its time; what that was. Finishes earlier deletions first."""
        while removals := await self._store.sound_to_remove():
            if not await self._remove(removals):
                break  # The folder refuses; the alarm of the disk says more.
        done, now = Due(), self._now()
        async for page in pages(self._store, rules, now):
            sizes = await asyncio.to_thread(retention.sizes, self._root, page)
            async with self._store.transaction(REPORT_WITHIN_S) as connection:
                removals = await due.mark(connection, rules, [each.offer for each in page], now, self._now())
            await self._remove(removals)
            marked = {each.offer for each in removals}
            done.add([each for each in page if each.offer in marked], sizes)
        async with self._store.transaction(REPORT_WITHIN_S) as connection:
            done.unknown = await due.unknown_classes(connection, rules)
        return done

    async def forget_due(self, rules: Rules, writings_of: Callable[[str], Sequence[str]]) -> list[str]:
        """Takes the callers out of the calls that are over their time and have no sound left; which these are."""
        forgotten: list[str] = []
        now = self._now()
        async for page in call_pages(self._store, rules, now):
            wanted = [each.call for each in page]
            async with self._store.transaction(REPORT_WITHIN_S) as connection:
                forgotten += await due.forget(connection, rules, wanted, now, self._now(), writings_of)
        return forgotten

    async def hold(self, offer: str, by: str, why: str, noted: BeforeCommit | None = None) -> bool:
        """Nothing deletes it from now on. False: it has no sound, or is held already. `noted`: called before it counts."""
        return await self._store.hold_recording(offer, self._now(), by, why, noted)

    async def release(self, offer: str, noted: BeforeCommit | None = None) -> bool:
        """It may be deleted again. False: it was not held. `noted`: called before it counts."""
        return await self._store.hold_recording(offer, None, noted=noted)

    async def _remove(self, removals: Sequence[Removal]) -> int:
        """How many files are gone now."""
        gone = await asyncio.to_thread(self._remove_files, removals)
        if gone:
            await self._store.sound_removed(gone)
        return len(gone)

    def _remove_files(self, removals: Sequence[Removal]) -> list[str]:
        gone = []
        for each in removals:
            try:
                names.remove_filed(self._root, each.path)
                with self._books:
                    manifest.mark_deleted(self._root, each.call, each.offer, each.at, each.by, each.why, self._sign)
            except names.OutsideRecordings as error:
                logger.error("the file of %s is not removed: %s", each.offer, error)
            except OSError as error:
                logger.error(
                    "the file of %s can't be removed: %s; it is tried again at night", each.offer, error.strerror
                )
                continue
            gone.append(each.offer)
        return gone
