"""What somebody has begun to write about a call: `<state>/drafts.json`, 0600, so that neither a closed page nor a restart
loses the text. One per account and call; dropped after a day."""

import asyncio
import json
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog

from acd.files import write_private

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=24)
AT_MOST = 5_000


class Draft(NamedTuple):
    """The text and when it was kept."""

    text: str
    at: datetime


class Drafts:
    """All drafts, in memory and in the file."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file, self._now = file, now
        self._rows = _load(file)
        self._changed = self._written = 0
        self._turn = asyncio.Lock()

    def get(self, who: str, call: str) -> Draft | None:
        """The draft of this account for this call; None: there is none, or it is older than a day."""
        found = self._rows.get((who, call))
        return found if found is not None and self._now() - found.at < KEPT else None

    async def put(self, who: str, call: str, text: str) -> None:
        """On the disk when this returns; an empty text takes it away."""
        former = self._rows.pop((who, call), None)
        if text:
            self._rows[(who, call)] = Draft(text, self._now())
        elif former is None:
            return
        self._changed += 1
        mine = self._changed
        async with self._turn:
            if self._written < mine:  # else whoever wrote before this one had its words too
                await self._write()

    async def forget(self, calls: Collection[str]) -> None:
        """Takes the drafts of these calls away, whoever has begun them."""
        for who, call in [key for key in self._rows if key[1] in set(calls)]:
            await self.put(who, call, "")

    async def _write(self) -> None:
        since, number = self._now() - KEPT, self._changed
        rows = {key: draft for key, draft in self._rows.items() if draft.at > since}
        self._rows = dict(list(rows.items())[-AT_MOST:])
        kept = [[*key, draft.text, draft.at.isoformat()] for key, draft in self._rows.items()]
        await asyncio.to_thread(write_private, self._file, json.dumps(kept, ensure_ascii=False))
        self._written = number


def _load(file: Path) -> dict[tuple[str, str], Draft]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {(who, call): Draft(text, datetime.fromisoformat(at)) for who, call, text, at in kept}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError):
        log.warning("the drafts can't be read; they begin anew", file=file.name)
        return {}
