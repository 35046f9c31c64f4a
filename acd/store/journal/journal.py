"""The journal: every event and what came of it, on disk before anybody acts on it.

What lives here: the lines that are appended but not yet written (memory), and the newest segment of the spool (disk).
`append` and `checkpoint` belong to the event loop and cost microseconds; `sync` runs in a thread, writes all that was
appended before it and does not come back until the disk has it. Whoever reads the spool reads no further than that:
a line that a power cut could still take away must not reach PostgreSQL, or its number would be given twice.

When the disk refuses (full, or broken), the lines stay in memory, it is said once, and every later `sync` tries again.
Calls go on. Beyond a bound the oldest are let go and counted: the floor outranks its diary.

A segment begins with the engine's state and is followed by another after an hour or 50,000 lines, so that whoever
replays a past call to explain it (acd/explain.py) reads an hour at most. Segments that PostgreSQL has stay for `kept`,
14 days unless said otherwise. Measured with the floor of tests/bench/engine.py: 348 bytes a line, 3.4 kB a call (one
offer in ten rings out), and the state at a segment's head 0.13 MB with 60 agents, 1.9 MB with 1,000 agents and 300
waiting. So 10,000 calls a day on 60 agents take 37 MB a day, 0.5 GB in 14 days.
"""

import fcntl
import itertools
import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from acd.engine.commands import Log
from acd.engine.events import Event
from acd.files import sync_folder
from acd.store.errors import NotAnEvent, SpoolTaken, SpoolUnwritable
from acd.store.journal import journal_identity, spool
from acd.store.journal.codec import event_form, log_form, to_json

logger = logging.getLogger("acd.store")

KEPT = timedelta(days=14)
"""How long a segment stays after PostgreSQL has it: so long can a call be explained by replaying it."""

SEGMENT_LASTS = timedelta(hours=1)
SEGMENT_LINES = 50_000
"""What a replay has to read at most, and how far a start has to catch up."""


class _Turn:
    """A new segment begins here; its place among the pending lines is its meaning."""

    __slots__ = ("at", "first", "state")

    def __init__(self, first: int, at: datetime, state: dict[str, Any] | None) -> None:
        self.first, self.at, self.state = first, at, state


