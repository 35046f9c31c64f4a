"""Follows the journal of a running installation, row by row, as it is written: what the demo shows as it happens."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from acd.engine.commands import Log
from acd.store.journal import spool


class Follower:
    """Reads the spool from its beginning; each `new_rows` goes on where the last one ended."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._offsets: dict[Path, int] = {}

    def new_rows(self) -> Iterator[tuple[datetime, Log]]:
        for segment in spool.segments(self._journal):
            start = self._offsets.get(segment, 0)
            if start == segment.stat().st_size:
                continue
            for line, end in spool.lines(segment, start=start):
                self._offsets[segment] = end
                if not isinstance(line, spool.Damaged):
                    yield from ((line.at, row) for row in line.rows())