class Journal:
    """One process writes a spool; a second one is refused."""

    def __init__(
        self,
        folder: Path,
        *,
        keep_in_memory: int = 200_000,
        segment_lines: int = SEGMENT_LINES,
        kept: timedelta = KEPT,
    ) -> None:
        """`keep_in_memory`: lines kept while the disk refuses. `kept`: how long a segment stays after PostgreSQL has
        it. SpoolTaken, SpoolUnwritable."""
        self.folder = folder
        self.kept = kept
        """May be changed while it runs: another configuration may keep it longer."""
        self._keep = keep_in_memory
        self._segment_lines = segment_lines
        self._guard = threading.Lock()
        """Around `_pending` and the counters: held for microseconds."""
        self._disk = threading.Lock()
        """Around the files: held while the disk works, never by the event loop."""
        self._pending: list[bytes | _Turn] = []
        self._listeners: list[Callable[[], None]] = []
        self._file = -1
        self._segment = folder
        self._offset = 0
        self._durable = 0
        self._next = 1
        self._written = 0
        """Of the batch that `sync` is writing: how many of it the disk has."""
        self._since_checkpoint = 0
        self._begun: datetime | None = None
        """When the newest segment began; None: with its first line, which is still to come."""
        self._latest: datetime | None = None
        self._closed = False
        self.trouble = ""
        """Why the disk does not take our lines, in words; empty when it does."""
        self.let_go = 0
        """Lines that were lost because the disk refused for too long."""
        self.synced = 0
        """Number of the last line that the disk has."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as reason:
            raise SpoolUnwritable(f"{folder} ({reason.strerror})") from reason
        try:
            self._take()
            self.identity = journal_identity.read(folder)
            self._open_newest()
        except OSError as reason:
            os.close(self._lock)
            raise SpoolUnwritable(f"{folder} ({reason.strerror})") from reason
        except BaseException:
            os.close(self._lock)
            raise

    # -- what the event loop calls ------------------------------------------------------------------------------

    def append(self, at: datetime, event: Event, logs: list[Log]) -> None:
        """Remembers the event and its log rows; on disk after the next `sync`."""
        form, rows = to_json(event_form(event)), to_json([log_form(log) for log in logs])
        rest = f'"at":"{at.isoformat()}","event":{form},"logs":{rows}'
        with self._guard:
            self._next += 1
            self._since_checkpoint += 1
            self._begun, self._latest = self._begun or at, at
            self._pending.append(spool.sealed(f'{{"n":{self._next - 1},{rest}'.encode("utf-8", "replace")))

    def checkpoint(self, at: datetime, state: dict[str, Any]) -> None:
        """A new segment begins here, with the engine's state at its head; on disk after the next `sync`.

        `state` must not be changed afterwards: it is written in the thread of `sync`.
        """
        with self._guard:
            self._since_checkpoint = 0
            self._begun = at
            self._pending.append(_Turn(self._next, at, state))

    @property
    def checkpoint_due(self) -> bool:
        """The segment has lasted an hour, or has grown so long that starting from it would take seconds."""
        if self._since_checkpoint >= self._segment_lines:
            return True
        begun, latest = self._begun, self._latest
        return bool(self._since_checkpoint and begun and latest and latest - begun >= SEGMENT_LASTS)

    def last(self) -> tuple[dict[str, Any] | None, list[tuple[datetime, Event]]]:
        """The engine's state at the newest checkpoint and the events after it; for a start. None: from nothing."""
        all_segments = spool.segments(self.folder)
        state: dict[str, Any] | None = None
        chosen = 0
        for index in range(len(all_segments) - 1, -1, -1):
            head = spool.head(all_segments[index])
            if head is not None:
                state, chosen = head["state"], index
                if state is not None:
                    break
            else:
                logger.error("the head of %s cannot be read; starting from the segment before", all_segments[index])
        events: list[tuple[datetime, Event]] = []
        for segment in all_segments[chosen:]:
            for line, _ in spool.lines(segment):
                if isinstance(line, spool.Damaged):
                    logger.error("line %d of the spool is damaged and passed over: %s", line.number, line.reason)
                    continue
                try:
                    events.append((line.at, line.event()))
                except NotAnEvent as reason:
                    logger.error("line %d of the spool is passed over: %s", line.number, reason)
        return state, events

    # -- what a thread calls ------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Everything appended before is on disk when this returns; when the disk refuses, `trouble` says so instead."""
        with self._disk:
            with self._guard:
                batch, self._pending = self._pending, []
                last = self._next - 1
            if not batch:
                return
            done = 0
            try:
                done = self._write(batch)
            except OSError as reason:
                done = self._written
                self._refused(batch[done:], reason)
                return
            finally:
                self._written = 0
            if self.trouble:
                logger.warning("the spool is written again: %d lines caught up, %d were let go", done, self.let_go)
                self.trouble = ""
            self.synced = last
        for tell in self._listeners:
            tell()

    def end_of(self, segment: Path) -> int | None:
        """Up to which byte a reader may go: None for the whole of an older segment."""
        with self._guard:
            return self._durable if segment == self._segment else None

    @property
    def spool(self) -> str:
        """This journal's name in PostgreSQL."""
        return self.identity.spool

    def renew_identity(self) -> None:
        """From now on the journal has another name in PostgreSQL; on disk when this returns. Raises OSError."""
        with self._disk:
            self.identity = journal_identity.renew(self.folder)

    def when_synced(self, tell: Callable[[], None]) -> None:
        """`tell` is called, in the thread of `sync`, each time that more lines are on disk."""
        self._listeners.append(tell)

    def shipped(self, line: int, now: datetime) -> None:
        """PostgreSQL has all up to `line`: segments that it has had for as long as they are kept are removed."""
        with self._disk:
            whole = [
                segment
                for segment, following in itertools.pairwise(spool.segments(self.folder))
                if spool.first_line(following) <= line + 1
            ]
            for segment in reversed(whole):
                mark = segment.with_suffix(".shipped")
                if mark.exists():
                    break  # and so have all before it
                mark.touch()
                os.utime(mark, (now.timestamp(), now.timestamp()))
            for segment in whole:
                mark = segment.with_suffix(".shipped")
                if mark.exists() and now.timestamp() - mark.stat().st_mtime <= self.kept.total_seconds():
                    break  # and those after it were shipped later
                segment.unlink()
                mark.unlink(missing_ok=True)

    def close(self) -> None:
        """Writes what is left and lets the spool go."""
        if self._closed:
            return
        self.sync()
        self._closed = True
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        os.close(self._lock)

    # -- inside --------------------------------------------------------------------------------------------------

    def _take(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise SpoolTaken(f"{self.folder} (process {holder})") from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def _open_newest(self) -> None:
        for leftover in self.folder.glob("*.new"):
            leftover.unlink()
        present = spool.segments(self.folder)
        if not present:
            self._begin(_Turn(1, datetime.fromisoformat("1970-01-01T00:00:00+00:00"), None))
            self.synced = 0
            return
        newest = present[-1]
        good, torn, self._next = spool.whole_until(newest)
        self._file = os.open(newest, os.O_WRONLY | os.O_CLOEXEC)
        if torn:
            logger.warning("the last write to the spool was cut short: %d bytes dropped from %s", torn, newest.name)
            os.ftruncate(self._file, good)
        os.fdatasync(self._file)
        self._segment, self._offset, self._durable = newest, good, good
        self._since_checkpoint = self._next - spool.first_line(newest)
        self._begun = spool.begun(newest)
        self.synced = self._next - 1

    def _write(self, batch: list[bytes | _Turn]) -> int:
        """All of the batch to disk; `_written` counts what is safely there, also when it raises."""
        self._written = 0
        lines: list[bytes] = []
        for each in batch:
            if isinstance(each, _Turn):
                self._put(lines)
                lines = []
                self._begin(each)
                self._written += 1
            else:
                lines.append(each)
        self._put(lines)
        return len(batch)

    def _put(self, lines: list[bytes]) -> None:
        if not lines:
            return
        data = memoryview(b"".join(lines))
        try:
            at = self._offset
            while data:
                written = os.pwrite(self._file, data, at)
                data, at = data[written:], at + written
            os.fdatasync(self._file)
        except OSError:
            # Half a batch must not stay: the same lines will be written again at the same place.
            os.ftruncate(self._file, self._offset)
            raise
        self._offset = at
        with self._guard:
            self._durable = at
        self._written += len(lines)

    def _begin(self, turn: _Turn) -> None:
        """The next segment, whole or not at all."""
        path = spool.segment_path(self.folder, turn.first)
        aside = path.with_suffix(".new")
        form = {"segment": turn.first, "spool": self.spool, "at": turn.at.isoformat(), "state": turn.state}
        data = spool.sealed(to_json(form)[:-1].encode("utf-8", "replace"))
        file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(file, view) :]
            os.fsync(file)
            aside.rename(path)
            sync_folder(self.folder)
        except OSError:
            os.close(file)
            aside.unlink(missing_ok=True)
            raise
        if self._file >= 0:
            os.close(self._file)
        with self._guard:
            self._file, self._segment, self._offset, self._durable = file, path, len(data), len(data)

    def _refused(self, rest: list[bytes | _Turn], reason: OSError) -> None:
        if not self.trouble:
            logger.error(
                "the spool %s cannot be written (%s): calls go on, their log is kept in memory (up to %d events). "
                "Free the disk or mend its rights.",
                self.folder,
                reason.strerror,
                self._keep,
            )
        self.trouble = f"the spool cannot be written: {reason.strerror}"
        with self._guard:
            kept = rest + self._pending
            too_many = max(0, len(kept) - self._keep)
            self.let_go += sum(1 for each in kept[:too_many] if isinstance(each, bytes))
            self._pending = kept[too_many:]
